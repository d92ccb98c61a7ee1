/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Saves and restores the state of a guest (docs/snapshot_restore.md).
 *
 * The process requires a directory, in which it creates its files itself, each
 * by open(O_CREAT | O_EXCL).  It is given its own root directory, which is
 * empty, and gets brokered files for these names.  The files include the
 * machine's configuration; so a restore needs no vm.create, and only the taps
 * are new. */

#include "plugins/cloud-hypervisor/ch.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "plugins/cloud-hypervisor/api.h"

#define ROOT_URL "file:///"

/* SNAPSHOT_CONFIG_FILE and SNAPSHOT_STATE_FILE (vmm/src/migration),
 * SNAPSHOT_FILENAME (vmm/src/memory_manager.rs); in the order of writing. */
enum { CONFIG, STATE, MEMORY };
const char *const ch_state_files[] = { "config.json", "state.json",
                                       "memory-ranges", NULL };

/* A processor is some 50 KiB of "state.json". */
#define MAX_TEXT ((off_t)256 << 20)
#define MAX_DEPTH 64

/* --------------------------------------------- Checking the machine */

static int
check_machine (struct hv_ctx *ctx, const struct hv_vm *vm,
               struct json_object *config, const char *otherwise)
{
    const char *wrong = find_mismatch (ctx, vm, config);

    return wrong ? hv_fail (ctx, ENOTSUP,
                            "the machine differs from its definition (%s): %s",
                            wrong, otherwise)
                 : 0;
}

/* Is the machine of the process paused, and the same as described? */
static int
check_process (struct hv_ctx *ctx, struct api *api, const struct hv_vm *vm,
               const char *otherwise)
{
    struct json_object *info = NULL;
    int rc = api_get (ctx, api, "vm.info", &info);

    if (rc == 0 && strcmp (json_member_text (info, "state"), "Paused") != 0) {
        rc = hv_fail (ctx, EIO, "the machine is in state '%.32s', not paused",
                      json_member_text (info, "state"));
    }
    if (rc == 0) {
        rc = check_machine (
            ctx, vm, json_member (info, "config", json_type_object), otherwise);
    }
    json_object_put (info);
    return rc;
}

/* ------------------------------------------------ Checking the files */

/* Parses a file; returns null if it is not one complete object. */
static struct json_object *
parse_file (struct json_tokener *tokener, int fd, off_t size)
{
    struct json_object *o = NULL;
    char part[65536];
    off_t at = 0;

    json_tokener_set_flags (tokener, JSON_TOKENER_STRICT); /* To its end. */
    while (at < size && !o) {
        ssize_t n = pread (fd, part, sizeof part, at);

        if (n <= 0) {
            break;
        }
        at += n;
        o = json_tokener_parse_ex (tokener, part, (int)n);
        if (!o && json_tokener_get_error (tokener) != json_tokener_continue) {
            break;
        }
    }
    if (at < size || !json_object_is_type (o, json_type_object)) {
        json_object_put (o);
        return NULL;
    }
    return o;
}

/* Stores the content of one of the two JSON files. */
static int
read_file (struct hv_ctx *ctx, const int fds[], int which,
           struct json_object **out)
{
    struct json_tokener *tokener = json_tokener_new_ex (MAX_DEPTH);
    struct stat st;

    *out = NULL;
    if (tokener && fstat (fds[which], &st) == 0 && st.st_size < MAX_TEXT) {
        *out = parse_file (tokener, fds[which], st.st_size);
    }
    if (tokener) {
        json_tokener_free (tokener);
    }
    return *out ? 0
                : hv_fail (ctx, EIO,
                           "%s is incomplete or damaged: is the file system of "
                           "the state full?",
                           ch_state_files[which]);
}

/* Is the state whole, and that of this machine?  The process would open the
 * images before it sees what is wrong, and write to them.
 *
 * It writes the first two by one write() each, and does not look how much of
 * that was done (Vm::send, vmm/src/vm.rs).  Of the third it reads what there
 * is, and takes the rest for zeroes (fill_saved_regions). */
static int
check_files (struct hv_ctx *ctx, const struct hv_vm *vm, const int fds[])
{
    struct json_object *config = NULL, *state = NULL;
    uint64_t size;
    struct stat st;
    int rc = read_file (ctx, fds, CONFIG, &config);

    if (rc == 0) {
        rc = read_file (ctx, fds, STATE, &state);
    }
    if (rc == 0) {
        rc = check_machine (ctx, vm, config, "the saved state has another");
    }
    if (rc == 0) {
        size = json_member_size (
            json_member (config, "memory", json_type_object), "size");
        if (fstat (fds[MEMORY], &st) < 0 || (uint64_t)st.st_size < size
            || size == 0) {
            rc = hv_fail (
                ctx, EIO,
                "%s is incomplete or damaged: it has less than the %" PRIu64
                " bytes of the guest's memory",
                ch_state_files[MEMORY], size);
        }
    }
    json_object_put (config);
    json_object_put (state);
    return rc;
}

/* ---------------------------------------------- Saving and restoring */

int
ch_save (struct hv_ctx *ctx, const struct hv_vm *vm, const int fds[])
{
    static const char otherwise[] =
        "a new process could not load the saved state: undo that change, or "
        "stop the VM instead";
    struct json_object *body = json_object_new_object ();
    const char *state = "";
    struct api *api = NULL;
    int rc = api_open (ctx, vm->rundir, &api);

    json_put_text (body, "destination_url", ROOT_URL);
    if (rc == 0) {
        rc = check_process (ctx, api, vm, otherwise);
    }
    if (rc == 0) {
        api_show (api, fds[MEMORY], vm->memory);
        rc = api_put (ctx, api, "vm.snapshot", body);
        api_show (api, -1, 0);
    }
    if (rc == 0) {
        rc = check_files (ctx, vm, fds);
    }
    if (rc == 0) {
        rc = query_state (ctx, api, &state);
    }
    if (rc == 0 && strcmp (state, "Paused") != 0) {
        rc = hv_fail (
            ctx, EIO,
            "the machine was resumed while its state was being written");
    }
    json_object_put (body);
    api_close (api);
    return rc;
}

/* "net_fds": which descriptors are whose; 'fds' has room for them. */
static int
list_taps (struct hv_ctx *ctx, const struct hv_vm *vm, struct json_object *list,
           int *fds)
{
    size_t n = 0;
    int rc = 0;

    for (size_t i = 0; rc == 0 && vm->nics && vm->nics[i]; i++) {
        const struct hv_nic *nic = vm->nics[i];
        struct json_object *o = json_object_new_object ();

        json_put_text (o, "id", hv_format (ctx, "nic-%s", nic->name));
        json_put_number (o, "num_fds", nic->queues);
        json_object_array_add (list, o);
        rc = find_fds (ctx, vm, nic, fds + n);
        n += nic->queues;
    }
    return rc;
}

static size_t
count_taps (const struct hv_vm *vm)
{
    size_t n = 0;

    for (size_t i = 0; vm->nics && vm->nics[i]; i++) {
        n += vm->nics[i]->queues;
    }
    return n;
}

static int
load (struct hv_ctx *ctx, struct api *api, const struct hv_vm *vm)
{
    size_t n = count_taps (vm);
    int *taps = hv_alloc (ctx, (n + 1) * sizeof *taps);
    struct json_object *body = json_object_new_object ();
    struct json_object *list = json_object_new_array ();
    const struct api_request request = {
        .method = "PUT",
        .action = "vm.restore",
        .body = body,
        .fds = taps,
        .n_fds = n,
    };
    int rc = list_taps (ctx, vm, list, taps);

    json_put_text (body, "source_url", ROOT_URL);
    json_object_object_add (body, "net_fds", list);
    if (rc == 0) {
        rc = api_call (ctx, api, &request, NULL);
    }
    json_object_put (body);
    return rc;
}

int
ch_restore (struct hv_ctx *ctx, const struct hv_vm *vm, const int fds[])
{
    struct api *api = NULL;
    int rc = check_files (ctx, vm, fds);

    if (rc == 0) {
        rc = api_open (ctx, vm->rundir, &api);
    }
    if (rc == 0) {
        rc = load (ctx, api, vm);
    }
    if (rc == 0) {
        rc = check_process (
            ctx, api, vm,
            "this cloud-hypervisor has ignored part of its configuration");
    }
    api_close (api);
    return rc;
}
