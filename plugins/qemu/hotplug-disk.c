/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Hot-plugging of disks, and overlays.  The files come as descriptors: each
 * goes into its own set ("/dev/fdset/7"), which QEMU searches for the exact
 * access mode that it wants, so that a writable layer has two, and a sealed
 * QEMU opens nothing. */

#include "plugins/qemu/qemu.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/qemu/qmp.h"

#define MAX_NODES 256

/* A device releases its disk a moment after it has disappeared. */
#define RELEASE_TRIES 100

/* Adds the file's node, from its descriptors. */
static int
open_file (struct plug *p, const struct node *n, const struct hv_files *files)
{
    struct hv_ctx *ctx = p->a.ctx;
    int64_t set = -1;
    int rc = plug_add_fd (p, files->ro, &set);

    if (rc == 0 && !n->readonly) {
        rc = plug_add_fd (p, files->rw, &set);
    }
    if (rc == 0) {
        rc = plug_do (
            p, "blockdev-add",
            new_file_node (ctx, n,
                           hv_format (ctx, FDSET "%lld", (long long)set)));
    }
    if (rc < 0 && set >= 0) {
        qmp_be_quiet (p->q);
        plug_remove_set (p, set);
    }
    return rc;
}

static int
add_node (struct plug *p, const struct node *n, const struct hv_files *files)
{
    int rc = open_file (p, n, files);

    return rc < 0 ? rc
                  : plug_do (p, "blockdev-add", new_format_node (p->a.ctx, n));
}

/* Adds the layers from the bottom up. */
static int
add_layers (struct plug *p, const struct hv_disk *disk,
            const struct hv_files *files)
{
    int rc = 0;

    for (size_t n = count_layers (disk); rc == 0 && n-- > 0;) {
        const struct node node = layer_node (p->a.ctx, disk, n);

        rc = add_node (p, &node, &files[n]);
    }
    return rc;
}

/* ------------------------------------------------------------ The nodes */

/* The existing nodes of one disk, the newest first. */
struct nodes {
    const char *base;
    const char *names[MAX_NODES]; /* Null: removed. */
    int64_t sets[MAX_NODES];      /* Of a file's node, else -1. */
    size_t n;
    unsigned long next; /* A number that none of them has. */
};

/* Is it "disk-NAME-12", "disk-NAME-12f" or "disk-NAME-empty"? */
static bool
is_node (const char *name, const char *base, unsigned long *number)
{
    size_t len = strlen (base);
    char *end;

    *number = 0;
    if (strncmp (name, base, len) != 0) {
        return false;
    }
    if (!isdigit ((unsigned char)name[len])) {
        return !strcmp (name + len, PLACEHOLDER);
    }
    *number = strtoul (name + len, &end, 10);
    return !*end || !strcmp (end, "f");
}

static void
note_node (struct hv_ctx *ctx, struct nodes *out, struct json_object *node)
{
    const char *name = json_member_text (node, "node-name");
    const char *file = json_member_text (node, "file");
    unsigned long number;

    if (out->n == MAX_NODES || !is_node (name, out->base, &number)) {
        return;
    }
    out->names[out->n] = hv_format (ctx, "%.40s", name);
    out->sets[out->n] = -1;
    if (name[strlen (name) - 1] == 'f'
        && !strncmp (file, FDSET, strlen (FDSET))) {
        out->sets[out->n] = atoll (file + strlen (FDSET));
    }
    out->n++;
    out->next = number >= out->next ? number + 1 : out->next;
}

static int
find_nodes (struct plug *p, const char *disk, struct nodes *out)
{
    struct json_object *arguments = json_object_new_object (), *list = NULL;
    size_t n;
    int rc;

    memset (out, 0, sizeof *out);
    out->base = disk_nodes (p->a.ctx, disk);
    json_put_flag (arguments, "flat", true);
    rc = qmp_execute (p->a.ctx, p->q, "query-named-block-nodes", arguments, -1,
                      &list);
    n = rc == 0 && json_object_is_type (list, json_type_array)
            ? json_object_array_length (list)
            : 0;
    for (size_t i = 0; i < n; i++) {
        note_node (p->a.ctx, out, json_object_array_get_idx (list, i));
    }
    json_object_put (list);
    return rc;
}

/* Removes unused nodes, and returns how many are left. */
static size_t
drop_once (struct plug *p, struct nodes *nodes)
{
    size_t left = 0;

    for (size_t i = 0; i < nodes->n; i++) {
        if (!nodes->names[i]) {
            continue;
        }
        if (plug_do (p, "blockdev-del",
                     one_string ("node-name", nodes->names[i]))
            < 0) {
            left++;
            continue;
        }
        if (nodes->sets[i] >= 0) {
            plug_remove_set (p, nodes->sets[i]);
        }
        nodes->names[i] = NULL;
    }
    return left;
}

/* Removes all nodes of a disk whose device has disappeared.  Reports no
 * errors. */
static bool
drop_nodes (struct plug *p, struct nodes *nodes)
{
    qmp_be_quiet (p->q);
    for (int i = 0; i < RELEASE_TRIES && hv_remaining (p->a.ctx) > 0; i++) {
        if (drop_once (p, nodes) == 0) {
            return true;
        }
        poll (NULL, 0, 20);
    }
    return false;
}

/* ------------------------------------------------ Attaching and detaching */

/* Fails if the disk exists; cleans up after an earlier one of its name, which
 * the guest has released too late. */
static int
make_room (struct plug *p, const struct hv_disk *disk)
{
    struct nodes nodes;
    bool there = false;
    int rc = plug_has (p, hv_format (p->a.ctx, "disk-%s", disk->name), &there);

    if (rc == 0 && there) {
        rc = hv_fail (p->a.ctx, EEXIST, "a disk '%s' is already attached",
                      disk->name);
    }
    if (rc == 0) {
        rc = find_nodes (p, disk->name, &nodes);
    }
    if (rc == 0) {
        drop_once (p, &nodes);
    }
    return rc;
}

int
plug_check_disk (struct hv_ctx *ctx, const struct hv_disk *disk)
{
    return disk->cdrom ? hv_fail (
               ctx, ENOTSUP,
               "a CD-ROM drive cannot be attached to a running machine")
                       : check_virtio_disk (ctx, disk);
}

int
qemu_attach_disk (struct hv_ctx *ctx, const struct hv_vm *vm,
                  const struct hv_disk *disk, const struct hv_files *files)
{
    const char *bus = NULL;
    struct nodes nodes;
    struct plug p;
    int rc = plug_check_disk (ctx, disk);

    if (rc < 0) {
        return rc;
    }
    rc = plug_open (ctx, vm, &p);
    if (rc == 0) {
        rc = plug_find_bus (&p, 0, &bus);
    }
    if (rc == 0) {
        rc = make_room (&p, disk);
    }
    if (rc == 0) {
        rc = add_layers (&p, disk, files);
        if (rc == 0) {
            rc = plug_add (
                &p, bus, new_disk (&p.a, disk, layer_node (ctx, disk, 0).name));
        }
        if (rc < 0) {
            qmp_be_quiet (p.q);
            if (find_nodes (&p, disk->name, &nodes) == 0) {
                drop_nodes (&p, &nodes);
            }
        }
    }
    plug_close (&p);
    return rc;
}

int
qemu_detach_disk (struct hv_ctx *ctx, const struct hv_vm *vm, const char *name)
{
    struct nodes nodes = { 0 };
    struct plug p;
    int rc = plug_open (ctx, vm, &p);

    if (rc == 0) {
        rc = find_nodes (&p, name, &nodes);
    }
    if (rc == 0) {
        rc = plug_remove (&p, hv_format (ctx, "disk-%s", name));
        /* It may have been released after an earlier call had timed out. */
        if (rc == -ENODEV) {
            rc = nodes.n
                     ? 0
                     : hv_fail (ctx, ENOENT, "no disk '%s' is attached", name);
        }
    }
    if (rc == 0 && !drop_nodes (&p, &nodes)) {
        rc = hv_fail (ctx, EBUSY,
                      "the guest has released it, but QEMU has not: stop the "
                      "VM before its files are used elsewhere");
    }
    plug_close (&p);
    return rc;
}

/* The new top must have no backing file yet: the command gives it one
 * (qapi/block-core.json: blockdev-snapshot). */
static int
put_on_top (struct plug *p, const struct node *n, const char *old)
{
    struct json_object *arguments = one_string ("node", old);

    json_put_text (arguments, "overlay", n->name);
    return plug_do (p, "blockdev-snapshot", arguments);
}

/* The node of the previous top's file is reopened read-only, by the second
 * descriptor of its set; blockdev-snapshot does that only for the node of its
 * format.  Then its set is not needed any more.  So nobody can write to the
 * snapshot, and others may use it.  If the guest is paused, QEMU before 9.1
 * closes the set with the connection that resumes it. */
static void
release_file (struct plug *p, const struct nodes *nodes, const char *old,
              const char *path)
{
    struct json_object *arguments = json_object_new_object ();
    struct json_object *list = json_object_new_array ();
    const struct node n = { .name = old, .path = path, .readonly = true };
    const char *file = hv_format (p->a.ctx, "%sf", old);
    int64_t set = -1;

    for (size_t i = 0; i < nodes->n; i++) {
        set = !strcmp (nodes->names[i], file) ? nodes->sets[i] : set;
    }
    qmp_be_quiet (p->q);
    json_object_array_add (
        list,
        new_file_node (p->a.ctx, &n,
                       hv_format (p->a.ctx, FDSET "%lld", (long long)set)));
    json_object_object_add (arguments, "options", list);
    if (set < 0) {
        json_object_put (arguments);
    } else if (plug_do (p, "blockdev-reopen", arguments) == 0) {
        plug_remove_set (p, set);
    }
}

int
qemu_overlay_disk (struct hv_ctx *ctx, const struct hv_vm *vm,
                   const struct hv_disk *disk, const struct hv_files *files)
{
    struct plug p = { .a = { .ctx = ctx, .vm = vm } };
    struct node n = { .path = disk->layers[0]->path,
                      .format = disk->layers[0]->format };
    const char *old = NULL;
    struct nodes nodes;
    int rc = qemu_connect (ctx, vm, &p.q);

    if (rc == 0) {
        rc = find_drive (ctx, p.q, disk->name, &old);
    }
    if (rc == 0) {
        rc = find_nodes (&p, disk->name, &nodes);
    }
    if (rc == 0) {
        n.name = hv_format (ctx, "%s%lu", nodes.base, nodes.next);
        rc = add_node (&p, &n, files);
        if (rc == 0) {
            rc = put_on_top (&p, &n, old);
        }
        if (rc == 0) {
            release_file (&p, &nodes, old, disk->layers[1]->path);
        }
        if (rc < 0) {
            qmp_be_quiet (p.q);
            if (find_nodes (&p, disk->name, &nodes) == 0) {
                drop_once (&p, &nodes);
            }
        }
    }
    qmp_close (p.q);
    return rc;
}
