/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A guest that floods its serial port, or reboots endlessly, would fill the
 * host's disk with logs.  So a log that has grown too long is rotated to
 * NAME.log.1.  Its writer has it open for appending: so it is copied and
 * truncated, and output of that very moment is lost.
 *
 * The kernel reports each write below the directory (F_NOTIFY: a user may have
 * only 128 instances of inotify, and root more VMs than that).  Then all logs
 * are checked, and not again before the longest could have become too long: a
 * supervisor sleeps while there is no output, and wakes up at most some sixty
 * times a second. */

#include "supervisor/supervisor.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MOST_PER_MS (1 << 20) /* The highest rate of output. */
#define LOOK_EVERY 10000      /* Milliseconds, if the kernel cannot notify. */
#define MOST_OF_COPY (2 * MOST_OF_LOG)

/* Written at an offset of its own, and bounded by what writes it. */
#define DIAGNOSIS "sandbox.log"

static struct {
    int dir; /* Of s.logs, if the kernel tells of writes there. */
    volatile sig_atomic_t written;
    int began;
    long long soonest, latest; /* The time of the next check. */
} l = { .dir = -1 };

/* If there is no room for a copy, the log is emptied all the same.  A log that
 * is far too long was written while we could not check it: its end is kept. */
static void
begin_anew (int dir, const char *name, off_t size)
{
    char older[300];
    int from = openat (dir, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW), to;
    off_t at = size > MOST_OF_COPY ? size - MOST_OF_COPY : 0;

    append (append (older, name), ".1");
    to = openat (dir, older,
                 O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    while (from >= 0 && to >= 0 && at < size) {
        if (sendfile (to, from, &at, (size_t)(size - at)) <= 0) {
            break;
        }
    }
    if (from >= 0) {
        (void)!ftruncate (from, 0);
    }
    close_if (&from);
    close_if (&to);
}

/* Room can be taken beyond the end of a file, which remains as long as it was
 * (fallocate(2), FALLOC_FL_KEEP_SIZE). */
static off_t
room_of (const struct stat *st)
{
    off_t taken = (off_t)st->st_blocks * 512;

    return taken > st->st_size ? taken : st->st_size;
}

/* Returns the new length. */
static off_t
look_at (int dir, const char *name)
{
    size_t len = strlen (name);
    struct stat st;

    if (len <= 4 || len >= 256 || strcmp (name + len - 4, ".log") != 0
        || !strcmp (name, DIAGNOSIS)
        || fstatat (dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0
        || !S_ISREG (st.st_mode)) {
        return 0;
    }
    if (room_of (&st) > MOST_OF_LOG) {
        begin_anew (dir, name, st.st_size);
        return 0;
    }
    return room_of (&st);
}

void
begin_log_anew (const char *name)
{
    int dir = open (s.logs, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

    if (dir >= 0) {
        look_at (dir, name);
        close (dir);
    }
}

/* Returns the length of the longest. */
static off_t
look_at_all (void)
{
    DIR *d = opendir (s.logs);
    struct dirent *e;
    off_t longest = 0;

    while (d && (e = readdir (d))) {
        off_t size = look_at (dirfd (d), e->d_name);

        longest = size > longest ? size : longest;
    }
    if (d) {
        closedir (d);
    }
    return longest;
}

static void
tell_written (int signal)
{
    (void)signal;
    l.written = 1;
}

/* It may have been removed and created again. */
static void
listen_to_writes (void)
{
    struct stat st;

    if (l.dir >= 0 && fstat (l.dir, &st) == 0 && st.st_nlink > 0) {
        return;
    }
    close_if (&l.dir);
    l.dir = open (s.logs, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (l.dir >= 0 && fcntl (l.dir, F_NOTIFY, DN_MODIFY | DN_MULTISHOT) < 0) {
        close_if (&l.dir);
    }
}

/* The signal comes while we poll, and at no other time. */
static void
logs_begin (void)
{
    struct sigaction action = { .sa_handler = tell_written };
    sigset_t set;

    sigemptyset (&set);
    sigaddset (&set, SIGIO);
    sigprocmask (SIG_BLOCK, &set, NULL);
    sigaction (SIGIO, &action, NULL);
    l.began = 1;
}

void
logs_end (void)
{
    close_if (&l.dir);
    signal (SIGIO, SIG_IGN); /* A pending signal is discarded. */
    signal (SIGIO, SIG_DFL);
}

/* Checks the logs if it is time to.  Returns the time until the next check;
 * stores whether a write need not cause one before. */
static int
logs_turn (int *deaf)
{
    long long now = now_ms ();

    if (!l.began) {
        logs_begin ();
    }
    if (now >= l.latest || (l.written && now >= l.soonest)) {
        if (!l.written) {
            listen_to_writes ();
        }
        l.written = 0;
        l.soonest = now + 1 + (MOST_OF_LOG - look_at_all ()) / MOST_PER_MS;
        l.latest = now + LOOK_EVERY;
        shrink (); /* Checking needs more of our code in memory than waiting. */
    }
    *deaf = now < l.soonest;
    return (int)((*deaf ? l.soonest : l.latest) - now);
}

int
logs_poll (struct pollfd *fds, unsigned n, int timeout)
{
    long long until = timeout < 0 ? -1 : now_ms () + timeout;

    for (;;) {
        int looks = s.logs && !s.answer, deaf = 1, wait = -1, ours, r;
        long long left = until < 0 ? -1 : until - now_ms ();
        struct timespec t;
        sigset_t mask;

        left = until >= 0 && left < 0 ? 0 : left;
        if (looks) {
            wait = logs_turn (&deaf);
        }
        ours = wait >= 0 && (left < 0 || wait < left);
        left = ours ? wait : left;
        t = (struct timespec){ left / 1000, left % 1000 * 1000000 };
        sigprocmask (SIG_BLOCK, NULL, &mask);
        if (!deaf) {
            sigdelset (&mask, SIGIO);
        }
        r = ppoll (fds, n, left < 0 ? NULL : &t, &mask);
        if (r > 0 || (r == 0 && !ours) || (r < 0 && !l.written)) {
            return r;
        }
    }
}
