/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A VM as JSON.  The schema is vmm/src/vm_config.rs, not the API's yaml, which
 * lags behind it.  Keys that the server does not know it drops without a word,
 * so ready() compares what it says it has with what it was sent. */

#include "plugins/cloud-hypervisor/ch.h"

#include <string.h>

#include "common/cleanup.h"
#include "common/mac.h"
#include "common/member.h"
#include "plugins/cloud-hypervisor/api.h"

/* Adds an empty object and returns it; it is 'o's. */
static struct json_object *
add_object (struct json_object *o, const char *key)
{
    struct json_object *value = json_object_new_object ();

    json_object_object_add (o, key, value);
    return value;
}

const char *
image_type (const char *format)
{
    return !strcmp (format, "raw")     ? "Raw"
           : !strcmp (format, "qcow2") ? "Qcow2"
                                       : NULL;
}

/* The type is always stated: else the format is guessed from the first bytes,
 * which the guest writes, and then a raw disk refuses writes to them (v52).
 * Layers below the first are followed by the names in the images, which
 * storage has checked. */
struct json_object *
disk_config (struct hv_ctx *ctx, const struct hv_disk *disk)
{
    struct json_object *o = json_object_new_object ();

    json_put_text (o, "id", hv_format (ctx, "disk-%s", disk->name));
    json_put_text (o, "path", disk->layers[0]->path);
    json_put_text (o, "image_type", image_type (disk->layers[0]->format));
    json_put_flag (o, "backing_files", disk->layers[1] != NULL);
    json_put_flag (o, "readonly", disk->readonly);
    json_put_text (o, "serial", disk->serial);
    return o;
}

/* Two queues of virtio for each descriptor.  No "mtu": it would be set on the
 * tap by name, in the process's own network namespace, which has no taps. */
struct json_object *
net_config (struct hv_ctx *ctx, const struct hv_nic *nic)
{
    struct json_object *o = json_object_new_object ();
    char mac[MAC_TEXT];

    json_put_text (o, "id", hv_format (ctx, "nic-%s", nic->name));
    json_put_text (o, "mac", format_mac (nic->mac, mac));
    json_put_number (o, "num_queues", 2 * (uint64_t)nic->queues);
    json_put_flag (o, "offload_tso", nic->offload);
    json_put_flag (o, "offload_ufo", nic->offload);
    json_put_flag (o, "offload_csum", nic->offload);
    return o;
}

static void
add_payload (const struct hv_vm *vm, struct json_object *config)
{
    struct json_object *o = add_object (config, "payload");

    if (vm->firmware) {
        json_put_text (o, "firmware", vm->firmware->code);
        return;
    }
    json_put_text (o, "kernel", vm->kernel);
    json_put_text (o, "initramfs", vm->initrd);
    json_put_text (o, "cmdline", vm->cmdline);
}

static void
add_memory (const struct hv_vm *vm, const struct growth *growth,
            struct json_object *config)
{
    struct json_object *o = add_object (config, "memory");

    json_put_number (o, "size", vm->memory);
    if (growth->limits.memory > vm->memory) {
        json_put_number (o, "hotplug_size", growth->limits.memory - vm->memory);
        json_put_text (o, "hotplug_method",
                       growth->virtio_mem ? "VirtioMem" : "Acpi");
    }
}

/* The serial port is a socket, which the process binds anew at each reboot: by
 * that name it gets the one that hvctl made.  The virtio-console would be a
 * terminal by default. */
struct json_object *
vm_config (struct hv_ctx *ctx, const struct hv_vm *vm,
           const struct growth *growth, int major)
{
    struct json_object *config = json_object_new_object (), *o;

    o = add_object (config, "cpus");
    json_put_number (o, "boot_vcpus", vm->cpus);
    json_put_number (o, "max_vcpus", growth->limits.cpus);
    add_memory (vm, growth, config);
    add_payload (vm, config);
    if (vm->disks && vm->disks[0]) {
        o = json_object_new_array ();
        for (size_t i = 0; vm->disks[i]; i++) {
            json_object_array_add (o, disk_config (ctx, vm->disks[i]));
        }
        json_object_object_add (config, "disks", o);
    }
    json_put_text (add_object (config, "rng"), "src", "/dev/urandom");
    o = add_object (config, "serial");
    json_put_text (o, "mode", "Socket");
    json_put_text (o, "socket", CONSOLE ".sock");
    json_put_text (add_object (config, "console"), "mode", "Off");
    json_put_text (add_object (config, "platform"),
                   major >= SYSTEM_UUID_MAJOR ? "system_uuid" : "uuid",
                   vm->uuid);
    json_put_flag (config, "pvpanic", true);
    return config;
}

static const char *difference (struct hv_ctx *ctx, const char *path,
                               struct json_object *sent,
                               struct json_object *got);

static const char *
object_difference (struct hv_ctx *ctx, const char *path,
                   struct json_object *sent, struct json_object *got)
{
    json_object_object_foreach (sent, key, value) {
        struct json_object *other = NULL;
        const char *below =
            hv_format (ctx, "%s%s%s", path, *path ? "." : "", key);
        const char *found;

        json_object_object_get_ex (got, key, &other);
        found = difference (ctx, below, value, other);
        if (found) {
            return found;
        }
    }
    return NULL;
}

static const char *
difference (struct hv_ctx *ctx, const char *path, struct json_object *sent,
            struct json_object *got)
{
    enum json_type type = json_object_get_type (sent);

    if (!json_object_is_type (got, type)) {
        return path;
    }
    if (type == json_type_object) {
        return object_difference (ctx, path, sent, got);
    }
    if (type == json_type_array) {
        size_t n = json_object_array_length (sent);
        const char *found = NULL;

        for (size_t i = 0; i < n && !found; i++) {
            found = difference (ctx, hv_format (ctx, "%s[%zu]", path, i),
                                json_object_array_get_idx (sent, i),
                                json_object_array_get_idx (got, i));
        }
        return found || json_object_array_length (got) == n ? found : path;
    }
    return json_object_equal (sent, got) ? NULL : path;
}

const char *
first_difference (struct hv_ctx *ctx, struct json_object *sent,
                  struct json_object *got)
{
    return difference (ctx, "", sent, got);
}

struct json_object *
find_by_id (struct json_object *array, const char *id)
{
    size_t n = json_object_is_type (array, json_type_array)
                   ? json_object_array_length (array)
                   : 0;

    for (size_t i = 0; i < n; i++) {
        struct json_object *o = json_object_array_get_idx (array, i);

        if (!strcmp (json_member_text (o, "id"), id)) {
            return o;
        }
    }
    return NULL;
}

/* Is each of the section's devices in the machine as in 'wanted', and no other?
 *  They are in the order in which they were added. */
static const char *
device_mismatch (struct hv_ctx *ctx, struct json_object *wanted,
                 struct json_object *config, const char *list)
{
    struct json_object *there = json_member (config, list, json_type_array);
    size_t n = json_object_array_length (wanted);
    size_t n_there = there ? json_object_array_length (there) : 0;

    for (size_t i = 0; i < n; i++) {
        struct json_object *o = json_object_array_get_idx (wanted, i);
        const char *id = json_member_text (o, "id"), *wrong;
        struct json_object *found = find_by_id (there, id);

        if (!found) {
            return hv_format (ctx, "it has no '%s'", id);
        }
        wrong = first_difference (ctx, o, found);
        if (wrong) {
            return hv_format (ctx, "'%s' of its '%s'", wrong, id);
        }
    }
    for (size_t i = 0; i < n_there; i++) {
        const char *id =
            json_member_text (json_object_array_get_idx (there, i), "id");

        if (!find_by_id (wanted, id)) {
            return hv_format (ctx, "it has '%.80s'", id);
        }
    }
    return NULL;
}

static const char *
devices_mismatch (struct hv_ctx *ctx, const struct hv_vm *vm,
                  struct json_object *config)
{
    struct json_object *disks = json_object_new_array ();
    struct json_object *nics = json_object_new_array ();
    const char *wrong;

    for (size_t i = 0; vm->disks && vm->disks[i]; i++) {
        json_object_array_add (disks, disk_config (ctx, vm->disks[i]));
    }
    for (size_t i = 0; vm->nics && vm->nics[i]; i++) {
        json_object_array_add (nics, net_config (ctx, vm->nics[i]));
    }
    wrong = device_mismatch (ctx, disks, config, "disks");
    wrong = wrong ? wrong : device_mismatch (ctx, nics, config, "net");
    json_object_put (disks);
    json_object_put (nics);
    return wrong;
}

/* The key's name is the release's. */
static bool
has_uuid (struct json_object *config, const char *uuid)
{
    struct json_object *o = json_member (config, "platform", json_type_object);

    return !strcmp (json_member_text (o, "system_uuid"), uuid)
           || !strcmp (json_member_text (o, "uuid"), uuid);
}

const char *
find_mismatch (struct hv_ctx *ctx, const struct hv_vm *vm,
               struct json_object *config)
{
    const struct growth none = { .limits = { vm->cpus, vm->memory } };
    struct json_object *wanted = vm_config (ctx, vm, &none, SYSTEM_UUID_MAJOR);
    struct json_object *o = json_member (config, "memory", json_type_object);
    uint64_t memory =
        json_member_size (o, "size") + json_member_size (o, "hotplugged_size");
    const char *wrong;

    json_object_object_del (json_member (wanted, "cpus", json_type_object),
                            "max_vcpus");
    json_object_object_del (wanted, "memory");
    json_object_object_del (wanted, "platform");
    json_object_object_del (wanted, "disks");
    wrong = first_difference (ctx, wanted, config);
    json_object_put (wanted);
    return wrong                          ? hv_format (ctx, "its '%s'", wrong)
           : memory != vm->memory         ? "its memory"
           : !has_uuid (config, vm->uuid) ? "its uuid"
                                          : devices_mismatch (ctx, vm, config);
}
