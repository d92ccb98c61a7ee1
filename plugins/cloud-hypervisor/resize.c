/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Resizes vCPUs, memory and disks of a running VM; and reads its counters. */

#include "plugins/cloud-hypervisor/ch.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/size.h"
#include "plugins/cloud-hypervisor/api.h"

/* Refuses beforehand, with a clearer message.  How much memory can still be
 * added is unknown: "size" is the current size, not the one at the start. */
static int
check_limits (struct hv_ctx *ctx, struct json_object *info, uint32_t cpus,
              uint64_t memory)
{
    struct json_object *config = json_member (info, "config", json_type_object);
    struct json_object *c = json_member (config, "cpus", json_type_object);
    struct json_object *m = json_member (config, "memory", json_type_object);
    uint64_t now = json_member_size (m, "size");
    char text[32];

    if (cpus > json_member_size (c, "max_vcpus")) {
        return hv_fail (ctx, ENOTSUP,
                        "it was started for at most %" PRIu64
                        " vCPUs: set max_cpus in its section 'plugin "
                        "cloud-hypervisor' and restart it",
                        json_member_size (c, "max_vcpus"));
    }
    if (memory > now && !json_member_size (m, "hotplug_size")) {
        return hv_fail (
            ctx, ENOTSUP,
            "it was started for at most %s of memory: set max_memory in its "
            "section 'plugin cloud-hypervisor' and restart it",
            format_size (now, text, sizeof text));
    }
    return 0;
}

static void
warn_of_memory (struct hv_ctx *ctx, struct json_object *info, uint64_t memory)
{
    struct json_object *config = json_member (info, "config", json_type_object);
    struct json_object *m = json_member (config, "memory", json_type_object);
    uint64_t now = json_member_size (m, "size");
    char text[32];

    if (memory && memory < now
        && !strcmp (json_member_text (m, "hotplug_method"), "Acpi")) {
        hv_log (ctx, HV_WARNING,
                "the guest keeps its %s of memory until it reboots",
                format_size (now, text, sizeof text));
    }
}

int
ch_can_resize (struct hv_ctx *ctx, const struct hv_vm *vm, uint32_t cpus,
               uint64_t memory)
{
    struct json_object *info = NULL;
    struct api *api = NULL;
    int rc = api_open (ctx, vm->rundir, &api);

    if (rc == 0) {
        rc = api_get (ctx, api, "vm.info", &info);
    }
    if (rc == 0) {
        rc = check_limits (ctx, info, cpus, memory);
    }
    json_object_put (info);
    api_close (api);
    return rc;
}

static struct json_object *
resize_body (uint32_t cpus, uint64_t memory)
{
    struct json_object *body = json_object_new_object ();

    if (cpus) {
        json_put_number (body, "desired_vcpus", cpus);
    }
    if (memory) {
        json_put_number (body, "desired_ram", memory);
    }
    return body;
}

/* The guest's driver of virtio-mem adds and removes memory when it can.  (With
 * ACPI the requested size is reported.) */
static int
report (struct hv_ctx *ctx, struct api *api, uint64_t memory)
{
    struct json_object *info = NULL;
    char is[32], wanted[32];
    uint64_t actual;
    int rc = api_get (ctx, api, "vm.info", &info);

    if (rc == 0 && memory) {
        actual = json_member_size (info, "memory_actual_size");
        if (actual != memory) {
            hv_log (ctx, HV_WARNING,
                    "the machine has %s of memory, not yet %s: the guest is "
                    "still adapting",
                    format_size (actual, is, sizeof is),
                    format_size (memory, wanted, sizeof wanted));
        }
    }
    json_object_put (info);
    return rc;
}

int
ch_resize (struct hv_ctx *ctx, const struct hv_vm *vm, uint32_t cpus,
           uint64_t memory)
{
    struct json_object *body = resize_body (cpus, memory), *info = NULL;
    struct api *api = NULL;
    int rc = api_open (ctx, vm->rundir, &api);

    if (rc == 0) {
        rc = api_get (ctx, api, "vm.info", &info);
    }
    if (rc == 0) {
        rc = check_limits (ctx, info, cpus, memory);
    }
    if (rc == 0) {
        warn_of_memory (ctx, info, memory);
        rc = api_put (ctx, api, "vm.resize", body);
        if (rc == -EAGAIN) {
            rc = hv_fail (ctx, EAGAIN,
                          "the guest has not yet released the vCPUs that were "
                          "removed before: try again");
        }
    }
    if (rc == 0) {
        rc = report (ctx, api, memory);
    }
    json_object_put (info);
    json_object_put (body);
    api_close (api);
    return rc;
}

int
ch_resize_disk (struct hv_ctx *ctx, const struct hv_vm *vm, const char *name,
                uint64_t size)
{
    struct json_object *body = json_object_new_object ();
    struct api *api = NULL;
    int rc = api_open (ctx, vm->rundir, &api);

    json_put_text (body, "id", hv_format (ctx, "disk-%s", name));
    json_put_number (body, "desired_size", size);
    if (rc == 0) {
        rc = api_put (ctx, api, "vm.resize-disk", body);
    }
    json_object_put (body);
    api_close (api);
    return rc;
}

/* "frames" are everywhere else "packets". */
static const char *
counter_name (const char *name)
{
    return !strcmp (name, "rx_frames")   ? "rx_packets"
           : !strcmp (name, "tx_frames") ? "tx_packets"
                                         : name;
}

/* UINT64_MAX: a minimum without any value. */
#define NOT_KNOWN "18446744073709551615"

/* "disk-root": {"read_bytes": 1} → "disk.root.read_bytes" 1 */
static void
add_device (struct hv_ctx *ctx, const char *id, struct json_object *counters,
            struct hv_list *out)
{
    static const char *const kinds[] = { "disk", "nic" };
    const char *device = NULL;

    for (size_t i = 0; i < ARRAY_SIZE (kinds); i++) {
        size_t len = strlen (kinds[i]);

        if (!strncmp (id, kinds[i], len) && id[len] == '-') {
            device = hv_format (ctx, "%s.%.63s", kinds[i], id + len + 1);
        }
    }
    if (!device || !json_object_is_type (counters, json_type_object)) {
        return;
    }
    json_object_object_foreach (counters, key, value) {
        if (json_object_is_type (value, json_type_int)
            && strcmp (json_object_to_json_string (value), NOT_KNOWN)) {
            hv_add (ctx, out,
                    hv_format (ctx, "%s.%.63s", device, counter_name (key)),
                    json_object_to_json_string (value));
        }
    }
}

int
ch_counters (struct hv_ctx *ctx, const struct hv_vm *vm, struct hv_list *out)
{
    struct json_object *all = NULL;
    struct api *api = NULL;
    int rc = api_open (ctx, vm->rundir, &api);

    if (rc == 0) {
        rc = api_get (ctx, api, "vm.counters", &all);
    }
    if (rc == 0 && json_object_is_type (all, json_type_object)) {
        json_object_object_foreach (all, id, counters) {
            add_device (ctx, id, counters, out);
        }
    }
    json_object_put (all);
    api_close (api);
    return rc;
}
