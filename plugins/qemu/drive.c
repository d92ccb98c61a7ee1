/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Disks of a running machine: their nodes, sizes and counters. */

#include "plugins/qemu/qemu.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "common/cleanup.h"
#include "plugins/qemu/qmp.h"

int
find_drive (struct hv_ctx *ctx, struct qmp *q, const char *name,
            const char **node)
{
    struct json_object *list = NULL;
    int rc = qmp_command (ctx, q, "query-block", &list);
    size_t n = rc == 0 && json_object_is_type (list, json_type_array)
                   ? json_object_array_length (list)
                   : 0;

    *node = NULL;
    for (size_t i = 0; i < n; i++) {
        struct json_object *block = json_object_array_get_idx (list, i);
        struct json_object *inserted =
            json_member (block, "inserted", json_type_object);
        const char *found = json_member_text (inserted, "node-name");

        if (!strcmp (disk_name (ctx, json_member_text (block, "qdev")), name)
            && *found) {
            *node = hv_format (ctx, "%.40s", found);
        }
    }
    json_object_put (list);
    if (rc == 0 && !*node) {
        rc = hv_fail (ctx, ENOENT, "no disk '%s' is attached", name);
    }
    return rc;
}

int
qemu_resize_disk (struct hv_ctx *ctx, const struct hv_vm *vm, const char *name,
                  uint64_t size)
{
    struct json_object *arguments;
    const char *node = NULL;
    struct qmp *q = NULL;
    int rc = qemu_connect (ctx, vm, &q);

    if (rc == 0) {
        rc = find_drive (ctx, q, name, &node);
    }
    if (rc == 0) {
        arguments = json_object_new_object ();
        json_put_text (arguments, "node-name", node);
        json_put_number (arguments, "size", (int64_t)size);
        rc = qmp_execute (ctx, q, "block_resize", arguments, -1, NULL);
    }
    qmp_close (q);
    return rc;
}

/* qapi/block-core.json: BlockDeviceStats. */
static const struct {
    const char *theirs, *ours;
} stats[] = {
    { "rd_bytes", "read_bytes" },        { "wr_bytes", "write_bytes" },
    { "rd_operations", "read_ops" },     { "wr_operations", "write_ops" },
    { "flush_operations", "flush_ops" },
};

static void
count_disk (struct hv_ctx *ctx, struct json_object *device, struct hv_list *out)
{
    const char *name = disk_name (ctx, json_member_text (device, "qdev"));
    struct json_object *values =
        json_member (device, "stats", json_type_object);

    for (size_t i = 0; i < ARRAY_SIZE (stats) && strcmp (name, "?"); i++) {
        struct json_object *v =
            json_member (values, stats[i].theirs, json_type_int);

        if (v) {
            hv_add (ctx, out,
                    hv_format (ctx, "disk.%s.%s", name, stats[i].ours),
                    hv_format (ctx, "%" PRIu64, json_object_get_uint64 (v)));
        }
    }
}

int
qemu_counters (struct hv_ctx *ctx, const struct hv_vm *vm, struct hv_list *out)
{
    struct json_object *list = NULL;
    struct qmp *q = NULL;
    int rc = qemu_connect (ctx, vm, &q);
    size_t n;

    if (rc == 0) {
        rc = qmp_command (ctx, q, "query-blockstats", &list);
    }
    n = json_object_is_type (list, json_type_array)
            ? json_object_array_length (list)
            : 0;
    for (size_t i = 0; i < n; i++) {
        count_disk (ctx, json_object_array_get_idx (list, i), out);
    }
    json_object_put (list);
    qmp_close (q);
    return rc;
}
