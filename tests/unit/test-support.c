/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Every key of a definition with every hypervisor: it is changed alone, and
 * what the hypervisor would be told is compared with what it was told before:
 * the process that describe() asks for, those that serve its NICs, and all that
 * ready() and go() say.  Then that is compared with what the table says of the
 * key.  So no key is passed over in silence, and none is forgotten in a table.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/kit/support-diff.h"
#include "tests/kit/support-world.h"
#include "common/cleanup.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/iso9660.h"
#include "core/base/vec.h"
#include "core/config/definition.h"
#include "core/config/fleet.h"
#include "core/machine/seed-file.h"
#include "core/plan/plan-json.h"
#include "core/plan/plan-make.h"
#include "core/plan/plan.h"
#include "core/plan/resolve.h"
#include "core/provider/hypervisor.h"
#include "core/provider/loaded.h"
#include "core/provider/loader.h"
#include "core/provider/services.h"
#include "core/provider/storage.h"
#include "core/provider/support.h"

#define MAX_LINES 24

static struct world w;

/* What one definition leads to. */
struct outcome {
    const char *refused; /* Or null. */
    const char *told;    /* The process, and what it hears. */
    const char *plan;    /* All of it. */
    struct json_object *json;
    struct definition *def;
};

/* ------------------------------------------------------------- The world */

static const char *
build_path (const char *name)
{
    const char *build = getenv ("abs_top_builddir");

    return arena_format (&w.arena, "%s/tests/%s", build ? build : ".", name);
}

static void
copy_file (const char *from, const char *name)
{
    CLEANUP_FREE char *text = malloc (1 << 20);
    FILE *in = fopen (from, "rb");
    FILE *out = fopen (world_path (&w, name), "wb");
    size_t n;

    if (!in || !out || !text) {
        fail_msg ("%s cannot be copied", from);
    }
    n = fread (text, 1, 1 << 20, in);
    assert_int_equal (fwrite (text, 1, n, out), n);
    fclose (in);
    assert_int_equal (fclose (out), 0);
}

static void
make_sized (const char *name, off_t size)
{
    assert_int_equal (truncate (world_file (&w, name, ""), size), 0);
}

/* A qcow2 image of version 2 without anything in it: the header, a table of
 * one L1 entry, one refcount table (docs/interop/qcow2.txt of QEMU). */
static void
make_qcow2 (const char *name)
{
    static const unsigned char header[72] = {
        'Q', 'F', 'I', 0xfb, 0, 0,  0, 2, 0, 0, 0, 0,    0, 0, 0, 0, 0, 0,
        0,   0,   0,   0,    0, 16, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0,
        0,   0,   0,   1,    0, 0,  0, 0, 0, 1, 0, 0,    0, 0, 0, 0, 0, 2,
        0,   0,   0,   0,    0, 1,  0, 0, 0, 0, 0, 0,    0, 0, 0, 0, 0, 0,
    };
    const char *path = world_file (&w, name, "");
    FILE *f = fopen (path, "wb");

    assert_non_null (f);
    assert_int_equal (fwrite (header, 1, sizeof header, f), sizeof header);
    assert_int_equal (fclose (f), 0);
    assert_int_equal (truncate (path, 4 << 16), 0);
}

static void
make_firmware (void)
{
    static const char *const features[] = {
        "", "\"requires-smm\", \"secure-boot\", \"enrolled-keys\""
    };

    make_sized ("code.fd", 65536);
    make_sized ("vars.fd", 65536);
    for (int i = 0; i < 2; i++) {
        world_file (
            &w, i ? "firmware/1.json" : "firmware/0.json",
            arena_format (
                &w.arena,
                "{\"description\": \"x\", \"interface-types\": [\"uefi\"],"
                "\"mapping\": {\"device\": \"flash\", \"executable\":"
                "{\"filename\": \"%s/code.fd\", \"format\": \"raw\"},"
                "\"nvram-template\": {\"filename\": \"%s/vars.fd\","
                "\"format\": \"raw\"}}, \"targets\": [{\"architecture\":"
                "\"x86_64\", \"machines\": [\"pc-q35-*\", \"q35\"]}],"
                "\"features\": [%s], \"tags\": []}\n",
                w.dir, w.dir, features[i]));
    }
}

static void
make_seed (void)
{
    const struct iso9660_file none = { "meta-data", "", 0 };
    size_t size;
    const unsigned char *image =
        iso9660_make (&w.arena, "CIDATA", &none, 1, &size);
    FILE *f = fopen (world_path (&w, "seed.iso"), "wb");

    assert_non_null (f);
    assert_int_equal (fwrite (image, 1, size, f), size);
    assert_int_equal (fclose (f), 0);
    world_file (&w, "key.pub",
                "ssh-ed25519 "
                "AAAAC3NzaC1lZDI1NTE5AAAAIGq2sbBqhAyK0L8bUuWW2bD5x4Yc0G4vYtYV8n"
                "Gm0t3Q me@here\n");
    world_file (&w, "user-data", "#cloud-config\n{}\n");
    world_file (&w, "meta-data", "instance-id: one\n");
    world_file (&w, "network-config", "version: 2\n");
}

static const char *
configuration (void)
{
    return arena_format (&w.arena,
                         "%s"
                         "pool first { type = raw\n path = \"%s/first\" }\n"
                         "template three { cpus = 3 }\n"
                         "pool second { type = raw\n path = \"%s/second\" }\n"
                         "pool layers { type = qcow2\n path = \"%s/layers\" }\n"
                         "plugin qemu {\n"
                         "    program_x86_64 = \"/bin/true\"\n"
                         "    program_aarch64 = \"/bin/true\"\n"
                         "}\n"
                         "plugin cloud-hypervisor {\n"
                         "    program = \"%s\"\n"
                         "    firmware = \"%s\"\n"
                         "}\n"
                         "plugin firmware-qemu { path = \"%s/firmware\" }\n",
                         world_null_conf (&w), w.dir, w.dir, w.dir,
                         build_path ("ch-server/ch-server"),
                         build_path ("ch-guest.elf"), w.dir);
}

static int
begin (void **state)
{
    static const char *const dirs[] = { "first", "second", "layers",
                                        "firmware" };

    world_begin (&w);
    setenv ("HVCTL_BUILDDIR", getenv ("abs_top_builddir"), 1);
    for (size_t i = 0; i < ARRAY_SIZE (dirs); i++) {
        assert_int_equal (mkdir (world_path (&w, dirs[i]), 0755), 0);
    }
    world_plugin (&w, "null.so", "null.so");
    make_sized ("disk.raw", 1 << 20);
    make_sized ("other.raw", 1 << 20);
    make_qcow2 ("disk.qcow2");
    world_file (&w, "initrd", "initrd");
    copy_file (build_path ("ch-guest.elf"), "kernel");
    copy_file (build_path ("ch-guest.elf"), "other-kernel");
    make_firmware ();
    make_seed ();
    if (world_open (&w, configuration ()) < 0) {
        fail_msg ("%s", w.err.text);
    }
    loader_load (&w.h);
    return 0;
}

static int
end (void **state)
{
    world_end (&w);
    return 0;
}

/* ------------------------------------------------------- The definitions */

struct lines {
    const char *keys[MAX_LINES], *values[MAX_LINES];
    size_t n;
};

static void
set (struct lines *l, const char *key, const char *value)
{
    size_t i = 0;

    while (i < l->n && strcmp (l->keys[i], key) != 0) {
        i++;
    }
    assert_true (i < MAX_LINES);
    l->n += i == l->n;
    l->keys[i] = key;
    l->values[i] = value;
}

/* "KEY = VALUE" or "-KEY" */
static void
apply (struct lines *l, const char *setting)
{
    const char *equal = strstr (setting, " = ");

    if (*setting == '-') {
        set (l, setting + 1, NULL);
    } else {
        assert_non_null (equal);
        set (l, arena_dup_n (&w.arena, setting, (size_t)(equal - setting)),
             equal + 3);
    }
}

/* The settings of one section: those whose keys begin so; "" has no dot. */
static const char *
section (const struct lines *l, const char *prefix)
{
    const char *text = "";
    size_t len = strlen (prefix);

    for (size_t i = 0; i < l->n; i++) {
        const char *dot = strchr (l->keys[i], '.'), *value = l->values[i];

        if (!value || (len ? strncmp (l->keys[i], prefix, len) != 0 : !!dot)) {
            continue;
        }
        if (!strncmp (value, "$DIR", 4)) {
            value = arena_format (&w.arena, "\"%s%s\"", w.dir, value + 4);
        }
        text = arena_format (&w.arena, "%s%s = %s\n", text, l->keys[i] + len,
                             value);
    }
    return text;
}

static const char *
definition_of (const char *hypervisor, const struct sample *s,
               const char *value)
{
    struct lines l = { .n = 0 };
    const char *first;

    set (&l, "memory", "256M");
    set (&l, "cpus", "2");
    set (&l, "kernel", "$DIR/kernel");
    set (&l, "append", "wait");
    set (&l, "hypervisor", hypervisor);
    set (&l, "disk.image", "$DIR/disk.raw");
    set (&l, "disk.format", "raw");
    set (&l, "nic.network", "null");
    for (size_t i = 0; i < ARRAY_SIZE (s->with) && s->with[i]; i++) {
        apply (&l, s->with[i]);
    }
    if (value) {
        set (&l, s->key, value);
    }
    first = section (&l, "cloud_init.");
    return arena_format (
        &w.arena,
        "%sdisk root {\n%s}\nnic lan {\n%s}\n%s%s%splugin %s {\n%s}\n",
        section (&l, ""), section (&l, "disk."), section (&l, "nic."),
        *first ? "cloud_init {\n" : "", first, *first ? "}\n" : "", hypervisor,
        section (&l, "plugin."));
}

/* ---------------------------------------------------------- What follows */

static bool
storage_at_work (struct definition *def, bool make, struct error *err)
{
    for (size_t i = 0; i < def->disks.n; i++) {
        const struct disk_def *d = def->disks.p[i];
        struct hv_volume vol;
        struct plugin *p;
        int rc;

        if (resolve_volume (&w.h, d, &vol, err) < 0) {
            return false;
        }
        p = resolve_storage (&w.h, &vol, NULL, err);
        /* Only now: a plan that may change things would probe, too. */
        w.h.changes = true;
        rc = !p     ? -1
             : make ? storage_create (p, &vol, err)
                    : storage_destroy (p, &vol, err);
        w.h.changes = false;
        if (rc < 0) {
            return false;
        }
    }
    return true;
}

#ifdef hv_nic_fd
/* In the place of core/machine/start.c, which keeps the ports that the process
 * was not given. */
static void
hold_ports (const struct plan *plan, int fd)
{
    struct vec *all = arena_alloc (&w.h.arena, sizeof *all);

    for (size_t i = 0; i < plan->nics.n; i++) {
        const struct plan_nic *n = plan->nics.p[i];

        for (uint32_t q = 0; q < n->nic.queues; q++) {
            struct held_fd *held = arena_alloc (&w.h.arena, sizeof *held);

            held->nic = n->nic.name;
            held->queue = q;
            held->fd = fd;
            vec_add (&w.h.arena, all, held);
        }
    }
    plan->hypervisor->held = all;
}
#endif

/* All that ready() and go() say; null if they fail. */
static const char *
converse (struct plan *plan)
{
    static const char *const files[] = { "qmp.sock", "api.sock", "requests" };
    const struct peer *peer = peer_of (plan->hypervisor->name);
    struct error err = { 0 };
    CLEANUP_FREE char *heard = NULL;
    const char *copy;
    void *self;

    if (!peer) {
        return "";
    }
    assert_int_equal (file_make_dirs (plan->vm.rundir, 0755, &err), 0);
    for (size_t i = 0; i < ARRAY_SIZE (files); i++) {
        unlink (arena_format (&w.arena, "%s/%s", plan->vm.rundir, files[i]));
    }
    /* In the place of core/machine/start.c. */
    assert_int_equal (seed_file_write (&w.h, plan, &err), 0);
    self = peer->start (plan->vm.rundir);
#ifdef hv_nic_fd
    hold_ports (plan, STDIN_FILENO);
#endif
    if (hypervisor_ready (plan->hypervisor, &plan->vm, 5000, &err) < 0
        || hypervisor_go (plan->hypervisor, &plan->vm, &err) < 0) {
        heard = (peer->stop) (self); /* cmocka 2 has a macro stop(). */
        w.err = err;
        return NULL;
    }
    heard = (peer->stop) (self);
    assert_non_null (heard);
    copy = arena_dup (&w.arena, heard);
    return copy;
}

static const char *
text_of (struct json_object *o)
{
    return arena_dup (
        &w.arena, json_object_to_json_string_ext (o, JSON_C_TO_STRING_PLAIN));
}

/* The processes that are to be: the hypervisor's, and those that serve its
 * NICs, which may be who honours a key. */
static const char *
processes (struct json_object *plan)
{
    struct json_object *launch = NULL, *nics = NULL, *process;
    const char *text;

    json_object_object_get_ex (plan, "launch", &launch);
    json_object_object_get_ex (plan, "nics", &nics);
    text = text_of (launch);
    for (size_t i = 0; i < json_object_array_length (nics); i++) {
        if (json_object_object_get_ex (json_object_array_get_idx (nics, i),
                                       "process", &process)) {
            text = arena_format (&w.arena, "%s\n%s", text, text_of (process));
        }
    }
    return text;
}

static struct outcome
try (const char *text, bool make)
{
    struct outcome out = { 0 };
    struct definition *def = world_define (&w, "vm1", text);
    struct plan *plan = NULL;
    const char *heard = NULL;

    if (def && (!make || storage_at_work (def, true, &w.err))
        && plan_make (&w.h, def, PLAN_FULL, &plan, &w.err) == 0) {
        out.json = plan_json (&w.h, plan);
        out.def = def;
        out.plan = text_of (out.json);
        heard = converse (plan);
    }
    if (heard) {
        out.told =
            arena_format (&w.arena, "%s\n%s", processes (out.json), heard);
    } else {
        out.refused = arena_dup (&w.arena, w.err.text);
    }
    if (def && make) {
        struct error err = { 0 };

        storage_at_work (def, false, &err);
    }
    return out;
}

/* The part of a key that a person writes: "boot" of "disk.boot". */
static const char *
word (const char *key)
{
    const char *dot = strchr (key, '.');

    return dot ? dot + 1 : key;
}

/* Does the plan say that it has been so before: "cpu": "host"? */
static bool
is_so (const struct outcome *o, const char *key, const char *value)
{
    struct json_object *member = NULL;

    return o->json && json_object_object_get_ex (o->json, key, &member)
           && member && !strcmp (json_object_get_string (member), value);
}

/* ------------------------------------------------------------- The walk */

struct tally {
    unsigned honoured, refused, seen;
};

static void
judge (const struct plugin *p, const struct sample *s, const char *how,
       struct tally *tally)
{
    struct outcome base = try (definition_of (p->name, s, NULL), s->make);

    for (size_t i = 0; i < ARRAY_SIZE (s->values) && s->values[i]; i++) {
        const char *value = s->values[i];
        struct outcome o = try (definition_of (p->name, s, value), s->make);
        bool told = !o.refused && (base.refused || strcmp (o.told, base.told)),
             planned =
                 !o.refused && (base.refused || strcmp (o.plan, base.plan));

        tally->seen++;
        if (!o.refused && !base.refused) {
            support_diff (&w, s, value, base.json, o.json, o.def,
                          strcmp (o.told, base.told) != 0);
            support_diff_members (o.json);
        }
        if (o.refused) {
            tally->refused++;
            if (!strstr (o.refused, word (s->key))
                && !strstr (o.refused, value)) {
                fail_msg ("%s: %s = %s is refused, but not by name: %s",
                          p->name, s->key, value, o.refused);
            }
        } else if (!strcmp (how, "refused")) {
            fail_msg ("%s: %s = %s is refused, its table says, but is not",
                      p->name, s->key, value);
        } else if (s->about                    ? !planned && !told
                   : !strcmp (how, "emulated") ? planned
                                               : told) {
            tally->honoured++;
        } else if (is_so (&base, s->key, value)) {
            tally->honoured++;
        } else {
            fail_msg ("%s: %s = %s is %s, its table says, but nothing comes "
                      "of it, and nothing is said:\n%s",
                      p->name, s->key, value, how, o.told);
        }
        json_object_put (o.json);
    }
    json_object_put (base.json);
}

static void
walk_key (const struct plugin *p, const struct key_support *k)
{
    struct tally tally = { 0 };
    bool own = !strncmp (k->key, "plugin.", 7);

    /* No VM has them: a fleet's are planned one by one. */
    if (fleet_has_key (k->key)) {
        return;
    }
    for (size_t i = 0; i < n_samples; i++) {
        const struct sample *s = &samples[i];

        if (!strcmp (s->key, k->key)
            && (!own || !strcmp (s->hypervisor, p->name))) {
            judge (p, s, k->how, &tally);
        }
    }
    print_message ("%-18s %-24s %-9s %u honoured, %u refused\n", p->name,
                   k->key, k->how, tally.honoured, tally.refused);
    if (!tally.seen) {
        fail_msg ("%s: there are no values to try in tests/kit/support-keys.c",
                  k->key);
    }
    if (!strcmp (k->how, "unstated")) {
        fail_msg ("%s: its table does not say what becomes of '%s'", p->name,
                  k->key);
    }
    if (strcmp (k->how, "refused") != 0 && !tally.honoured) {
        fail_msg ("%s: %s is %s, its table says, but is refused", p->name,
                  k->key, k->how);
    }
    /* Limits have to be written down. */
    if (!strcmp (k->how, "honoured") && tally.refused && !k->text) {
        fail_msg ("%s: %s has limits that its table does not tell", p->name,
                  k->key);
    }
}

static void
test_walk (void **state)
{
    unsigned hypervisors = 0;

    for (size_t i = 0; i < w.h.plugins.n; i++) {
        const struct plugin *p = w.h.plugins.p[i];
        struct vec keys = { 0 };

        assert_null (p->broken);
        /* The null plugin has no table, as others may have none. */
        if (!p->has_hypervisor || !strcmp (p->name, "null")) {
            continue;
        }
        assert_non_null (p->hypervisor.support);
        support_list (&w.h, p, NULL, &keys);
        assert_true (keys.n > 30);
        for (size_t k = 0; k < keys.n; k++) {
            walk_key (p, keys.p[k]);
        }
        hypervisors++;
    }
    assert_true (hypervisors > 0);
}

static bool
is_installed (const char *program)
{
    const char *dir = getenv ("PATH");
    char path[4096];

    while (dir && *dir) {
        size_t len = strcspn (dir, ":");

        snprintf (path, sizeof path, "%.*s/%s", (int)len, dir, program);
        if (access (path, X_OK) == 0) {
            return true;
        }
        dir += len + (dir[len] == ':');
    }
    return false;
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_walk),
    };

#if !defined(__x86_64__)
    print_message ("the values are for x86_64\n");
    return 77;
#endif
    if (!is_installed ("qemu-img")) {
        print_message ("qemu-img is not installed\n");
        return 77;
    }
    return cmocka_run_group_tests (tests, begin, end);
}
