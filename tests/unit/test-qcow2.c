/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* common/qcow2.c against headers that are made byte by byte.  What qemu-img
 * makes is read in test-storage-qcow2.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/cleanup.h"
#include "common/qcow2.h"

enum { CLUSTER = 65536 };

/* An image that is as good as it gets; each test breaks it in one place. */
struct draft {
    uint8_t *data;
    size_t len;
};

static void
put32 (struct draft *d, size_t at, uint32_t value)
{
    for (int i = 0; i < 4; i++) {
        d->data[at + (size_t)i] = (uint8_t)(value >> (24 - 8 * i));
    }
}

static void
put64 (struct draft *d, size_t at, uint64_t value)
{
    put32 (d, at, (uint32_t)(value >> 32));
    put32 (d, at + 4, (uint32_t)value);
}

static void
make (struct draft *d)
{
    d->len = CLUSTER;
    d->data = calloc (1, d->len);
    assert_non_null (d->data);
    memcpy (d->data, "QFI\xfb", 4);
    put32 (d, 4, 3);
    put32 (d, 20, 16);
    put64 (d, 24, UINT64_C (10) << 30);
    put32 (d, 36, 20); /* L1: 20 entries of 512 MiB */
    put64 (d, 40, 3 * CLUSTER);
    put64 (d, 48, CLUSTER);
    put32 (d, 56, 1);
    put32 (d, 96, 4);
    put32 (d, 100, 104);
}

static void
put_backing (struct draft *d, size_t at, const char *name)
{
    put64 (d, 8, at);
    put32 (d, 16, (uint32_t)strlen (name));
    memcpy (d->data + at, name, strlen (name));
}

/* Returns where the next one goes. */
static size_t
put_extension (struct draft *d, size_t at, uint32_t type, const char *text)
{
    put32 (d, at, type);
    put32 (d, at + 4, (uint32_t)strlen (text));
    memcpy (d->data + at + 8, text, strlen (text));
    return at + 8 + (strlen (text) + 7) / 8 * 8;
}

/* Parses exactly these bytes, in memory of exactly that size, so that
 * valgrind and ASan see a byte too many. */
static bool
parse (const struct draft *d, struct qcow2_header *h, char *reason)
{
    void *tight = malloc (d->len ? d->len : 1);
    bool good;

    assert_non_null (tight);
    memcpy (tight, d->data, d->len);
    good = qcow2_parse (tight, d->len, h, reason);
    free (tight);
    return good;
}

static void
check_good (struct draft *d, struct qcow2_header *h)
{
    char reason[QCOW2_REASON];

    if (!parse (d, h, reason)) {
        fail_msg ("refused: %s", reason);
    }
    free (d->data);
}

static void
check_bad (struct draft *d, const char *why)
{
    struct qcow2_header h;
    char reason[QCOW2_REASON];

    assert_false (parse (d, &h, reason));
    assert_string_equal (reason, why);
    free (d->data);
}

static void
test_version_3 (void **state)
{
    struct qcow2_header h;
    struct draft d;
    size_t at;

    make (&d);
    put64 (&d, 72, QCOW2_DIRTY | QCOW2_DATA_FILE | UINT64_C (1) << 63);
    put32 (&d, 32, 2);
    at = put_extension (&d, 104, 0x6803f857, "features that are skipped");
    at = put_extension (&d, at, 0xe2792aca, "qcow2");
    put_backing (&d, at + 8, "base image, with comma.qcow2");
    check_good (&d, &h);
    assert_int_equal (h.version, 3);
    assert_int_equal (h.cluster_bits, 16);
    assert_int_equal (h.size, UINT64_C (10) << 30);
    assert_int_equal (h.crypt_method, 2);
    assert_int_equal (h.incompatible,
                      QCOW2_DIRTY | QCOW2_DATA_FILE | UINT64_C (1) << 63);
    assert_string_equal (h.backing, "base image, with comma.qcow2");
    assert_string_equal (h.backing_format, "qcow2");
    assert_false (h.data_file_name);
}

static void
test_version_2 (void **state)
{
    struct qcow2_header h;
    struct draft d;

    make (&d);
    put32 (&d, 4, 2);
    put64 (&d, 72, 0); /* Not features here: the end of extensions. */
    put_backing (&d, 200, "/base");
    check_good (&d, &h);
    assert_int_equal (h.incompatible, 0);
    assert_string_equal (h.backing, "/base");
    assert_string_equal (h.backing_format, "");
}

static void
test_data_file_name (void **state)
{
    struct qcow2_header h;
    struct draft d;

    make (&d);
    put_extension (&d, 104, 0x44415441, "/etc/shadow");
    check_good (&d, &h);
    assert_true (h.data_file_name);
}

static void
test_no_image (void **state)
{
    struct draft d;

    make (&d);
    d.data[3] = 0;
    check_bad (&d, "is not a qcow2 image");
    make (&d);
    d.len = 3;
    check_bad (&d, "is not a qcow2 image");
    make (&d);
    d.len = 0;
    check_bad (&d, "is not a qcow2 image");
    make (&d);
    put32 (&d, 4, 1);
    check_bad (&d,
               "is a qcow image of version 1, and only 2 and 3 are supported");
    make (&d);
    put32 (&d, 4, UINT32_MAX);
    check_bad (&d, "is a qcow image of version 4294967295, and only 2 and 3 "
                   "are supported");
}

/* However short, it is refused and nothing behind it is read. */
static void
test_cut_off (void **state)
{
    struct qcow2_header h;
    char reason[QCOW2_REASON];
    struct draft d;
    size_t end;

    make (&d);
    put_extension (&d, 104, 0xe2792aca, "raw");
    put_backing (&d, 120, "base");
    end = 124;
    for (d.len = 0; d.len < end; d.len++) {
        assert_false (parse (&d, &h, reason));
        assert_string_equal (reason, d.len < 4 ? "is not a qcow2 image"
                                               : "is truncated within its "
                                                 "qcow2 header");
    }
    check_good (&d, &h);
}

static void
test_nonsense (void **state)
{
    static const struct {
        size_t at;
        int bytes;
        uint64_t value;
        const char *why;
    } cases[] = {
        { 20, 4, 8, "has an invalid cluster size (2^8 bytes)" },
        { 20, 4, 22, "has an invalid cluster size (2^22 bytes)" },
        { 20, 4, UINT32_MAX,
          "has an invalid cluster size (2^4294967295 bytes)" },
        { 24, 8, UINT64_MAX, "has invalid sizes in its qcow2 header" },
        { 24, 8, UINT64_C (1) << 63, "has invalid sizes in its qcow2 header" },
        { 24, 8, (UINT64_C (10) << 30) + 1,
          "has a table too short for its size of 10737418241 bytes" },
        { 36, 4, 0, "has a table too short for its size of 10737418240 bytes" },
        { 36, 4, (4 << 20) + 1, "has invalid sizes in its qcow2 header" },
        { 40, 8, 3 * CLUSTER + 8, "has invalid sizes in its qcow2 header" },
        { 48, 8, 1, "has invalid sizes in its qcow2 header" },
        { 48, 8, UINT64_C (1) << 63, "has invalid sizes in its qcow2 header" },
        { 72, 8, QCOW2_EXTENDED_L2,
          "has a table too short for its size of 10737418240 bytes" },
        { 96, 4, 7, "has invalid reference counts" },
        { 100, 4, 103, "has a qcow2 header of invalid length" },
        { 100, 4, CLUSTER + 1, "has a qcow2 header of invalid length" },
        { 100, 4, UINT32_MAX, "has a qcow2 header of invalid length" },
    };

    for (size_t i = 0; i < ARRAY_SIZE (cases); i++) {
        struct draft d;

        make (&d);
        if (cases[i].bytes == 4) {
            put32 (&d, cases[i].at, (uint32_t)cases[i].value);
        } else {
            put64 (&d, cases[i].at, cases[i].value);
        }
        check_bad (&d, cases[i].why);
    }
}

static void
test_bad_backing (void **state)
{
    static const char outside[] = "has a backing file name that is too long "
                                  "or outside its header";
    static const struct {
        uint64_t offset;
        uint32_t len;
        const char *why;
    } cases[] = {
        { 200, 1024, outside },
        { 200, UINT32_MAX, outside },
        { CLUSTER - 4, 5, outside },
        { CLUSTER + 1, 0, outside },
        { UINT64_MAX, 1, outside },
        { UINT64_MAX - 3, 8, outside },
        { 1000, 8, "has control characters in its backing file's name" },
    };

    for (size_t i = 0; i < ARRAY_SIZE (cases); i++) {
        struct draft d;

        make (&d);
        put64 (&d, 8, cases[i].offset);
        put32 (&d, 16, cases[i].len);
        check_bad (&d, cases[i].why);
    }
}

static void
test_longest_backing (void **state)
{
    char name[1024];
    struct qcow2_header h;
    struct draft d;

    memset (name, 'x', 1023);
    name[1023] = '\0';
    make (&d);
    put_backing (&d, CLUSTER - 1023, name);
    check_good (&d, &h);
    assert_string_equal (h.backing, name);
}

static void
test_bad_extensions (void **state)
{
    struct draft d;

    make (&d);
    put_extension (&d, 104, 0xe2792aca, "0123456789abcdef");
    check_bad (&d, "has an invalid backing file format");
    make (&d);
    put_extension (&d, 104, 0xe2792aca, "raw\n");
    check_bad (&d, "has an invalid backing file format");
    make (&d);
    put_extension (&d, 104, 1, "x");
    put32 (&d, 108, UINT32_MAX);
    check_bad (&d, "has a header extension that is too long");
    /* Into the backing file's name. */
    make (&d);
    put_extension (&d, 104, 1, "0123456789");
    put_backing (&d, 120, "base");
    check_bad (&d, "has a header extension that is too long");
}

/* Without an end mark, they end at the end of the cluster. */
static void
test_extensions_to_the_end (void **state)
{
    struct qcow2_header h;
    struct draft d;

    make (&d);
    put32 (&d, 20, 9);
    put32 (&d, 36, 1);
    put64 (&d, 24, 512);
    put32 (&d, 104, 1);
    put32 (&d, 108, 512 - 112);
    d.len = 512;
    check_good (&d, &h);
}

/* ------------------------------------------------------------- Files */

static int
make_file (const void *data, size_t len)
{
    char name[] = "/tmp/test-qcow2-XXXXXX";
    int fd = mkstemp (name);

    assert_true (fd >= 0);
    assert_int_equal (unlink (name), 0);
    assert_int_equal (write (fd, data, len), (ssize_t)len);
    return fd;
}

/* The backing file's name can be anywhere in the first cluster. */
static void
test_read (void **state)
{
    char reason[QCOW2_REASON];
    struct qcow2_header h;
    struct draft d;
    int fd;

    make (&d);
    put_backing (&d, 60000, "far away");
    fd = make_file (d.data, d.len);
    assert_true (qcow2_read (fd, &h, reason));
    assert_string_equal (h.backing, "far away");
    assert_int_equal (ftruncate (fd, 60003), 0);
    assert_false (qcow2_read (fd, &h, reason));
    assert_string_equal (reason, "is truncated within its qcow2 "
                                 "header");
    close (fd);
    free (d.data);
    assert_false (qcow2_read (-1, &h, reason));
    assert_string_equal (reason, "cannot be read: Bad file descriptor");
}

static void
test_magic (void **state)
{
    static const struct {
        size_t at;
        const char *bytes;
        size_t len;
        const char *is;
    } cases[] = {
        { 0, "QFI\xfb", 4, "qcow2" },
        { 0, "QFI\xfb\0\0\0\1", 8, "qcow" },
        { 0, "KDMV", 4, "vmdk" },
        { 0, "# Disk DescriptorFile", 21, "vmdk" },
        { 64, "\x7f\x10\xda\xbe", 4, "vdi" },
        { 0, "vhdxfile", 8, "vhdx" },
        { 0, "conectix", 8, "vpc" },
        { 0, "QED\0", 4, "qed" },
        { 0, "LUKS\xba\xbe", 6, "luks" },
        { 0, "\x1f\x8b\x08", 3, "gzip" },
        { 0,
          "\xfd"
          "7zXZ\0",
          6, "xz" },
        { 0, "\x28\xb5\x2f\xfd", 4, "zstd" },
        { 32769, "CD001", 5, "iso9660" },
        { 32768, "CD001", 5, "raw" },
        { 0, "QFI", 3, "raw" },
    };
    static char bytes[40000];

    for (size_t i = 0; i < ARRAY_SIZE (cases); i++) {
        size_t len = cases[i].at + cases[i].len;
        int fd;

        memset (bytes, 0, sizeof bytes);
        memcpy (bytes + cases[i].at, cases[i].bytes, cases[i].len);
        assert_string_equal (bytes_look_like (bytes, sizeof bytes),
                             cases[i].is);
        fd = make_file (bytes, len);
        assert_string_equal (image_looks_like (fd), cases[i].is);
        close (fd);
        /* A byte less, and it is not there. */
        if (strcmp (cases[i].is, "raw") != 0) {
            assert_string_not_equal (bytes_look_like (bytes, len - 1),
                                     cases[i].is);
        }
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_version_3),
        cmocka_unit_test (test_version_2),
        cmocka_unit_test (test_data_file_name),
        cmocka_unit_test (test_no_image),
        cmocka_unit_test (test_cut_off),
        cmocka_unit_test (test_nonsense),
        cmocka_unit_test (test_bad_backing),
        cmocka_unit_test (test_longest_backing),
        cmocka_unit_test (test_bad_extensions),
        cmocka_unit_test (test_extensions_to_the_end),
        cmocka_unit_test (test_read),
        cmocka_unit_test (test_magic),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
