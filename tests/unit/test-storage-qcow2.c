/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* storage-qcow2 with the real qemu-img; test-storage-chain.c has the hostile
 * images. */
#include "tests/unit/test-storage.h"

#include <sys/xattr.h>

#include "common/qcow2.h"

static const struct hv_storage *qcow2;

static int
chain (const struct scratch *s, const struct hv_volume *vol,
       struct hv_chain **out, struct hv_volume_info *info)
{
    *out = fake_chain (s->f);
    memset (info, 0, sizeof *info);
    return qcow2->chain (&s->f->ctx, vol, *out, info);
}

static void
check_layers (const struct scratch *s, const struct hv_volume *vol,
              uint64_t size, ...)
{
    struct hv_volume_info info;
    struct hv_chain *layers;
    const char *path;
    va_list args;
    size_t n = 0;

    check_done (s, chain (s, vol, &layers, &info));
    assert_int_equal (info.size, size);
    va_start (args, size);
    while ((path = va_arg (args, const char *))) {
        assert_true (n < layers->n);
        assert_string_equal (layers->layers[n].path, path);
        assert_string_equal (layers->layers[n].format,
                             va_arg (args, const char *));
        n++;
    }
    va_end (args);
    assert_int_equal (layers->n, n);
}

static void
test_create (void **state)
{
    const struct scratch *s = *state;
    struct hv_volume vol = volume (s, "root", 10240 * MIB);
    struct hv_volume_info info;
    struct hv_chain *layers;
    struct stat st;

    check_done (s, qcow2->create (&s->f->ctx, &vol));
    assert_int_equal (s->f->n_programs, 1);
    assert_true (s->f->programs[0].run);
    assert_string_equal (
        s->f->programs[0].words,
        hv_format (&s->f->ctx,
                   "qemu-img create -q -f qcow2 -o compat=1.1,"
                   "cluster_size=65536,lazy_refcounts=off,preallocation=off "
                   "%s/pool/.root.qcow2.new 10737418240",
                   s->dir));
    st = look (at (s, "pool/root.qcow2"));
    assert_int_equal (st.st_mode & 07777, 0600);
    assert_int_equal (st.st_nlink, 1);
    assert_int_equal (look (at (s, "pool")).st_mode & 07777, 0711);
    assert_int_equal (count_entries (at (s, "pool")), 1);
    TOOL ("qemu-img", "check", "-q", "-f", "qcow2", at (s, "pool/root.qcow2"));

    check_layers (s, &vol, 10240 * MIB, at (s, "pool/root.qcow2"), "qcow2",
                  NULL);
    check_done (s, chain (s, &vol, &layers, &info));
    assert_int_equal (info.allocated, (uint64_t)st.st_blocks * 512);
    assert_int_equal (s->f->n_programs, 1);

    vol.size = MIB;
    check_failed (s, qcow2->create (&s->f->ctx, &vol), EEXIST,
                  "root.qcow2 already exists");
    assert_int_equal (s->f->n_programs, 1);
    vol.size = 0;
    check_layers (s, &vol, 10240 * MIB, at (s, "pool/root.qcow2"), "qcow2",
                  NULL);
    assert_int_equal (count_entries (at (s, "pool")), 1);
}

static void
test_options (void **state)
{
    struct scratch *s = *state;
    struct hv_volume vol;

    s->pool = fake_options (s->f, qcow2->keys, "path", at (s, "p, q: 'r'"),
                            "preallocation", "metadata", "cluster_size", "2M",
                            "lazy_refcounts", "yes", NULL);
    vol = volume (s, "root", 64 * MIB);
    check_done (s, qcow2->create (&s->f->ctx, &vol));
    assert_non_null (strstr (s->f->programs[0].words,
                             "compat=1.1,cluster_size=2097152,"
                             "lazy_refcounts=on,preallocation=metadata"));
    check_layers (s, &vol, 64 * MIB, at (s, "p, q: 'r'/root.qcow2"), "qcow2",
                  NULL);
    /* Nothing is preallocated of an overlay. */
    vol = volume (s, "over", 0);
    vol.backing = at (s, "p, q: 'r'/root.qcow2");
    vol.backing_format = "qcow2";
    check_done (s, qcow2->create (&s->f->ctx, &vol));
    assert_non_null (strstr (s->f->programs[1].words, "preallocation=off"));
    check_layers (s, &vol, 64 * MIB, at (s, "p, q: 'r'/over.qcow2"), "qcow2",
                  vol.backing, "qcow2", NULL);

    s->pool = fake_options (s->f, qcow2->keys, "path", at (s, "pool"),
                            "preallocation", "some", NULL);
    vol = volume (s, "root", MIB);
    check_failed (s, qcow2->create (&s->f->ctx, &vol), EINVAL,
                  "'preallocation' must be off, metadata, falloc or full");
    s->pool = fake_options (s->f, qcow2->keys, "path", at (s, "pool"),
                            "cluster_size", "3M", NULL);
    vol = volume (s, "root", MIB);
    check_failed (s, qcow2->create (&s->f->ctx, &vol), EINVAL,
                  "power of two from 512 to 2M");
    s->pool = fake_options (s->f, qcow2->keys, "path", at (s, "pool"),
                            "preallocation", "full", NULL);
    vol = volume (s, "root", UINT64_C (1) << 52);
    check_failed (s, qcow2->create (&s->f->ctx, &vol), ENOSPC,
                  "the disk is full: the volume needs 4");
    assert_int_equal (count_entries (at (s, "pool")), 0);
    assert_int_equal (s->f->n_programs, 2);
}

static void
test_refused (void **state)
{
    struct scratch *s = *state;
    struct hv_volume vol = volume (s, "root", 0);

    check_failed (s, qcow2->create (&s->f->ctx, &vol), EINVAL,
                  "a size is needed");
    vol.size = 513;
    check_failed (s, qcow2->create (&s->f->ctx, &vol), EINVAL, "multiple");
    vol = volume (s, "root", 0);
    vol.backing_format = "qcow2";
    vol.backing = at (s, "none.qcow2");
    check_failed (s, qcow2->create (&s->f->ctx, &vol), ENOENT,
                  "the backing image is missing");
    vol.backing = "relative.qcow2";
    check_failed (s, qcow2->create (&s->f->ctx, &vol), EINVAL,
                  "must be absolute");
    vol.backing = "/two\nlines.qcow2";
    check_failed (s, qcow2->create (&s->f->ctx, &vol), EINVAL, "on one line");
    vol.backing = at (s, "base.vmdk");
    vol.backing_format = "vmdk";
    check_failed (s, qcow2->create (&s->f->ctx, &vol), ENOTSUP,
                  "has format 'vmdk'");
    write_file (at (s, "base.raw"), "not qcow2", 9);
    vol.backing = at (s, "base.raw");
    vol.backing_format = "qcow2";
    check_failed (s, qcow2->create (&s->f->ctx, &vol), EINVAL,
                  "base.raw is not a qcow2 image (it looks like raw)");
    vol.path = at (s, "image.qcow2");
    check_failed (s, qcow2->create (&s->f->ctx, &vol), EINVAL,
                  "only volumes in a pool");
    check_failed (s, qcow2->destroy (&s->f->ctx, &vol), EINVAL,
                  "only volumes in a pool");
    assert_int_equal (s->f->n_programs, 0);
    assert_int_equal (count_entries (at (s, "pool")), -1);
}

/* root on middle on base, by names as people write them. */
static void
test_overlays (void **state)
{
    const struct scratch *s = *state;
    struct hv_volume vol = volume (s, "root", 0);
    const char *middle = at (s, "images/middle.qcow2");

    assert_int_equal (mkdir (at (s, "images"), 0755), 0);
    write_file (at (s, "images/base.img"), "", 0);
    assert_int_equal (truncate (at (s, "images/base.img"), 3 * MIB + 100), 0);
    TOOL ("qemu-img", "create", "-q", "-f", "qcow2", "-b", "base.img", "-F",
          "raw", middle);
    vol.backing = middle;
    vol.backing_format = "qcow2";
    check_done (s, qcow2->create (&s->f->ctx, &vol));
    assert_string_equal (
        s->f->programs[0].words,
        hv_format (&s->f->ctx,
                   "qemu-img create -q -f qcow2 -u -b %s -F qcow2 -o "
                   "compat=1.1,cluster_size=65536,lazy_refcounts=off,"
                   "preallocation=off %s/pool/.root.qcow2.new 3146240",
                   middle, s->dir));
    check_layers (s, &vol, 3146240, at (s, "pool/root.qcow2"), "qcow2", middle,
                  "qcow2", at (s, "images/base.img"), "raw", NULL);

    vol = volume (s, "small", 3 * MIB);
    vol.backing = at (s, "images/base.img");
    vol.backing_format = "raw";
    check_failed (s, qcow2->create (&s->f->ctx, &vol), EINVAL,
                  "needs at least its size, 3145828");
    vol.size = 5 * MIB;
    check_done (s, qcow2->create (&s->f->ctx, &vol));
    check_layers (s, &vol, 5 * MIB, at (s, "pool/small.qcow2"), "qcow2",
                  at (s, "images/base.img"), "raw", NULL);
    /* QEMU agrees with us on what it would open. */
    TOOL ("qemu-io", "-f", "qcow2", "-c", "write -q -P 7 4M 64k",
          at (s, "pool/small.qcow2"));

    assert_int_equal (unlink (at (s, "images/base.img")), 0);
    check_failed (s, qcow2->create (&s->f->ctx, &vol), ENOENT,
                  "the backing image is missing");
    {
        struct hv_chain *layers;
        struct hv_volume_info info;

        check_failed (s, chain (s, &vol, &layers, &info), ENOENT,
                      hv_format (&s->f->ctx,
                                 "the backing file of %s/pool/small.qcow2 is "
                                 "missing: there is no file "
                                 "%s/images/base.img",
                                 s->dir, s->dir));
        assert_int_equal (layers->n, 0);
    }
}

static void
test_qemu_img_fails (void **state)
{
    struct scratch *s = *state;
    struct hv_volume vol = volume (s, "root", MIB);

    s->f->execute = false;
    check_failed (s, qcow2->create (&s->f->ctx, &vol), ENOENT,
                  "qemu-img is missing: install qemu-utils");
    assert_int_equal (count_entries (at (s, "pool")), 0);
    fake_answer (s->f, "qemu-img create", EIO, "qemu-img: its own words");
    check_failed (s, qcow2->create (&s->f->ctx, &vol), EIO,
                  "qemu-img: its own words");
    assert_int_equal (count_entries (at (s, "pool")), 0);
}

/* It says that it did, and did not. */
static void
test_qemu_img_lies (void **state)
{
    struct scratch *s = *state;
    struct hv_volume vol = volume (s, "root", MIB);

    s->f->execute = false;
    fake_answer (s->f, "qemu-img create", 0, "");
    check_failed (s, qcow2->create (&s->f->ctx, &vol), EIO,
                  "the image that qemu-img wrote is not a qcow2 image");
    assert_int_equal (count_entries (at (s, "pool")), 0);
}

static void
test_interrupted (void **state)
{
    const struct scratch *s = *state;
    struct hv_volume vol = volume (s, "root", MIB);

    assert_int_equal (mkdir (at (s, "pool"), 0700), 0);
    write_file (at (s, "pool/.root.qcow2.new"), "half of a volume", 16);
    check_done (s, qcow2->create (&s->f->ctx, &vol));
    check_layers (s, &vol, MIB, at (s, "pool/root.qcow2"), "qcow2", NULL);
    assert_int_equal (count_entries (at (s, "pool")), 1);
}

static void
test_resize (void **state)
{
    const struct scratch *s = *state;
    struct hv_volume vol = volume (s, "root", 4 * MIB);
    const char *path = at (s, "pool/root.qcow2");

    check_done (s, qcow2->create (&s->f->ctx, &vol));
    fake_reset (s->f);
    check_done (s, qcow2->resize (&s->f->ctx, &vol));
    assert_int_equal (s->f->n_programs, 0);
    vol.size = 6 * MIB;
    check_done (s, qcow2->resize (&s->f->ctx, &vol));
    assert_int_equal (s->f->n_programs, 1);
    assert_string_equal (
        s->f->programs[0].words,
        hv_format (&s->f->ctx, "qemu-img resize -q -f qcow2 %s 6291456", path));
    check_layers (s, &vol, 6 * MIB, path, "qcow2", NULL);
    vol.size = 4 * MIB;
    check_failed (s, qcow2->resize (&s->f->ctx, &vol), EINVAL,
                  "has a size of 6M and is not shrunk to 4M");
    check_layers (s, &vol, 6 * MIB, path, "qcow2", NULL);
    vol.name = "none";
    check_failed (s, qcow2->resize (&s->f->ctx, &vol), ENOENT,
                  "the volume is missing");
}

static void
test_list_and_destroy (void **state)
{
    const struct scratch *s = *state;
    struct hv_list *list = fake_list (s->f);
    struct hv_volume base = volume (s, "base", MIB);
    struct hv_volume a = volume (s, "a", 0), b = volume (s, "b", 0);

    check_done (s, qcow2->destroy (&s->f->ctx, &base));
    check_done (s, qcow2->list (&s->f->ctx, s->pool, list));
    assert_int_equal (list->n, 0);
    check_done (s, qcow2->create (&s->f->ctx, &base));
    a.backing = b.backing = at (s, "pool/base.qcow2");
    a.backing_format = b.backing_format = "qcow2";
    check_done (s, qcow2->create (&s->f->ctx, &a));
    check_done (s, qcow2->create (&s->f->ctx, &b));
    /* By a relative name it is the same file. */
    TOOL ("qemu-img", "rebase", "-q", "-u", "-f", "qcow2", "-F", "qcow2", "-b",
          "base.qcow2", at (s, "pool/b.qcow2"));
    write_file (at (s, "pool/broken.qcow2"), "x", 1);
    write_file (at (s, "pool/x.img"), "x", 1);
    assert_int_equal (mkfifo (at (s, "pool/fifo.qcow2"), 0600), 0);

    check_done (s, qcow2->list (&s->f->ctx, s->pool, list));
    assert_int_equal (list->n, 5);
    assert_string_equal (list->entries[0].name, "a");
    assert_string_equal (list->entries[1].name, "b");
    assert_string_equal (list->entries[2].name, "base");

    assert_int_equal (qcow2->destroy (&s->f->ctx, &base), -EBUSY);
    assert_non_null (strstr (s->f->message, "would lose their data: "));
    assert_true (strstr (s->f->message, "a, b")
                 || strstr (s->f->message, "b, a"));
    check_done (s, qcow2->destroy (&s->f->ctx, &b));
    check_failed (s, qcow2->destroy (&s->f->ctx, &base), EBUSY, "data: a");
    check_done (s, qcow2->destroy (&s->f->ctx, &a));
    check_done (s, qcow2->destroy (&s->f->ctx, &base));
    assert_int_equal (count_entries (at (s, "pool")), 3);
}

/* A hypervisor that was taken over writes another backing file's name to the
 * header of its disk. */
static void
test_header_rewritten (void **state)
{
    const struct scratch *s = *state;
    struct hv_volume vol = volume (s, "root", MIB);
    const char *path = at (s, "pool/root.qcow2");
    const char *secret = at (s, "secret");
    struct hv_volume_info info;
    struct hv_chain *layers;

    check_done (s, qcow2->create (&s->f->ctx, &vol));
    if (getxattr (path, "user.hvctl.backing", NULL, 0) < 0) {
        skip (); /* The file system has no attributes. */
    }
    write_file (secret, "secret", 6);
    TOOL ("qemu-img", "rebase", "-q", "-u", "-f", "qcow2", "-F", "raw", "-b",
          secret, path);
    check_failed (
        s, chain (s, &vol, &layers, &info), EPERM,
        hv_format (&s->f->ctx,
                   "was created by hvctl with the backing file '', but "
                   "its header now names '%s'",
                   secret));
    assert_int_equal (layers->n, 0);
    vol.size = 2 * MIB;
    fake_reset (s->f);
    check_failed (s, qcow2->resize (&s->f->ctx, &vol), EPERM, "its header now");
    assert_int_equal (s->f->n_programs, 0);
    /* Without a mark it is an image from elsewhere, though it is in a pool. */
    assert_int_equal (removexattr (path, "user.hvctl.backing"), 0);
    TOOL ("qemu-img", "rebase", "-q", "-u", "-f", "qcow2", "-F", "raw", "-b",
          "/etc/passwd", path);
    fake_reset (s->f);
    check_failed (s, chain (s, &vol, &layers, &info), EPERM,
                  "names /etc/passwd as its backing file, which is in another "
                  "directory");
    vol.size = 2 * MIB;
    check_failed (s, qcow2->resize (&s->f->ctx, &vol), EPERM,
                  "in another directory");
    assert_int_equal (s->f->n_programs, 0);
    TOOL ("qemu-img", "rebase", "-q", "-u", "-f", "qcow2", "-F", "raw", "-b",
          secret, path);
    /* The owner says that it was him. */
    assert_int_equal (
        setxattr (path, "user.hvctl.backing", secret, strlen (secret), 0), 0);
    check_layers (s, &vol, MIB, path, "qcow2", secret, "raw", NULL);
}

/* As cloud-hypervisor does when it repairs an image: no extensions, and so no
 * format of the layer below.  It is known all the same. */
static void
test_format_forgotten (void **state)
{
    const struct scratch *s = *state;
    struct hv_volume vol = volume (s, "root", MIB);
    const char *path = at (s, "pool/root.qcow2");
    const char *base = at (s, "base.raw");
    struct hv_volume_info info;
    struct hv_chain *layers;
    unsigned char nothing[8] = { 0 }, length[4];
    int fd;

    TOOL ("qemu-img", "create", "-q", "-f", "raw", base, "1M");
    vol.backing = base;
    vol.backing_format = "raw";
    check_done (s, qcow2->create (&s->f->ctx, &vol));
    fd = open (path, O_RDWR | O_CLOEXEC);
    assert_true (fd >= 0);
    assert_int_equal (pread (fd, length, 4, 100), 4); /* Of the header. */
    assert_int_equal (pwrite (fd, nothing, 8, length[2] << 8 | length[3]), 8);
    close (fd);
    if (getxattr (path, "user.hvctl.backing", NULL, 0) < 0) {
        skip (); /* The file system has no attributes. */
    }
    check_layers (s, &vol, MIB, path, "qcow2", base, "raw", NULL);
    assert_int_equal (removexattr (path, "user.hvctl.backing-format"), 0);
    check_failed (s, chain (s, &vol, &layers, &info), EINVAL,
                  "does not state the format");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_create),           TEST (test_options),
        TEST (test_refused),          TEST (test_overlays),
        TEST (test_qemu_img_fails),   TEST (test_qemu_img_lies),
        TEST (test_interrupted),      TEST (test_resize),
        TEST (test_list_and_destroy), TEST (test_header_rewritten),
        TEST (test_format_forgotten),
    };

    qcow2 = hv_plugin.storage;
    return cmocka_run_group_tests (tests, NULL, NULL);
}
