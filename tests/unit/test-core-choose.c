/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* One definition, several hypervisors: which one gets it, and what is said of
 * the others.  With the plugins as they were built; see test-support.c. */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/kit/core-world.h"
#include "common/cleanup.h"
#include "core/base/arena.h"
#include "core/base/vec.h"
#include "core/plan/plan-json.h"
#include "core/plan/plan-make.h"
#include "core/plan/plan.h"
#include "core/provider/hypervisor.h"
#include "core/provider/loaded.h"
#include "core/provider/loader.h"
#include "core/provider/services.h"
#include "core/provider/support.h"

static struct world w;

static const char *
build_path (const char *name)
{
    const char *build = getenv ("abs_top_builddir");

    return arena_format (&w.arena, "%s/tests/%s", build ? build : ".", name);
}

/* 'more' is added; 'ch' is the program of cloud-hypervisor. */
static void
open_host (const char *ch, const char *more)
{
    const char *conf =
        arena_format (&w.arena,
                      "%s%s"
                      "plugin qemu { program_x86_64 = \"/bin/true\" }\n"
                      "plugin cloud-hypervisor { program = \"%s\" }\n",
                      more, world_null_conf (&w), ch);

    if (world_open (&w, conf) < 0) {
        fail_msg ("%s", w.err.text);
    }
}

static int
begin (void **state)
{
    world_begin (&w);
    setenv ("HVCTL_BUILDDIR", getenv ("abs_top_builddir"), 1);
    world_plugin (&w, "null.so", "null.so");
    world_file (&w, "kernel", "kernel");
    return 0;
}

static int
end (void **state)
{
    world_end (&w);
    return 0;
}

static struct plan *
make (const char *text, enum plan_depth depth)
{
    struct definition *def = world_define (&w, "vm1", text);
    struct plan *plan = NULL;

    if (!def || plan_make (&w.h, def, depth, &plan, &w.err) < 0) {
        return NULL;
    }
    return plan;
}

static const char *
winner (const char *text)
{
    struct plan *plan = make (text, PLAN_FULL);

    if (!plan) {
        fail_msg ("%s", w.err.text);
    }
    return plan->hypervisor->name;
}

#define VM "memory = 256M\nkernel = ../kernel\nnic lan { network = null }\n"
#define SERVER build_path ("ch-server/ch-server")
#define CH_FIRST "hypervisors = { cloud-hypervisor, qemu }\n"

/* The first of the host's order that can do it all, and works here. */
static void
test_order (void **state)
{
    static const char *const only_qemu[] = {
        "machine = q35\n",
        "accelerator = tcg\n",
        "cpu = qemu64\n",
        "rng = no\n",
        "disk cd { cdrom = ../kernel }\n",
        "disk root {\n image = ../kernel\n format = raw\n boot = 1\n}\n",
        "nic net { network = user }\n",
        "nic net {\n network = null\n mtu = 9000\n}\n",
        "nic net {\n network = null\n boot = 1\n}\n",
    };

    open_host (SERVER, "");
    assert_string_equal (winner (VM), "qemu");
    open_host (SERVER, CH_FIRST);
    assert_string_equal (winner (VM), "cloud-hypervisor");
    assert_string_equal (winner (VM "hypervisor = qemu\n"), "qemu");
    assert_string_equal (winner (VM "hypervisor = auto\n"), "cloud-hypervisor");
    /* What is said, and is what there is anyway, is no hindrance. */
    assert_string_equal (winner (VM "rng = yes\ncpu = host\n"
                                    "accelerator = kvm\n"),
                         "cloud-hypervisor");
    for (size_t i = 0; i < ARRAY_SIZE (only_qemu); i++) {
        const char *text = arena_format (&w.arena, "%s%s", VM, only_qemu[i]);

        if (strcmp (winner (text), "qemu") != 0) {
            fail_msg ("cloud-hypervisor gets %s", only_qemu[i]);
        }
        assert_null (make (
            arena_format (&w.arena, "%shypervisor = cloud-hypervisor\n", text),
            PLAN_FULL));
    }
}

/* What is refused for one value is said with key, line and reason, too. */
static void
test_reasons (void **state)
{
    open_host (SERVER, "");
    assert_null (make (VM "hypervisor = cloud-hypervisor\n"
                          "accelerator = tcg\n"
                          "nic net {\n"
                          "    network = user\n"
                          "}\n",
                       PLAN_FULL));
    assert_contains (w.err.text,
                     "cloud-hypervisor does not support accelerator:tcg "
                     "(accelerator, ");
    assert_contains (w.err.text, "vm1.conf:5): kvm only; nic:");
    assert_contains (w.err.text, " (nic net: network, ");
    assert_contains (w.err.text, "vm1.conf:7): types bridge, macvtap, ovs: it "
                                 "has no user-mode network");
    /* Together with what is refused always. */
    assert_null (make (VM "hypervisor = cloud-hypervisor\n"
                          "accelerator = tcg\n"
                          "machine = q35\n",
                       PLAN_FULL));
    assert_contains (w.err.text, "vm1.conf:6: cloud-hypervisor refuses machine "
                                 "= q35: ");
    assert_contains (w.err.text,
                     "; cloud-hypervisor does not support accelerator:tcg "
                     "(accelerator, ");
    assert_lacks (w.err.text, "machine:q35");
}

static void
test_not_working (void **state)
{
    open_host ("/nonexistent/cloud-hypervisor", CH_FIRST);
    assert_string_equal (winner (VM), "qemu");
    /* The one that is preferred by the configuration, and not there. */
    open_host (SERVER, "hypervisors = { none-such, cloud-hypervisor }\n");
    assert_string_equal (winner (VM), "cloud-hypervisor");
}

static const char *
explain (const char *text)
{
    struct plan *plan = make (text, PLAN_RESOLVE);
    struct json_object *o;
    const char *copy;

    if (!plan) {
        fail_msg ("%s", w.err.text);
    }
    o = plan_json_explain (plan);
    copy = arena_dup (&w.arena, json_object_to_json_string_ext (
                                    o, JSON_C_TO_STRING_PLAIN
                                           | JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put (o);
    return copy;
}

/* "…,"file":"…/vm.d/vm1.conf","line":3}" */
static const char *
here (const char *before, int line, const char *behind)
{
    return arena_format (&w.arena, "%s\"file\":\"%s\",\"line\":%d}%s", before,
                         world_path (&w, "vm.d/vm1.conf"), line, behind);
}

/* Each requirement, and where it is from; what nobody wrote is none. */
static void
test_explain (void **state)
{
    const char *text;

    open_host (SERVER, CH_FIRST "defaults { accelerator = kvm }\n");
    text = explain ("memory = 256M\n"
                    "kernel = ../kernel\n"
                    "disk root {\n"
                    "    image = ../kernel\n"
                    "    format = raw\n"
                    "    readonly = yes\n"
                    "    boot = 1\n"
                    "}\n"
                    "nic lan {\n"
                    "    network = null\n"
                    "    queues = 2\n"
                    "}\n"
                    "cpus = 2\n"
                    "machine = q35\n"
                    "plugin qemu { hotplug = 2 }\n"
                    "plugin null { mode = obey }\n");
    assert_contains (text, "{\"need\":\"arch:x86_64\",\"from\":\"this "
                           "host\",\"file\":null,\"line\":null}");
    assert_contains (text, "{\"need\":\"accelerator:kvm\",\"from\":\"'defaults'"
                           " in hvctl.conf\",\"file\":null,\"line\":null}");
    assert_contains (
        text, here ("{\"need\":\"machine:q35\",\"from\":\"machine\",", 14, ""));
    assert_contains (text,
                     here ("{\"need\":\"kernel\",\"from\":\"kernel\",", 2, ""));
    assert_contains (
        text, here ("{\"need\":\"disk:raw\",\"from\":\"disk root\",", 5, ""));
    assert_contains (text, "\"need\":\"readonly\"");
    assert_contains (text, "\"need\":\"boot-order\"");
    assert_contains (
        text, here ("{\"need\":\"nic:tap\",\"from\":\"nic lan\",", 10, ""));
    assert_contains (
        text, here ("{\"need\":\"multiqueue\",\"from\":\"nic lan\",", 11, ""));
    assert_lacks (text, "\"need\":\"rng\"");
    /* All that stands in the way of the preferred one. */
    assert_contains (text, "vm1.conf:14: cloud-hypervisor refuses machine = "
                           "q35: it has only one machine type");
    assert_contains (text, "vm1.conf:7: cloud-hypervisor refuses disk root: "
                           "boot = 1: it has no boot order");
    assert_contains (text, "\"winner\":\"qemu\"");
    assert_contains (text,
                     here ("\"not_read\":[{\"section\":\"null\",", 16, "]"));
    text = explain (VM "rng = yes\n");
    assert_contains (text, here ("{\"need\":\"rng\",\"from\":\"rng\",", 4, ""));
}

/* ----------------------------------------------------------- The tables */

static const struct key_support *
find (const struct vec *keys, const char *key)
{
    for (size_t i = 0; i < keys->n; i++) {
        const struct key_support *k = keys->p[i];

        if (!strcmp (k->key, key)) {
            return k;
        }
    }
    return NULL;
}

static void
assert_support (const struct vec *keys, const char *key, const char *how,
                const char *text)
{
    const struct key_support *k = find (keys, key);

    assert_non_null (k);
    assert_string_equal (k->how, how);
    assert_string_equal (k->text ? k->text : "", text);
}

/* One without a table is judged by its capabilities. */
static void
test_without_table (void **state)
{
    struct hv_list have = { 0 };
    struct vec keys = { 0 }, none = { 0 }, blind = { 0 };
    struct plugin *p;

    open_host (SERVER, "");
    p = loader_find (&w.h, "null");
    assert_null (p->hypervisor.support);
    assert_int_equal (hypervisor_capabilities (p, "x86_64", &have, &w.err), 0);
    support_list (&w.h, p, &have, &keys);
    assert_support (&keys, "arch", "honoured", "x86_64");
    assert_support (&keys, "firmware", "honoured", "uefi, bios");
    assert_support (&keys, "kernel", "honoured", "");
    assert_support (&keys, "disk.boot", "honoured", "");
    assert_support (&keys, "secure_boot", "refused",
                    "it does not list the capability 'secure-boot'");
    assert_support (&keys, "disk.serial", "unstated", "");
    assert_support (&keys, "plugin.mode", "honoured",
                    "how the process behaves");
    /* Without any, all is refused; if they could not be had, nothing is
     * known. */
    have = (struct hv_list){ 0 };
    support_list (&w.h, p, &have, &none);
    assert_support (&none, "nic.network", "refused",
                    "it does not list the capability 'nic:'");
    support_list (&w.h, p, NULL, &blind);
    assert_support (&blind, "nic.network", "unstated", "");
    assert_support (&blind, "stop_timeout", "emulated",
                    "hvctl stop waits this long before it forces the VM off");
}

/* A line for a key that there is not, or two for one, would never be seen; and
 * what is refused always is not among the capabilities. */
static void
test_tables (void **state)
{
    static const struct {
        const char *key, *capability;
    } same[] = {
        { "secure_boot", "secure-boot" }, { "kernel", "kernel" },
        { "disk.cdrom", "cdrom" },        { "disk.readonly", "readonly" },
        { "disk.boot", "boot-order" },    { "nic.boot", "boot-order" },
        { "nic.queues", "multiqueue" },   { "nic.forward", "nic:user" },
    };
    static const char *const names[] = { "qemu", "cloud-hypervisor" };

    open_host (SERVER, "");
    for (size_t i = 0; i < ARRAY_SIZE (names); i++) {
        struct plugin *p = loader_find (&w.h, names[i]);
        struct hv_list have = { 0 };
        struct vec keys = { 0 };
        size_t lines = 0;

        support_list (&w.h, p, NULL, &keys);
        for (const struct hv_support *s = p->hypervisor.support; s->key; s++) {
            const struct key_support *k = find (&keys, s->key);

            lines++;
            /* It is this line that is found, not hvctl's nor another one. */
            if (!k || k->text != s->text
                || (s->how != HV_HONOURED && !k->text)) {
                fail_msg ("%s: %s", names[i], s->key);
            }
        }
        assert_true (lines > 20);
        assert_int_equal (hypervisor_capabilities (p, "x86_64", &have, &w.err),
                          0);
        for (size_t n = 0; n < ARRAY_SIZE (same); n++) {
            const struct key_support *k = find (&keys, same[n].key);
            bool has = false;

            for (size_t c = 0; c < have.entries.n; c++) {
                const struct list_entry *e = have.entries.p[c];

                has = has || !strcmp (e->name, same[n].capability);
            }
            if (has != !!strcmp (k->how, "refused")) {
                fail_msg ("%s: %s is %s, and its capabilities say otherwise",
                          names[i], k->key, k->how);
            }
        }
    }
}

#define CASE(test) cmocka_unit_test_setup_teardown (test, begin, end)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        CASE (test_order),  CASE (test_not_working),   CASE (test_explain),
        CASE (test_tables), CASE (test_without_table), CASE (test_reasons),
    };

#if !defined(__x86_64__)
    print_message ("cloud-hypervisor's server is for x86_64\n");
    return 77;
#endif
    return cmocka_run_group_tests (tests, NULL, NULL);
}
