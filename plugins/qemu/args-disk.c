/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Disks, CD-ROMs and firmware flash as block nodes.
 *
 * Every layer is two nodes, the file ("disk-NAME-0f") and its format
 * ("disk-NAME-0"), each with an explicit driver, and the lowest layer has
 * "backing": null: nothing is ever probed, and no path inside an image is
 * followed.  The content of an image is only read when QEMU is sealed, by
 * insert.c: until then a device has an empty disk. */

#include "plugins/qemu/qemu.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/member.h"

/* A node's name has 31 bytes (BlockDriverState.node_name): "disk-", this,
 * "-99f". */
#define MAX_NODE_BASE 20

/* A long name is cut, and told apart by a hash (FNV-1a). */
const char *
disk_nodes (struct hv_ctx *ctx, const char *name)
{
    uint32_t hash = 2166136261u;

    if (strlen (name) <= MAX_NODE_BASE) {
        return hv_format (ctx, "disk-%s-", name);
    }
    for (const char *p = name; *p; p++) {
        hash = (hash ^ (unsigned char)*p) * 16777619u;
    }
    return hv_format (ctx, "disk-%.*s.%08" PRIx32 "-", MAX_NODE_BASE - 9, name,
                      hash);
}

/* Returns the name by which QEMU opens a file.  An fdset is searched for the
 * exact access mode, and a node that is written to may be reopened read-only
 * later (below a snapshot): it gets both. */
static const char *
file_name (const struct args *a, const char *path, bool readonly)
{
    int fd = hv_open (a->ctx, a->out, path, readonly ? HV_RDONLY : HV_RDWR);
    int set = fd;

    if (fd < 0) {
        return path;
    }
    hv_arg (a->ctx, a->out, "-add-fd");
    hv_arg (a->ctx, a->out, "fd=%d,set=%d", fd, set);
    if (!readonly) {
        fd = hv_open (a->ctx, a->out, path, HV_RDONLY);
        hv_arg (a->ctx, a->out, "-add-fd");
        hv_arg (a->ctx, a->out, "fd=%d,set=%d", fd, set);
    }
    return hv_format (a->ctx, "/dev/fdset/%d", set);
}

/* Decided by the path alone, since this must not access the file: paths below
 * /dev are block devices, except in /dev/shm.  The driver for them differs, and
 * refuses files. */
static bool
is_device (const char *path)
{
    return !strncmp (path, "/dev/", 5) && strncmp (path, "/dev/shm/", 9);
}

struct json_object *
new_file_node (struct hv_ctx *ctx, const struct node *n, const char *filename)
{
    struct json_object *o =
        new_device (is_device (n->path) ? "host_device" : "file", NULL);

    json_put_text (o, "node-name", hv_format (ctx, "%sf", n->name));
    json_put_text (o, "filename", filename);
    json_put_flag (o, "read-only", n->readonly);
    json_put_text (o, "discard", "unmap");
    return o;
}

struct json_object *
new_format_node (struct hv_ctx *ctx, const struct node *n)
{
    struct json_object *o = new_device (n->format, NULL);

    json_put_text (o, "node-name", n->name);
    json_put_text (o, "file", hv_format (ctx, "%sf", n->name));
    json_put_flag (o, "read-only", n->readonly);
    json_put_text (o, "discard", "unmap");
    if (n->below) {
        json_put_text (o, "backing", n->below);
    } else if (!strcmp (n->format, "qcow2")) {
        json_object_object_add (o, "backing", NULL);
    }
    return o;
}

void
add_file (const struct args *a, const struct node *n)
{
    const char *name = file_name (a, n->path, n->readonly);

    add_json (a, "-blockdev", new_file_node (a->ctx, n, name));
}

static void
add_node (const struct args *a, const struct node *n)
{
    add_file (a, n);
    add_json (a, "-blockdev", new_format_node (a->ctx, n));
}

size_t
count_layers (const struct hv_disk *disk)
{
    size_t n = 0;

    while (disk->layers[n]) {
        n++;
    }
    return n;
}

struct node
layer_node (struct hv_ctx *ctx, const struct hv_disk *disk, size_t i)
{
    const char *base = disk_nodes (ctx, disk->name);

    return (struct node){
        .name = hv_format (ctx, "%s%zu", base, i),
        .path = disk->layers[i]->path,
        .format = disk->layers[i]->format,
        .below =
            disk->layers[i + 1] ? hv_format (ctx, "%s%zu", base, i + 1) : NULL,
        .readonly = i > 0 || disk->readonly || disk->cdrom,
    };
}

/* A device must have a disk, of the right size, when it is created. */
static const char *
add_placeholder (const struct args *a, const struct hv_disk *disk)
{
    const char *name =
        hv_format (a->ctx, "%s" PLACEHOLDER, disk_nodes (a->ctx, disk->name));
    struct json_object *o = new_device ("null-co", NULL);

    json_put_text (o, "node-name", name);
    json_put_number (o, "size", (int64_t)disk->size);
    json_put_flag (o, "read-only", disk->readonly || disk->cdrom);
    add_json (a, "-blockdev", o);
    return name;
}

/* Adds the layers from the bottom up and returns the node for the device.  The
 * images stay unread until insert_disks(), except in a command to paste. */
static const char *
add_layers (const struct args *a, const struct hv_disk *disk)
{
    for (size_t n = count_layers (disk); n-- > 0;) {
        const struct node node = layer_node (a->ctx, disk, n);

        if (a->vm->by_path) {
            add_node (a, &node);
        } else {
            add_file (a, &node);
        }
    }
    return a->vm->by_path ? layer_node (a->ctx, disk, 0).name
                          : add_placeholder (a, disk);
}

/* A full or failing disk pauses the guest, which would otherwise see an error
 * and give up; when there is room again it can be resumed. */
static void
set_common (const struct hv_disk *disk, const char *node,
            struct json_object *device)
{
    json_put_text (device, "drive", node);
    json_put_text (device, "rerror", "stop");
    json_put_text (device, "werror", "stop");
    if (disk->boot) {
        json_put_number (device, "bootindex", disk->boot);
    }
    json_put_text (device, "serial", disk->serial);
}

struct json_object *
new_disk (const struct args *a, const struct hv_disk *disk, const char *node)
{
    struct json_object *device = new_device (
        virtio_model (a, "blk"), hv_format (a->ctx, "disk-%s", disk->name));

    set_common (disk, node, device);
    return device;
}

static void
add_disk (const struct args *a, const struct hv_disk *disk, unsigned int index,
          unsigned int n)
{
    struct json_object *device = new_disk (a, disk, add_layers (a, disk));

    place_virtio (a, device, 16, MAX_PCI_DISKS / 8, index, n);
    add_json (a, "-device", device);
}

static void
add_cdrom (const struct args *a, const struct hv_disk *disk, unsigned int index)
{
    bool scsi = a->family == FAMILY_VIRT, pc = a->family == FAMILY_PC;
    struct json_object *device;
    const char *node = add_layers (a, disk);

    if (scsi && index == 0) {
        device = new_device (virtio_model (a, "scsi"), "scsi");
        place_virtio (a, device, 3, 1, 0, 1);
        add_json (a, "-device", device);
    }
    device = new_device (scsi ? "scsi-cd" : "ide-cd",
                         hv_format (a->ctx, "disk-%s", disk->name));
    if (scsi) {
        json_put_text (device, "bus", "scsi.0");
        json_put_number (device, "scsi-id", index);
    } else {
        json_put_text (device, "bus",
                       hv_format (a->ctx, "ide.%u", pc ? index / 2 : index));
        json_put_number (device, "unit", pc ? index % 2 : 0);
    }
    set_common (disk, node, device);
    if (disk->wwn) {
        /* Half of them are negative: QEMU takes that for an unsigned property
         * (qobject_input_type_uint64), and json-c has had no other number
         * until 0.14. */
        json_put_number (device, "wwn", (int64_t)disk->wwn);
    }
    add_json (a, "-device", device);
}

void
add_disks (const struct args *a)
{
    const struct hv_disk *const *disks = a->vm->disks;
    unsigned int n = 0, index = 0, cdroms = 0;

    for (size_t i = 0; disks && disks[i]; i++) {
        n += !disks[i]->cdrom;
    }
    for (size_t i = 0; disks && disks[i]; i++) {
        if (i == 0) {
            hv_need (a->ctx, a->out, "disk");
        }
        if (disks[i]->cdrom) {
            add_cdrom (a, disks[i], cdroms++);
        } else {
            add_disk (a, disks[i], index++, n);
        }
    }
}

void
add_flash (const struct args *a)
{
    const struct hv_firmware_image *f = a->vm->firmware;

    if (!f || f->mapping != HV_MAP_FLASH) {
        return;
    }
    hv_need (a->ctx, a->out, "disk");
    add_node (a, &(struct node){ .name = "flash-code",
                                 .path = f->code,
                                 .format = f->code_format,
                                 .readonly = true });
    if (f->vars) {
        add_node (a, &(struct node){ .name = "flash-vars",
                                     .path = f->vars,
                                     .format = f->vars_format });
    }
}
