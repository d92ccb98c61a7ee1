/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Volumes of a real ZFS that are sent and received, and cloned. */
#include "tests/kit/range.h"
#include "plugins/storage-zfs/zfs.h"
#include "tests/unit/test-storage-zfs-lab.h"

static int
send_to (struct lab *l, const struct hv_volume *vol, const char *name, int fd)
{
    fake_reset (l->f);
    return hv_plugin.storage->send (&l->f->ctx, vol, name, NULL, fd);
}

static int
receive (struct lab *l, const struct hv_volume *vol, const char *snapshot,
         int fd)
{
    fake_reset (l->f);
    return hv_plugin.storage->receive (&l->f->ctx, vol, snapshot, fd);
}

/* Changes a byte of the file. */
static void
poke (int fd, off_t at, unsigned char value)
{
    assert_int_equal (pwrite (fd, &value, 1, at), 1);
}

static int
receive_again (struct lab *l, const struct hv_volume *vol, int fd)
{
    assert_int_equal (lseek (fd, 0, SEEK_SET), 0);
    return receive (l, vol, NULL, fd);
}

static int
stream_file (struct lab *l)
{
    const char *path =
        hv_format (&l->f->ctx, "%s/stream", getenv ("HVCTL_TEST_DIR"));
    int fd = open (path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true (fd >= 0);
    return fd;
}

/* Through a file. */
static void
test_stream (void **state)
{
    struct lab *l = *state;
    struct hv_volume vol = volume (l, "a", 100 * MIB),
                     copy = volume (l, "b", 0);
    int fd = stream_file (l);
    struct hv_volume_info info;
    struct stat st;
    const char *disk;

    check_done (l->f, create (l, &vol));
    disk = path_of (l, &vol, NULL);
    put (disk, 4096, "old");
    put (disk, 3 * MIB - 2, "across");
    put (disk, 100 * MIB - 4, "last");
    check_done (l->f, snapshot (l, &vol, "s"));
    put (disk, 4096, "new");
    check_failed (l->f, send_to (l, &vol, "t", fd), ENOENT,
                  "a@t' does not exist");
    check_done (l->f, send_to (l, &vol, "s", fd));
    assert_int_equal (fstat (fd, &st), 0);
    assert_between (st.st_size, 3 * 65536, 2 * MIB);
    assert_between (l->f->total, 65536, 2 * MIB);

    check_done (l->f, receive_again (l, &copy, fd));
    check_silent (l);
    assert_int_equal (count (l), 2);
    disk = path_of (l, &copy, &info);
    assert_int_equal (info.size, 100 * MIB);
    assert_true (info.allocated < 2 * MIB);
    check_text (disk, 4096, "old");
    check_text (disk, 3 * MIB - 2, "across");
    check_text (disk, 100 * MIB - 4, "last");
    /* It is a volume like any other, without the snapshot. */
    assert_int_equal (stat (disk, &st), 0);
    assert_int_equal (st.st_mode & 07777, 0600);
    check_done (l->f, snapshot (l, &copy, "s"));
    check_done (l->f, hv_plugin.storage->forget (&l->f->ctx, &copy, "s"));

    check_failed (l->f, receive_again (l, &copy, fd), EEXIST, "already");
    check_text (disk, 4096, "old");
    check_done (l->f, hv_plugin.storage->destroy (&l->f->ctx, &copy));
    assert_int_equal (count (l), 1);
    close (fd);
}

/* What was cut off anywhere is no volume, and what is no stream of ours is
 * told by its name before zfs sees it. */
static void
test_bad_stream (void **state)
{
    static const struct {
        off_t at;
        unsigned char value;
        const char *says;
    } bad[] = {
        { 8, 'Q', "not from 'zfs send'" },
        { 0, 1, "not from 'zfs send'" },
        { 16, 2, "contains properties" },
        { 16, 0, "contains properties" },
        { 48, 7, "the stream is incremental" },
        { 32, 3, "of a ZFS volume, but the pool is for files" },
        { 32, 1, "neither of a ZFS file system" },
    };
    struct lab *l = *state;
    struct hv_volume vol = volume (l, "a", 16 * MIB), copy = volume (l, "c", 0);
    int fd = stream_file (l);
    unsigned char was;
    struct stat st;

    check_done (l->f, create (l, &vol));
    put (path_of (l, &vol, NULL), 4096, "old");
    check_done (l->f, snapshot (l, &vol, "s"));
    check_done (l->f, send_to (l, &vol, "s", fd));
    for (size_t i = 0; i < ARRAY_SIZE (bad); i++) {
        assert_int_equal (pread (fd, &was, 1, bad[i].at), 1);
        poke (fd, bad[i].at, bad[i].value);
        check_failed (l->f, receive_again (l, &copy, fd), EINVAL, bad[i].says);
        assert_int_equal (l->f->n_programs, 1); /* Is the name free? */
        poke (fd, bad[i].at, was);
    }
    assert_int_equal (fstat (fd, &st), 0);
    for (off_t cut = st.st_size - 1; cut >= 0; cut -= st.st_size / 5) {
        assert_int_equal (ftruncate (fd, cut), 0);
        check_failed (l->f, receive_again (l, &copy, fd),
                      cut < 312 ? EPIPE : EINVAL,
                      cut < 312 ? "too early" : "truncated");
        check_silent (l);
        assert_int_equal (count (l), 1);
    }
    close (fd);
}

/* Sends what a command makes in a dataset of its own, which stays. */
static int
send_foreign (struct lab *l, int number, const char *command)
{
    const char *x =
        hv_format (&l->f->ctx, "%s/x%d", getenv ("HVCTL_TEST_DATASET"), number);

    sh ("zfs create %s", x);
    sh ("cd $(zfs get -Hp -o value mountpoint %s) && %s", x, command);
    sh ("zfs snapshot %s@s && zfs send %s@s > %s/stream", x, x,
        getenv ("HVCTL_TEST_DIR"));
    return open (hv_format (&l->f->ctx, "%s/stream", getenv ("HVCTL_TEST_DIR")),
                 O_RDWR | O_CLOEXEC);
}

/* A stream of a file system of somebody's. */
static void
test_foreign (void **state)
{
    static const char *const makes[] = {
        "mkdir disk.raw",
        "ln -s /etc/passwd disk.raw",
        "truncate -s 1M disk.raw && cp /bin/true suid",
        "truncate -s 1M disk.raw && ln disk.raw .b",
        "true",
    };
    struct lab *l = *state;
    struct hv_volume copy = volume (l, "c", 0);
    struct stat st;
    int fd;

    for (size_t i = 0; i < ARRAY_SIZE (makes); i++) {
        fd = send_foreign (l, (int)i, makes[i]);
        check_failed (l->f, receive_again (l, &copy, fd), EINVAL,
                      "it is not a volume");
        check_silent (l);
        assert_int_equal (count (l), 0);
        close (fd);
    }

    /* With a disk it is as good as one of ours, and then only ours. */
    fd = send_foreign (l, 9,
                       "truncate -s 1M disk.raw && chown 1234 . disk.raw && "
                       "chmod 4777 disk.raw");
    check_done (l->f, receive_again (l, &copy, fd));
    assert_int_equal (stat (path_of (l, &copy, NULL), &st), 0);
    assert_int_equal (st.st_mode & 07777, 0600);
    assert_int_equal (st.st_uid, 0);
    close (fd);
}

/* What a killed one leaves is swept by the next, and nothing else is. */
static void
test_left (void **state)
{
    struct lab *l = *state;
    struct hv_volume vol = volume (l, "a", 16 * MIB), copy = volume (l, "c", 0);
    int fd = stream_file (l);

    check_done (l->f, create (l, &vol));
    check_done (l->f, snapshot (l, &vol, "s"));
    check_done (l->f, send_to (l, &vol, "s", fd));
    sh ("zfs create -o hvctl:owner=stream -o hvctl:maker=00000000.1.1 "
        "%s/_receive-0",
        l->dataset);
    sh ("zfs receive -u %s/_receive-0/z < %s/stream", l->dataset,
        getenv ("HVCTL_TEST_DIR"));
    sh ("zfs create %s/_receive-1", l->dataset);
    check_done (l->f, receive_again (l, &copy, fd));
    check_silent (l);
    assert_int_equal (count (l), 3);
    close (fd);
}

static int
clone (struct lab *l, const struct hv_volume *vol, const struct hv_volume *from,
       const char *snapshot)
{
    fake_reset (l->f);
    return hv_plugin.storage->clone (&l->f->ctx, vol, from, snapshot);
}

/* Of a snapshot, and of what there is now: its snapshot is hidden, and goes
 * with the clone. */
static void
test_clone (void **state)
{
    struct lab *l = *state;
    struct hv_volume vol = volume (l, "a", 16 * MIB), b = volume (l, "b", 0),
                     c = volume (l, "c", 0);
    struct hv_list *list = fake_list (l->f);

    check_done (l->f, create (l, &vol));
    put (path_of (l, &vol, NULL), 4096, "old");
    check_done (l->f, snapshot (l, &vol, "s"));
    put (path_of (l, &vol, NULL), 4096, "new");
    check_failed (l->f, clone (l, &b, &vol, "t"), ENOENT, "no snapshot 't'");
    check_failed (l->f, clone (l, &b, &c, NULL), ENOENT, "does not exist");
    check_done (l->f, clone (l, &b, &vol, "s"));
    check_failed (l->f, clone (l, &b, &vol, "s"), EEXIST, "already");
    check_done (l->f, clone (l, &c, &vol, NULL));
    check_failed (l->f, clone (l, &c, &vol, NULL), EEXIST, "already");
    check_silent (l);
    check_text (path_of (l, &b, NULL), 4096, "old");
    check_text (path_of (l, &c, NULL), 4096, "new");
    put (path_of (l, &b, NULL), 4096, "mine");
    check_text (path_of (l, &vol, NULL), 4096, "new");

    check_done (l->f, hv_plugin.storage->snapshots (&l->f->ctx, &vol, list));
    assert_int_equal (list->n, 1);
    check_failed (l->f, hv_plugin.storage->destroy (&l->f->ctx, &vol), EBUSY,
                  "s");
    check_failed (l->f, hv_plugin.storage->forget (&l->f->ctx, &vol, "s"),
                  EBUSY, "/b");
    check_done (l->f, hv_plugin.storage->destroy (&l->f->ctx, &b));
    check_done (l->f, hv_plugin.storage->forget (&l->f->ctx, &vol, "s"));
    check_failed (l->f, hv_plugin.storage->destroy (&l->f->ctx, &vol), EBUSY,
                  "/c");

    /* It does not need the other any more. */
    check_done (l->f, hv_plugin.storage->promote (&l->f->ctx, &c));
    check_failed (l->f, hv_plugin.storage->destroy (&l->f->ctx, &c), EBUSY,
                  "/a");
    check_done (l->f, hv_plugin.storage->destroy (&l->f->ctx, &vol));
    check_text (path_of (l, &c, NULL), 4096, "new");
    check_done (l->f, hv_plugin.storage->destroy (&l->f->ctx, &c));
    assert_int_equal (count (l), 0);
}

/* Snapshots of clones that failed, or whose hvctl was killed, are in nobody's
 * way; those of which something is a clone, or will be, are. */
static void
test_hidden (void **state)
{
    struct lab *l = *state;
    struct hv_volume vol = volume (l, "a", 16 * MIB), b = volume (l, "b", 0),
                     c = volume (l, "c", 0);
    static const char *const makers[] = { "", "-o hvctl:maker=9999999.1" };

    for (size_t i = 0; i < ARRAY_SIZE (makers); i++) {
        const char *leave = hv_format (
            &l->f->ctx, "zfs snapshot -o hvctl:owner=snapshot %s %s/a@_clone-",
            makers[i], l->dataset);

        check_done (l->f, create (l, &vol));
        check_done (l->f, snapshot (l, &vol, "s"));
        sh ("%sb", leave);
        sh ("%sx", leave);
        check_done (l->f, clone (l, &b, &vol, NULL));
        check_done (l->f, hv_plugin.storage->destroy (&l->f->ctx, &b));
        assert_string_equal (
            said (l, "zfs list -H -t snapshot | grep -c %s", l->dataset), "1");

        sh ("%sb", leave);
        check_done (l->f, revert (l, &vol, "s"));
        sh ("%sb", leave);
        check_done (l->f, forget (l, &vol, "s"));
        sh ("%sb", leave);
        check_done (l->f, hv_plugin.storage->destroy (&l->f->ctx, &vol));
        assert_int_equal (count (l), 0);
    }

    /* ZFS was not told that it is to go with its clone. */
    check_done (l->f, create (l, &vol));
    sh ("zfs snapshot -o hvctl:owner=snapshot %s/a@_clone-c", l->dataset);
    sh ("zfs clone -o hvctl:owner=volume %s/a@_clone-c %s/c", l->dataset,
        l->dataset);
    check_failed (l->f, hv_plugin.storage->destroy (&l->f->ctx, &vol), EBUSY,
                  "/c");
    check_done (l->f, hv_plugin.storage->destroy (&l->f->ctx, &c));
    sh ("zfs snapshot -o hvctl:owner=snapshot -o hvctl:maker=%s %s/a@_clone-c",
        zfs_maker (&l->f->ctx), l->dataset);
    check_failed (l->f, hv_plugin.storage->destroy (&l->f->ctx, &vol), EBUSY,
                  "is being cloned");
    sh ("zfs destroy %s/a@_clone-c", l->dataset);
    check_done (l->f, hv_plugin.storage->destroy (&l->f->ctx, &vol));
    assert_int_equal (count (l), 0);
}

/* Sends a snapshot to a file, from its beginning. */
static int
send_from (struct lab *l, const struct hv_volume *vol, const char *name,
           const char *from, int fd)
{
    assert_int_equal (ftruncate (fd, 0), 0);
    assert_int_equal (lseek (fd, 0, SEEK_SET), 0);
    fake_reset (l->f);
    return hv_plugin.storage->send (&l->f->ctx, vol, name, from, fd);
}

static int
add (struct lab *l, const struct hv_volume *vol, const char *snapshot, int fd)
{
    assert_int_equal (lseek (fd, 0, SEEK_SET), 0);
    return receive (l, vol, snapshot, fd);
}

/* The copy follows the original, from one snapshot to the next. */
static void
test_increment (void **state)
{
    struct lab *l = *state;
    struct hv_volume vol = volume (l, "a", 16 * MIB), copy = volume (l, "b", 0),
                     none = volume (l, "c", 0);
    struct hv_list *list = fake_list (l->f);
    int fd = stream_file (l);
    struct stat st;

    check_done (l->f, create (l, &vol));
    put (path_of (l, &vol, NULL), 4096, "one");
    put (path_of (l, &vol, NULL), MIB, "a megabyte further on");
    check_done (l->f, snapshot (l, &vol, "s1"));
    check_done (l->f, send_from (l, &vol, "s1", NULL, fd));
    check_done (l->f, add (l, &copy, "base", fd));
    check_text (path_of (l, &copy, NULL), 4096, "one");
    check_failed (l->f, add (l, &copy, "more", fd), EEXIST, "already");
    check_done (l->f, hv_plugin.storage->snapshots (&l->f->ctx, &copy, list));
    assert_int_equal (list->n, 1);
    assert_string_equal (list->entries[0].name, "base");

    put (path_of (l, &vol, NULL), 4096, "two");
    check_done (l->f, snapshot (l, &vol, "s2"));
    put (path_of (l, &vol, NULL), 4096, "three");
    check_done (l->f, snapshot (l, &vol, "s3"));
    check_failed (l->f, send_from (l, &vol, "s2", "s9", fd), ENOENT, "@s9'");
    check_failed (l->f, send_from (l, &vol, "s2", "s3", fd), EINVAL,
                  "is not older");
    check_failed (l->f, send_from (l, &vol, "s2", "s2", fd), EINVAL,
                  "is not older");
    check_done (l->f, send_from (l, &vol, "s2", "s1", fd));
    assert_int_equal (fstat (fd, &st), 0);
    assert_between (st.st_size, 312, 600000);
    check_failed (l->f, add (l, &copy, NULL, fd), EEXIST, "already");
    check_failed (l->f, add (l, &none, "n2", fd), ENOENT,
                  "send a full stream first");
    check_failed (l->f, add (l, &copy, "base", fd), EEXIST,
                  "already a snapshot 'base'");
    check_done (l->f, add (l, &copy, "n2", fd));
    check_silent (l);
    check_text (path_of (l, &copy, NULL), 4096, "two");
    check_text (path_of (l, &copy, NULL), MIB, "a megabyte further on");
    check_failed (l->f, add (l, &copy, "again", fd), EBUSY, "are newer: n2;");

    /* What was written there meanwhile is not overwritten. */
    check_done (l->f, send_from (l, &vol, "s3", "s2", fd));
    put (path_of (l, &copy, NULL), 4096, "mine");
    check_failed (l->f, add (l, &copy, "n3", fd), EBUSY, "has been modified");
    check_text (path_of (l, &copy, NULL), 4096, "mine");
    check_done (l->f, revert (l, &copy, "n2"));
    assert_int_equal (fstat (fd, &st), 0);
    assert_int_equal (ftruncate (fd, st.st_size - 10), 0);
    check_failed (l->f, add (l, &copy, "n3", fd), EINVAL, "truncated");
    check_text (path_of (l, &copy, NULL), 4096, "two");
    check_done (l->f, send_from (l, &vol, "s3", "s2", fd));
    check_done (l->f, add (l, &copy, "n3", fd));
    check_text (path_of (l, &copy, NULL), 4096, "three");
    check_done (l->f, revert (l, &copy, "n3"));

    check_done (l->f, forget (l, &copy, "n3"));
    check_done (l->f, forget (l, &copy, "n2"));
    check_done (l->f, forget (l, &copy, "base"));
    check_failed (l->f, add (l, &copy, "n3", fd), EBUSY, "does not have");
    check_done (l->f, hv_plugin.storage->destroy (&l->f->ctx, &copy));
    close (fd);
}

/* An increment may have made anything of the disk: then it is taken back. */
static void
test_foreign_increment (void **state)
{
    static const char *const makes[] = {
        "rm disk.raw && ln -s /etc/passwd disk.raw",
        "cp /bin/true suid",
        "chmod 644 disk.raw",
        "chown 1234 disk.raw",
        "chmod 777 .",
    };
    struct lab *l = *state;
    struct hv_volume vol = volume (l, "a", 16 * MIB), copy = volume (l, "c", 0);
    const char *dir = getenv ("HVCTL_TEST_DIR");
    int fd = stream_file (l);

    check_done (l->f, create (l, &vol));
    put (path_of (l, &vol, NULL), 4096, "old");
    check_done (l->f, snapshot (l, &vol, "s"));
    check_done (l->f, send_from (l, &vol, "s", NULL, fd));
    check_done (l->f, add (l, &copy, "s", fd));
    for (size_t i = 0; i < ARRAY_SIZE (makes); i++) {
        sh ("cd $(dirname %s) && %s", path_of (l, &vol, NULL), makes[i]);
        sh ("zfs snapshot %s/a@t && zfs send -i @s %s/a@t > %s/stream",
            l->dataset, l->dataset, dir);
        check_failed (l->f, add (l, &copy, "t", fd), EINVAL,
                      "the received dataset");
        check_silent (l);
        check_text (path_of (l, &copy, NULL), 4096, "old");
        check_failed (l->f, forget (l, &copy, "t"), ENOENT, "no snapshot");
        sh ("zfs rollback -r %s/a@s", l->dataset);
    }
    check_done (l->f, snapshot (l, &vol, "t"));
    check_done (l->f, send_from (l, &vol, "t", "s", fd));
    check_done (l->f, add (l, &copy, "t", fd));
    close (fd);

    /* Nor is such a one kept as it is when all of it is received. */
    fd = send_foreign (l, 20, "truncate -s 1M disk.raw && chown 1234 disk.raw");
    copy = volume (l, "d", 0);
    check_failed (l->f, add (l, &copy, "s", fd), EINVAL, "another user");
    check_silent (l);
    check_done (l->f, add (l, &copy, NULL, fd));
    close (fd);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_stream),    TEST (test_bad_stream),
        TEST (test_foreign),   TEST (test_left),
        TEST (test_clone),     TEST (test_hidden),
        TEST (test_increment), TEST (test_foreign_increment),
    };

    RUN (tests);
}
