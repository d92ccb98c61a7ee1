/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Volumes and snapshots of a real ZFS. */
#include "tests/kit/range.h"
#include "tests/unit/test-storage-zfs-lab.h"

/* ----------------------------------------------------------- Life and death */

static void
test_life (void **state)
{
    struct lab *l = *state;
    struct hv_volume vol = volume (l, "vm1-root", 10 * MIB);
    struct hv_list *list = fake_list (l->f);
    struct hv_volume_info info;
    struct stat st;
    const char *path;

    check_done (l->f, create (l, &vol));
    path = path_of (l, &vol, &info);
    assert_int_equal (info.size, 10 * MIB);
    assert_true (info.allocated < MIB);
    assert_int_equal (l->f->n_programs, 0); /* A start runs nothing. */
    assert_int_equal (stat (path, &st), 0);
    assert_int_equal (st.st_mode, S_IFREG | 0600);
    put (path, MIB, "hello");
    check_text (path, MIB, "hello");
    check_failed (l->f, create (l, &vol), EEXIST, "already a dataset '");
    check_text (path, MIB, "hello");

    check_done (l->f, hv_plugin.storage->list (&l->f->ctx, l->pool, list));
    assert_int_equal (list->n, 1);
    assert_non_null (fake_list_get (list, "vm1-root"));

    vol.size = 20 * MIB;
    check_done (l->f, hv_plugin.storage->resize (&l->f->ctx, &vol));
    assert_string_equal (path_of (l, &vol, &info), path);
    assert_int_equal (info.size, 20 * MIB);
    vol.size = 10 * MIB;
    check_failed (l->f, hv_plugin.storage->resize (&l->f->ctx, &vol), EINVAL,
                  "not shrunk");
    check_text (path, MIB, "hello");

    check_done (l->f, hv_plugin.storage->activate (&l->f->ctx, &vol));
    check_done (l->f, hv_plugin.storage->deactivate (&l->f->ctx, &vol));
    check_done (l->f, destroy (l, &vol));
    check_done (l->f, destroy (l, &vol));
    assert_int_equal (count (l), 0);
    check_failed (
        l->f,
        hv_plugin.storage->chain (&l->f->ctx, &vol, fake_chain (l->f), &info),
        ENOENT, "does not exist");
}

/* zfs-fuse says "busy" every other time; nobody gets to see that. */
static void
test_busy (void **state)
{
    struct lab *l = *state;

    for (int i = 0; i < 20; i++) {
        struct hv_volume vol = volume (l, "again", MIB);

        check_done (l->f, create (l, &vol));
        put (path_of (l, &vol, NULL), 0, "x");
        check_done (l->f, destroy (l, &vol));
        assert_int_equal (l->f->n_log, 0);
    }
    assert_int_equal (count (l), 0);
}

/* What is really in use is not destroyed, and still mounted afterwards. */
static void
test_in_use (void **state)
{
    struct flock lock = { .l_type = F_RDLCK, .l_start = 100, .l_len = 1 };
    struct lab *l = *state;
    struct hv_volume vol = volume (l, "used", MIB);
    const char *path;
    double start;
    int fd;

    check_done (l->f, create (l, &vol));
    path = path_of (l, &vol, NULL);
    check_done (l->f, snapshot (l, &vol, "s"));
    fd = open (path, O_RDWR | O_CLOEXEC);
    assert_true (fd >= 0);
    assert_int_equal (fcntl (fd, F_OFD_SETLK, &lock), 0);
    start = now ();
    check_failed (l->f, revert (l, &vol, "s"), EBUSY, "in use");
    check_done (l->f, forget (l, &vol, "s"));
    check_failed (l->f, destroy (l, &vol), EBUSY, "in use");
    assert_true (now () - start < 3000);

    lock.l_type = F_UNLCK;
    assert_int_equal (fcntl (fd, F_OFD_SETLK, &lock), 0);
    check_failed (l->f, destroy (l, &vol), EBUSY, "busy");
    assert_string_equal (path_of (l, &vol, NULL), path);
    close (fd);
    check_done (l->f, destroy (l, &vol));
}

static void
test_foreign (void **state)
{
    struct lab *l = *state;
    struct hv_volume vol = volume (l, "theirs", 10 * MIB);

    sh ("zfs create %s/theirs && zfs snapshot %s/theirs@s", l->dataset,
        l->dataset);
    for (int i = 0; i < 2; i++) {
        check_failed (l->f, destroy (l, &vol), EPERM, "not created by hvctl");
        check_failed (l->f, snapshot (l, &vol, "t"), EPERM, "not created by");
        check_failed (l->f, revert (l, &vol, "s"), EPERM,
                      "not created by hvctl");
        check_failed (l->f, forget (l, &vol, "s"), EPERM,
                      "not created by hvctl");
        check_failed (l->f, hv_plugin.storage->resize (&l->f->ctx, &vol), EPERM,
                      "not created by hvctl");
        check_failed (l->f, create (l, &vol), EEXIST, "already");
        /* To inherit the mark is not to have it. */
        sh ("zfs set hvctl:owner=volume %s", l->dataset);
    }
    assert_int_equal (count (l), 1);
    check_failed (l->f,
                  hv_plugin.storage->chain (&l->f->ctx, &vol, fake_chain (l->f),
                                            &(struct hv_volume_info){ 0 }),
                  ENOENT, "no disk.raw");
    sh ("zfs set hvctl:owner=volume %s/theirs", l->dataset);
    check_failed (l->f, forget (l, &vol, "s"), EPERM, "zfs destroy");
    check_failed (l->f, destroy (l, &vol), EBUSY, ": s;");
    sh ("zfs destroy %s/theirs@s", l->dataset);
    check_done (l->f, destroy (l, &vol));
    assert_int_equal (count (l), 0);
}

static void
test_missing (void **state)
{
    struct lab *l = *state;
    struct hv_volume vol = volume (l, "vm1", MIB);

    vol.options =
        fake_options (l->f, hv_plugin.storage->keys, "dataset",
                      hv_format (&l->f->ctx, "%s/none", l->dataset), NULL);
    check_failed (l->f, create (l, &vol), ENODEV, "make it with 'zfs create");
    check_failed (l->f, destroy (l, &vol), ENODEV, "there is no dataset");
    check_failed (
        l->f,
        hv_plugin.storage->list (&l->f->ctx, vol.options, fake_list (l->f)),
        ENODEV, "there is no dataset");
    vol.backing = image (l, "missing.raw", MIB);
    vol.backing_format = "raw";
    check_failed (l->f, create (l, &vol), ENODEV, "there is no dataset");
}

static void
test_not_mounted (void **state)
{
    struct lab *l = *state;
    struct hv_volume vol = volume (l, "vm1", MIB);
    const char *path;
    int r;

    check_done (l->f, create (l, &vol));
    sh ("zfs unmount %s/vm1", l->dataset);
    fake_reset (l->f);
    check_failed (l->f,
                  hv_plugin.storage->chain (&l->f->ctx, &vol, fake_chain (l->f),
                                            &(struct hv_volume_info){ 0 }),
                  ENODEV, "run 'zfs mount");
    sh ("zfs mount %s/vm1", l->dataset);
    path = path_of (l, &vol, NULL);

    /* What lies over it has a disk.raw, too. */
    sh ("d=$(dirname %s) && mount -t tmpfs none $d && : > %s", path, path);
    r = hv_plugin.storage->chain (&l->f->ctx, &vol, fake_chain (l->f),
                                  &(struct hv_volume_info){ 0 });
    sh ("umount $(dirname %s)", path);
    check_failed (l->f, r, ENODEV, "something else is mounted over it");
    assert_string_equal (path_of (l, &vol, NULL), path);
    check_done (l->f, destroy (l, &vol));

    sh ("zfs set mountpoint=none %s", l->dataset);
    check_failed (l->f, create (l, &vol), ENODEV, "mountpoint is 'none'");
    assert_int_equal (count (l), 0);
}

/* ------------------------------------------------------------- Snapshots */

static void
test_snapshots (void **state)
{
    struct lab *l = *state;
    struct hv_volume vol = volume (l, "vm1", MIB);
    struct hv_list *list = fake_list (l->f);
    const char *path;
    long age;

    check_done (l->f, create (l, &vol));
    path = path_of (l, &vol, NULL);
    put (path, 4096, "first");
    check_done (l->f, snapshot (l, &vol, "z1"));
    check_failed (l->f, snapshot (l, &vol, "z1"), EEXIST, "already");
    put (path, 4096, "other");
    check_done (l->f, snapshot (l, &vol, "a2"));
    put (path, 4096, "third");

    check_done (l->f, hv_plugin.storage->snapshots (&l->f->ctx, &vol, list));
    assert_int_equal (list->n, 2);
    assert_string_equal (list->entries[0].name, "z1");
    assert_string_equal (list->entries[1].name, "a2");
    age = (long)(time (NULL) - atol (list->entries[0].detail));
    assert_between (age, 0, 60);

    check_failed (l->f, revert (l, &vol, "z1"), EBUSY, "lost: a2;");
    check_text (path, 4096, "third");
    check_done (l->f, revert (l, &vol, "a2"));
    check_text (path_of (l, &vol, NULL), 4096, "other");
    check_done (l->f, forget (l, &vol, "a2"));
    check_failed (l->f, forget (l, &vol, "a2"), ENOENT, "no snapshot 'a2'");
    check_failed (l->f, revert (l, &vol, "a2"), ENOENT, "no snapshot 'a2'");
    check_done (l->f, revert (l, &vol, "z1"));
    check_text (path, 4096, "first");

    check_failed (l->f, destroy (l, &vol), ENOTEMPTY, "deleted with it: z1;");
    check_text (path, 4096, "first");
    sh ("zfs clone %s/vm1@z1 %s/copy", l->dataset, l->dataset);
    check_failed (l->f, destroy (l, &vol), EBUSY,
                  hv_format (&l->f->ctx, "their clones: %s/copy", l->dataset));
    check_failed (l->f, forget (l, &vol, "z1"), EBUSY,
                  hv_format (&l->f->ctx, ": %s/copy", l->dataset));
    sh ("until zfs destroy %s/copy 2> /dev/null; do sleep 0.1; done",
        l->dataset);
    check_done (l->f, forget (l, &vol, "z1"));
    check_done (l->f, destroy (l, &vol));
}

/* A revert takes the size back, too. */
static void
test_revert_size (void **state)
{
    struct lab *l = *state;
    struct hv_volume vol = volume (l, "vm1", MIB);
    struct hv_volume_info info;

    check_done (l->f, create (l, &vol));
    check_done (l->f, snapshot (l, &vol, "small"));
    vol.size = 5 * MIB;
    check_done (l->f, hv_plugin.storage->resize (&l->f->ctx, &vol));
    check_done (l->f, revert (l, &vol, "small"));
    path_of (l, &vol, &info);
    assert_int_equal (info.size, MIB);
}

static void
test_names (void **state)
{
    static const char *const bad[] = { "",    "-s",  "a@b", "a#b",
                                       "a%b", "a,b", "a/b", "a b",
                                       "_a",  "..",  "a\n", "\303x" };
    struct lab *l = *state;
    struct hv_volume vol = volume (l, "vm1", MIB);
    char name[300];

    check_done (l->f, create (l, &vol));
    for (size_t i = 0; i < ARRAY_SIZE (bad); i++) {
        check_failed (l->f, snapshot (l, &vol, bad[i]), EINVAL, "snapshot");
        assert_int_equal (runs_of (l, "zfs snapshot"), 0);
    }
    memset (name, 'a', sizeof name);
    name[255] = '\0';
    check_failed (l->f, snapshot (l, &vol, name), EINVAL, "at most 255");
    /* The longest one: ZFS agrees. */
    name[255 - strlen (l->dataset) - strlen ("/vm1@")] = '\0';
    check_done (l->f, snapshot (l, &vol, name));
    check_done (l->f, forget (l, &vol, name));
}

/* zfs-fuse aborts if it is asked for a volume: so it is not. */
static void
test_no_zvols (void **state)
{
    struct lab *l = *state;
    struct hv_volume vol = volume (l, "v", MIB);

    if (access ("/dev/zfs", F_OK) == 0) {
        skip ();
    }
    vol.options = fake_options (l->f, hv_plugin.storage->keys, "dataset",
                                l->dataset, "zvol", "yes", NULL);
    check_failed (l->f, create (l, &vol), ENOTSUP, "set 'zvol' to no");
    assert_int_equal (l->f->n_programs, 1);
    assert_string_equal (l->f->programs[0].words, "zfs version");
}

/* The node of a ZFS volume comes late: a loop device stands for it. */
static void
test_node (void **state)
{
    struct lab *l = *state;
    struct fake *f = new_host ();
    struct hv_volume vol = volume (l, "late", MIB);
    const char *name = hv_format (&f->ctx, "hvtest%d", (int)getpid ());
    double start = now ();
    pid_t pid;

    vol.options = fake_options (f, hv_plugin.storage->keys, "dataset", name,
                                "zvol", "yes", NULL);
    sh ("mkdir -p /dev/zvol/%s && : > /dev/zvol/%s/file", name, name);
    vol.name = "file";
    check_failed (f, hv_plugin.storage->activate (&f->ctx, &vol), ENOTBLK,
                  "not a block device");
    vol.name = "late";
    pid = fork ();
    assert_true (pid >= 0);
    if (pid == 0) {
        usleep (400000);
        sh ("mknod /dev/zvol/%s/late b 7 200", name);
        _exit (0);
    }
    check_done (f, hv_plugin.storage->activate (&f->ctx, &vol));
    assert_between ((int)(now () - start), 400, 5000);
    assert_int_equal (waitpid (pid, NULL, 0), pid);
    sh ("rm -r /dev/zvol/%s && rmdir --ignore-fail-on-non-empty /dev/zvol",
        name);
    fake_free (f);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_life),      TEST (test_busy),        TEST (test_in_use),
        TEST (test_foreign),   TEST (test_missing),     TEST (test_not_mounted),
        TEST (test_snapshots), TEST (test_revert_size), TEST (test_names),
        TEST (test_no_zvols),  TEST (test_node),
    };

    RUN (tests);
}
