/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What storage-zfs destroys and what not; answers of zfs that are wrong,
 * hostile or late; images. */
#include "tests/kit/range.h"
#include "tests/unit/test-storage-zfs-fake.h"

/* ------------------------------------------------------------------ Destroy */

static void
test_destroy (void **state)
{
    struct lab *l = *state;
    struct hv_volume vol = volume (l->files);

    fake_answer (l->f, ALL, 0, OURS "t/vms/vm1\torigin\t-\t-\n");
    fake_answer (
        l->f, "zfs destroy", EIO,
        "zfs failed with status 1: cannot destroy 't/vms/vm1': dataset "
        "is busy");
    fake_answer (l->f, "zfs destroy", EIO,
                 "zfs failed with status 1: cannot unmount '/t': pool or "
                 "dataset is busy");
    fake_answer (l->f, "zfs destroy", 0, "");
    check_done (l->f, hv_plugin.storage->destroy (&l->f->ctx, &vol));
    assert_int_equal (l->f->n_programs, 4);
    check_program (l, 0,
                   GET_ALL "hvctl:owner,origin,defer_destroy,hvctl:maker "
                           "t/vms/vm1");
    check_program (l, 3, "zfs destroy t/vms/vm1");
}

/* It is busy for good: the time that there is, is the limit. */
static void
test_destroy_busy (void **state)
{
    struct lab *l = *state;
    struct hv_volume vol = volume (l->files);

    fake_limit (l->f, 400);
    fake_answer (l->f, ALL, 0, OURS);
    fake_answer (
        l->f, "zfs destroy", EIO,
        "zfs failed with status 1: cannot destroy 't/vms/vm1': dataset "
        "is busy");
    check_failed (l->f, hv_plugin.storage->destroy (&l->f->ctx, &vol), EBUSY,
                  "cannot destroy 't/vms/vm1': dataset is busy");
    assert_between (changes (l), 2, 10);
}

static void
test_destroy_not_ours (void **state)
{
    static const char *const owners[] = {
        "t/vms/vm1\thvctl:owner\t-\t-\n",
        "t/vms/vm1\thvctl:owner\tvolume\tinherited from t/vms\n",
        "t/vms/vm1\thvctl:owner\tvolume\tdefault\n",
        "t/vms/vm1\thvctl:owner\timage\tlocal\n",
        "t/vms/vm1\thvctl:owner\t\tlocal\n",
        "t/vms/vm1\thvctl:owner\tvolumes\tlocal\n",
        "t/vms/vm1\torigin\tvolume\tlocal\n",
    };
    struct lab *l = *state;
    struct hv_volume vol = volume (l->files);

    for (size_t i = 0; i < ARRAY_SIZE (owners); i++) {
        fake_answer (l->f, ALL, 0, owners[i]);
        check_failed (l->f, hv_plugin.storage->destroy (&l->f->ctx, &vol),
                      EPERM, "was not created by hvctl");
    }
    assert_int_equal (changes (l), 0);
}

static void
test_destroy_dependents (void **state)
{
    struct lab *l = *state;
    struct hv_volume vol = volume (l->files);

    fake_answer (l->f, ALL, 0,
                 OURS "t/vms/vm1@one\thvctl:owner\tsnapshot\tlocal\n"
                      "t/vms/vm1@two\thvctl:owner\t-\t-\n"
                      "t/vms/vm1/sub\thvctl:owner\t-\t-\n");
    check_failed (l->f, hv_plugin.storage->destroy (&l->f->ctx, &vol), EBUSY,
                  "one, two, t/vms/vm1/sub;");
    assert_int_equal (changes (l), 0);
}

static void
test_destroy_absent (void **state)
{
    static const char absent[] = "zfs failed with status 1: cannot open "
                                 "'t/vms/vm1': dataset does not exist";
    struct lab *l = *state;
    struct hv_volume vol = volume (l->files);

    fake_answer (l->f, ALL, EIO, absent);
    fake_answer (l->f, GET "type t/vms", 0, "t/vms\ttype\tfilesystem\t-\n");
    check_done (l->f, hv_plugin.storage->destroy (&l->f->ctx, &vol));
    /* If its pool is not imported, nobody knows that it is gone. */
    fake_answer (l->f, GET "type t/vms", EIO, absent);
    check_failed (l->f, hv_plugin.storage->destroy (&l->f->ctx, &vol), ENODEV,
                  "'zpool import t'");
}

/* --------------------------------------------------------------- Bad answers
 */

static void
test_hostile (void **state)
{
    static const char *const answers[] = {
        "",
        "\n\n",
        "t/vms/vm1",
        "t/vms/vm1\thvctl:owner\tvolume\n",
        "t/vms/vm1\thvctl:owner\tvolume\tlocal\textra\n",
        "\thvctl:owner\tvolume\tlocal\n",
        "t/vms/vm2\thvctl:owner\tvolume\tlocal\n",
        "t/vms/vm10\thvctl:owner\tvolume\tlocal\n",
        "t\thvctl:owner\tvolume\tlocal\n",
        "t/vms/vm1@s\thvctl:owner\tvolume\tlocal\n",
        OURS "x/y\torigin\t-\t-\n",
        OURS "t/vms/vm1\tcreatetxg\t-1\t-\n",
        OURS "t/vms/vm1\tcreatetxg\t1e9\t-\n",
        OURS "t/vms/vm1\tvolsize\t99999999999999999999\t-\n",
        OURS "t/vms/vm1\tvolsize\t10G\t-\n",
        "usage: zfs get [-rHp]\n",
    };
    struct lab *l = *state;
    struct hv_volume vol = volume (l->files);

    for (size_t i = 0; i < ARRAY_SIZE (answers); i++) {
        fake_answer (l->f, "zfs get", 0, answers[i]);
        check_failed (l->f, hv_plugin.storage->destroy (&l->f->ctx, &vol),
                      EPROTO, "cannot be parsed");
    }
    assert_int_equal (changes (l), 0);
}

static void
test_words (void **state)
{
    static const struct {
        const char *words;
        int error;
        const char *says;
    } cases[] = {
        { "cannot create snapshot 'a@b': out of space", ENOSPC,
          "out of space: make room in its pool" },
        { "cannot open 'a': permission denied", EACCES, "permission denied" },
        { "cannot create 'a': pool I/O is currently suspended", EIO,
          "suspended: see 'zpool status'" },
        { "connect: No such file or directory;Please make sure that the "
          "zfs-fuse daemon is running.;internal error: failed to initialize "
          "ZFS library",
          ENODEV, "failed to initialize ZFS library" },
        { "The ZFS modules are not loaded.\nTry running '/sbin/modprobe zfs' "
          "as root to load them",
          ENODEV, "as root to load them" },
        { "cannot create snapshot 'a@b': dataset already exists", EEXIST,
          "there is already a snapshot 's'" },
        { "something new", EIO, "something new" },
        { "", EIO, "" },
    };
    struct lab *l = *state;
    struct hv_volume vol = volume (l->files);

    fake_answer (l->f, ONE, 0, OURS);
    for (size_t i = 0; i < ARRAY_SIZE (cases); i++) {
        int r;

        fake_answer (l->f, "zfs snapshot", EIO,
                     hv_format (&l->f->ctx, "zfs failed with status 1%s%s",
                                *cases[i].words ? ": " : "", cases[i].words));
        r = hv_plugin.storage->snapshot (&l->f->ctx, &vol, "s");
        check_failed (l->f, r, cases[i].error, cases[i].says);
        assert_null (strstr (l->f->message, "status 1:"));
    }
}

static void
test_no_zfs (void **state)
{
    struct lab *l = *state;
    struct hv_volume vol = volume (l->files);

    check_failed (l->f, hv_plugin.storage->create (&l->f->ctx, &vol), ENOPKG,
                  "install zfsutils-linux");
    check_failed (l->f, hv_plugin.storage->destroy (&l->f->ctx, &vol), ENOPKG,
                  "install zfsutils-linux");
    vol.options = l->zvols;
    check_failed (l->f, hv_plugin.storage->create (&l->f->ctx, &vol), ENOPKG,
                  "install zfsutils-linux");
}

static void
test_late (void **state)
{
    struct lab *l = *state;
    struct hv_volume vol = volume (l->files);

    fake_limit (l->f, 2000);
    fake_answer (l->f, "zfs get", ETIMEDOUT,
                 "zfs did not finish within 2.0 seconds and was killed");
    check_failed (l->f, hv_plugin.storage->destroy (&l->f->ctx, &vol),
                  ETIMEDOUT, "did not finish within");
    assert_between (l->f->programs[0].timeout, 1, 2000);
    fake_limit (l->f, 600000);
    hv_plugin.storage->destroy (&l->f->ctx, &vol);
    assert_int_equal (l->f->programs[1].timeout, 30000);
}

/* ------------------------------------------------------------------- Images */

/* A clone of an image that is there takes two programs before it is filled. */
static void
test_image (void **state)
{
    struct lab *l = *state;
    struct hv_volume vol = volume (l->zvols);
    char path[] = "/tmp/hvctl-test-XXXXXX";
    int fd = mkstemp (path);
    const char *source, *name;

    assert_true (fd >= 0);
    assert_int_equal (ftruncate (fd, MIB + 1), 0);
    close (fd);
    vol.backing = path;
    vol.backing_format = "raw";
    fake_limit (l->f, 300);
    fake_answer (l->f, "zfs version", 0, MODULE);
    fake_answer (l->f, ALL, EIO,
                 "zfs failed with status 1: cannot open 'x': dataset does not "
                 "exist");
    fake_answer (l->f, "zfs create", EIO,
                 "zfs failed with status 1: cannot create 'x': parent does not "
                 "exist");
    fake_answer (l->f, GET "type t/vms", EIO,
                 "zfs failed with status 1: cannot open 't/vms': dataset does "
                 "not exist");
    check_failed (l->f, hv_plugin.storage->create (&l->f->ctx, &vol), ENODEV,
                  "there is no dataset 't/vms'");
    assert_string_equal (l->f->programs[2].argv[4], "1064960");
    source = strstr (l->f->programs[2].words, "hvctl:image=") + 12;
    source = hv_format (&l->f->ctx, "%.*s",
                        (int)(strstr (source, " -o volmode") - source), source);
    assert_non_null (strstr (source, path));
    name = strrchr (l->f->programs[2].words, ' ') + 1;
    assert_memory_equal (name, "t/vms/_image-", 13);

    fake_reset (l->f);
    fake_answer (l->f, ALL, 0,
                 hv_format (&l->f->ctx,
                            "%s\thvctl:owner\timage\tlocal\n"
                            "%s\thvctl:maker\tdone\tlocal\n"
                            "%s\thvctl:image\t%s\tlocal\n"
                            "%s@_image\thvctl:owner\tsnapshot\tlocal\n",
                            name, name, name, source, name));
    fake_answer (l->f, "zfs clone", 0, "");
    fake_answer (l->f, "zfs set", 0, "");
    fake_answer (l->f, "zfs destroy", 0, "");
    fake_answer (
        l->f, ONE, 0,
        hv_format (&l->f->ctx, "%s\thvctl:owner\timage\tlocal\n", name));
    /* Its node does not come; and the image has no other clone. */
    check_failed (l->f, hv_plugin.storage->create (&l->f->ctx, &vol), ETIMEDOUT,
                  "has not appeared");
    check_made (
        l, 2, "zfs clone -o hvctl:owner=volume",
        hv_format (&l->f->ctx, " -o volmode=dev %s@_image t/vms/vm1", name));
    check_program (l, 4, "zfs destroy t/vms/vm1");
    check_program (l, 6, hv_format (&l->f->ctx, "zfs destroy %s@_image", name));
    check_program (l, 7, hv_format (&l->f->ctx, "zfs destroy %s", name));
    unlink (path);
}

/* Another hvctl imports it: this one waits, as long as it may. */
static void
test_image_waits (void **state)
{
    struct lab *l = *state;
    struct hv_volume vol = volume (l->files);
    char path[] = "/tmp/hvctl-test-XXXXXX";
    int fd = mkstemp (path);
    const char *create;

    assert_true (fd >= 0);
    assert_int_equal (ftruncate (fd, MIB), 0);
    close (fd);
    vol.backing = path;
    vol.backing_format = "raw";
    fake_answer (l->f, ALL, EIO,
                 "zfs failed with status 1: cannot open 'x': dataset does not "
                 "exist");
    fake_answer (l->f, "zfs create", EIO,
                 "zfs failed with status 1: cannot create 'x': out of space");
    fake_answer (l->f, ONE, EIO, "zfs failed with status 1: does not exist");
    check_failed (l->f, hv_plugin.storage->create (&l->f->ctx, &vol), ENOSPC,
                  "cannot create 'x': out of space");
    create = l->f->programs[1].words;

    /* This process is one that lives. */
    fake_reset (l->f);
    {
        const char *name = strrchr (create, ' ') + 1;
        const char *maker = strstr (create, "hvctl:maker=") + 12;
        const char *source = strstr (create, "hvctl:image=") + 12;

        fake_answer (
            l->f, ALL, 0,
            hv_format (&l->f->ctx,
                       "%s\thvctl:owner\timage\tlocal\n"
                       "%s\thvctl:maker\t%.*s\tlocal\n"
                       "%s\thvctl:image\t%.*s\tlocal\n",
                       name, name, (int)strcspn (maker, " "), maker, name,
                       (int)(strstr (source, " -o atime") - source), source));
    }
    fake_limit (l->f, 700);
    check_failed (l->f, hv_plugin.storage->create (&l->f->ctx, &vol), ETIMEDOUT,
                  "still importing");
    assert_between (l->f->n_programs, 3, 5);
    assert_int_equal (changes (l), 0);
    unlink (path);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_destroy),
        TEST (test_destroy_busy),
        TEST (test_destroy_not_ours),
        TEST (test_destroy_dependents),
        TEST (test_destroy_absent),
        TEST (test_hostile),
        TEST (test_words),
        TEST (test_no_zfs),
        TEST (test_late),
        TEST (test_image),
        TEST (test_image_waits),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
