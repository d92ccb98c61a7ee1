/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The snapshots of storage-qcow2, with the real qemu-img and qemu-io: what is
 * written before is there after, whatever is interrupted in between. */
#include "tests/unit/test-storage.h"

#include <sys/xattr.h>
#include <time.h>

#include "common/qcow2.h"

static const struct hv_storage *qcow2;

/* ------------------------------------------------------------- Contents */

/* Writes, or checks, the byte 'what' all over the 'where'th 64 KiB. */
static void
io (const char *path, const char *op, int where, int what)
{
    char command[80];

    snprintf (command, sizeof command, "%s -P %d %dk 64k", op, what,
              where * 64);
    TOOL ("qemu-io", "-f", "qcow2", "-c", command, path);
}

/* qemu-io fails on a pattern that is another only in what it prints. */
static bool
holds (const struct scratch *s, const char *path, int where, int what)
{
    const char *command =
        hv_format (&s->f->ctx, "read -P %d %dk 64k", what, where * 64);
    const char *const argv[] = { "qemu-io", "-f",    "qcow2", "-r",
                                 "-c",      command, path,    NULL };
    const struct hv_program p = { .size = sizeof p, .argv = argv };
    const char *out = "";
    int rc = hv_ask (&s->f->ctx, &p, &out);

    return rc == 0 && !strstr (out, "verification failed")
           && strstr (out, "65536/65536");
}

static void
put (const struct scratch *s, const char *volume_name, int where, int what)
{
    io (hv_format (&s->f->ctx, "%s/pool/%s.qcow2", s->dir, volume_name),
        "write -q", where, what);
}

#define HAS(s, name, where, what)                                              \
    assert_true (holds ((s), at ((s), "pool/" name ".qcow2"), (where), (what)))

/* "c b a": the snapshots, the oldest first. */
static const char *
names (const struct scratch *s, const struct hv_volume *vol)
{
    struct hv_list *list = fake_list (s->f);
    const char *all = "";

    check_done (s, qcow2->snapshots (&s->f->ctx, vol, list));
    for (size_t i = 0; i < list->n; i++) {
        all = hv_format (&s->f->ctx, "%s%s%s", all, i ? " " : "",
                         list->entries[i].name);
    }
    return all;
}

static size_t
layers (const struct scratch *s, const struct hv_volume *vol)
{
    struct hv_chain *chain = fake_chain (s->f);
    struct hv_volume_info info = { 0 };

    check_done (s, qcow2->chain (&s->f->ctx, vol, chain, &info));
    assert_string_equal (
        chain->layers[0].path,
        hv_format (&s->f->ctx, "%s/pool/%s.qcow2", s->dir, vol->name));
    return chain->n;
}

/* A volume in which block 0 has a 1. */
static struct hv_volume
make (const struct scratch *s, const char *name)
{
    struct hv_volume vol = volume (s, name, 4 * MIB);

    check_done (s, qcow2->create (&s->f->ctx, &vol));
    put (s, name, 0, 1);
    vol.size = 0;
    return vol;
}

#define SNAPSHOT(s, vol, name)                                                 \
    check_done ((s), qcow2->snapshot (&(s)->f->ctx, (vol), (name)))

/* ------------------------------------------------------------- Tests */

static void
test_snapshot (void **state)
{
    const struct scratch *s = *state;
    struct hv_volume vol = make (s, "root");
    struct hv_list *list = fake_list (s->f);
    int64_t now = time (NULL);
    struct stat before = look (at (s, "pool/root.qcow2")), after;

    assert_string_equal (names (s, &vol), "");
    assert_int_equal (chown (at (s, "pool/root.qcow2"), getuid (), getgid ()),
                      0);
    assert_int_equal (chmod (at (s, "pool/root.qcow2"), 0640), 0);
    fake_reset (s->f);
    SNAPSHOT (s, &vol, "one");
    assert_int_equal (s->f->n_programs, 1);
    /* The volume's file is the snapshot's now: a VM goes on in it. */
    assert_int_equal (look (at (s, "pool/root@one.qcow2")).st_ino,
                      before.st_ino);
    after = look (at (s, "pool/root.qcow2"));
    assert_int_not_equal (after.st_ino, before.st_ino);
    assert_int_equal (after.st_mode & 07777, 0640);
    assert_int_equal (count_entries (at (s, "pool")), 2);

    HAS (s, "root", 0, 1);
    put (s, "root", 0, 2);
    HAS (s, "root", 0, 2);
    HAS (s, "root@one", 0, 1);
    SNAPSHOT (s, &vol, "2.b_c");
    assert_string_equal (names (s, &vol), "one 2.b_c");
    assert_int_equal (layers (s, &vol), 3);
    check_failed (s, qcow2->snapshot (&s->f->ctx, &vol, "one"), EEXIST,
                  "there is already a snapshot 'one'");
    assert_int_equal (count_entries (at (s, "pool")), 3);

    check_done (s, qcow2->list (&s->f->ctx, s->pool, list));
    assert_int_equal (list->n, 1);
    assert_string_equal (list->entries[0].name, "root");
    list = fake_list (s->f);
    check_done (s, qcow2->snapshots (&s->f->ctx, &vol, list));
    assert_true (strtoll (fake_list_get (list, "one"), NULL, 10) >= now);
    /* Its name in the header is relative, so a pool can be moved. */
    assert_int_equal (rename (at (s, "pool"), at (s, "moved")), 0);
    TOOL ("qemu-img", "check", "-q", "-f", "qcow2", at (s, "moved/root.qcow2"));
    assert_true (holds (s, at (s, "moved/root.qcow2"), 0, 2));
}

static void
test_revert (void **state)
{
    const struct scratch *s = *state;
    struct hv_volume vol = make (s, "root");

    check_failed (s, qcow2->revert (&s->f->ctx, &vol, "none"), ENOENT,
                  "there is no snapshot 'none'");
    SNAPSHOT (s, &vol, "a");
    put (s, "root", 0, 2);
    check_done (s, qcow2->revert (&s->f->ctx, &vol, "a"));
    HAS (s, "root", 0, 1);
    assert_string_equal (names (s, &vol), "a");
    put (s, "root", 0, 3);
    SNAPSHOT (s, &vol, "b");
    SNAPSHOT (s, &vol, "c");
    check_failed (s, qcow2->revert (&s->f->ctx, &vol, "a"), EBUSY,
                  "newer snapshots would be lost: b, c; delete");
    HAS (s, "root", 0, 3);
    /* What was enlarged since is as it was. */
    vol.size = 8 * MIB;
    check_done (s, qcow2->resize (&s->f->ctx, &vol));
    vol.size = 0;
    put (s, "root", 100, 9);
    HAS (s, "root", 100, 9);
    check_done (s, qcow2->revert (&s->f->ctx, &vol, "c"));
    HAS (s, "root", 0, 3);
    assert_false (holds (s, at (s, "pool/root.qcow2"), 100, 9));
    assert_int_equal (count_entries (at (s, "pool")), 4);
}

/* The oldest, one in the middle, and the newest; nothing is lost. */
static void
test_forget (void **state)
{
    const struct scratch *s = *state;
    struct hv_volume vol = make (s, "root");
    struct hv_list *list = fake_list (s->f);
    const char *time_of_c;

    SNAPSHOT (s, &vol, "a");
    put (s, "root", 1, 2);
    SNAPSHOT (s, &vol, "b");
    put (s, "root", 2, 3);
    SNAPSHOT (s, &vol, "c");
    put (s, "root", 0, 4);
    check_failed (s, qcow2->forget (&s->f->ctx, &vol, "d"), ENOENT,
                  "there is no snapshot 'd'");
    setxattr (at (s, "pool/root@c.qcow2"), "user.hvctl.snapshot", "77", 2, 0);
    check_done (s, qcow2->forget (&s->f->ctx, &vol, "b"));
    assert_string_equal (names (s, &vol), "a c");
    check_done (s, qcow2->snapshots (&s->f->ctx, &vol, list));
    time_of_c = fake_list_get (list, "c");
    if (getxattr (at (s, "pool/root@c.qcow2"), "user.hvctl.snapshot", NULL, 0)
        >= 0) {
        assert_string_equal (time_of_c, "77");
    }
    HAS (s, "root@c", 0, 1);
    HAS (s, "root@c", 1, 2);
    HAS (s, "root@c", 2, 3);
    HAS (s, "root@a", 1, 0);
    HAS (s, "root", 0, 4);
    HAS (s, "root", 1, 2);
    check_done (s, qcow2->forget (&s->f->ctx, &vol, "a"));
    HAS (s, "root@c", 0, 1);
    HAS (s, "root", 0, 4);
    check_done (s, qcow2->forget (&s->f->ctx, &vol, "c"));
    assert_string_equal (names (s, &vol), "");
    assert_int_equal (layers (s, &vol), 1);
    HAS (s, "root", 0, 4);
    HAS (s, "root", 1, 2);
    HAS (s, "root", 2, 3);
    TOOL ("qemu-img", "check", "-q", "-f", "qcow2", at (s, "pool/root.qcow2"));
    assert_int_equal (count_entries (at (s, "pool")), 1);
}

/* A volume that grew since: the merged one has the new size. */
static void
test_forget_grown (void **state)
{
    const struct scratch *s = *state;
    struct hv_volume vol = make (s, "root");
    struct hv_volume_info info = { 0 };

    SNAPSHOT (s, &vol, "a");
    vol.size = 8 * MIB;
    check_done (s, qcow2->resize (&s->f->ctx, &vol));
    check_done (s, qcow2->forget (&s->f->ctx, &vol, "a"));
    check_done (s, qcow2->chain (&s->f->ctx, &vol, fake_chain (s->f), &info));
    assert_int_equal (info.size, 8 * MIB);
    HAS (s, "root", 0, 1);
    put (s, "root", 100, 9);
    HAS (s, "root", 100, 9);
}

/* What an empty overlay hides is taken back by a rename alone, even while a
 * VM writes to the file below. */
static void
test_take_back (void **state)
{
    const struct scratch *s = *state;
    struct hv_volume vol = make (s, "root");
    CLEANUP_CLOSE int fd = open (at (s, "pool/root.qcow2"), O_RDWR | O_CLOEXEC);
    struct flock lock = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 100, .l_len = 1
    };

    assert_int_equal (fcntl (fd, F_OFD_SETLK, &lock), 0);
    SNAPSHOT (s, &vol, "a");
    fake_reset (s->f);
    check_done (s, qcow2->forget (&s->f->ctx, &vol, "a"));
    assert_int_equal (s->f->n_programs, 0);
    assert_int_equal (layers (s, &vol), 1);
    assert_int_equal (count_entries (at (s, "pool")), 1);
    lock.l_type = F_UNLCK;
    assert_int_equal (fcntl (fd, F_OFD_SETLK, &lock), 0);
    HAS (s, "root", 0, 1);
}

static void
test_in_use (void **state)
{
    const struct scratch *s = *state;
    struct hv_volume vol = make (s, "root");
    struct flock lock = {
        .l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = 100, .l_len = 1
    };
    int fd;

    SNAPSHOT (s, &vol, "a");
    put (s, "root", 0, 2);
    fd = open (at (s, "pool/root.qcow2"), O_RDWR | O_CLOEXEC);
    assert_int_equal (fcntl (fd, F_OFD_SETLK, &lock), 0);
    check_failed (s, qcow2->revert (&s->f->ctx, &vol, "a"), EBUSY,
                  "root.qcow2 is in use");
    check_failed (s, qcow2->forget (&s->f->ctx, &vol, "a"), EBUSY,
                  "root.qcow2 is in use");
    check_failed (s, qcow2->promote (&s->f->ctx, &vol), EBUSY,
                  "root.qcow2 is in use");
    close (fd);
    fd = open (at (s, "pool/root@a.qcow2"), O_RDWR | O_CLOEXEC);
    assert_int_equal (fcntl (fd, F_OFD_SETLK, &lock), 0);
    check_failed (s, qcow2->forget (&s->f->ctx, &vol, "a"), EBUSY,
                  "root@a.qcow2 is in use");
    close (fd);
    HAS (s, "root@a", 0, 1);
    HAS (s, "root", 0, 2);
    check_done (s, qcow2->revert (&s->f->ctx, &vol, "a"));
    HAS (s, "root", 0, 1);
}

/* Other volumes lie on a snapshot, or on the volume. */
static void
test_dependents (void **state)
{
    const struct scratch *s = *state;
    struct hv_volume vol = make (s, "root"), clone = volume (s, "clone", 0);

    SNAPSHOT (s, &vol, "a");
    put (s, "root", 0, 2);
    clone.backing = at (s, "pool/root@a.qcow2");
    clone.backing_format = "qcow2";
    check_done (s, qcow2->create (&s->f->ctx, &clone));
    clone.backing = clone.backing_format = NULL;
    SNAPSHOT (s, &clone, "x");
    HAS (s, "clone", 0, 1);
    check_failed (s, qcow2->forget (&s->f->ctx, &vol, "a"), EBUSY,
                  "lose their data: clone@x");
    check_failed (s, qcow2->destroy (&s->f->ctx, &vol), EBUSY,
                  "lose their data: clone@x");
    assert_int_equal (count_entries (at (s, "pool")), 4);
    /* That does not keep its own top from going back. */
    check_done (s, qcow2->revert (&s->f->ctx, &vol, "a"));
    HAS (s, "root", 0, 1);

    check_done (s, qcow2->promote (&s->f->ctx, &clone));
    assert_int_equal (layers (s, &clone), 2);
    HAS (s, "clone", 0, 1);
    assert_string_equal (names (s, &clone), "x");
    check_done (s, qcow2->promote (&s->f->ctx, &clone));
    check_done (s, qcow2->destroy (&s->f->ctx, &vol));
    HAS (s, "clone", 0, 1);
    check_done (s, qcow2->destroy (&s->f->ctx, &clone));
    assert_int_equal (count_entries (at (s, "pool")), 0);

    vol = make (s, "root");
    clone = volume (s, "clone", 0);
    clone.backing = at (s, "pool/root.qcow2");
    clone.backing_format = "qcow2";
    check_done (s, qcow2->create (&s->f->ctx, &clone));
    check_failed (s, qcow2->snapshot (&s->f->ctx, &vol, "a"), EBUSY, "clone");
    assert_int_equal (count_entries (at (s, "pool")), 2);
}

static void
test_destroy (void **state)
{
    const struct scratch *s = *state;
    struct hv_volume vol = make (s, "root"), other = make (s, "root-2");

    SNAPSHOT (s, &vol, "a");
    SNAPSHOT (s, &vol, "b");
    SNAPSHOT (s, &other, "a");
    write_file (at (s, "pool/.root@a.qcow2.gone"), "", 0);
    check_done (s, qcow2->destroy (&s->f->ctx, &vol));
    assert_int_equal (count_entries (at (s, "pool")), 2);
    HAS (s, "root-2", 0, 1);
    check_done (s, qcow2->destroy (&s->f->ctx, &vol));
}

/* ------------------------------------------------------------- Interrupted */

/* After the second name, before the overlay is in place. */
static void
test_half_made (void **state)
{
    const struct scratch *s = *state;
    struct hv_volume vol = make (s, "root");

    assert_int_equal (
        link (at (s, "pool/root.qcow2"), at (s, "pool/root@a.qcow2")), 0);
    write_file (at (s, "pool/.root.qcow2.new"), "half", 4);
    assert_string_equal (names (s, &vol), "");
    check_failed (s, qcow2->revert (&s->f->ctx, &vol, "a"), ENOENT,
                  "there is no snapshot");
    assert_int_equal (
        link (at (s, "pool/root.qcow2"), at (s, "pool/root@b.qcow2")), 0);
    SNAPSHOT (s, &vol, "a");
    assert_string_equal (names (s, &vol), "a");
    assert_int_equal (count_entries (at (s, "pool")), 2);
    HAS (s, "root", 0, 1);
}

/* While qemu-img merges. */
static void
test_half_merged (void **state)
{
    struct scratch *s = *state;
    struct hv_volume vol = make (s, "root");

    SNAPSHOT (s, &vol, "a");
    put (s, "root", 0, 2);
    s->f->execute = false;
    fake_answer (s->f, "qemu-img commit", EIO, "qemu-img: killed");
    check_failed (s, qcow2->forget (&s->f->ctx, &vol, "a"), EIO, "killed");
    s->f->execute = true;
    HAS (s, "root", 0, 2);
    check_failed (s, qcow2->revert (&s->f->ctx, &vol, "a"), EIO,
                  "was interrupted, and its content is no longer");
    s->f->n_answers = 0;
    check_done (s, qcow2->forget (&s->f->ctx, &vol, "a"));
    HAS (s, "root", 0, 2);
    assert_int_equal (count_entries (at (s, "pool")), 1);
    /* The name is free, and what it meant forgotten. */
    write_file (at (s, "pool/.root@a.qcow2.gone"), "", 0);
    SNAPSHOT (s, &vol, "a");
    check_done (s, qcow2->revert (&s->f->ctx, &vol, "a"));
}

/* The overlay cannot be made. */
static void
test_fails (void **state)
{
    struct scratch *s = *state;
    struct hv_volume vol = make (s, "root");

    s->f->execute = false;
    fake_answer (s->f, "qemu-img create", EIO, "qemu-img: its own words");
    check_failed (s, qcow2->snapshot (&s->f->ctx, &vol, "a"), EIO,
                  "its own words");
    assert_int_equal (count_entries (at (s, "pool")), 1);
    s->f->n_answers = 0;
    s->f->execute = true;
    write_file (at (s, "pool/root@a.qcow2"), "whose is it?", 12);
    check_failed (s, qcow2->snapshot (&s->f->ctx, &vol, "a"), EEXIST,
                  "root@a.qcow2 is in the way");
    assert_int_equal (count_entries (at (s, "pool")), 2);
    HAS (s, "root", 0, 1);
    vol.path = at (s, "pool/root.qcow2");
    check_failed (s, qcow2->snapshot (&s->f->ctx, &vol, "b"), EINVAL,
                  "only volumes in a pool");
    check_failed (s, qcow2->snapshots (&s->f->ctx, &vol, fake_list (s->f)),
                  EINVAL, "only volumes in a pool");
    vol = volume (s, "none", 0);
    check_failed (s, qcow2->snapshot (&s->f->ctx, &vol, "b"), ENOENT,
                  "the volume is missing");
}

/* As many as there may be layers. */
static void
test_many (void **state)
{
    const struct scratch *s = *state;
    struct hv_volume vol = make (s, "root");
    int n = 0;

    while (n < 31) {
        SNAPSHOT (s, &vol, hv_format (&s->f->ctx, "s%d", n++));
    }
    assert_int_equal (layers (s, &vol), 32);
    check_failed (s, qcow2->snapshot (&s->f->ctx, &vol, "more"), ELOOP,
                  "already has 32 layers");
    check_done (s, qcow2->forget (&s->f->ctx, &vol, "s15"));
    SNAPSHOT (s, &vol, "more");
    HAS (s, "root", 0, 1);
}

/* A hypervisor that was taken over gives a snapshot another backing file. */
static void
test_header_rewritten (void **state)
{
    const struct scratch *s = *state;
    struct hv_volume vol = make (s, "root");

    SNAPSHOT (s, &vol, "a");
    if (getxattr (at (s, "pool/root.qcow2"), "user.hvctl.backing", NULL, 0)
        < 0) {
        skip (); /* The file system has no attributes. */
    }
    write_file (at (s, "secret"), "secret", 6);
    TOOL ("qemu-img", "rebase", "-q", "-u", "-f", "qcow2", "-F", "raw", "-b",
          at (s, "secret"), at (s, "pool/root.qcow2"));
    fake_reset (s->f);
    check_failed (s, qcow2->snapshot (&s->f->ctx, &vol, "b"), EPERM,
                  "with the backing file 'root@a.qcow2', but");
    check_failed (s, qcow2->forget (&s->f->ctx, &vol, "a"), EPERM,
                  "but its header now");
    check_failed (s, qcow2->promote (&s->f->ctx, &vol), EPERM,
                  "but its header now");
    assert_int_equal (s->f->n_programs, 0);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_snapshot),
        TEST (test_revert),
        TEST (test_forget),
        TEST (test_forget_grown),
        TEST (test_take_back),
        TEST (test_in_use),
        TEST (test_dependents),
        TEST (test_destroy),
        TEST (test_half_made),
        TEST (test_half_merged),
        TEST (test_fails),
        TEST (test_many),
        TEST (test_header_rewritten),
    };

    qcow2 = hv_plugin.storage;
    return cmocka_run_group_tests (tests, NULL, NULL);
}
