/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/provider/answer.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "core/base/error.h"
#include "core/base/name.h"

#define MAX_LAYERS 256 /* QEMU's limit is 200. */
#define SOCKET_PATH 107

/* "layer 2 ..." */
#define WRONG(...) arena_format (a, __VA_ARGS__)

static bool
is_absolute (const char *path)
{
    return path && *path == '/';
}

static bool
is_set (const char *text)
{
    return text && *text;
}

const char *
answer_program (struct arena *a, const char *program)
{
    return is_absolute (program) ? NULL
           : !program            ? "it succeeded without giving a program"
                                 : WRONG ("the program's path \"%s\" is not "
                                                     "absolute",
                                          program);
}

const char *
answer_choice (const struct hv_choice *choice)
{
    return !is_set (choice->machine) ? "it succeeded without choosing a machine"
           : !is_set (choice->accelerator)
               ? "it succeeded without choosing an accelerator"
           : choice->fallback && !is_set (choice->accelerator_why)
               ? "it falls back on another accelerator without saying why"
               : NULL;
}

const char *
answer_status (struct arena *a, const struct hv_status *status)
{
    return (unsigned)status->state <= HV_FAILED
               ? NULL
               : WRONG ("%d is not a valid state", (int)status->state);
}

const char *
answer_chain (struct arena *a, const struct hv_chain *chain)
{
    if (!chain->layers.n) {
        return "it succeeded without adding a layer";
    }
    if (chain->layers.n > MAX_LAYERS) {
        return WRONG ("it added %zu layers; at most %d are allowed",
                      chain->layers.n, MAX_LAYERS);
    }
    for (size_t i = 0; i < chain->layers.n; i++) {
        const struct hv_layer *layer = chain->layers.p[i];

        if (!is_absolute (layer->path)) {
            return WRONG ("the path of layer %zu, \"%s\", is not absolute",
                          i + 1, layer->path ? layer->path : "");
        }
        if (!is_set (layer->format)) {
            return WRONG ("layer %zu, %s, has no format", i + 1, layer->path);
        }
    }
    return NULL;
}

/* Checks the parts that are common to both kinds of processes. */
static const char *
process_fault (struct arena *a, const struct hv_launch *l)
{
    if (!l->argv.n) {
        return "it described no arguments";
    }
    return is_absolute (l->argv.p[0])
               ? NULL
               : WRONG ("its first argument, \"%s\", is not the absolute path "
                        "of a program",
                        (const char *)l->argv.p[0]);
}

static const struct hv_nic *
find_nic (const struct hv_vm *vm, const char *name)
{
    for (size_t i = 0; vm->nics[i]; i++) {
        if (!strcmp (vm->nics[i]->name, name)) {
            return vm->nics[i];
        }
    }
    return NULL;
}

/* Was the same descriptor given before? */
static bool
is_repeated (const struct hv_launch *l, size_t i)
{
    const struct launch_fd *f = l->fds.p[i];

    for (size_t k = 0; k < i; k++) {
        const struct launch_fd *other = l->fds.p[k];

        if (other->kind == f->kind && other->flags == f->flags
            && !strcmp (other->name, f->name)) {
            return true;
        }
    }
    return false;
}

const char *
answer_launch (struct arena *a, const struct hv_vm *vm,
               const struct hv_launch *l)
{
    const char *wrong = process_fault (a, l);

    for (size_t i = 0; !wrong && i < l->fds.n; i++) {
        const struct launch_fd *f = l->fds.p[i];
        const struct hv_nic *nic;

        if (f->kind == FD_LISTEN && is_repeated (l, i)) {
            wrong = WRONG ("it asked twice for the socket \"%s\"", f->name);
        }
        if (f->kind != FD_PORT) {
            continue;
        }
        nic = find_nic (vm, f->name);
        if (!nic) {
            wrong = WRONG ("it asked for a port of NIC \"%s\", which %s does "
                           "not have",
                           f->name, vm->name);
        } else if (f->flags >= nic->queues || is_repeated (l, i)) {
            wrong = WRONG ("it asked %s queue %u of NIC %s, which has %u",
                           is_repeated (l, i) ? "twice for" : "for", f->flags,
                           f->name, nic->queues);
        }
    }
    return wrong;
}

const char *
answer_helper (struct arena *a, const struct hv_port *port,
               const struct hv_launch *l)
{
    const char *wrong = process_fault (a, l);

    for (size_t i = 0; !wrong && i < l->fds.n; i++) {
        const struct launch_fd *f = l->fds.p[i];

        if (f->kind == FD_PORT
            && (strcmp (f->name, port->name) || f->flags
                || is_repeated (l, i))) {
            wrong = WRONG ("it asked for queue %u of NIC \"%s\": there is only "
                           "one connection, that of %s",
                           f->flags, f->name, port->name);
        }
    }
    return wrong;
}

/* "0000:01:00.0" */
static bool
is_pci_address (const char *text)
{
    static const char form[] = "xxxx:xx:xx.x";

    if (!text || strlen (text) != sizeof form - 1) {
        return false;
    }
    for (size_t i = 0; form[i]; i++) {
        if (form[i] == 'x' ? !strchr ("0123456789abcdefABCDEF", text[i])
                           : text[i] != form[i]) {
            return false;
        }
    }
    return true;
}

const char *
answer_nic (struct arena *a, const struct hv_port *port,
            const struct hv_nic *nic)
{
    if ((unsigned)nic->kind > HV_NIC_STREAM) {
        return WRONG ("%d is not a valid kind of NIC", (int)nic->kind);
    }
    if (!nic->name || strcmp (nic->name, port->name)) {
        return WRONG ("it renamed NIC %s", port->name);
    }
    if (nic->queues < 1 || nic->queues > port->queues) {
        return WRONG ("it gave NIC %s %u queues, of %u", port->name,
                      nic->queues, port->queues);
    }
    if (nic->kind == HV_NIC_VHOST_USER
        && (!is_absolute (nic->socket) || strlen (nic->socket) > SOCKET_PATH)) {
        return WRONG ("the socket of NIC %s, \"%s\", is not an absolute path "
                      "of at most %d bytes",
                      port->name, nic->socket ? nic->socket : "", SOCKET_PATH);
    }
    if (nic->kind == HV_NIC_PCI && !is_pci_address (nic->address)) {
        return WRONG ("the address of NIC %s, \"%s\", is not a PCI address "
                      "such as 0000:01:00.0",
                      port->name, nic->address ? nic->address : "");
    }
    return NULL;
}

const char *
answer_firmware (struct arena *a, const struct hv_firmware_image *image)
{
    if ((unsigned)image->mapping > HV_MAP_KERNEL) {
        return WRONG ("%d is not a valid mapping", (int)image->mapping);
    }
    if (!is_absolute (image->code) || !is_set (image->code_format)) {
        return WRONG ("the firmware \"%s\" has no absolute path or no format",
                      image->code ? image->code : "");
    }
    if (image->vars_template
        && (!is_absolute (image->vars_template)
            || !is_set (image->vars_format))) {
        return WRONG ("the firmware's variables \"%s\" have no absolute path "
                      "or no format",
                      image->vars_template);
    }
    return image->vars ? "it placed the VM's copy of the variables, which only "
                         "hvctl does"
                       : NULL;
}

static bool
is_number (const char *text)
{
    return is_set (text) && !text[strspn (text, "0123456789")]
           && strlen (text) < 20;
}

const char *
answer_names (struct arena *a, const struct hv_list *list, bool times)
{
    for (size_t i = 0; i < list->entries.n; i++) {
        const struct list_entry *e = list->entries.p[i];
        struct error err = { 0 };

        if (name_validate ("the", e->name, &err) < 0) {
            return WRONG ("it listed an unexpected object: %s", err.text);
        }
        if (times && !is_number (e->detail)) {
            return WRONG ("it says that %s was created at \"%s\", which is not "
                          "a number of seconds",
                          e->name, e->detail ? e->detail : "");
        }
    }
    return NULL;
}

const char *
answer_numbers (struct arena *a, const struct hv_list *list)
{
    for (size_t i = 0; i < list->entries.n; i++) {
        const struct list_entry *e = list->entries.p[i];

        if (!is_number (e->detail)) {
            return WRONG ("%s is \"%s\", which is not a number", e->name,
                          e->detail ? e->detail : "");
        }
    }
    return NULL;
}

/* A connected stream, or one that listens. */
static bool
is_stream (int fd, int listens)
{
    int type = 0, accepts = -1;
    socklen_t size = sizeof type;

    return getsockopt (fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0
           && getsockopt (fd, SOL_SOCKET, SO_ACCEPTCONN, &accepts, &size) == 0
           && type == SOCK_STREAM && accepts == listens;
}

const char *
answer_fds (struct arena *a, const struct hv_nic *nic, uint32_t queues,
            const int fds[])
{
    for (uint32_t q = 0; q < queues; q++) {
        struct stat st;

        if (fds[q] < 0) {
            continue; /* Whoever needs it finds that out. */
        }
        if (fstat (fds[q], &st) < 0
            || fcntl (fds[q], F_SETFD, FD_CLOEXEC) < 0) {
            return WRONG ("the descriptor %d of queue %u is not open", fds[q],
                          q);
        }
        for (uint32_t k = 0; k < q; k++) {
            if (fds[k] == fds[q]) {
                return WRONG ("queues %u and %u share a descriptor", k, q);
            }
        }
        if (nic->kind == HV_NIC_STREAM && !is_stream (fds[q], 0)) {
            return "its check announced a connected stream socket, but it gave "
                   "something else";
        }
        if (nic->kind == HV_NIC_VHOST_USER && !is_stream (fds[q], 1)) {
            return "its check announced vhost-user, but it did not give a "
                   "listening socket";
        }
        if (nic->kind == HV_NIC_TAP && S_ISSOCK (st.st_mode)) {
            return "its check announced a tap, but it gave a socket";
        }
    }
    return NULL;
}
