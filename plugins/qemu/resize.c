/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Resizes vCPUs and memory of a running guest.
 *
 * A machine is started with room for more: slots for 'max_cpus' vCPUs, which
 * are added as devices, and a virtio-mem device of 'max_memory' less 'memory',
 * of which the guest is given a part (qapi/machine.json and
 * hw/virtio/virtio-mem.c of QEMU).  The running QEMU is asked for its limits:
 * the definition may have changed since. */

#include "plugins/qemu/qemu.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/size.h"
#include "plugins/qemu/qmp.h"

#define MIB (1024 * 1024)
#define MAX_CPUS 288 /* Of q35; pc has fewer. */

/* virtio-mem's block, if pages are not larger: the size of a transparent
 * huge page. */
#define MEMORY_STEP (2 * MIB)

/* The time that the guest has to accept memory before hvctl stops waiting. */
#define GUEST_TAKES 5000

#define CPU_ID "cpu-"

/* ------------------------------------------------------------- The start */

int
check_limits (struct hv_ctx *ctx, const struct hv_vm *vm, enum family family)
{
    struct limits limits;

    read_limits (ctx, vm, &limits);
    if (limits.cpus == vm->cpus && limits.memory == vm->memory) {
        return 0;
    }
    if (family != FAMILY_Q35 && family != FAMILY_PC) {
        return hv_fail (ctx, ENOTSUP,
                        "max_cpus and max_memory are for machines q35 and pc: "
                        "others do not support hot-plugging");
    }
    if (limits.cpus < vm->cpus || limits.cpus > MAX_CPUS) {
        return hv_fail (ctx, EINVAL,
                        "max_cpus = %" PRIu32
                        " must be at least cpus = %" PRIu32 " and at most %d",
                        limits.cpus, vm->cpus, MAX_CPUS);
    }
    return check_memory_limit (ctx, vm, &limits, MEMORY_STEP);
}

void
add_more_memory (const struct args *a)
{
    struct json_object *device;
    struct limits limits;

    read_limits (a->ctx, a->vm, &limits);
    if (limits.memory <= a->vm->memory) {
        return;
    }
    hv_arg (a->ctx, a->out, "-object");
    hv_arg (a->ctx, a->out, "memory-backend-ram,id=more-memory,size=%" PRIu64,
            limits.memory - a->vm->memory);
    device = new_device (virtio_model (a, "mem"), MEMORY_ID);
    json_put_text (device, "memdev", "more-memory");
    json_put_number (device, "requested-size", 0);
    json_put_number (device, "block-size", MEMORY_STEP);
    place_virtio (a, device, 3, 1, 0, 1);
    add_json (a, "-device", device);
}

/* ------------------------------------------------------------ Processors */

/* Slots from "query-hotpluggable-cpus".  vCPUs that were present at the start
 * cannot be removed. */
struct cpus {
    struct json_object *list;
    size_t places, there;
};

static const char *
path_of (struct json_object *place)
{
    return json_member_text (place, "qom-path");
}

static int
query_cpus (struct plug *p, struct cpus *out)
{
    int rc =
        qmp_command (p->a.ctx, p->q, "query-hotpluggable-cpus", &out->list);
    size_t n = rc == 0 && json_object_is_type (out->list, json_type_array)
                   ? json_object_array_length (out->list)
                   : 0;

    out->places = n;
    for (size_t i = 0; i < n; i++) {
        out->there += *path_of (json_object_array_get_idx (out->list, i)) != 0;
    }
    return rc;
}

static int64_t
core_of (struct json_object *place)
{
    struct json_object *props = json_member (place, "props", json_type_object);
    struct json_object *core = json_member (props, "core-id", json_type_int);

    return core ? json_object_get_int64 (core) : -1;
}

/* Adds a vCPU in the slot, whose properties QEMU has reported. */
static int
add_cpu (struct plug *p, struct json_object *place)
{
    struct json_object *props = json_member (place, "props", json_type_object);
    struct json_object *device =
        new_device (json_member_text (place, "type"),
                    hv_format (p->a.ctx, CPU_ID "%" PRId64, core_of (place)));

    if (props) {
        json_object_object_foreach (props, key, value) {
            json_object_object_add (device, key, json_object_get (value));
        }
    }
    return plug_do (p, "device_add", device);
}

/* The free slot with the lowest number. */
static struct json_object *
next_free (const struct cpus *c, int64_t after)
{
    struct json_object *best = NULL;

    for (size_t i = 0; i < c->places; i++) {
        struct json_object *place = json_object_array_get_idx (c->list, i);

        if (!*path_of (place) && core_of (place) > after
            && (!best || core_of (place) < core_of (best))) {
            best = place;
        }
    }
    return best;
}

/* The added vCPU with the highest number. */
static struct json_object *
last_plugged (const struct cpus *c, int64_t before)
{
    struct json_object *best = NULL;

    for (size_t i = 0; i < c->places; i++) {
        struct json_object *place = json_object_array_get_idx (c->list, i);

        if (!strncmp (path_of (place), PERIPHERAL CPU_ID,
                      strlen (PERIPHERAL CPU_ID))
            && core_of (place) < before
            && (!best || core_of (place) > core_of (best))) {
            best = place;
        }
    }
    return best;
}

static int
more_cpus (struct plug *p, const struct cpus *c, size_t wanted)
{
    int64_t last = -1;
    int rc = 0;

    for (size_t n = c->there; rc == 0 && n < wanted; n++) {
        struct json_object *place = next_free (c, last);

        if (!place) {
            return hv_fail (
                p->a.ctx, EPROTO,
                "QEMU reports slots for vCPUs that it does not have");
        }
        last = core_of (place);
        rc = add_cpu (p, place);
    }
    return rc;
}

static int
fewer_cpus (struct plug *p, const struct cpus *c, size_t wanted)
{
    int64_t last = INT64_MAX;
    int rc = 0;

    for (size_t n = c->there; rc == 0 && n > wanted; n--) {
        /* check_cpus() has counted them. */
        last = core_of (last_plugged (c, last));
        rc = plug_take_out (p, hv_format (p->a.ctx, CPU_ID "%" PRId64, last));
    }
    return rc;
}

static int
check_cpus (struct plug *p, const struct cpus *c, size_t wanted)
{
    size_t plugged = 0;

    if (wanted > c->places) {
        return hv_fail (p->a.ctx, ENOTSUP,
                        "it was started for at most %zu vCPUs: set 'max_cpus' "
                        "in its section 'plugin qemu'",
                        c->places);
    }
    for (int64_t at = INT64_MAX; last_plugged (c, at); plugged++) {
        at = core_of (last_plugged (c, at));
    }
    return c->there > wanted && c->there - wanted > plugged
               ? hv_fail (p->a.ctx, ENOTSUP,
                          "it was started with %zu vCPUs, and only vCPUs added "
                          "since can be removed",
                          c->there - plugged)
               : 0;
}

/* ---------------------------------------------------------------- Memory */

struct memory {
    uint64_t base; /* The size at the start. */
    uint64_t room; /* The maximum that can be added. */
};

static int
query_memory (struct plug *p, struct memory *out)
{
    struct json_object *sizes = NULL, *list = NULL;
    int rc = qmp_command (p->a.ctx, p->q, "query-memory-size-summary", &sizes);

    if (rc == 0) {
        rc = qmp_command (p->a.ctx, p->q, "query-memory-devices", &list);
    }
    out->base = json_member_size (sizes, "base-memory");
    for (size_t i = 0; rc == 0 && json_object_is_type (list, json_type_array)
                       && i < json_object_array_length (list);
         i++) {
        struct json_object *data = json_member (
            json_object_array_get_idx (list, i), "data", json_type_object);

        if (!strcmp (json_member_text (data, "id"), MEMORY_ID)) {
            out->room = json_member_size (data, "max-size");
        }
    }
    json_object_put (sizes);
    json_object_put (list);
    return rc;
}

static int
check_memory (struct plug *p, const struct memory *m, uint64_t wanted)
{
    char least[32], most[32];

    format_size (m->base, least, sizeof least);
    format_size (m->base + m->room, most, sizeof most);
    if (wanted < m->base) {
        return hv_fail (
            p->a.ctx, ENOTSUP,
            "it was started with %s of memory, and cannot have less", least);
    }
    if (wanted > m->base + m->room) {
        return hv_fail (p->a.ctx, ENOTSUP,
                        "it was started for at most %s of memory: set "
                        "'max_memory' in its section 'plugin qemu'",
                        most);
    }
    return (wanted - m->base) % MEMORY_STEP
               ? hv_fail (p->a.ctx, ENOTSUP,
                          "memory comes in steps of 2M from %s on", least)
               : 0;
}

static int
memory_size (struct plug *p, uint64_t *out)
{
    struct json_object *value = NULL;
    int rc = plug_get (p, MEMORY_PATH, "size", &value);

    *out = rc == 0 && json_object_is_type (value, json_type_int)
               ? (uint64_t)json_object_get_int64 (value)
               : 0;
    json_object_put (value);
    return rc;
}

/* The guest adds and removes memory block by block, if it has the driver, and
 * cannot be forced to. */
static int
await_memory (struct plug *p, const struct memory *m, uint64_t wanted)
{
    char is[32], text[32];
    uint64_t now = 0;
    int rc = memory_size (p, &now);

    for (int waited = 0; rc == 0 && now != wanted && waited < GUEST_TAKES
                         && hv_remaining (p->a.ctx) > 500;
         waited += 20) {
        poll (NULL, 0, 20);
        rc = memory_size (p, &now);
    }
    if (rc == 0 && now != wanted) {
        hv_log (p->a.ctx, HV_WARNING,
                "the machine has %s of memory, not yet %s: the guest is still "
                "adapting, or has no driver for virtio-mem",
                format_size (m->base + now, is, sizeof is),
                format_size (m->base + wanted, text, sizeof text));
    }
    return rc;
}

static int
set_memory (struct plug *p, const struct memory *m, uint64_t wanted)
{
    struct json_object *arguments;
    int rc;

    if (m->room == 0) {
        return 0; /* check_memory() has found that nothing changes. */
    }
    arguments = one_string ("path", MEMORY_PATH);
    json_put_text (arguments, "property", "requested-size");
    json_put_number (arguments, "value", (int64_t)(wanted - m->base));
    rc = qmp_execute (p->a.ctx, p->q, "qom-set", arguments, -1, NULL);
    return rc < 0 ? rc : await_memory (p, m, wanted - m->base);
}

/* ------------------------------------------------------------------ Both */

static int
change (struct plug *p, const struct cpus *c, uint32_t cpus,
        const struct memory *m, uint64_t memory)
{
    int rc = 0;

    if (cpus) {
        rc = cpus > c->there ? more_cpus (p, c, cpus) : fewer_cpus (p, c, cpus);
    }
    return rc == 0 && memory ? set_memory (p, m, memory) : rc;
}

/* What the running QEMU has, as far as it is to be changed. */
static int
query (struct plug *p, uint32_t cpus, struct cpus *c, uint64_t memory,
       struct memory *m)
{
    int rc = 0;

    if (cpus) {
        rc = query_cpus (p, c);
        rc = rc < 0 ? rc : check_cpus (p, c, cpus);
    }
    if (rc == 0 && memory) {
        rc = query_memory (p, m);
        rc = rc < 0 ? rc : check_memory (p, m, memory);
    }
    return rc;
}

int
plug_check_size (struct plug *p, uint32_t cpus, uint64_t memory)
{
    struct memory m = { 0 };
    struct cpus c = { 0 };
    int rc = query (p, cpus, &c, memory, &m);

    json_object_put (c.list);
    return rc;
}

int
qemu_resize (struct hv_ctx *ctx, const struct hv_vm *vm, uint32_t cpus,
             uint64_t memory)
{
    struct memory m = { 0 };
    struct cpus c = { 0 };
    struct plug p;
    int rc = plug_open (ctx, vm, &p);

    if (rc == 0) {
        rc = query (&p, cpus, &c, memory, &m);
    }
    if (rc == 0) {
        rc = change (&p, &c, cpus, &m, memory);
    }
    json_object_put (c.list);
    plug_close (&p);
    return rc;
}
