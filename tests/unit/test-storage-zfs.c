/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What storage-zfs asks of zfs.  The real one is in test-storage-zfs-real.c. */
#include "tests/unit/test-storage-zfs-fake.h"

/* ------------------------------------------------------------ What is asked */

static void
test_pool (void **state)
{
    static const char *const bad[] = { "",      "/t",     "t/",     "t//v",
                                       "-t/v",  "t/-v",   "t@s",    "t/v#b",
                                       "t/v%r", "t,v",    "t/../v", "t/v w",
                                       "t/.",   "t/\303", "t/v\n" };
    struct lab *l = *state;

    for (size_t i = 0; i < ARRAY_SIZE (bad); i++) {
        struct hv_volume vol = volume (fake_options (
            l->f, hv_plugin.storage->keys, "dataset", bad[i], NULL));

        check_failed (l->f, hv_plugin.storage->create (&l->f->ctx, &vol),
                      EINVAL, "dataset");
        check_failed (l->f, hv_plugin.storage->destroy (&l->f->ctx, &vol),
                      EINVAL, "dataset");
        check_failed (
            l->f,
            hv_plugin.storage->list (&l->f->ctx, vol.options, fake_list (l->f)),
            EINVAL, "dataset");
    }
    assert_int_equal (l->f->n_programs, 0);
}

static void
test_settings (void **state)
{
    static const char *const bad[][2] = { { "block_size", "3000" },
                                          { "block_size", "256" },
                                          { "block_size", "32M" },
                                          { "compression", "-o"
                                                           "=x" },
                                          { "compression", "lz4 " } };
    struct lab *l = *state;

    for (size_t i = 0; i < ARRAY_SIZE (bad); i++) {
        struct hv_volume vol =
            volume (fake_options (l->f, hv_plugin.storage->keys, "dataset",
                                  "t/vms", bad[i][0], bad[i][1], NULL));

        check_failed (l->f, hv_plugin.storage->create (&l->f->ctx, &vol),
                      EINVAL, bad[i][0]);
    }
    assert_int_equal (l->f->n_programs, 0);
}

/* A file system that is made, but not mounted, is destroyed again, and the
 * reason is what the user gets to see. */
static void
test_create_file (void **state)
{
    struct lab *l = *state;
    struct hv_volume vol = volume (
        fake_options (l->f, hv_plugin.storage->keys, "dataset", "t/vms",
                      "block_size", "64K", "compression", "zstd", NULL));

    fake_answer (l->f, "zfs create", 0, "");
    fake_answer (l->f, GET "type,mounted,mountpoint t/vms/vm1", 0,
                 "t/vms/vm1\ttype\tfilesystem\t-\n"
                 "t/vms/vm1\tmounted\tno\t-\n"
                 "t/vms/vm1\tmountpoint\tlegacy\tinherited from t\n");
    fake_answer (
        l->f, "zfs destroy", EIO,
        "zfs failed with status 1: cannot destroy 't/vms/vm1': dataset "
        "is busy");
    fake_answer (l->f, "zfs destroy", 0, "");
    check_failed (l->f, hv_plugin.storage->create (&l->f->ctx, &vol), ENODEV,
                  "its mountpoint is 'legacy'");
    check_made (l, 0, "zfs create -o hvctl:owner=volume",
                " -o recordsize=65536 -o atime=off -o compression=zstd "
                "t/vms/vm1");
    check_program (l, 2, "zfs destroy t/vms/vm1");
    check_program (l, 3, "zfs destroy t/vms/vm1");
    assert_int_equal (l->f->n_programs, 4);
    assert_int_equal (l->f->n_log, 0);
}

/* The node never comes. */
static void
test_create_zvol (void **state)
{
    struct lab *l = *state;
    struct hv_volume vol = volume (l->zvols);

    fake_limit (l->f, 300);
    fake_answer (l->f, "zfs version", 0, MODULE);
    fake_answer (l->f, "zfs create", 0, "");
    fake_answer (l->f, "zfs set", 0, "");
    fake_answer (l->f, "zfs destroy", 0, "");
    check_failed (l->f, hv_plugin.storage->create (&l->f->ctx, &vol), ETIMEDOUT,
                  "/dev/zvol/t/vms/vm1 has not appeared");
    check_made (l, 1, "zfs create -s -V 10485760 -o hvctl:owner=volume",
                " -o volmode=dev -o volblocksize=16384 t/vms/vm1");
    check_program (l, 2, "zfs set volsize=10485760 hvctl:maker=done t/vms/vm1");
    check_program (l, 3, "zfs destroy t/vms/vm1");

    fake_reset (l->f);
    vol.size = 10 * MIB + 512;
    check_failed (l->f, hv_plugin.storage->create (&l->f->ctx, &vol), EINVAL,
                  "multiple of 16384");
    assert_int_equal (changes (l), 0);
}

static void
test_no_zvols (void **state)
{
    static const char *const answers[] = { "", "zfs-0.7.0\n", "usage: zfs" };
    struct lab *l = *state;
    struct hv_volume vol = volume (l->zvols);

    for (size_t i = 0; i < ARRAY_SIZE (answers); i++) {
        fake_answer (l->f, "zfs version", 0, answers[i]);
    }
    for (size_t i = 0; i < ARRAY_SIZE (answers); i++) {
        check_failed (l->f, hv_plugin.storage->create (&l->f->ctx, &vol),
                      ENOTSUP, "set 'zvol' to no");
    }
    fake_answer (l->f, "zfs version", EIO,
                 "zfs failed with status 2: unrecognized command 'version'");
    check_failed (l->f, hv_plugin.storage->create (&l->f->ctx, &vol), ENOTSUP,
                  "set 'zvol' to no");
    assert_int_equal (changes (l), 0);
}

/* zfs of zfs-fuse aborts: that is a failure like any other. */
static void
test_aborts (void **state)
{
    struct lab *l = *state;
    struct hv_volume vol = volume (l->files);

    fake_answer (l->f, "zfs create", EIO,
                 "zfs was killed by signal 6 (Aborted): internal error: "
                 "Function not implemented");
    fake_answer (l->f, ONE, EIO,
                 "zfs failed with status 1: cannot open 't/vms/vm1': dataset "
                 "does not exist");
    check_failed (l->f, hv_plugin.storage->create (&l->f->ctx, &vol), EIO,
                  "killed by signal 6 (Aborted): internal error");
    assert_int_equal (l->f->n_programs, 2);
}

/* What zfs made before it failed is destroyed, if this process made it. */
static void
test_half (void **state)
{
    static const char failed[] =
        "zfs failed with status 1: filesystem successfully created, but it may "
        "only be mounted by root";
    struct lab *l = *state;
    struct hv_volume vol = volume (l->files);
    const char *maker;

    fake_answer (l->f, "zfs create", EIO, failed);
    fake_answer (l->f, ONE, 0,
                 OURS "t/vms/vm1\thvctl:maker\t12345678.1.1\tlocal\n");
    check_failed (l->f, hv_plugin.storage->create (&l->f->ctx, &vol), EACCES,
                  "mounted by root");
    assert_int_equal (changes (l), 1);
    maker = strstr (l->f->programs[0].words, "hvctl:maker=") + 12;

    fake_answer (l->f, ONE, 0,
                 hv_format (&l->f->ctx,
                            OURS "t/vms/vm1\thvctl:maker\t%.*s\tlocal\n",
                            (int)strcspn (maker, " "), maker));
    fake_reset (l->f);
    fake_answer (l->f, "zfs destroy", 0, "");
    check_failed (l->f, hv_plugin.storage->create (&l->f->ctx, &vol), EACCES,
                  "mounted by root");
    check_program (l, 2, "zfs destroy t/vms/vm1");
}

static void
test_snapshot (void **state)
{
    struct lab *l = *state;
    struct hv_volume vol = volume (l->files);

    fake_answer (l->f, ONE, 0, OURS);
    fake_answer (l->f, "zfs snapshot", 0, "");
    check_done (l->f, hv_plugin.storage->snapshot (&l->f->ctx, &vol, "before"));
    check_program (l, 0, GET "hvctl:owner,type t/vms/vm1");
    check_program (l, 1,
                   "zfs snapshot -o hvctl:owner=snapshot t/vms/vm1@before");
    assert_int_equal (l->f->n_programs, 2);

    fake_reset (l->f);
    fake_answer (l->f, ALL, 0,
                 OURS "t/vms/vm1@before\tcreatetxg\t7\t-\n"
                      "t/vms/vm1@later\tcreatetxg\t9\t-\n");
    fake_answer (l->f, "zfs rollback", 0, "");
    check_failed (l->f, hv_plugin.storage->revert (&l->f->ctx, &vol, "before"),
                  EBUSY, "lost: later;");
    assert_int_equal (changes (l), 0);
    check_done (l->f, hv_plugin.storage->revert (&l->f->ctx, &vol, "later"));
    check_program (l, 0,
                   GET_ALL "hvctl:owner,createtxg,defer_destroy,hvctl:maker "
                           "t/vms/vm1");
    check_program (l, 2, "zfs rollback t/vms/vm1@later");
}

/* By transaction, not by name, nor by the second in which they were made. */
static void
test_order (void **state)
{
    struct lab *l = *state;
    struct hv_volume vol = volume (l->files);
    struct hv_list *list = fake_list (l->f);

    fake_answer (l->f, ALL, 0,
                 OURS "t/vms/vm1\tcreation\t1700000000\t-\n"
                      "t/vms/vm1\tcreatetxg\t5\t-\n"
                      "t/vms/vm1@a\tcreation\t1700000009\t-\n"
                      "t/vms/vm1@a\tcreatetxg\t30\t-\n"
                      "t/vms/vm1@b\tcreation\t1700000009\t-\n"
                      "t/vms/vm1@b\tcreatetxg\t10\t-\n"
                      "t/vms/vm1@_image\tcreation\t1600000000\t-\n"
                      "t/vms/vm1@_image\tcreatetxg\t1\t-\n"
                      "t/vms/vm1#mark\tcreatetxg\t2\t-\n"
                      "t/vms/vm1/sub\tcreatetxg\t3\t-\n"
                      "t/vms/vm1@c d\tcreatetxg\t4\t-\n"
                      "t/vms/vm1@z\tcreation\t1700000009\t-\n"
                      "t/vms/vm1@z\tcreatetxg\t20\t-\n");
    check_done (l->f, hv_plugin.storage->snapshots (&l->f->ctx, &vol, list));
    assert_int_equal (list->n, 3);
    assert_string_equal (list->entries[0].name, "b");
    assert_string_equal (list->entries[1].name, "z");
    assert_string_equal (list->entries[2].name, "a");
    assert_string_equal (list->entries[0].detail, "1700000009");
}

static void
test_forget (void **state)
{
    struct lab *l = *state;
    struct hv_volume vol = volume (l->files);

    fake_answer (l->f, ALL, 0,
                 OURS "t/vms/vm1@s\thvctl:owner\tsnapshot\tlocal\n"
                      "t/vms/vm1@auto\thvctl:owner\tvolume\tinherited from "
                      "t/vms/vm1\n"
                      "t/vms/vm1@bare\thvctl:owner\t-\t-\n");
    check_failed (l->f, hv_plugin.storage->forget (&l->f->ctx, &vol, "auto"),
                  EPERM, "not created by hvctl");
    check_failed (l->f, hv_plugin.storage->forget (&l->f->ctx, &vol, "bare"),
                  EPERM, "not created by hvctl");
    check_failed (l->f, hv_plugin.storage->forget (&l->f->ctx, &vol, "none"),
                  ENOENT, "no snapshot 'none'");
    assert_int_equal (changes (l), 0);

    fake_answer (l->f, "zfs destroy", EIO,
                 "zfs failed with status 1: cannot destroy 't/vms/vm1@s': "
                 "snapshot has dependent clones;use '-R' to destroy the "
                 "following datasets:;t/other");
    fake_answer (l->f, "zfs get -Hp -r -o name,value origin t", 0,
                 "t\t-\nt/vms/vm1\t-\nt/other\tt/vms/vm1@s\nt/x\tt/y@s\n"
                 "t/third\tt/vms/vm1@s\n");
    check_failed (l->f, hv_plugin.storage->forget (&l->f->ctx, &vol, "s"),
                  EBUSY, "lose their data: t/other, t/third");
    /* It is not busy: no second try. */
    assert_int_equal (changes (l), 1);
}

static void
test_promote (void **state)
{
    struct lab *l = *state;
    struct hv_volume vol = volume (l->files);

    fake_answer (l->f, ONE, 0, OURS "t/vms/vm1\torigin\t-\t-\n");
    check_done (l->f, hv_plugin.storage->promote (&l->f->ctx, &vol));
    assert_int_equal (changes (l), 0);
    fake_answer (l->f, ONE, 0, OURS "t/vms/vm1\torigin\tt/i@s\t-\n");
    fake_answer (l->f, "zfs promote", 0, "");
    check_done (l->f, hv_plugin.storage->promote (&l->f->ctx, &vol));
    check_program (l, 2, "zfs promote t/vms/vm1");
    /* It has the same origin still here, as a clone of a clone has. */
    assert_int_equal (l->f->n_programs, 4);
}

static void
test_chain_zvol (void **state)
{
    struct lab *l = *state;
    struct hv_volume vol = volume (l->zvols);
    struct hv_chain *chain = fake_chain (l->f);
    struct hv_volume_info info;

    fake_answer (l->f, ONE, 0,
                 "t/vms/vm1\ttype\tvolume\t-\n"
                 "t/vms/vm1\tvolsize\t1099511627776\t-\n"
                 "t/vms/vm1\treferenced\t57344\t-\n"
                 "t/vms/vm1\thvctl:maker\tdone\tlocal\n");
    check_done (l->f,
                hv_plugin.storage->chain (&l->f->ctx, &vol, chain, &info));
    assert_int_equal (chain->n, 1);
    assert_string_equal (chain->layers[0].path, "/dev/zvol/t/vms/vm1");
    assert_string_equal (chain->layers[0].format, "raw");
    assert_true (info.size == UINT64_C (1099511627776));
    assert_int_equal (info.allocated, 57344);
    check_program (l, 0, GET "type,volsize,referenced,hvctl:maker t/vms/vm1");
    assert_int_equal (changes (l), 0);

    fake_answer (l->f, ONE, 0,
                 "t/vms/vm1\ttype\tvolume\t-\n"
                 "t/vms/vm1\thvctl:maker\t12345678.5.6\tlocal\n");
    check_failed (l->f,
                  hv_plugin.storage->chain (&l->f->ctx, &vol, chain, &info),
                  ENOENT, "interrupted");
    fake_answer (l->f, ONE, 0, "t/vms/vm1\ttype\tfilesystem\t-\n");
    check_failed (l->f,
                  hv_plugin.storage->chain (&l->f->ctx, &vol, chain, &info),
                  EINVAL, "is a file system");
    fake_limit (l->f, 100);
    check_failed (l->f, hv_plugin.storage->activate (&l->f->ctx, &vol),
                  ETIMEDOUT, "is udev running");
}

static void
test_resize_zvol (void **state)
{
    struct lab *l = *state;
    struct hv_volume vol = volume (l->zvols);

    fake_answer (l->f, ONE, 0, OURS "t/vms/vm1\tvolsize\t10485760\t-\n");
    fake_answer (l->f, "zfs set", 0, "");
    check_done (l->f, hv_plugin.storage->resize (&l->f->ctx, &vol));
    assert_int_equal (changes (l), 0);
    vol.size = 20 * MIB;
    check_done (l->f, hv_plugin.storage->resize (&l->f->ctx, &vol));
    check_program (l, 2, "zfs set volsize=20971520 t/vms/vm1");
    vol.size = MIB;
    check_failed (l->f, hv_plugin.storage->resize (&l->f->ctx, &vol), EINVAL,
                  "not shrunk");
    assert_int_equal (changes (l), 1);
}

static void
test_list (void **state)
{
    struct lab *l = *state;
    struct hv_list *list = fake_list (l->f);

    fake_answer (l->f, ALL, 0,
                 "t/vms\ttype\tfilesystem\t-\n"
                 "t/vms\thvctl:owner\tvolume\tlocal\n"
                 "t/vms@s\ttype\tsnapshot\t-\n"
                 "t/vms@s\thvctl:owner\tvolume\tinherited from t/vms\n"
                 "t/vms/a\ttype\tfilesystem\t-\n"
                 "t/vms/a\thvctl:owner\tvolume\tlocal\n"
                 "t/vms/theirs\ttype\tfilesystem\t-\n"
                 "t/vms/theirs\thvctl:owner\tvolume\tinherited from t/vms\n"
                 "t/vms/_image-1\ttype\tfilesystem\t-\n"
                 "t/vms/_image-1\thvctl:owner\timage\tlocal\n"
                 "t/vms/z\ttype\tvolume\t-\n"
                 "t/vms/z\thvctl:owner\tvolume\treceived\n");
    check_done (l->f, hv_plugin.storage->list (&l->f->ctx, l->files, list));
    assert_int_equal (list->n, 1);
    assert_string_equal (list->entries[0].name, "a");
    list = fake_list (l->f);
    check_done (l->f, hv_plugin.storage->list (&l->f->ctx, l->zvols, list));
    assert_int_equal (list->n, 1);
    assert_string_equal (list->entries[0].name, "z");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_pool),        TEST (test_settings), TEST (test_create_file),
        TEST (test_create_zvol), TEST (test_no_zvols), TEST (test_aborts),
        TEST (test_half),        TEST (test_snapshot), TEST (test_order),
        TEST (test_forget),      TEST (test_promote),  TEST (test_chain_zvol),
        TEST (test_resize_zvol), TEST (test_list),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
