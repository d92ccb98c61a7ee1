/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Volumes of a real ZFS that are sent and received. */
#include "tests/test-storage-zfs-lab.h"

static int
send_to (struct lab *l, const struct hv_volume *vol, const char *name, int fd)
{
    fake_reset (l->f);
    return hv_plugin.storage->send (&l->f->ctx, vol, name, fd);
}

static int
receive (struct lab *l, const struct hv_volume *vol, int fd)
{
    fake_reset (l->f);
    return hv_plugin.storage->receive (&l->f->ctx, vol, fd);
}

/* Through a file, what is sent is as large as what was written. */
static void
test_stream (void **state)
{
    struct lab *l = *state;
    struct hv_volume vol = volume (l, "a", 100 * MIB),
                     copy = volume (l, "b", 0);
    const char *path =
        hv_format (&l->f->ctx, "%s/stream", getenv ("HVCTL_TEST_DIR"));
    int fd = open (path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    struct hv_volume_info info;
    struct stat st;
    const char *disk;

    assert_true (fd >= 0);
    check_done (l->f, create (l, &vol));
    disk = path_of (l, &vol, NULL);
    put (disk, 4096, "old");
    put (disk, 3 * MIB - 2, "across");
    put (disk, 100 * MIB - 4, "last");
    check_done (l->f, snapshot (l, &vol, "s"));
    put (disk, 4096, "new");
    check_failed (l->f, send_to (l, &vol, "t", fd), ENOENT, "snapshot 't'");
    check_done (l->f, send_to (l, &vol, "s", fd));
    assert_int_equal (count (l), 1); /* Its clone is gone. */
    assert_int_equal (fstat (fd, &st), 0);
    assert_in_range (st.st_size, 3 * 65536, MIB);

    assert_int_equal (lseek (fd, 0, SEEK_SET), 0);
    check_done (l->f, receive (l, &copy, fd));
    disk = path_of (l, &copy, &info);
    assert_int_equal (info.size, 100 * MIB);
    assert_true (info.allocated < MIB);
    check_text (disk, 4096, "old");
    check_text (disk, 3 * MIB - 2, "across");
    check_text (disk, 100 * MIB - 4, "last");

    assert_int_equal (lseek (fd, 0, SEEK_SET), 0);
    check_failed (l->f, receive (l, &copy, fd), EEXIST, "already");
    check_text (disk, 4096, "old");
    copy.name = "c";
    copy.size = 50 * MIB;
    assert_int_equal (lseek (fd, 0, SEEK_SET), 0);
    check_failed (l->f, receive (l, &copy, fd), EINVAL, "would have less");

    /* What was cut off anywhere is no volume. */
    copy.size = 0;
    for (off_t cut = st.st_size - 1; cut >= 0; cut -= st.st_size / 9) {
        assert_int_equal (ftruncate (fd, cut), 0);
        assert_int_equal (lseek (fd, 0, SEEK_SET), 0);
        check_failed (l->f, receive (l, &copy, fd), EPIPE, "too early");
        assert_int_equal (count (l), 2);
    }
    close (fd);
}

/* Through a pipe, to another process, bytes that cannot be compressed. */
static void
test_pipe (void **state)
{
    struct lab *l = *state;
    struct hv_volume vol = volume (l, "a", 8 * MIB), copy = volume (l, "b", 0);
    const char *disk, *other;
    int fds[2], status;
    pid_t pid;

    check_done (l->f, create (l, &vol));
    disk = path_of (l, &vol, NULL);
    sh ("dd if=/dev/urandom of=%s bs=1M count=5 seek=2 conv=notrunc "
        "status=none",
        disk);
    check_done (l->f, snapshot (l, &vol, "s"));
    assert_int_equal (pipe2 (fds, O_CLOEXEC), 0);
    pid = fork ();
    assert_true (pid >= 0);
    if (pid == 0) {
        close (fds[0]);
        _exit (send_to (l, &vol, "s", fds[1]) != 0);
    }
    close (fds[1]);
    check_done (l->f, receive (l, &copy, fds[0]));
    close (fds[0]);
    assert_int_equal (waitpid (pid, &status, 0), pid);
    assert_int_equal (status, 0);
    other = path_of (l, &copy, NULL);
    sh ("cmp %s %s", disk, other);

    /* Nobody reads: it ends, in time, and leaves nothing. */
    assert_int_equal (pipe2 (fds, O_CLOEXEC), 0);
    fake_limit (l->f, 1000);
    check_failed (l->f, send_to (l, &vol, "s", fds[1]), ETIMEDOUT,
                  "takes too long");
    check_silent (l);
    fake_limit (l->f, 60000);
    signal (SIGPIPE, SIG_IGN);
    close (fds[0]);
    check_failed (l->f, send_to (l, &vol, "s", fds[1]), EPIPE, "cannot write");
    check_silent (l);
    close (fds[1]);
    assert_int_equal (count (l), 2);

    /* What a killed one leaves is swept by the next. */
    sh ("zfs clone -o hvctl:owner=stream -o hvctl:maker=00000000.1.1 %s/a@s "
        "%s/_send-0",
        l->dataset, l->dataset);
    fds[0] = open ("/dev/null", O_WRONLY | O_CLOEXEC);
    check_done (l->f, send_to (l, &vol, "s", fds[0]));
    close (fds[0]);
    assert_int_equal (count (l), 2);
}

static void
test_bad_stream (void **state)
{
#define HEAD "hvctlvol\0\0\0\0\0\x10\0\0"
#define ZERO "\0\0\0\0\0\0\0\0"
    static const struct {
        const char *bytes;
        size_t len;
        const char *says;
    } bad[] = {
        { "QFI\xfb\0\0\0\3\0\0\0\0\0\0\0\0", 16, "was not sent by hvctl" },
        { "hvctlvol" ZERO, 16, "no disk has 0" },
        { "hvctlvol\xff\xff\xff\xff\xff\xff\xff\xff", 16, "no disk has" },
        { HEAD "\0\0\0\0\0\x10\0\1" ZERO, 32, "damaged" }, /* Too far. */
        { HEAD ZERO ZERO, 32, "damaged" },                 /* Too early. */
        { HEAD ZERO "\0\0\0\0\0\x10\0\1", 32, "damaged" }, /* Too much. */
        { HEAD ZERO "\xff\xff\xff\xff\xff\xff\xff\xff", 32, "damaged" },
        { HEAD "\0\0\0\0\0\x0f\xff\xff\0\0\0\0\0\0\0\2xx", 34, "damaged" },
        { HEAD "\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1x" ZERO "\0\0\0\0\0\0\0\1x", 50,
          "damaged" }, /* Back. */
    };
    struct lab *l = *state;
    struct hv_volume vol = volume (l, "v", 0);

    for (size_t i = 0; i < ARRAY_SIZE (bad); i++) {
        int fds[2];

        assert_int_equal (pipe2 (fds, O_CLOEXEC), 0);
        assert_int_equal (write (fds[1], bad[i].bytes, bad[i].len),
                          (ssize_t)bad[i].len);
        close (fds[1]);
        check_failed (l->f, receive (l, &vol, fds[0]), EINVAL, bad[i].says);
        close (fds[0]);
        assert_int_equal (count (l), 0);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_stream),
        TEST (test_pipe),
        TEST (test_bad_stream),
    };

    RUN (tests);
}
