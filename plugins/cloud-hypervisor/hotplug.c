/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Disks and NICs of a running VM.
 *
 * A disk can only be given by path, so hvctl has to make its files visible to
 * the process first; descriptors of them are of no use here.
 *
 * Removal is requested from the guest.  The configuration drops the device at
 * once, but until the guest has released it, it stays in the device tree
 * (vmm/src/device_manager.rs: remove_device, eject_device). */

#include "plugins/cloud-hypervisor/ch.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>

#include "plugins/cloud-hypervisor/api.h"

#define POLL_MS 20

/* Is the device in the tree? */
static int
is_there (struct hv_ctx *ctx, struct api *api, const char *id, bool *there)
{
    struct json_object *info = NULL, *tree;
    int rc = api_get (ctx, api, "vm.info", &info);

    if (rc == 0) {
        tree = json_member (info, "device_tree", json_type_object);
        *there = tree && json_object_object_get_ex (tree, id, NULL);
    }
    json_object_put (info);
    return rc;
}

static int
check_new (struct hv_ctx *ctx, struct api *api, const char *id)
{
    bool there = false;
    int rc = is_there (ctx, api, id, &there);

    return rc == 0 && there
               ? hv_fail (ctx, EEXIST, "'%s' is already attached", id)
               : rc;
}

static int
add (struct hv_ctx *ctx, const struct hv_vm *vm,
     const struct api_request *request, const char *list)
{
    struct json_object *info = NULL;
    const char *id = json_member_text (request->body, "id"), *wrong;
    struct api *api = NULL;
    int rc = api_open (ctx, vm->rundir, &api);

    if (rc == 0) {
        rc = check_new (ctx, api, id);
    }
    if (rc == 0) {
        rc = api_call (ctx, api, request, NULL);
    }
    if (rc == 0) {
        rc = api_get (ctx, api, "vm.info", &info);
    }
    if (rc == 0) {
        wrong = first_difference (
            ctx, request->body,
            find_by_id (
                json_member (json_member (info, "config", json_type_object),
                             list, json_type_array),
                id));
        if (wrong) {
            rc = hv_fail (ctx, ENOTSUP,
                          "this cloud-hypervisor accepted the device '%s', but "
                          "ignored its '%s'; detach it",
                          id, *wrong ? wrong : "configuration");
        }
    }
    json_object_put (info);
    api_close (api);
    return rc;
}

/* A volume that has not been created yet has no layers. */
static int
check_disk (struct hv_ctx *ctx, const struct hv_disk *disk)
{
    return disk->cdrom
                   || (disk->layers && !image_type (disk->layers[0]->format))
               ? hv_fail (ctx, ENOTSUP,
                          "cloud-hypervisor supports raw and qcow2 disks, and "
                          "no CD-ROMs")
               : check_virtio_disk (ctx, disk);
}

static int
check_nic (struct hv_ctx *ctx, const struct hv_nic *nic)
{
    return nic->kind != HV_NIC_TAP ? hv_fail (
               ctx, ENOTSUP, "cloud-hypervisor supports only NICs with a tap")
                                   : 0;
}

/* Whatever was attached can be detached, also what was present at the
 * start. */
int
ch_can_change (struct hv_ctx *ctx, const struct hv_vm *vm,
               const struct hv_change *change)
{
    return change->kind == HV_RESIZE
               ? ch_can_resize (ctx, vm, change->cpus, change->memory)
           : change->disk ? check_disk (ctx, change->disk)
           : change->nic  ? check_nic (ctx, change->nic)
                          : 0;
}

int
ch_attach_disk (struct hv_ctx *ctx, const struct hv_vm *vm,
                const struct hv_disk *disk, const struct hv_files *files)
{
    struct api_request request = { .method = "PUT", .action = "vm.add-disk" };
    int rc = check_disk (ctx, disk);

    (void)files;
    if (rc < 0) {
        return rc;
    }
    request.body = disk_config (ctx, disk);
    rc = add (ctx, vm, &request, "disks");
    json_object_put (request.body);
    return rc;
}

int
ch_attach_nic (struct hv_ctx *ctx, const struct hv_vm *vm,
               const struct hv_nic *nic, const int fds[])
{
    struct api_request request = {
        .method = "PUT",
        .action = "vm.add-net",
        .fds = fds,
        .n_fds = nic->queues,
    };
    int rc = check_nic (ctx, nic);

    if (rc < 0) {
        return rc;
    }
    request.body = net_config (ctx, nic);
    rc = add (ctx, vm, &request, "net");
    json_object_put (request.body);
    return rc;
}

static int
await_removal (struct hv_ctx *ctx, struct api *api, const char *id)
{
    bool there = true;
    int rc;

    for (;;) {
        rc = is_there (ctx, api, id, &there);
        if (rc < 0 || !there) {
            return rc;
        }
        if (hv_remaining (ctx) <= 5 * POLL_MS) {
            return hv_fail (
                ctx, ETIMEDOUT,
                "the guest does not release it: is it still in use there?");
        }
        poll (NULL, 0, POLL_MS);
    }
}

static int
detach (struct hv_ctx *ctx, const struct hv_vm *vm, const char *id)
{
    struct json_object *body = json_object_new_object ();
    struct api *api = NULL;
    bool there = false;
    int rc = api_open (ctx, vm->rundir, &api);

    json_put_text (body, "id", id);
    if (rc == 0) {
        rc = is_there (ctx, api, id, &there);
    }
    if (rc == 0 && !there) {
        rc = hv_fail (ctx, ENOENT, "the machine has no such device");
    }
    if (rc == 0) {
        rc = api_put (ctx, api, "vm.remove-device", body);
    }
    if (rc == 0) {
        rc = await_removal (ctx, api, id);
    }
    json_object_put (body);
    api_close (api);
    return rc;
}

int
ch_detach_disk (struct hv_ctx *ctx, const struct hv_vm *vm, const char *name)
{
    return detach (ctx, vm, hv_format (ctx, "disk-%s", name));
}

int
ch_detach_nic (struct hv_ctx *ctx, const struct hv_vm *vm, const char *name)
{
    return detach (ctx, vm, hv_format (ctx, "nic-%s", name));
}
