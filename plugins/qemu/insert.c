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

/* What is done with each of the commands. */
typedef int use_fn (struct hv_ctx *ctx, struct qmp *q, const char *command,
                    struct json_object *arguments);

/* The one property of a device that can be set after it was made
 * (qdev_prop_drive in hw/core/qdev-properties-system.c, since QEMU 6.1). */
static struct json_object *
new_drive (struct hv_ctx *ctx, const struct hv_disk *disk)
{
    struct json_object *o =
        one_string ("path", hv_format (ctx, PERIPHERAL "disk-%s", disk->name));

    json_put_text (o, "property", "drive");
    json_put_text (o, "value", layer_node (ctx, disk, 0).name);
    return o;
}

/* Goes through the commands in order, until one use of them is not 0. */
static int
each_command (struct hv_ctx *ctx, const struct hv_vm *vm, struct qmp *q,
              use_fn *use)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && vm->disks && vm->disks[i]; i++) {
        const struct hv_disk *disk = vm->disks[i];

        for (size_t n = count_layers (disk); rc == 0 && n-- > 0;) {
            const struct node node = layer_node (ctx, disk, n);

            rc = use (ctx, q, "blockdev-add", new_format_node (ctx, &node));
        }
        if (rc == 0) {
            rc = use (ctx, q, "qom-set", new_drive (ctx, disk));
        }
    }
    return rc;
}

static int
end (struct hv_ctx *ctx, struct qmp *q, const char *command,
     struct json_object *arguments)
{
    json_object_put (arguments);
    return qmp_end (ctx, q, command, NULL);
}

/* Only one can be. */
static int
announce (struct hv_ctx *ctx, struct qmp *q, const char *command,
          struct json_object *arguments)
{
    int rc = qmp_announce (ctx, q, command, arguments);

    return rc < 0 ? rc : 1;
}

int
announce_disks (struct hv_ctx *ctx, const struct hv_vm *vm, struct qmp *q)
{
    int rc = each_command (ctx, vm, q, announce);

    return rc < 0 ? rc : 0;
}

int
insert_disks (struct hv_ctx *ctx, const struct hv_vm *vm, struct qmp *q)
{
    int rc = each_command (ctx, vm, q, qmp_begin);

    return rc < 0 ? rc : each_command (ctx, vm, q, end);
}
