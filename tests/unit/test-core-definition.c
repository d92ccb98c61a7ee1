/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Definitions: every key, what is refused, what two must not share, and the
 * identifiers that are made from names. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/kit/core-world.h"
#include "common/cleanup.h"
#include "common/mac.h"
#include "tests/kit/range.h"
#include "core/base/arena.h"
#include "core/base/name.h"
#include "core/base/vec.h"
#include "core/config/clash.h"
#include "core/config/definition-find.h"
#include "core/config/host.h"
#include "core/config/keys.h"
#include "core/config/problem.h"

#define SERIAL_37 "0123456789012345678901234567890123456"

static struct world w;

static int
begin (void **state)
{
    world_begin (&w);
    return world_open (&w, "");
}

static int
end (void **state)
{
    world_end (&w);
    return 0;
}

static struct definition *
load (const char *text)
{
    struct definition *def = world_define (&w, "vm1", text);

    if (!def) {
        fail_msg ("%s: %s", text, w.err.text);
    }
    return def;
}

static void
refused (const char *text, const char *reason)
{
    if (world_define (&w, "vm1", text)) {
        fail_msg ("taken: %s", text);
    }
    assert_int_equal (exit_code_of (&w.err), EXIT_CONFIG);
    assert_contains (w.err.text, reason);
    assert_contains (w.err.text, "vm.d/vm1.conf:");
}

static void
test_defaults (void **state)
{
    const struct definition *def = load ("memory = 1G\n");

    assert_string_equal (def->name, "vm1");
    assert_int_equal (def->memory, UINT64_C (1) << 30);
    assert_int_equal (def->cpus, 1);
    assert_string_equal (def->arch, name_host_arch ());
    assert_string_equal (def->hypervisor, "auto");
    assert_string_equal (def->accelerator, "auto");
    assert_null (def->machine);
    assert_null (def->cpu);
    assert_null (def->firmware);
    assert_null (def->kernel);
    assert_true (def->rng);
    assert_false (def->secure_boot);
    assert_int_equal (def->stop_timeout, 60000);
    assert_int_equal (def->disks.n, 0);
    assert_int_equal (def->nics.n, 0);
    assert_int_equal (strlen (def->uuid), 36);
}

static void
test_host_defaults (void **state)
{
    const struct definition *def;

    assert_int_equal (world_open (&w, "defaults {\n  hypervisor = null\n"
                                      "  accelerator = tcg\n"
                                      "  machine = q35\n"
                                      "  stop_timeout = 5s\n}\n"),
                      0);
    def = load ("memory = 1G\n");
    assert_string_equal (def->hypervisor, "null");
    assert_string_equal (def->accelerator, "tcg");
    assert_string_equal (def->machine, "q35");
    assert_int_equal (def->stop_timeout, 5000);
    def = load ("memory = 1G\nhypervisor = auto\nmachine = pc\n"
                "accelerator = kvm\nstop_timeout = 1m\n");
    assert_string_equal (def->hypervisor, "auto");
    assert_string_equal (def->accelerator, "kvm");
    assert_string_equal (def->machine, "pc");
    assert_int_equal (def->stop_timeout, 60000);
}

static void
test_vm_keys (void **state)
{
    const struct definition *def =
        load ("uuid = 01234567-89ab-4cde-8f01-23456789abcd\n"
              "memory = 512M\ncpus = 4\narch = aarch64\n"
              "hypervisor = qemu\nmachine = virt\naccelerator = tcg\n"
              "cpu = max\nkernel = /boot/k\ninitrd = /boot/i\n"
              "append = \"console=ttyS0 quiet\"\nrng = no\n"
              "stop_timeout = 90s\n");

    assert_string_equal (def->uuid, "01234567-89ab-4cde-8f01-23456789abcd");
    assert_int_equal (def->memory, 512 << 20);
    assert_int_equal (def->cpus, 4);
    assert_string_equal (def->arch, "aarch64");
    assert_string_equal (def->hypervisor, "qemu");
    assert_string_equal (def->machine, "virt");
    assert_string_equal (def->accelerator, "tcg");
    assert_string_equal (def->cpu, "max");
    assert_string_equal (def->kernel, "/boot/k");
    assert_string_equal (def->initrd, "/boot/i");
    assert_string_equal (def->append, "console=ttyS0 quiet");
    assert_false (def->rng);
    assert_int_equal (def->stop_timeout, 90000);
    def = load ("memory = 1G\nfirmware = uefi\nsecure_boot = yes\n");
    assert_string_equal (def->firmware, "uefi");
    assert_true (def->secure_boot);
}

static void
test_disk_keys (void **state)
{
    const struct definition *def =
        load ("memory = 1G\n"
              "disk a { }\n"
              "disk b { pool = fast volume = other size = 10G boot = 1\n"
              "    serial = \"01234567890123456789\" backing = /b\n"
              "    backing_format = raw readonly = yes }\n"
              "disk c { image = /dev/sdz format = raw }\n"
              "disk d { cdrom = /x.iso }\n");
    const struct disk_def *a = def->disks.p[0], *b = def->disks.p[1],
                          *c = def->disks.p[2], *d = def->disks.p[3];

    assert_int_equal (def->disks.n, 4);
    assert_string_equal (a->pool, "default");
    assert_string_equal (a->volume, "vm1-a");
    assert_int_equal (a->size, 0);
    assert_false (a->readonly);
    assert_string_equal (b->pool, "fast");
    assert_string_equal (b->volume, "other");
    assert_int_equal (b->size, UINT64_C (10) << 30);
    assert_int_equal (b->boot, 1);
    assert_string_equal (b->serial, "01234567890123456789");
    assert_string_equal (b->backing, "/b");
    assert_string_equal (b->backing_format, "raw");
    assert_true (b->readonly);
    assert_string_equal (c->image, "/dev/sdz");
    assert_null (c->pool);
    assert_null (c->volume);
    assert_true (d->cdrom);
    assert_true (d->readonly);
    assert_string_equal (d->format, "raw");
}

static void
test_nic_keys (void **state)
{
    const struct definition *def =
        load ("memory = 1G\n"
              "nic lan { network = br mac = \"52:54:00:00:00:01\"\n"
              "    queues = 4 mtu = 9000 boot = 2 }\n"
              "nic out { forward = \"tcp:127.0.0.1:2222:22\" }\n");
    const struct nic_def *lan = def->nics.p[0], *out = def->nics.p[1];
    char text[MAC_TEXT];

    assert_string_equal (lan->network, "br");
    assert_string_equal (format_mac (lan->mac, text), "52:54:00:00:00:01");
    assert_int_equal (lan->queues, 4);
    assert_int_equal (lan->mtu, 9000);
    assert_int_equal (lan->boot, 2);
    assert_string_equal (lan->ifname, "vm1-lan");
    assert_string_equal (out->network, "user");
    assert_int_equal (out->queues, 1);
    assert_int_equal (out->mtu, 0);
    assert_string_equal (out->forward, "tcp:127.0.0.1:2222:22");
    assert_true (mac_is_unicast (out->mac));
}

static void
test_relative_paths (void **state)
{
    const struct definition *def =
        load ("memory = 1G\nkernel = k\ninitrd = ../i\n"
              "disk a { image = img/a.raw format = raw }\n"
              "disk b { backing = b.qcow2 backing_format = qcow2 }\n"
              "disk c { cdrom = c.iso }\n");
    const struct disk_def *a = def->disks.p[0], *b = def->disks.p[1],
                          *c = def->disks.p[2];

    assert_string_equal (def->kernel, world_path (&w, "vm.d/k"));
    assert_string_equal (def->initrd, world_path (&w, "vm.d/../i"));
    assert_string_equal (a->image, world_path (&w, "vm.d/img/a.raw"));
    assert_string_equal (b->backing, world_path (&w, "vm.d/b.qcow2"));
    assert_string_equal (c->image, world_path (&w, "vm.d/c.iso"));
}

#define VM "memory = 1G\n"

static void
test_refused (void **state)
{
    static const struct {
        const char *text, *reason;
    } cases[] = {
        { "", "'memory' is missing" },
        { "memory = 512\n", "less than 1M" },
        { "memory = 0\n", "less than 1M" },
        { "memory = lots\n", "is not a size" },
        { VM "cpus = 0\n", "vm1.conf:2: cpus must be" },
        { VM "cpus = 4097\n", "cpus must be" },
        { VM "cpus = 4294967297\n", "cpus must be" },
        { VM "cpus = 1.5\n", "is not a whole number" },
        { VM "cpus = -1\n", "cpus must be from 1 to 4096, not -1" },
        { VM "accelerator = kwm\n", "did you mean 'kvm'?" },
        { VM "firmware = efi\n", "did you mean 'uefi'" },
        { VM "uuid = 1234\n", "vm1.conf:2: uuid" },
        { VM "uuid = ------------------------------------\n", "uuid" },
        { VM "uuid = 0123456789ab-4cde-8f01-23456789abcd-\n", "uuid" },
        { VM "initrd = /i\n", "vm1.conf:2: 'initrd' and 'append'" },
        { VM "append = x\n", "vm1.conf:2: 'initrd' and 'append'" },
        { VM "kernel = /k\nfirmware = uefi\n", "'firmware' and 'kernel'" },
        { VM "secure_boot = yes\n", "secure_boot needs" },
        { VM "secure_boot = yes\nfirmware = bios\n", "secure_boot needs" },
        { VM "stop_timeout = soon\n", "is not a duration" },
        { VM "cpu = \"\"\n", "is empty" },
        { VM "disk a { image = /x }\n", "'format' of the image is missing" },
        { VM "disk a { image = /x cdrom = /y }\n",
          "'image' and 'cdrom' exclude each other" },
        { VM "disk a { image = /x format = raw size = 1G }\n",
          "an image is used in place" },
        { VM "disk a { image = /x format = raw volume = v }\n",
          "an image is used in place" },
        { VM "disk a { backing = /x }\n", "must be set together" },
        { VM "disk a { backing_format = raw }\n", "must be set together" },
        { VM "disk a { serial = \"" SERIAL_37 "\" }\n", "at most 20 bytes" },
        { VM "disk a { wwn = \"0x4525400908FE6258\" }\n", "is not a WWN" },
        { VM "disk a { wwn = \"0x5525400908FE625\" }\n", "is not a WWN" },
        { VM "identity = machine\n",
          "vm1.conf:2: identity = machine is not known: did you mean "
          "'machina'?" },
        { VM "identity = foo\n",
          "identity = foo is not known: it is one of hvctl, machina" },
        { VM "nic a { queues = -1 }\n", "queues must be from 1 to 64, not -1" },
        { VM "nic a { mtu = 67 }\n",
          "mtu must be from 68 to 65535, or 0, not 67" },
        { VM "disk a { boot = 99999999999999999999999 }\n",
          "boot must be from 1 to 1000, or 0: not bootable, not 9" },
        { VM "identity = balena\nnic a { }\n", "set identity_base" },
        { VM "identity = balena\nidentity_base = host\n", "is not a MAC" },
        { VM "identity_base = \"02:42:ac:11:00:02\"\n",
          "identity_base is for identity = balena" },
        { VM "identity = address\nnic a { }\n",
          "vm1.conf:3: nic a: identity = address derives the MAC address" },
        { VM "identity = address\nnic a { address = 300.1.1.1 }\n",
          "is not the IPv4 address of a host" },
        { VM "identity = address\nnic a { address = 224.0.0.1 }\n",
          "is not the IPv4 address of a host" },
        { VM "identity = address\nnic a { address = 192.0.2.3 "
             "mac = \"52:54:00:00:00:01\" }\n",
          "'address' has no effect beside 'mac'" },
        { VM "nic a { address = 192.0.2.3 }\n",
          "vm1.conf:2: nic a: address is what identity = address derives" },
        { VM "identity = virshle\nnic a { }\nnic b { }\n",
          "vm1.conf:4: MAC de:b3:35:c5:11:0f is used twice" },
        { VM "identity = virshle\nnic a { }\nnic b { }\n",
          "(it is derived: set 'mac' here)" },
        { VM "disk a { serial = x }\ndisk b { serial = x }\n",
          "vm1.conf:3: serial number x is used twice" },
        { VM "disk a { serial = \"a\nb\" }\n", "serial" },
        { VM "disk a { boot = 4294967296 }\n", "boot" },
        { VM "disk a { readonly = maybe }\n", "is not yes or no" },
        { VM "disk a { sise = 1G }\n", "did you mean 'size'" },
        { VM "disk \"a,b\" { }\n", "may contain only" },
        { VM "disk \"\" { }\n", "must begin" },
        { VM "disk a { format = raw }\n", "format" },
        { VM "nic a { mac = 52 }\n", "is not a MAC" },
        { VM "nic a { mac = \"53:54:00:00:00:01\" }\n", "vm1.conf:2: mac" },
        { VM "nic a { mac = \"00:00:00:00:00:00\" }\n", "vm1.conf:2: mac" },
        { VM "nic a { queues = 0 }\n", "queues must be" },
        { VM "nic a { queues = 65 }\n", "queues must be" },
        { VM "nic a { queues = 4294967297 }\n", "queues must be" },
        { VM "nic a { mtu = 67 }\n", "mtu must be" },
        { VM "nic a { mtu = 65536 }\n", "mtu must be" },
        { VM "nic a { mtu = 4294967296 }\n", "mtu must be" },
        { VM "nic a { boot = 4294967297 }\n", "boot" },
        { VM "nic a { }\nnic a { }\n", "vm1.conf:3: " },
        { VM "disk a { volume = x }\ndisk b { volume = x }\n", "vm1.conf:3: " },
        { VM "nic a { mac = \"52:54:00:00:00:01\" }\n"
             "nic b { mac = \"52:54:00:00:00:01\" }\n",
          "vm1.conf:3: MAC 52:54:00:00:00:01 is used twice" },
        { VM "disc a { }\n", "did you mean 'disk'" },
        { VM "defaults { machine = pc }\n", "vm1.conf:2: " },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        refused (cases[i].text, cases[i].reason);
    }
}

static void
test_all_at_once (void **state)
{
    refused ("memry = 1G\n"
             "cpus = 0\n"
             "firmware = efi\n"
             "disk a {\n"
             "    sise = 1G\n"
             "    serial = \"" SERIAL_37 "\"\n"
             "}\n"
             "nic lan {\n"
             "    queues = 99\n"
             "}\n",
             ":1: unknown key 'memry': did you mean 'memory'?");
    assert_contains (w.err.text, ":2: cpus");
    assert_contains (w.err.text, ":3: firmware");
    assert_contains (w.err.text, ":5: unknown key 'sise' in disk a: did you "
                                 "mean 'size'?");
    assert_contains (w.err.text, ":6: disk a: a serial");
    assert_contains (w.err.text, ":9: queues");
    assert_contains (w.err.text, "'memory' is missing");
}

static void
test_not_found (void **state)
{
    struct definition *def;

    assert_true (definition_load (&w.h, "none", &def, &w.err) < 0);
    assert_int_equal (exit_code_of (&w.err), EXIT_NOT_FOUND);
    assert_contains (w.err.text, "there is no VM 'none'");
    assert_contains (w.err.text, "vm.d/none.conf");
}

static void
test_names (void **state)
{
    static const char *const good[] = { "a", "0", "vm1", "A.b-c_d", "9lives" };
    static const char *const bad[] = {
        "",     "-x",  ".x",   "_x",  "a b",  "a,b",      "a/b",
        "../x", "a\n", "a\tb", "a=b", "a\"b", "\xc3\xa4", "a\x7f",
        "a:b",  "a*",  "a\\b", "a'b", "a%s",  "$x",       "a;b",
    };
    char name[65];

    for (size_t i = 0; i < ARRAY_SIZE (good); i++) {
        assert_int_equal (name_validate ("VM", good[i], &w.err), 0);
    }
    for (size_t i = 0; i < ARRAY_SIZE (bad); i++) {
        if (name_validate ("VM", bad[i], &w.err) == 0) {
            fail_msg ("'%s' is taken", bad[i]);
        }
        assert_int_equal (exit_code_of (&w.err), EXIT_USAGE);
    }
    memset (name, 'x', sizeof name);
    name[63] = '\0';
    assert_int_equal (name_validate ("VM", name, &w.err), 0);
    name[63] = 'x';
    name[64] = '\0';
    assert_true (name_validate ("VM", name, &w.err) < 0);
    assert_contains (w.err.text, "64 characters; at most 63 are allowed");
}

static void
test_names_listed (void **state)
{
    struct vec names = { 0 };

    world_file (&w, "vm.d/b.conf", "");
    world_file (&w, "vm.d/a.conf", "");
    world_file (&w, "vm.d/.hidden.conf", "");
    world_file (&w, "vm.d/c.conf~", "");
    world_file (&w, "vm.d/d", "");
    world_file (&w, "vm.d/.conf", "");
    assert_int_equal (definition_names (&w.h, &names, &w.err), 0);
    assert_int_equal (names.n, 2);
    assert_string_equal (names.p[0], "a");
    assert_string_equal (names.p[1], "b");
    w.h.host->vm_dir = world_path (&w, "no-such-dir");
    names.n = 0;
    assert_int_equal (definition_names (&w.h, &names, &w.err), 0);
    assert_int_equal (names.n, 0);
}

/* What is shared by two. */
static void
test_clash (void **state)
{
    struct problems p = { .arena = &w.h.arena };
    struct definition *defs[4];

    defs[0] = world_define (&w, "a",
                            VM "nic x { mac = \"52:54:00:00:00:0a\""
                               " }\ndisk r { volume = shared }\n"
                               "disk i { image = /i format = raw "
                               "readonly = yes }\n");
    defs[1] = world_define (&w, "b",
                            VM "\nnic x { mac = \"52-54-00-00-00-0A\""
                               " }\n");
    defs[2] = world_define (&w, "c",
                            VM "disk r {\n  volume = shared\n}\n"
                               "disk i { image = /i format = raw "
                               "readonly = yes }\n");
    defs[3] = world_define (&w, "d",
                            VM "uuid = 01234567-89ab-4cde-8f01-"
                               "23456789abcd\n");
    for (size_t i = 0; i < 4; i++) {
        assert_non_null (defs[i]);
    }
    clash_definitions (defs, 4, &p);
    assert_int_equal (p.lines.n, 2);
    problem_fail (&p, &w.err);
    assert_contains (w.err.text, "b.conf:3: MAC 52:54:00:00:00:0a is used "
                                 "twice: also by a at ");
    assert_contains (w.err.text, "a.conf:2");
    assert_contains (w.err.text, "c.conf:3: volume default/shared is used "
                                 "twice: also by a at ");
    /* Case does not make another UUID. */
    defs[0] = world_define (&w, "e",
                            VM "uuid = 01234567-89AB-4CDE-8F01-"
                               "23456789ABCD\n");
    defs[1] = defs[3];
    assert_non_null (defs[0]);
    p.lines.n = 0;
    clash_definitions (defs, 2, &p);
    assert_int_equal (p.lines.n, 1);
}

/* These are on disks of users: they must never change. */
static void
test_derived_stay (void **state)
{
    uint8_t mac[6];
    char text[MAC_TEXT];

    assert_string_equal (name_uuid (&w.arena, "vm1"),
                         "d9b335c5-110f-8acc-833b-122d44734f48");
    name_mac (name_uuid (&w.arena, "vm1"), "lan", mac);
    assert_string_equal (format_mac (mac, text), "52:54:00:4f:2a:cf");
    name_mac (name_uuid (&w.arena, "vm1"), "wan", mac);
    assert_string_equal (format_mac (mac, text), "52:54:00:0d:0b:71");
    assert_string_equal (name_ifname (&w.arena, "vm1", "lan"), "vm1-lan");
    assert_string_equal (name_ifname (&w.arena, "a-rather-long-name", "lan"),
                         "a-rath-f772069b");
}

/* RFC 9562: version 8, variant 10. */
static void
test_derived_uuid (void **state)
{
    for (int i = 0; i < 1000; i++) {
        const char *u =
            name_uuid (&w.arena, arena_format (&w.arena, "vm%d", i));

        assert_int_equal (strlen (u), 36);
        assert_int_equal (u[8], '-');
        assert_int_equal (u[13], '-');
        assert_int_equal (u[14], '8');
        assert_int_equal (u[18], '-');
        assert_non_null (strchr ("89ab", u[19]));
        assert_int_equal (u[23], '-');
    }
}

static int
compare (const void *a, const void *b)
{
    return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static void
test_ifname_unique (void **state)
{
    static const char *const pairs[][2] = {
        { "a-b", "c" },     { "a", "b-c" },     { "abcdef", "01234567" },
        { "web-1", "lan" }, { "web", "1-lan" },
    };
    struct vec all = { 0 };
    static char vm[64], nic[64];

    memset (vm, 'v', 60);
    memset (nic, 'n', 60);
    for (int i = 0; i < 50; i++) {
        snprintf (vm + 60, 4, "%d", i);
        for (int k = 0; k < 50; k++) {
            snprintf (nic + 60, 4, "%d", k);
            vec_add (&w.arena, &all, name_ifname (&w.arena, vm, nic));
        }
    }
    for (size_t i = 0; i < ARRAY_SIZE (pairs); i++) {
        vec_add (&w.arena, &all,
                 name_ifname (&w.arena, pairs[i][0], pairs[i][1]));
    }
    qsort (all.p, all.n, sizeof *all.p, compare);
    for (size_t i = 0; i < all.n; i++) {
        const char *name = all.p[i];

        assert_between (strlen (name), 1, 15);
        assert_null (strpbrk (name, "/: \n"));
        if (i && !strcmp (name, all.p[i - 1])) {
            fail_msg ("%s is the name of two", name);
        }
    }
}

#define CASE(test) cmocka_unit_test_setup_teardown (test, begin, end)

/* A section that there is not hides nothing, before it or behind it. */
static void
test_unknown_section (void **state)
{
    assert_null (world_define (&w, "vm1",
                               "memry = 1G\nmachine = q35\n"
                               "disks root {\n"
                               "    size = { 1, 2 }\n"
                               "    inner { a = 1 }\n"
                               "}\n"
                               "cpus = many\n"
                               "'graphics' {\n"
                               "    port = \"}\"\n"
                               "}\n"
                               "nic lan { que = 1 }\n"
                               "rng = perhaps\n"
                               "machine = pc\n"));
    assert_contains (w.err.text, "vm1.conf:1: unknown key 'memry'");
    assert_contains (w.err.text, "vm1.conf:3: a section 'disks' is not allowed "
                                 "here: did you mean 'disk'?");
    assert_contains (w.err.text, "vm1.conf:7: cpus = \"many\"");
    assert_contains (w.err.text,
                     "vm1.conf:8: a section 'graphics' is not allowed here");
    assert_contains (w.err.text, "vm1.conf:11: unknown key 'que' in nic lan");
    assert_contains (w.err.text, "vm1.conf:12: rng = \"perhaps\"");
    assert_contains (w.err.text, "vm1.conf:13: 'machine' is set twice");
    assert_contains (w.err.text, "'memory' is missing");
    assert_lacks (w.err.text, "equal sign");
    assert_lacks (w.err.text, "inner");
}

/* What libconfuse finds is said with what, where, and in which section. */
static void
test_syntax (void **state)
{
    static const char *const wrong[][2] = {
        { VM "disk root {\nsize = 1G\n",
          "conf:2: unterminated section disk root: '}' is missing" },
        { VM "disk root {\nsize = 1G\nnic lan { }\n",
          "conf:4: 'nic' is not followed by '=' and a value (in disk root, "
          "which begins in line 2); if it is a section, the one before it "
          "lacks its '}'" },
        { VM "disk root {\nsize = \"1G\n}\ncpus = 1\n",
          "conf:3: the quote \" is not closed before the end of the file (in "
          "disk root, which begins in line 2)" },
        { VM "kernel = 'abc\n", "conf:2: the quote ' is not closed" },
        { VM "kernel = \"a\\", "conf:2: the quote \" is not closed" },
        { VM "cpus = \n\n", "conf:2: 'cpus' has no value" },
        { VM "cpus =", "conf:2: 'cpus' has no value" },
        { VM "cpus\n\n", "conf:2: 'cpus' is followed by neither" },
        { VM "cpus = 1 2\n", "conf:2: '2' is followed by neither" },
        { VM "disk root\n", "conf:2: 'disk' is followed by neither" },
        { VM "cpus 1\n", "conf:2: 'cpus' is not followed by '='" },
        { VM "cpus = 1 }\n", "conf:2: '}' is not expected here" },
        { VM "cpus = {1}\n", "conf:2: '{' is not expected here" },
        { VM "cpus += 1\n", "conf:2: 'cpus' is not a list" },
        { VM "disk { }\n", "conf:2: a section 'disk' needs a name" },
        { VM "disk a size = 1G\n", "conf:2: the '{' of section 'disk'" },
        { VM "disk a b { }\n", "conf:2: the '{' of section 'disk'" },
        { VM "kernel = \"\\777\"\n", "conf:2: '\\777' is not a valid" },
        { VM "= 5\n", "conf:2: '=' is not expected here" },
        { VM "disk a {\n, }\n",
          "conf:3: ',' is not expected here (in disk a, which begins in line "
          "2)" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE (wrong); i++) {
        refused (wrong[i][0], wrong[i][1]);
        assert_lacks (w.err.text, "premature");
        assert_lacks (w.err.text, "token");
        assert_lacks (w.err.text, "option");
    }
}

/* ------------------------------------------------------------ Pairs of keys */

/* A value for each key, other than its default. */
static const struct sample {
    const char *key, *value;
} samples[] = {
    { "pool", "fast" },
    { "volume", "v" },
    { "size", "3G" },
    { "image", "/i" },
    { "cdrom", "/c" },
    { "format", "qcow2" },
    { "backing", "/b" },
    { "backing_format", "raw" },
    { "readonly", "yes" },
    { "boot", "7" },
    { "serial", "s" },
    { "wwn", "0x5525400908FE6258" },
    { "network", "lan" },
    { "mac", "52:54:00:1:2:3" },
    { "address", "192.0.2.3" },
    { "queues", "3" },
    { "mtu", "1400" },
    { "forward", "tcp:127.0.0.1:2222:22" },
    { "memory", "7M" },
    { "cpus", "5" },
    { "arch", "riscv64" },
    { "hypervisor", "h" },
    { "machine", "m" },
    { "accelerator", "tcg" },
    { "cpu", "c" },
    { "firmware", "uefi" },
    { "secure_boot", "yes" },
    { "kernel", "/k" },
    { "initrd", "/r" },
    { "append", "a" },
    { "rng", "no" },
    { "agent", "yes" },
    { "stop_timeout", "9s" },
    { "description", "d" },
    { "autostart", "yes" },
    { "start_order", "3" },
    { "start_delay", "4s" },
    { "uuid", "01234567-89ab-cdef-0123-456789abcdef" },
    { "identity", "balena" },
    { "identity_base", "02:42:ac:11:00:02" },
    { "templates", "t" },
    { "count", "2" }, /* Both are refused: they define no VM. */
    { "first", "3" },
};

static const char *
sample_of (const char *key)
{
    for (size_t i = 0; i < ARRAY_SIZE (samples); i++) {
        if (!strcmp (samples[i].key, key)) {
            return samples[i].value;
        }
    }
    fail_msg ("a sample value is missing: %s", key);
    return NULL;
}

#define TEXT(field) (field) ? (field) : "-"

/* Everything that a definition says, or null if it is refused. */
static const char *
meaning (const char *text)
{
    const struct definition *def = world_define (&w, "vm1", text);
    struct arena *a = &w.h.arena;
    const char *out;

    if (!def) {
        return NULL;
    }
    out = arena_format (
        a, "%s %s %s %llu %u %s %s %s %s %s %s %s %s %s %d %d %d %lld",
        def->uuid, def->identity.scheme, TEXT (def->identity.base),
        (unsigned long long)def->memory, def->cpus, TEXT (def->arch),
        TEXT (def->hypervisor), TEXT (def->machine), TEXT (def->accelerator),
        TEXT (def->cpu), TEXT (def->kernel), TEXT (def->initrd),
        TEXT (def->append), TEXT (def->firmware), def->secure_boot, def->rng,
        def->agent, (long long)def->stop_timeout);
    out = arena_format (a, "%s %s %d %u %lld", out, TEXT (def->description),
                        def->autostart, def->start_order,
                        (long long)def->start_delay);
    for (size_t i = 0; i < def->disks.n; i++) {
        const struct disk_def *d = def->disks.p[i];

        out = arena_format (
            a, "%s; %s %s %s %s %llu %s %s %d %d %u %s %llx", out,
            TEXT (d->pool), TEXT (d->volume), TEXT (d->image), TEXT (d->format),
            (unsigned long long)d->size, TEXT (d->backing),
            TEXT (d->backing_format), d->readonly, d->cdrom, d->boot,
            TEXT (d->serial), (unsigned long long)d->wwn);
    }
    for (size_t i = 0; i < def->nics.n; i++) {
        const struct nic_def *n = def->nics.p[i];
        char mac[MAC_TEXT];

        out = arena_format (a, "%s; %s %s %u %u %u %s", out, n->network,
                            format_mac (n->mac, mac), n->queues, n->mtu,
                            n->boot, TEXT (n->forward));
    }
    return out;
}

static const char *
with_keys (const char *kind, const struct hv_key *k, const struct hv_key *j)
{
    struct arena *a = &w.h.arena;
    const char *keys =
        arena_format (a, "%s = \"%s\"\n", k->name, sample_of (k->name));

    if (j) {
        keys = arena_format (a, "%s%s = \"%s\"\n", keys, j->name,
                             sample_of (j->name));
    }
    return kind ? arena_format (a, VM "%s x {\n%s}\n", kind, keys)
           : strstr (keys, "memory") ? keys
                                     : arena_format (a, VM "%s", keys);
}

/* They say the same. */
static bool
agree (const char *a, const char *b)
{
    return !strcmp (a, "cdrom") && !strcmp (b, "readonly");
}

static void
try_pairs (const char *kind, const struct hv_key *keys)
{
    for (const struct hv_key *k = keys; k->name; k++) {
        for (const struct hv_key *j = k + 1; j->name; j++) {
            const char *both = meaning (with_keys (kind, k, j));
            const char *one = meaning (with_keys (kind, k, NULL));
            const char *other = meaning (with_keys (kind, j, NULL));

            if (both && one && !strcmp (both, one)
                && !agree (k->name, j->name)) {
                fail_msg ("%s: '%s' has no effect beside '%s'",
                          kind ? kind : "VM", j->name, k->name);
            }
            if (both && other && !strcmp (both, other)) {
                fail_msg ("%s: '%s' has no effect beside '%s'",
                          kind ? kind : "VM", k->name, j->name);
            }
        }
    }
}

/* Of two keys, both have an effect, or they are refused together. */
static void
test_pairs (void **state)
{
    (void)state;
    assert_int_equal (
        world_open (&w, "template t { disk of_t { size = 1G } }\n"), 0);
    try_pairs (NULL, vm_keys);
    try_pairs ("disk", disk_keys);
    try_pairs ("nic", nic_keys);
    refused (VM "disk x { image = /i format = raw pool = p }\n",
             "'pool' has no effect");
    refused (VM "disk x { cdrom = /i pool = default }\n",
             "'pool' has no effect");
    refused (VM "disk x { cdrom = /i readonly = no }\n", "is always read-only");
    load (VM "disk x { cdrom = /i readonly = yes }\n");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        CASE (test_defaults),      CASE (test_host_defaults),
        CASE (test_vm_keys),       CASE (test_disk_keys),
        CASE (test_nic_keys),      CASE (test_relative_paths),
        CASE (test_refused),       CASE (test_all_at_once),
        CASE (test_not_found),     CASE (test_names),
        CASE (test_names_listed),  CASE (test_clash),
        CASE (test_derived_stay),  CASE (test_derived_uuid),
        CASE (test_ifname_unique), CASE (test_unknown_section),
        CASE (test_pairs),         CASE (test_syntax),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
