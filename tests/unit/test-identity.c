/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Identifiers that are derived: those of machina, balenaVirt, virshle and
 * 5gdeploy, to the byte, as their own programs printed them; and that VMs keep
 * what they had before there were schemes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/kit/core-world.h"
#include "common/cleanup.h"
#include "common/mac.h"
#include "tests/kit/range.h"
#include "core/base/arena.h"
#include "core/base/digest.h"
#include "core/base/name.h"
#include "core/base/vec.h"
#include "core/config/clash.h"
#include "core/config/identity.h"
#include "core/config/problem.h"

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
define (const char *vm, const char *text)
{
    struct definition *def =
        world_define (&w, vm, arena_format (&w.arena, "memory = 1G\n%s", text));

    if (!def) {
        fail_msg ("%s: %s", text, w.err.text);
    }
    return def;
}

static void
assert_mac (const struct definition *def, const char *nic, const char *expected)
{
    const struct nic_def *n = definition_nic (def, nic);
    char text[MAC_TEXT];

    assert_non_null (n);
    assert_string_equal (format_mac (n->mac, text), expected);
}

/* ------------------------------------------------------------- Hashes */

static const char *
hex (const uint8_t *bytes, size_t n)
{
    const char *text = "";

    for (size_t i = 0; i < n; i++) {
        text = arena_format (&w.arena, "%s%02x", text, bytes[i]);
    }
    return text;
}

/* FIPS 180-4 and FIPS 202, in one piece and in several; more bytes than one
 * block has. */
static void
test_digests (void **state)
{
    const struct digest_part empty = { "", 0 };
    const struct digest_part abc[] = { { "a", 1 }, { "", 0 }, { "bc", 2 } };
    uint8_t out[200], more[32];
    const char *why;

    assert_int_equal (digest_shake128 (&empty, 1, out, 32, &why), 0);
    assert_string_equal (hex (out, 32), "7f9c2ba4e88f827d616045507605853e"
                                        "d73b8093f6efbc88eb1a6eacfa66ef26");
    assert_int_equal (digest_shake128 (abc, 3, out, 200, &why), 0);
    assert_string_equal (hex (out, 16), "5881092dd818bf5cf8a3ddb793fbcba7");
    assert_int_equal (digest_shake128 (abc, 3, more, 32, &why), 0);
    assert_memory_equal (out, more, 32);
    assert_int_equal (digest_sha256 (abc, 3, more, &why), 0);
    assert_string_equal (hex (more, 32), "ba7816bf8f01cfea414140de5dae2223"
                                         "b00361a396177a9cb410ff61f20015ad");
}

/* ------------------------------------------------------------- machina */

#define MACHINA_UUID "uuid = 8b18191a-234f-45ce-b43c-b46e28cd2f70\n"

static const struct machina {
    const char *vm;
    const char *nics[2][2];
    const char *disks[3][3]; /* Name, WWN, serial number. */
    const char *device[3];   /* Class, name, UUID. */
} machina[] = {
    { "test-vm",
      { { "0", "52:54:00:26:77:fa" } },
      { { "os", "0x5525400908FE6258", "9IQ4PUV68QOCNS2C75OKUS04I4" },
        { "virtio-win-latest", "0x5525400982DB87CE",
          "JAVJJVPOOPTIV73ONECE40VFD4" },
        { "win10", "0x5525400F7C2ED5D0", "0V17D9DH4EVT9SFOCV9CFTR0BK" } },
      { "cad-standard", "vgpu", "3e2cee4d-1002-4989-af98-3e03b8ad3197" } },
    { "vm1",
      { { "0", "52:54:00:22:5e:2c" }, { "lan", "52:54:00:7f:4e:52" } },
      { { "os", "0x552540079CF32314", "2QF9515UN6M8D358QG5G34IGQO" },
        { "data", "0x5525400A0B8B1D45", "FHR1V7NET9SC4S4CSVTUIQQBP4" } },
      { "cad-standard", "vgpu", "72cef397-3dc1-4ff7-978d-1fc58f1662b4" } },
};

static void
check_disks (const struct machina *m)
{
    for (size_t i = 0; i < ARRAY_SIZE (m->disks) && m->disks[i][0]; i++) {
        const char *const *d = m->disks[i];
        const struct definition *def = define (
            m->vm, arena_format (&w.arena,
                                 MACHINA_UUID "identity = machina\n"
                                              "disk %s { cdrom = /os.iso }\n"
                                              "disk x { volume = v }\n",
                                 d[0]));
        const struct disk_def *disk = definition_disk (def, d[0]);
        char text[WWN_TEXT];

        assert_string_equal (identity_format_wwn (disk->wwn, text), d[1]);
        /* What a virtio-blk disk shows of machina's. */
        assert_int_equal (strlen (disk->serial), 20);
        assert_memory_equal (disk->serial, d[2], 20);
        /* A virtio-blk disk has no WWN. */
        disk = definition_disk (def, "x");
        assert_int_equal (disk->wwn, 0);
        assert_int_equal (strlen (disk->serial), 20);
    }
}

static void
test_machina (void **state)
{
    for (size_t i = 0; i < ARRAY_SIZE (machina); i++) {
        const struct machina *m = &machina[i];
        const struct definition *def;
        const char *uuid;

        for (size_t k = 0; k < 2 && m->nics[k][0]; k++) {
            def =
                define (m->vm, arena_format (&w.arena,
                                             MACHINA_UUID "identity = machina\n"
                                                          "nic %s { }\n",
                                             m->nics[k][0]));
            assert_mac (def, m->nics[k][0], m->nics[k][1]);
            assert_null (identity_device (&w.arena, &def->identity,
                                          m->device[0], m->device[1], &uuid));
            assert_string_equal (uuid, m->device[2]);
        }
        check_disks (m);
    }
}

/* ------------------------------------------------------------- The others */

#define BALENA "identity = balena\nidentity_base = \"02:42:ac:11:00:02\"\n"

static void
test_balena (void **state)
{
    static const char *const ends[] = { "b9:57:b8", "e4:35:1f", "69:7c:10",
                                        "ac:aa:a5", "2f:77:bd" };

    for (int i = 0; i < 5; i++) {
        const char *mac = arena_format (&w.arena, "52:54:00:%s", ends[i]);

        assert_mac (define (arena_format (&w.arena, "standard-%d", i),
                            "identity = balena\n"
                            "identity_base = \"02-42-AC-11-00-02\"\n"
                            "nic eth0 { }\n"),
                    "eth0", mac);
    }
    /* A guest without a number is the first one. */
    assert_mac (define ("guest", BALENA "nic eth0 { }\n"), "eth0",
                "52:54:00:b9:57:b8");
}

static void
test_virshle (void **state)
{
    static const char *const cases[][2] = {
        { "c37b3266-9c59-42bb-8ecf-bdd643236a78", "ce:7b:32:66:9c:59" },
        { "402e13a9-9d29-7676-9c6e-101048f809a8", "4e:2e:13:a9:9d:29" },
        { "B30458D1-7C7F-4D06-ACC2-159E43892E87", "be:04:58:d1:7c:7f" },
    };

    for (size_t i = 0; i < ARRAY_SIZE (cases); i++) {
        assert_mac (define ("vm", arena_format (&w.arena,
                                                "uuid = %s\n"
                                                "identity = virshle\n"
                                                "nic main { }\n",
                                                cases[i][0])),
                    "main", cases[i][1]);
    }
}

static void
test_address (void **state)
{
    const struct definition *def =
        define ("a", "identity = address\n"
                     "nic vmctrl { address = 172.25.160.3 }\n"
                     "nic n6 { address = 172.25.162.3 }\n"
                     "nic other { mac = \"52:54:00:00:00:01\" }\n");

    assert_mac (def, "vmctrl", "52:de:ac:19:a0:03");
    assert_mac (def, "n6", "52:de:ac:19:a2:03");
    assert_mac (def, "other", "52:54:00:00:00:01");
}

/* As printed by hvctl before there was a key 'identity'. */
static void
test_before (void **state)
{
    static const char *const same[] = { "", "identity = hvctl\n" };

    for (size_t i = 0; i < ARRAY_SIZE (same); i++) {
        const struct definition *def = define (
            "vm1", arena_format (&w.arena,
                                 "%snic lan { }\nnic wan { }\ndisk a { }\n"
                                 "disk c { cdrom = /c }\n",
                                 same[i]));

        assert_string_equal (def->uuid, "d9b335c5-110f-8acc-833b-122d44734f48");
        assert_mac (def, "lan", "52:54:00:4f:2a:cf");
        assert_mac (def, "wan", "52:54:00:0d:0b:71");
        assert_null (definition_disk (def, "a")->serial);
        assert_null (definition_disk (def, "c")->serial);
        assert_int_equal (definition_disk (def, "c")->wwn, 0);
    }
    assert_mac (define ("vm1", MACHINA_UUID "nic lan { }\n"), "lan",
                "52:54:00:27:d1:67");
    assert_mac (define ("web.example-7", "nic eth0 { }\n"), "eth0",
                "52:54:00:27:03:ce");
    assert_string_equal (define ("web.example-7", "")->uuid,
                         "e45790bd-828c-8556-b4f1-5f61e1e0773c");
}

/* What is set is not derived. */
static void
test_explicit (void **state)
{
    const struct definition *def =
        define ("vm1", "identity = machina\n"
                       "nic lan { mac = \"52:54:00:00:00:01\" }\n"
                       "disk a { cdrom = /a serial = S\n"
                       "         wwn = \"C0:25:40:09:08:FE:62:58\" }\n");
    const struct disk_def *d = definition_disk (def, "a");

    assert_mac (def, "lan", "52:54:00:00:00:01");
    assert_string_equal (d->serial, "S");
    assert_true (d->wwn == 0xc025400908fe6258);
}

/* Variables have the same values. */
static void
test_variables (void **state)
{
    static const char *const schemes[] = {
        "identity = machina\nnic lan { }\n",
        "identity = virshle\nnic lan { }\n",
        "identity = \"${word}\"\nvars { word = machina }\nnic lan { }\n",
        BALENA "nic lan { }\n",
        "identity = address\nnic lan { address = \"10.0.0.${index}\" }\n",
        "nic lan { }\n",
    };

    for (size_t i = 0; i < ARRAY_SIZE (schemes); i++) {
        const struct definition *def = define (
            "vm-7", arena_format (&w.arena,
                                  "kernel = /k\nappend = \"${uuid} ${mac.lan}\""
                                  "\n%s",
                                  schemes[i]));
        char text[MAC_TEXT];

        assert_string_equal (
            def->append,
            arena_format (&w.arena, "%s %s", def->uuid,
                          format_mac (definition_nic (def, "lan")->mac, text)));
    }
}

static void
test_wwn (void **state)
{
    static const char *const good[] = { "0x5525400908FE6258",
                                        "55:25:40:09:08:fe:62:58",
                                        "1525400908fe6258", "2000000000000000",
                                        "0XFFFFFFFFFFFFFFFF" };
    static const char *const bad[] = {
        "",
        "0x",
        "0x4525400908FE6258",
        "6525400908FE6258",
        "0525400908FE6258",
        "5525400908FE62580",
        "65254009-08FE-6258",
        ":525400908FE62580",
        "55:25:40:09:08:FE:62:58:",
        "60014058cde0b8d0a3b4d4e8a0000000",
        "5525400908FE625G",
        "5525400908FE625800000000000000000000000000",
    };
    uint64_t wwn;

    for (size_t i = 0; i < ARRAY_SIZE (good); i++) {
        assert_true (identity_parse_wwn (good[i], &wwn));
    }
    for (size_t i = 0; i < ARRAY_SIZE (bad); i++) {
        if (identity_parse_wwn (bad[i], &wwn)) {
            fail_msg ("%s", bad[i]);
        }
    }
}

static void
test_random (void **state)
{
    const char *a = identity_random_uuid (&w.arena);
    uint8_t mac[6], other[6];

    assert_int_equal (strlen (a), 36);
    assert_int_equal (a[14], '4');
    assert_non_null (strchr ("89ab", a[19]));
    assert_string_not_equal (a, identity_random_uuid (&w.arena));
    identity_random_mac (mac);
    assert_memory_equal (mac, "\x52\x54\x00", 3);
    do { /* One in 2^24 is the same. */
        identity_random_mac (other);
    } while (!memcmp (mac, other, 6));
}

/* ------------------------------------------------------------- Many */

#define MANY 10000

static int
compare_macs (const void *a, const void *b)
{
    return memcmp (a, b, 6);
}

/* How many are there twice? */
static size_t
count_equal (uint8_t (*macs)[6], size_t n)
{
    size_t equal = 0;

    qsort (macs, n, 6, compare_macs);
    for (size_t i = 1; i < n; i++) {
        equal += !memcmp (macs[i - 1], macs[i], 6);
    }
    return equal;
}

/* Three bytes are not enough for 20,000 MAC addresses without a clash: those,
 * and no others, are found, serial numbers and UUIDs never clash. */
static void
test_many (void **state)
{
    CLEANUP_FREE uint8_t (*macs)[6] = calloc (2 * MANY, 6);
    CLEANUP_FREE struct definition **defs = calloc (MANY, sizeof *defs);
    const char *file =
        world_file (&w, "vm.d/many.conf",
                    "memory = 1G\nidentity = machina\nnic a { }\nnic b { }\n"
                    "disk root { }\ndisk cd { cdrom = /cd }\n");
    struct problems p = { .arena = &w.h.arena };
    size_t clashes;

    for (size_t i = 0; i < MANY; i++) {
        const char *name = arena_format (&w.h.arena, "vm-%zu", i);

        assert_int_equal (
            definition_load_file (&w.h, name, file, &defs[i], &w.err), 0);
        for (size_t k = 0; k < 2; k++) {
            const struct nic_def *n = defs[i]->nics.p[k];

            memcpy (macs[2 * i + k], n->mac, 6);
            assert_true (mac_is_unicast (n->mac));
        }
    }
    clashes = count_equal (macs, (size_t)2 * MANY);
    assert_true (clashes > 0);
    clash_definitions (defs, MANY, &p);
    assert_int_equal (p.lines.n, clashes);
    for (size_t i = 0; i < p.lines.n; i++) {
        assert_contains (p.lines.p[i], "MAC 52:54:00:");
        assert_contains (p.lines.p[i], "(it is derived: set 'mac' here)");
    }
    /* One more: with another's serial number. */
    ((struct disk_def *)defs[7]->disks.p[0])->serial =
        ((struct disk_def *)defs[9999]->disks.p[0])->serial;
    p.lines.n = 0;
    clash_definitions (defs, MANY, &p);
    assert_int_equal (p.lines.n, clashes + 1);
}

/* Whatever the UUID is. */
static void
test_unicast (void **state)
{
    for (int i = 0; i < 10000; i++) {
        const struct identity ids[] = {
            { "virshle", "vm", identity_random_uuid (&w.h.arena), NULL },
            { "machina", "vm", identity_random_uuid (&w.h.arena), NULL },
            { "hvctl", "vm", identity_random_uuid (&w.h.arena), NULL },
        };

        for (size_t k = 0; k < ARRAY_SIZE (ids); k++) {
            uint8_t mac[6];

            assert_null (identity_mac (&w.h.arena, &ids[k], "n", NULL, mac));
            assert_int_equal (mac[0] & 3, 2); /* Local, unicast. */
        }
    }
}

/* Whoever chose a serial number may have chosen it twice. */
static void
test_serials (void **state)
{
    struct problems p = { .arena = &w.h.arena };
    struct definition *defs[2];
    const char *derived;

    defs[0] = define ("a", "disk x { serial = web-data }\n");
    defs[1] = define ("b", "disk x { serial = web-data }\n");
    clash_definitions (defs, 2, &p);
    assert_int_equal (p.lines.n, 0);

    defs[0] = define ("a", "identity = machina\ndisk x { }\n");
    derived = definition_disk (defs[0], "x")->serial;
    defs[1] = define (
        "b", arena_format (&w.arena, "disk x { serial = %s }\n", derived));
    clash_definitions (defs, 2, &p);
    assert_int_equal (p.lines.n, 1);
    assert_contains (p.lines.p[0], "b.conf:2: serial number ");
}

#define CASE(test) cmocka_unit_test_setup_teardown (test, begin, end)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        CASE (test_digests),  CASE (test_machina),   CASE (test_balena),
        CASE (test_virshle),  CASE (test_address),   CASE (test_before),
        CASE (test_explicit), CASE (test_variables), CASE (test_wwn),
        CASE (test_random),   CASE (test_many),      CASE (test_unicast),
        CASE (test_serials),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
