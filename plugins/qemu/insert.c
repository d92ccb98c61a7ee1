/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Puts the disks into a machine that was built without their contents.
 *
 * An image may be anybody's, and what reads its header has had flaws.  So a
 * QEMU that can still open files sees none of it: args-disk.c gives it the
 * files, as descriptors, of which it reads nothing, and devices with a disk
 * of nothing.  It is sealed then, and only now opens the formats. */

#include "plugins/qemu/qemu.h"

#include "plugins/qemu/qmp.h"

static int
open_layers (struct hv_ctx *ctx, struct qmp *q, const struct hv_disk *disk)
{
    int rc = 0;

    for (size_t n = count_layers (disk); rc == 0 && n-- > 0;) {
        const struct node node = layer_node (ctx, disk, n);

        rc = qmp_execute (ctx, q, "blockdev-add", new_format_node (ctx, &node),
                          -1, NULL);
    }
    return rc;
}

/* The one property of a device that can be set after it was made
 * (qdev_prop_drive in hw/core/qdev-properties-system.c, since QEMU 6.1). */
static int
set_drive (struct hv_ctx *ctx, struct qmp *q, const struct hv_disk *disk)
{
    struct json_object *arguments =
        one_string ("path", hv_format (ctx, PERIPHERAL "disk-%s", disk->name));

    json_put_text (arguments, "property", "drive");
    json_put_text (arguments, "value", layer_node (ctx, disk, 0).name);
    return qmp_execute (ctx, q, "qom-set", arguments, -1, NULL);
}

int
insert_disks (struct hv_ctx *ctx, const struct hv_vm *vm, struct qmp *q)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && vm->disks && vm->disks[i]; i++) {
        rc = open_layers (ctx, q, vm->disks[i]);
        if (rc == 0) {
            rc = set_drive (ctx, q, vm->disks[i]);
        }
    }
    return rc;
}
