/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* storage-qcow2 on a file system that is full: HVCTL_TEST_DIR, which is
 * small, empty and ours; see root/storage-full.sh. */
#include "tests/unit/test-storage.h"

#include <sys/statvfs.h>

/* Leaves this much, and not more. */
static void
fill (const struct scratch *s, uint64_t left)
{
    static char block[4096];
    int fd = open (at (s, "filler"), O_WRONLY | O_CREAT | O_APPEND, 0600);
    struct statvfs fs;

    assert_true (fd >= 0);
    memset (block, 1, sizeof block);
    do {
        assert_int_equal (write (fd, block, sizeof block), sizeof block);
        assert_int_equal (fstatvfs (fd, &fs), 0);
    } while (fs.f_bavail * fs.f_frsize > left);
    close (fd);
}

static void
test_nothing_left (void **state)
{
    const struct scratch *s = *state;
    struct hv_volume vol = volume (s, "root", 1024 * MIB);

    fill (s, 64 << 10);
    check_failed (s, hv_plugin.storage->create (&s->f->ctx, &vol), ENOSPC,
                  "the disk is full: the volume needs 256K, and ");
    assert_int_equal (s->f->n_programs, 0);
    assert_int_equal (count_entries (at (s, "pool")), 0);
}

/* Enough to begin with: then qemu-img finds out, and says it. */
static void
test_qemu_img_finds_out (void **state)
{
    struct scratch *s = *state;
    struct hv_volume vol;
    int r;

    s->pool = fake_options (s->f, hv_plugin.storage->keys, "path",
                            at (s, "pool"), "preallocation", "metadata", NULL);
    vol = volume (s, "root", 65536 * MIB);
    fill (s, 1 << 20);
    r = hv_plugin.storage->create (&s->f->ctx, &vol);
    assert_true (r < 0);
    assert_int_equal (s->f->n_programs, 1);
    assert_non_null (strstr (s->f->message, "No space left on device"));
    assert_int_equal (count_entries (at (s, "pool")), 0);
    /* With room again it works. */
    assert_int_equal (unlink (at (s, "filler")), 0);
    vol.size = 64 * MIB;
    check_done (s, hv_plugin.storage->create (&s->f->ctx, &vol));
    assert_int_equal (count_entries (at (s, "pool")), 1);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_nothing_left),
        TEST (test_qemu_img_finds_out),
    };

    if (!getenv ("HVCTL_TEST_DIR")) {
        puts ("skipped: HVCTL_TEST_DIR is not set");
        return 77;
    }
    return cmocka_run_group_tests (tests, NULL, NULL);
}
