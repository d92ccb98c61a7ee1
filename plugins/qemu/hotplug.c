/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Hot-plugging: where devices go, and how the guest is made to release them.
 *
 * The running QEMU is asked for its features, not the definition, which may
 * have changed since: whether there are ports, and whether pci.0 has a hot-plug
 * handler. */

#include "plugins/qemu/qemu.h"

#include <errno.h>
#include <string.h>

#include "plugins/qemu/qmp.h"

/* A booting guest misses the first request; QEMU drops an ignored one after
 * five seconds (hw/pci/pcie.c). */
#define ASK_AGAIN 6000
#define PCI_0 "/machine/i440fx/pci.0"
#define PC_HANDLER "PIIX4_PM"
#define PC_HOTPLUG "acpi-root-pci-hotplug"

int
plug_open (struct hv_ctx *ctx, const struct hv_vm *vm, struct plug *p)
{
    *p = (struct plug){ .a = { .ctx = ctx, .vm = vm } };
    p->a.family = machine_family (vm->arch, vm->machine ? vm->machine : "");
    if (p->a.family == FAMILY_OTHER || p->a.family == FAMILY_MICROVM) {
        return hv_fail (ctx, ENOTSUP,
                        "machine %s has no bus that supports hot-plugging",
                        vm->machine ? vm->machine : "?");
    }
    return qemu_connect (ctx, vm, &p->q);
}

void
plug_close (struct plug *p)
{
    qmp_close (p->q);
}

struct json_object *
one_string (const char *key, const char *value)
{
    struct json_object *o = json_object_new_object ();

    json_put_text (o, key, value);
    return o;
}

int
plug_do (struct plug *p, const char *command, struct json_object *arguments)
{
    return qmp_execute (p->a.ctx, p->q, command, arguments, -1, NULL);
}

int
plug_get (struct plug *p, const char *path, const char *property,
          struct json_object **out)
{
    struct json_object *arguments = one_string ("path", path);

    json_put_text (arguments, "property", property);
    return qmp_execute (p->a.ctx, p->q, "qom-get", arguments, -1, out);
}

int
plug_add_fd (struct plug *p, int fd, int64_t *set)
{
    struct json_object *arguments = json_object_new_object (), *result = NULL;
    struct json_object *id;
    int rc;

    if (*set >= 0) {
        json_put_number (arguments, "fdset-id", *set);
    }
    rc = qmp_execute (p->a.ctx, p->q, "add-fd", arguments, fd, &result);
    id = json_member (result, "fdset-id", json_type_int);
    if (rc == 0 && !id) {
        rc = hv_fail (p->a.ctx, EPROTO, "QEMU's reply to 'add-fd' has no set");
    }
    if (rc == 0) {
        *set = json_object_get_int64 (id);
    }
    json_object_put (result);
    return rc;
}

void
plug_remove_set (struct plug *p, int64_t set)
{
    struct json_object *arguments = json_object_new_object ();

    json_put_number (arguments, "fdset-id", set);
    plug_do (p, "remove-fd", arguments);
}

/* Reads one that is a string. */
static int
get_string (struct plug *p, const char *path, const char *property,
            const char **out)
{
    struct json_object *value = NULL;
    int rc = plug_get (p, path, property, &value);

    if (rc == 0) {
        *out = hv_format (p->a.ctx, "%.200s",
                          json_object_is_type (value, json_type_string)
                              ? json_object_get_string (value)
                              : "");
    }
    json_object_put (value);
    return rc;
}

/* Lists the properties of an object (qapi/qom.json: ObjectPropertyInfo). */
static int
list_object (struct plug *p, const char *path, struct json_object **list,
             size_t *n)
{
    int rc = qmp_execute (p->a.ctx, p->q, "qom-list", one_string ("path", path),
                          -1, list);

    *n = json_array_size (*list);
    return rc;
}

int
plug_has (struct plug *p, const char *id, bool *has)
{
    struct json_object *list = NULL;
    size_t n;
    int rc = list_object (p, PERIPHERALS, &list, &n);

    *has = false;
    for (size_t i = 0; i < n; i++) {
        *has |= !strcmp (
            json_member_text (json_object_array_get_idx (list, i), "name"), id);
    }
    json_object_put (list);
    return rc;
}

/* Is a device on the bus of this port?  Devices are its children "child[0]"
 * (hw/core/qdev.c). */
static int
port_is_free (struct plug *p, unsigned int i, bool *is_free)
{
    const char *path = hv_format (
        p->a.ctx, PERIPHERAL HOTPLUG_PORT "%u/" HOTPLUG_PORT "%u", i, i);
    struct json_object *list = NULL;
    size_t n;
    int rc = list_object (p, path, &list, &n);

    *is_free = true;
    for (size_t k = 0; k < n; k++) {
        struct json_object *o = json_object_array_get_idx (list, k);

        *is_free &= strncmp (json_member_text (o, "name"), "child[", 6) != 0;
    }
    json_object_put (list);
    return rc;
}

static int
started_without (struct plug *p)
{
    return hv_fail (p->a.ctx, ENOTSUP,
                    "it was started with '" HOTPLUG_KEY
                    " = 0' in the VM's section 'plugin qemu', or without disks "
                    "and NICs, so it has no port for hot-plugging");
}

/* Are there ports, and a free one, after as many others as 'skip' says?  The
 * list of existing ports is read first: QEMU is not asked about others. */
static int
find_port (struct plug *p, int skip, const char **bus)
{
    struct hv_ctx *ctx = p->a.ctx;
    unsigned int i = 0;

    for (; i < MAX_PORTS; i++) {
        bool there = false, is_free = false;
        int rc = plug_has (p, hv_format (ctx, HOTPLUG_PORT "%u", i), &there);

        if (rc == 0 && !there) {
            break;
        }
        rc = rc < 0 ? rc : port_is_free (p, i, &is_free);
        if (rc < 0) {
            return rc;
        }
        if (is_free && skip-- <= 0) {
            *bus = hv_format (ctx, HOTPLUG_PORT "%u", i);
            return 0;
        }
    }
    if (i > 0 && skip < 0) {
        *bus = ""; /* A change before this one frees a port. */
        return 0;
    }
    return i == 0 ? started_without (p)
           : i < MAX_PORTS
               ? hv_fail (
                   ctx, ENOTSUP,
                   "all %u ports for hot-plugging are in use: set '" HOTPLUG_KEY
                   "' in the VM's section 'plugin qemu' to a higher number",
                   i)
               : hv_fail (ctx, ENOTSUP,
                          "all %d ports for hot-plugging are in use",
                          MAX_PORTS);
}

/* Returns the path of the PC's power management, which handles hot-plugging;
 * null if it is not found. */
static int
find_pc_handler (struct plug *p, const char **path)
{
    struct json_object *list = NULL;
    size_t n;
    int rc = list_object (p, PCI_0, &list, &n);

    *path = NULL;
    for (size_t i = 0; i < n; i++) {
        struct json_object *o = json_object_array_get_idx (list, i);

        if (!strcmp (json_member_text (o, "type"), "link<" PC_HANDLER ">")) {
            *path = hv_format (p->a.ctx, PCI_0 "/%.40s",
                               json_member_text (o, "name"));
        }
    }
    json_object_put (list);
    return rc;
}

/* On the bus of a PC everything can be plugged in, unless 'hotplug = 0' has
 * switched that off.  What the bus says of a handler does not tell: from QEMU
 * 8 on it has one in any case. */
static int
check_pc_bus (struct plug *p)
{
    struct json_object *on = NULL;
    const char *path;
    int rc = find_pc_handler (p, &path);

    if (rc == 0 && path) {
        rc = plug_get (p, path, PC_HOTPLUG, &on);
    }
    if (rc == 0 && json_object_is_type (on, json_type_boolean)
        && !json_object_get_boolean (on)) {
        rc = started_without (p);
    }
    json_object_put (on);
    return rc;
}

int
plug_find_bus (struct plug *p, int skip, const char **bus)
{
    if (p->a.family == FAMILY_PC) {
        *bus = "pci.0";
        return check_pc_bus (p);
    }
    return find_port (p, skip, bus);
}

int
plug_add (struct plug *p, const char *bus, struct json_object *device)
{
    json_put_text (device, "bus", bus);
    if (p->a.family != FAMILY_PC) {
        json_put_text (device, "disable-legacy", "on");
    }
    return plug_do (p, "device_add", device);
}

/* A guest ejects a whole slot (hw/acpi/pcihp.c): a device that shares its slot
 * must stay.  The address is 8 * slot + function. */
static int
check_slot (struct plug *p, const char *path)
{
    struct json_object *address = NULL, *shares = NULL;
    int rc = plug_get (p, path, "addr", &address);

    if (rc == 0) {
        rc = plug_get (p, path, "multifunction", &shares);
    }
    if (rc == 0
        && (!json_object_is_type (address, json_type_int)
            || json_object_get_int (address) % 8
            || json_object_get_boolean (shares))) {
        rc = hv_fail (p->a.ctx, ENOTSUP,
                      "it shares its slot with other devices, which would be "
                      "unplugged, too");
    }
    json_object_put (address);
    json_object_put (shares);
    return rc;
}

/* In QEMU 6.2 a device of -device with JSON could not be removed, because of a
 * leaked reference (qapi/qdev.json: json-cli-hotplug). */
static int
check_unplug (struct plug *p, const char *path)
{
    struct json_object *later = NULL;
    const char *can = NULL;
    int rc = plug_get (p, path, "hotplugged", &later);

    if (rc == 0 && !json_object_get_boolean (later)) {
        rc = ask_schema (p->a.ctx, p->q, &can);
        if (rc == 0 && !qemu_can (can, CAN_JSON_UNPLUG)) {
            rc = hv_fail (p->a.ctx, ENOTSUP,
                          "this QEMU cannot unplug devices that were present "
                          "at the start: 7.0 or newer can");
        }
    }
    json_object_put (later);
    return rc;
}

/* Does the device's place support unplugging? */
static int
check_place (struct plug *p, const char *id)
{
    const char *path = hv_format (p->a.ctx, PERIPHERAL "%s", id), *bus = "";
    int rc = get_string (p, path, "parent_bus", &bus);
    const char *name;

    if (rc < 0) {
        return rc;
    }
    name = strrchr (bus, '/') ? strrchr (bus, '/') + 1 : bus;
    if (!strncmp (name, HOTPLUG_PORT, strlen (HOTPLUG_PORT))) {
        return 0;
    }
    if (p->a.family == FAMILY_PC && !strcmp (name, "pci.0")) {
        rc = check_pc_bus (p);
        rc = rc < 0 ? rc : check_slot (p, path);
        return rc < 0 ? rc : check_unplug (p, path);
    }
    return hv_fail (
        p->a.ctx, ENOTSUP,
        "the device was present at the start, and a machine of this type can "
        "unplug only devices that were attached while it was running");
}

/* QEMU's refusal is quoted, not interpreted. */
static int
timed_out (struct plug *p, const char *refusal)
{
    return hv_fail (p->a.ctx, ETIMEDOUT,
                    "the guest does not release it: no operating system runs "
                    "that can, or the device is busy; it may still do so "
                    "later, so try again, or stop the VM%s%s%s",
                    *refusal ? " (QEMU: " : "", refusal, *refusal ? ")" : "");
}

/* Can the device be removed at all? */
static int
check_can_go (struct plug *p, const char *id)
{
    struct json_object *can = NULL;
    int rc = plug_get (p, hv_format (p->a.ctx, PERIPHERAL "%s", id),
                       "hotpluggable", &can);

    if (rc == 0 && json_object_is_type (can, json_type_boolean)
        && !json_object_get_boolean (can)) {
        rc = hv_fail (p->a.ctx, ENOTSUP,
                      "QEMU's device of this type cannot be unplugged, or not "
                      "from where it is");
    }
    json_object_put (can);
    return rc;
}

int
plug_can_remove (struct plug *p, const char *id)
{
    bool there = false;
    int rc = plug_has (p, id, &there);

    if (rc < 0 || !there) {
        return rc;
    }
    rc = check_place (p, id);
    return rc < 0 ? rc : check_can_go (p, id);
}

int
plug_remove (struct plug *p, const char *id)
{
    int rc = check_place (p, id);

    return rc < 0 ? rc : plug_take_out (p, id);
}

/* QEMU refuses while an earlier request is pending, and while the guest is busy
 * with its slot, and has no error class for that.  So a refusal is retried:
 * permanent reasons have been checked before. */
int
plug_take_out (struct plug *p, const char *id)
{
    struct hv_ctx *ctx = p->a.ctx;
    const char *refusal = "";
    int rc = check_can_go (p, id);

    qmp_watch (ctx, p->q, id);
    /* Some time must remain to clean up, and to report the failure. */
    while (rc == 0 && hv_remaining (ctx) > 500) {
        int64_t left = hv_remaining (ctx) - 500;

        rc = plug_do (p, "device_del", one_string ("id", id));
        if (rc < 0 && rc != -EIO) {
            break;
        }
        refusal = rc < 0 ? qmp_refusal (p->q) : "";
        rc = qmp_wait_gone (ctx, p->q, left < ASK_AGAIN ? left : ASK_AGAIN);
        if (rc > 0) {
            return 0;
        }
    }
    return rc == -ENODEV ? 0 : rc < 0 ? rc : timed_out (p, refusal);
}
