/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* storage-raw, which needs no program. */
#include "tests/unit/test-storage.h"

static const struct hv_storage *raw;

static void
chain (const struct scratch *s, const struct hv_volume *vol,
       struct hv_chain **out, struct hv_volume_info *info)
{
    *out = fake_chain (s->f);
    memset (info, 0, sizeof *info);
    check_done (s, raw->chain (&s->f->ctx, vol, *out, info));
    assert_int_equal ((*out)->n, 1);
    assert_string_equal ((*out)->layers[0].format, "raw");
}

static void
test_create (void **state)
{
    const struct scratch *s = *state;
    struct hv_volume vol = volume (s, "root", 8 * MIB);
    struct hv_volume_info info;
    struct hv_chain *layers;
    struct stat st;

    check_done (s, raw->create (&s->f->ctx, &vol));
    st = look (at (s, "pool/root.raw"));
    assert_int_equal (st.st_size, 8 * MIB);
    assert_int_equal (st.st_blocks, 0);
    assert_int_equal (st.st_mode & 07777, 0600);
    assert_int_equal (st.st_nlink, 1);
    assert_int_equal (look (at (s, "pool")).st_mode & 07777, 0711);
    assert_int_equal (count_entries (at (s, "pool")), 1);
    chain (s, &vol, &layers, &info);
    assert_string_equal (layers->layers[0].path, at (s, "pool/root.raw"));
    assert_int_equal (info.size, 8 * MIB);
    assert_int_equal (info.allocated, 0);
    assert_int_equal (s->f->n_programs, 0);
    check_failed (s, raw->create (&s->f->ctx, &vol), EEXIST, "already exists");
    assert_int_equal (count_entries (at (s, "pool")), 1);
}

static void
test_preallocation (void **state)
{
    struct scratch *s = *state;
    struct hv_volume vol;
    struct hv_volume_info info;
    struct hv_chain *layers;

    s->pool = fake_options (s->f, raw->keys, "path", at (s, "pool/"),
                            "preallocation", "yes", NULL);
    vol = volume (s, "root", 2 * MIB);
    check_done (s, raw->create (&s->f->ctx, &vol));
    chain (s, &vol, &layers, &info);
    assert_true (info.allocated >= 2 * MIB);
    vol.size = 3 * MIB;
    check_done (s, raw->resize (&s->f->ctx, &vol));
    chain (s, &vol, &layers, &info);
    assert_int_equal (info.size, 3 * MIB);
    assert_true (info.allocated >= 3 * MIB);

    /* More than any file system has. */
    vol = volume (s, "huge", UINT64_C (1) << 52);
    assert_true (raw->create (&s->f->ctx, &vol) < 0);
    assert_non_null (strstr (s->f->message, "huge.raw to 4P: "));
    vol = volume (s, "root", UINT64_C (1) << 52);
    assert_true (raw->resize (&s->f->ctx, &vol) < 0);
    assert_int_equal (look (at (s, "pool/root.raw")).st_size, 3 * MIB);
    assert_int_equal (count_entries (at (s, "pool")), 1);
}

static void
test_refused (void **state)
{
    struct scratch *s = *state;
    struct hv_volume vol = volume (s, "root", 0);

    check_failed (s, raw->create (&s->f->ctx, &vol), EINVAL,
                  "a size is needed");
    vol.size = 1000;
    check_failed (s, raw->create (&s->f->ctx, &vol), EINVAL,
                  "make it a multiple of 512");
    vol.size = UINT64_C (1) << 63;
    check_failed (s, raw->create (&s->f->ctx, &vol), EINVAL,
                  "cannot have 9223372036854775808 bytes");
    vol.size = MIB;
    vol.backing = at (s, "base");
    vol.backing_format = "raw";
    check_failed (s, raw->create (&s->f->ctx, &vol), ENOTSUP,
                  "use a pool of type qcow2");
    s->pool = fake_options (s->f, raw->keys, "path", "disks", NULL);
    vol = volume (s, "root", MIB);
    check_failed (s, raw->create (&s->f->ctx, &vol), EINVAL,
                  "must be an absolute path, not 'disks'");
    /* Its own directory is made, and no other. */
    s->pool = fake_options (s->f, raw->keys, "path", at (s, "no/pool"), NULL);
    vol = volume (s, "root", MIB);
    check_failed (s, raw->create (&s->f->ctx, &vol), ENOENT,
                  "cannot create the directory");
    assert_int_equal (count_entries (s->dir), 0);
}

static void
test_by_path (void **state)
{
    const struct scratch *s = *state;
    const char *iso = at (s, "a, b: c.iso");
    struct hv_volume vol = { .name = "cd", .path = iso, .format = "raw" };
    struct hv_volume_info info;
    struct hv_chain *layers;

    write_file (iso, "0123456789", 10);
    chain (s, &vol, &layers, &info);
    assert_string_equal (layers->layers[0].path, iso);
    assert_int_equal (info.size, 10);
    assert_true (info.allocated > 0);
    check_failed (s, raw->create (&s->f->ctx, &vol), EINVAL,
                  "only volumes in a pool");
    check_failed (s, raw->destroy (&s->f->ctx, &vol), EINVAL,
                  "only volumes in a pool");
    assert_int_equal (count_entries (s->dir), 1);
}

/* A guest may write this to its own disk, and must boot from it again. */
static void
test_guest_writes_magic (void **state)
{
    const struct scratch *s = *state;
    struct hv_volume vol = volume (s, "root", MIB);
    struct hv_volume_info info;
    struct hv_chain *layers;
    int fd;

    check_done (s, raw->create (&s->f->ctx, &vol));
    fd = open (at (s, "pool/root.raw"), O_WRONLY);
    assert_int_equal (write (fd, "QFI\xfb\0\0\0\3", 8), 8);
    close (fd);
    chain (s, &vol, &layers, &info);
    assert_int_equal (info.size, MIB);
}

static void
test_missing (void **state)
{
    const struct scratch *s = *state;
    struct hv_volume vol = volume (s, "root", 0);
    struct hv_chain *layers = fake_chain (s->f);
    struct hv_volume_info info;

    check_failed (s, raw->chain (&s->f->ctx, &vol, layers, &info), ENOENT,
                  "the volume is missing");
    check_done (s, raw->destroy (&s->f->ctx, &vol));
    vol.path = s->dir;
    check_failed (s, raw->chain (&s->f->ctx, &vol, layers, &info), EISDIR,
                  "is neither a file nor a block device");
    /* To open a FIFO would wait for ever. */
    vol.path = at (s, "fifo");
    assert_int_equal (mkfifo (vol.path, 0600), 0);
    check_failed (s, raw->chain (&s->f->ctx, &vol, layers, &info), EINVAL,
                  "is neither a file nor a block device");
    vol.path = "relative";
    check_failed (s, raw->chain (&s->f->ctx, &vol, layers, &info), EINVAL,
                  "must be absolute");
    assert_int_equal (layers->n, 0);
}

static void
test_resize (void **state)
{
    const struct scratch *s = *state;
    struct hv_volume vol = volume (s, "root", 4 * MIB);

    check_done (s, raw->create (&s->f->ctx, &vol));
    vol.size = 6 * MIB;
    check_done (s, raw->resize (&s->f->ctx, &vol));
    check_done (s, raw->resize (&s->f->ctx, &vol));
    assert_int_equal (look (at (s, "pool/root.raw")).st_size, 6 * MIB);
    vol.size = 4 * MIB;
    check_failed (s, raw->resize (&s->f->ctx, &vol), EINVAL,
                  "has a size of 6M and is not shrunk to 4M");
    vol.size = 6 * MIB + 1;
    check_failed (s, raw->resize (&s->f->ctx, &vol), EINVAL, "multiple of");
    assert_int_equal (look (at (s, "pool/root.raw")).st_size, 6 * MIB);
}

static void
test_list_and_destroy (void **state)
{
    const struct scratch *s = *state;
    struct hv_list *list = fake_list (s->f);
    struct hv_volume vol = volume (s, "b", MIB);

    check_done (s, raw->list (&s->f->ctx, s->pool, list));
    assert_int_equal (list->n, 0);
    check_done (s, raw->create (&s->f->ctx, &vol));
    vol.name = "a.1_x-y";
    check_done (s, raw->create (&s->f->ctx, &vol));
    write_file (at (s, "pool/c.qcow2"), "", 0);
    write_file (at (s, "pool/.raw"), "", 0);
    write_file (at (s, "pool/-x.raw"), "", 0);
    write_file (at (s, "pool/sp ace.raw"), "", 0);
    write_file (at (s, "pool/.d.raw.new"), "", 0);
    check_done (s, raw->list (&s->f->ctx, s->pool, list));
    assert_int_equal (list->n, 2);
    assert_string_equal (list->entries[0].name, "a.1_x-y");
    assert_string_equal (list->entries[1].name, "b");

    check_done (s, raw->destroy (&s->f->ctx, &vol));
    assert_int_equal (access (at (s, "pool/a.1_x-y.raw"), F_OK), -1);
    /* And what a creation that was killed had left. */
    vol.name = "d";
    check_done (s, raw->destroy (&s->f->ctx, &vol));
    assert_int_equal (access (at (s, "pool/.d.raw.new"), F_OK), -1);
    assert_int_equal (count_entries (at (s, "pool")), 5);
}

/* Takes the lock that tells a file in the making from a left one. */
static int
lock_new (const char *path)
{
    struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1 };
    int fd = open (path, O_RDWR | O_CREAT, 0600);

    assert_true (fd >= 0);
    assert_int_equal (fcntl (fd, F_OFD_SETLK, &l), 0);
    return fd;
}

static void
test_interrupted (void **state)
{
    const struct scratch *s = *state;
    struct hv_volume vol = volume (s, "root", MIB);
    int fd;

    assert_int_equal (mkdir (at (s, "pool"), 0700), 0);
    fd = lock_new (at (s, "pool/.root.raw.new"));
    check_failed (s, raw->create (&s->f->ctx, &vol), EBUSY,
                  "is being created by another hvctl");
    check_done (s, raw->destroy (&s->f->ctx, &vol));
    assert_int_equal (count_entries (at (s, "pool")), 1);
    /* Now it is left over: it is taken, and nothing of it stays. */
    assert_int_equal (write (fd, "garbage", 7), 7);
    assert_int_equal (fchmod (fd, 0666), 0);
    close (fd);
    check_done (s, raw->create (&s->f->ctx, &vol));
    assert_int_equal (look (at (s, "pool/root.raw")).st_blocks, 0);
    assert_int_equal (look (at (s, "pool/root.raw")).st_mode & 07777, 0600);
    assert_int_equal (count_entries (at (s, "pool")), 1);

    /* A second name of a volume must not be taken for a left file. */
    assert_int_equal (
        link (at (s, "pool/root.raw"), at (s, "pool/.other.raw.new")), 0);
    vol = volume (s, "other", 2 * MIB);
    check_done (s, raw->create (&s->f->ctx, &vol));
    assert_int_equal (look (at (s, "pool/root.raw")).st_size, MIB);
    assert_int_equal (look (at (s, "pool/other.raw")).st_size, 2 * MIB);
    assert_int_equal (count_entries (at (s, "pool")), 2);

    /* A symbolic link is not followed. */
    assert_int_equal (
        symlink (at (s, "pool/root.raw"), at (s, "pool/.third.raw.new")), 0);
    vol = volume (s, "third", 2 * MIB);
    check_failed (s, raw->create (&s->f->ctx, &vol), ELOOP, "cannot create");
    assert_int_equal (look (at (s, "pool/root.raw")).st_size, MIB);
}

/* Has the file that text at that place? */
static void
assert_text (const char *path, off_t where, const char *text)
{
    int fd = open (path, O_RDONLY | O_CLOEXEC);
    char found[16] = "";

    assert_int_equal (pread (fd, found, strlen (text), where), strlen (text));
    assert_string_equal (found, text);
    close (fd);
}

/* Its data and its holes, and independent from then on. */
static void
test_clone (void **state)
{
    const struct scratch *s = *state;
    struct hv_volume from = volume (s, "root", 200 * MIB);
    struct hv_volume vol = volume (s, "copy", 0);
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    int fd;

    check_failed (s, raw->clone (&s->f->ctx, &vol, &from, NULL), ENOENT,
                  "missing");
    check_done (s, raw->create (&s->f->ctx, &from));
    fd = open (at (s, "pool/root.raw"), O_RDWR | O_CLOEXEC);
    assert_int_equal (pwrite (fd, "begin", 5, 0), 5);
    assert_int_equal (pwrite (fd, "middle", 6, 100 * MIB - 3), 6);
    assert_int_equal (pwrite (fd, "end", 3, 200 * MIB - 3), 3);
    check_done (s, raw->clone (&s->f->ctx, &vol, &from, NULL));
    assert_int_equal (look (at (s, "pool/copy.raw")).st_size, 200 * MIB);
    assert_true (look (at (s, "pool/copy.raw")).st_blocks < 2048);
    assert_int_equal (look (at (s, "pool/copy.raw")).st_mode & 07777, 0600);
    assert_text (at (s, "pool/copy.raw"), 0, "begin");
    assert_text (at (s, "pool/copy.raw"), 100 * MIB - 3, "middle");
    assert_text (at (s, "pool/copy.raw"), 200 * MIB - 3, "end");
    assert_int_equal (pwrite (fd, "other", 5, 0), 5);
    assert_text (at (s, "pool/copy.raw"), 0, "begin");
    assert_int_equal (count_entries (at (s, "pool")), 2);

    check_failed (s, raw->clone (&s->f->ctx, &vol, &from, NULL), EEXIST,
                  "already exists");
    vol = volume (s, "second", 0);
    check_failed (s, raw->clone (&s->f->ctx, &vol, &from, "s1"), ENOENT,
                  "raw volumes have none");
    /* A hypervisor has it. */
    lock.l_type = F_RDLCK;
    assert_int_equal (fcntl (fd, F_OFD_SETLK, &lock), 0);
    check_failed (s, raw->clone (&s->f->ctx, &vol, &from, NULL), EBUSY,
                  "is in use");
    assert_int_equal (count_entries (at (s, "pool")), 2);
    close (fd);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_create),
        TEST (test_preallocation),
        TEST (test_refused),
        TEST (test_by_path),
        TEST (test_guest_writes_magic),
        TEST (test_missing),
        TEST (test_resize),
        TEST (test_list_and_destroy),
        TEST (test_interrupted),
        TEST (test_clone),
    };

    raw = hv_plugin.storage;
    return cmocka_run_group_tests (tests, NULL, NULL);
}
