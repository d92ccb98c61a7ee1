/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Images and clones of a real ZFS, and what is interrupted. */
#include "tests/unit/test-storage-zfs-lab.h"

/* ---------------------------------------------------------------- Images */

static void
test_clone (void **state)
{
    struct lab *l = *state;
    const char *path = image (l, "clone.raw", 10 * MIB + 3);
    struct hv_volume a = from (l, "a", path, "raw"),
                     b = from (l, "b", path, "raw");
    struct hv_volume_info info;
    const char *base;

    check_done (l->f, create (l, &a));
    assert_int_equal (runs_of (l, "zfs create"), 1);
    base = path_of (l, &a, &info);
    assert_int_equal (info.size, 10 * MIB + 512);
    check_text (base, 4096, "golden");
    check_text (base, 10 * MIB, "end");
    put (base, 4096, "mine !");

    b.size = 30 * MIB;
    check_done (l->f, create (l, &b));
    assert_int_equal (runs_of (l, "zfs create"), 0);
    assert_int_equal (runs_of (l, "zfs clone"), 1);
    assert_int_equal (l->f->n_programs, 2);
    check_text (path_of (l, &b, &info), 4096, "golden");
    assert_int_equal (info.size, 30 * MIB);
    assert_int_equal (count (l), 3);

    b.size = MIB;
    b.name = "c";
    check_failed (l->f, create (l, &b), EINVAL, "at least its size");
    assert_int_equal (count (l), 3);

    /* A file that has changed is another image. */
    put (path, 4096, "silver");
    b.size = 0;
    check_done (l->f, create (l, &b));
    check_text (path_of (l, &b, NULL), 4096, "silver");
    assert_int_equal (count (l), 5);

    /* The image goes with the last clone. */
    check_done (l->f, destroy (l, &b));
    assert_int_equal (count (l), 3);
    check_done (l->f, destroy (l, &a));
    assert_int_equal (count (l), 2);
    b.name = "b";
    check_done (l->f, destroy (l, &b));
    assert_int_equal (count (l), 0);
}

static void
test_keep (void **state)
{
    struct lab *l = *state;
    struct hv_volume vol = from (l, "a", image (l, "keep.raw", MIB), "raw");

    vol.options = fake_options (l->f, hv_plugin.storage->keys, "dataset",
                                l->dataset, "keep_images", "yes", "block_size",
                                "64K", "compression", "gzip-1", NULL);
    check_done (l->f, create (l, &vol));
    assert_string_equal (
        said (l, "zfs get -Hp -o value recordsize %s/a", l->dataset), "65536");
    assert_string_equal (
        said (l, "zfs get -Hp -o value compression %s/a", l->dataset),
        "gzip-1");
    check_done (l->f, destroy (l, &vol));
    assert_int_equal (count (l), 1);
    check_done (l->f, create (l, &vol));
    assert_int_equal (runs_of (l, "zfs create"), 0);
    check_done (l->f, destroy (l, &vol));
}

/* The figure of the issue: whatever the size of the image. */
static void
test_instant (void **state)
{
    static const uint64_t sizes[] = { 10 * MIB, 1024 * MIB };
    struct lab *l = *state;
    double best[2];

    for (int i = 0; i < 2; i++) {
        const char *path =
            image (l, hv_format (&l->f->ctx, "instant%d.raw", i), sizes[i]);
        struct hv_volume vol =
            from (l, hv_format (&l->f->ctx, "warm%d", i), path, "raw");

        check_done (l->f, create (l, &vol));
        best[i] = 1e9;
        for (int k = 0; k < 7; k++) {
            double start = now (), took;

            vol.name = hv_format (&l->f->ctx, "vm%d-%d", i, k);
            check_done (l->f, create (l, &vol));
            took = now () - start;
            best[i] = took < best[i] ? took : best[i];
        }
    }
    printf ("a clone of 10 MiB takes %.1f ms, of 1 GiB %.1f ms\n", best[0],
            best[1]);
    assert_true (best[0] < 100);
    assert_true (best[1] < 100);
    assert_true (best[1] < 2 * best[0] + 10);
}

static void
test_qcow2 (void **state)
{
    struct lab *l = *state;
    const char *raw = image (l, "plain.raw", 8 * MIB);
    const char *dir = getenv ("HVCTL_TEST_DIR");
    const char *path = hv_format (&l->f->ctx, "%s/i.qcow2", dir);
    struct hv_volume vol = from (l, "q", path, "qcow2");
    struct hv_volume_info info;

    sh ("qemu-img convert -f raw -O qcow2 -c %s %s", raw, path);
    check_done (l->f, create (l, &vol));
    check_text (path_of (l, &vol, &info), 4096, "golden");
    assert_int_equal (info.size, 8 * MIB);
    check_done (l->f, destroy (l, &vol));

    vol.backing_format = "raw";
    check_failed (l->f, create (l, &vol), EINVAL, "begins like qcow2");
    vol.backing_format = "vmdk";
    check_failed (l->f, create (l, &vol), ENOTSUP, "has format 'vmdk'");
    vol.backing_format = "qcow2";
    vol.backing = raw;
    check_failed (l->f, create (l, &vol), EINVAL, "is not a qcow2 image");
    vol.backing = hv_format (&l->f->ctx, "%s/none", dir);
    check_failed (l->f, create (l, &vol), ENOENT, "is missing");

    /* One that would bring /etc/passwd along. */
    sh ("qemu-img create -q -u -f qcow2 -b /etc/passwd -F raw %s/evil 8M", dir);
    vol.backing = hv_format (&l->f->ctx, "%s/evil", dir);
    check_failed (l->f, create (l, &vol), ENOTSUP, "has a backing file");
    assert_int_equal (runs_of (l, "qemu-img"), 0);

    /* And one that breaks while it is converted. */
    sh ("head -c 200000 %s > %s/short.qcow2", path, dir);
    vol.backing = hv_format (&l->f->ctx, "%s/short.qcow2", dir);
    sh ("qemu-img create -q -f qcow2 %s/h.qcow2 1M && dd status=none "
        "conv=notrunc "
        "if=/dev/urandom of=%s/h.qcow2 bs=1 seek=196608 count=600",
        dir, dir);
    vol.backing = hv_format (&l->f->ctx, "%s/h.qcow2", dir);
    check_failed (l->f, create (l, &vol), EIO, "qemu-img");
    assert_int_equal (count (l), 0);
}

static void
test_promote (void **state)
{
    struct lab *l = *state;
    const char *path = image (l, "promote.raw", MIB);
    struct hv_volume a = from (l, "a", path, "raw"),
                     b = from (l, "b", path, "raw"), c = b;
    struct hv_list *list = fake_list (l->f);

    c.name = "c";
    check_done (l->f, create (l, &a));
    check_done (l->f, create (l, &b));
    check_done (l->f, hv_plugin.storage->promote (&l->f->ctx, &a));
    check_done (l->f, hv_plugin.storage->promote (&l->f->ctx, &a));
    check_text (path_of (l, &a, NULL), 4096, "golden");
    assert_string_equal (
        said (l, "zfs get -Hp -o value origin %s/a", l->dataset), "-");
    check_done (l->f, hv_plugin.storage->snapshots (&l->f->ctx, &a, list));
    assert_int_equal (list->n, 0);

    /* The image serves on, and what depends on it is named. */
    check_done (l->f, create (l, &c));
    check_failed (l->f, destroy (l, &a), EBUSY,
                  hv_format (&l->f->ctx, "%s/b", l->dataset));
    check_done (l->f, destroy (l, &b));
    check_failed (l->f, destroy (l, &a), EBUSY, "the image '");
    check_done (l->f, destroy (l, &c));
    check_text (path_of (l, &a, NULL), 4096, "golden");
    check_done (l->f, destroy (l, &a));
    assert_int_equal (count (l), 0);
}

/* Nothing of an import that does not fit is left. */
static void
test_full (void **state)
{
    struct lab *l = *state;
    const char *path =
        hv_format (&l->f->ctx, "%s/random.raw", getenv ("HVCTL_TEST_DIR"));
    const char *q = hv_format (&l->f->ctx, "%s.qcow2", path);
    struct hv_volume vol = from (l, "big", path, "raw");

    sh ("dd if=/dev/urandom of=%s bs=1M count=24 status=none", path);
    sh ("qemu-img convert -f raw -O qcow2 %s %s", path, q);
    sh ("zfs set quota=16M %s", l->dataset);
    for (int i = 0; i < 2; i++) {
        int r = create (l, &vol);

        if (r != -ENOSPC && r != -EDQUOT) {
            fail_msg ("%d: %s", r, l->f->message);
        }
        assert_int_equal (l->f->n_log, 0);
        assert_int_equal (count (l), 0);
        assert_int_equal (runs_of (l, "zfs clone"), 0);
        assert_non_null (strstr (l->f->message, "pool is full"));
        vol.backing = q;
        vol.backing_format = "qcow2";
    }
    sh ("zfs set quota=none %s", l->dataset);
    check_done (l->f, create (l, &vol));
    check_done (l->f, destroy (l, &vol));
}

/* ---------------------------------------------------------- Interruptions */

static void
test_leftover (void **state)
{
    struct lab *l = *state;
    struct hv_volume vol = volume (l, "vm1", MIB);
    const char *base;

    /* Interrupted after zfs create... */
    sh ("zfs create -o hvctl:owner=volume -o hvctl:maker=00000000.1.1 %s/vm1",
        l->dataset);
    check_done (l->f, create (l, &vol));
    put (path_of (l, &vol, NULL), 0, "data");
    /* ...but what is whole is somebody's disk. */
    sh ("zfs set hvctl:maker=00000000.1.1 %s/vm1", l->dataset);
    check_failed (l->f, create (l, &vol), EEXIST, "already");
    check_text (path_of (l, &vol, NULL), 0, "data");
    check_done (l->f, destroy (l, &vol));

    /* An import. */
    vol = from (l, "vm1", image (l, "left.raw", MIB), "raw");
    check_done (l->f, create (l, &vol));
    base = said (l, "zfs get -Hp -o value origin %s/vm1 | sed 's/@.*//'",
                 l->dataset);
    assert_non_null (strstr (base, "/_image-"));
    check_done (l->f, snapshot (l, &vol, "s"));
    check_done (l->f, forget (l, &vol, "s"));
    sh ("until zfs destroy -r %s/vm1 2> /dev/null; do sleep 0.1; done",
        l->dataset);
    sh ("zfs destroy %s@_image && zfs set hvctl:maker=00000000.1.1 %s && : > "
        "$(zfs get -Hp -o value mountpoint %s)/image.raw",
        base, base, base);
    check_done (l->f, create (l, &vol));
    check_text (path_of (l, &vol, NULL), 4096, "golden");
    check_done (l->f, destroy (l, &vol));
    assert_int_equal (count (l), 0);
}

/* Killed at any time, it leaves what the next one takes over. */
static void
test_killed (void **state)
{
    struct lab *l = *state;
    struct hv_volume vol =
        from (l, "vm1", image (l, "killed.raw", 4 * MIB), "raw");

    for (int ms = 1; ms < 60; ms += 6) {
        pid_t pid = fork ();
        int status, r;

        assert_true (pid >= 0);
        if (pid == 0) {
            create (l, &vol);
            _exit (0);
        }
        usleep ((useconds_t)ms * 1000);
        kill (pid, SIGKILL);
        assert_int_equal (waitpid (pid, &status, 0), pid);
        usleep (100000); /* Its zfs may still be at work. */
        r = create (l, &vol);
        if (r != -EEXIST) {
            check_done (l->f, r);
        }
        check_text (path_of (l, &vol, NULL), 4096, "golden");
        check_done (l->f, destroy (l, &vol));
        assert_int_equal (count (l), 0);
    }
}

/* Several want an image at once: one imports it, the others wait. */
static void
test_together (void **state)
{
    enum { N = 4 };
    struct lab *l = *state;
    const char *path = image (l, "together.raw", 64 * MIB);
    pid_t pids[N];

    sh ("dd if=/dev/zero bs=1M count=40 status=none | tr '\\0' x | dd of=%s "
        "bs=1M seek=8 conv=notrunc status=none",
        path);
    for (int i = 0; i < N; i++) {
        struct hv_volume vol =
            from (l, hv_format (&l->f->ctx, "vm%d", i), path, "raw");

        pids[i] = fork ();
        assert_true (pids[i] >= 0);
        if (pids[i] == 0) {
            int r = create (l, &vol);

            if (r < 0) {
                fprintf (stderr, "vm%d: %s\n", i, l->f->message);
            }
            _exit (r < 0);
        }
    }
    for (int i = 0; i < N; i++) {
        int status = -1;

        assert_int_equal (waitpid (pids[i], &status, 0), pids[i]);
        assert_int_equal (status, 0);
    }
    assert_int_equal (count (l), N + 1);
}

int
main (void)
{
    const struct CMUnitTest timed[] = {
        TEST (test_instant),
    };
    const struct CMUnitTest tests[] = {
        TEST (test_clone),   TEST (test_keep),     TEST (test_qcow2),
        TEST (test_promote), TEST (test_full),     TEST (test_leftover),
        TEST (test_killed),  TEST (test_together),
    };

    /* Of no use beside others: by tests/root/storage-zfs-speed.sh. */
    if (getenv ("HVCTL_TEST_TIMED")) {
        RUN (timed);
    }
    RUN (tests);
}
