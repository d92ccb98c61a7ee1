/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The locks of run directories; see state.h. */
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/interrupt.h"
#include "core/base/process.h"
#include "core/base/trust.h"
#include "core/config/host.h"
#include "core/state/holders.h"
#include "core/state/state-kept.h"
#include "core/state/state-run.h"
#include "core/state/state.h"

#include "core/state/state-lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"

/* How long another hvctl, or the supervisor, may take to clean up: network
 * devices wait for RCU.  And how often a folder may vanish meanwhile. */
#define LOCK_WAIT 5
#define LOCK_PATIENCE 20000
#define LOCK_TRIES 1000

/* Records who holds the lock, for those who have to wait for it.  The record
 * counts only as long as the lock is held. */
static void
sign (int fd)
{
    char text[64];
    int n = snprintf (text, sizeof text, "%d %" PRIu64 "\n", (int)getpid (),
                      process_start_time (getpid ()));

    if (pwrite (fd, text, (size_t)n, 0) != n || ftruncate (fd, n) < 0) {
        (void)!ftruncate (fd, 0);
    }
}

bool
state_holder (struct hvctl *h, const char *name, const char *file, pid_t *pid,
              uint64_t *start_time)
{
    CLEANUP_FREE char *text = file_read (
        arena_format (&h->arena, "%s/%s", state_dir (h, name), file));
    int number = 0;

    if (!text || sscanf (text, "%d %" SCNu64, &number, start_time) != 2) {
        return false;
    }
    *pid = number;
    return process_is_alive (*pid, *start_time);
}

static int
is_busy (struct hvctl *h, const struct vm_state *s, struct error *err)
{
    return s->run == RUN_UNKNOWN
               ? state_unknown (h, s, err)
               : fail_exit (err, EXIT_RUNNING, EBUSY,
                            "%s is running, or being started or stopped by "
                            "another hvctl",
                            s->name);
}

/* The lock is taken: waits briefly if it may be released soon.  A sweep or a
 * clean-up holds it for a moment, without a running process, or with one that
 * has just exited. */
static int
wait_for_lock (struct hvctl *h, const char *name, const char *path,
               int64_t until, int64_t patience, struct error *err)
{
    struct vm_state s;

    if (errno != EAGAIN && errno != EACCES) {
        return fail (err, errno, "cannot lock %s: %m", path);
    }
    state_read (h, name, &s);
    if (s.run > RUN_STALE || interrupt_came) {
        return is_busy (h, &s, err);
    }
    if (now_ms () >= until) {
        return fail_exit (
            err, EXIT_TIMEOUT, ETIMEDOUT,
            "%s has stopped, and another hvctl or its supervisor%s has been "
            "cleaning up for more than %.1f seconds: try again later, or "
            "terminate that with 'hvctl kill %s'",
            name, holders_run_text (h, name), (double)patience / 1000, name);
    }
    poll (NULL, 0, LOCK_WAIT);
    return 0;
}

/* The holder of the lock is about to act on the current state. */
static int
check_trust (struct hvctl *h, const char *name, struct error *err)
{
    return trust_path (state_dir (h, name), err) < 0
                   || trust_path (state_keep_dir (h, name), err) < 0
                   || trust_path (state_kept_dir (h), err) < 0
                   || trust_path (state_log_dir (h, name), err) < 0
                   || trust_files (state_dir (h, name), err) < 0
               ? fail_prefix (err, "%s", name)
               : 0;
}

/* The lock is ours.  A running process does not hold this lock, so it is
 * searched for. */
static int
check_gone (struct hvctl *h, const char *name, struct error *err)
{
    struct vm_state s;

    state_read (h, name, &s);
    return s.run == RUN_UNKNOWN || (s.run > RUN_STALE && s.pid > 0)
               ? is_busy (h, &s, err)
               : 0;
}

int
state_lock_within (struct hvctl *h, const char *name, int64_t patience, int *fd,
                   struct error *err)
{
    const char *dir = state_dir (h, name);
    const char *path = arena_format (&h->arena, "%s/" BUSY_FILE, dir);
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    int64_t until = now_ms () + patience;
    int vanished = 0;

    while (vanished < LOCK_TRIES) {
        CLEANUP_CLOSE int lock_fd = -1;

        if (file_make_dirs (dir, 0700, err) < 0) {
            return -err->code;
        }
        lock_fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (lock_fd < 0 && errno == ENOENT) {
            vanished++;
            continue;
        }
        if (lock_fd < 0) {
            return fail (err, errno, "cannot open %s: %m", path);
        }
        if (fcntl (lock_fd, F_OFD_SETLK, &lock) < 0) {
            if (wait_for_lock (h, name, path, until, patience, err) < 0) {
                return -err->code;
            }
            continue;
        }
        /* The supervisor of a run that has ended must not write into the next
         * run. */
        if (file_is_at (lock_fd, path)
            && state_is_held (h, name, STARTER_FILE)) {
            close_fd (steal_fd (&lock_fd));
            errno = EAGAIN;
            if (wait_for_lock (h, name, path, until, patience, err) < 0) {
                return -err->code;
            }
            continue;
        }
        if (file_is_at (lock_fd, path)) {
            if (check_trust (h, name, err) < 0
                || check_gone (h, name, err) < 0) {
                return -err->code;
            }
            sign (lock_fd);
            *fd = steal_fd (&lock_fd);
            return 0;
        }
        vanished++;
    }
    return fail (err, EAGAIN,
                 "cannot lock %s: another process keeps removing it", path);
}

int
state_lock (struct hvctl *h, const char *name, int *fd, struct error *err)
{
    return state_lock_within (h, name, LOCK_PATIENCE, fd, err);
}

int
state_lock_starter (struct hvctl *h, const char *name, int *fd,
                    struct error *err)
{
    const char *path =
        arena_format (&h->arena, "%s/" STARTER_FILE, state_dir (h, name));
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

    *fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (*fd < 0 || fcntl (*fd, F_OFD_SETLK, &lock) < 0) {
        return fail (err, errno, "cannot lock %s: %m", path);
    }
    sign (*fd);
    return 0;
}

int
state_open_process (struct hvctl *h, const char *name, int *fd,
                    struct error *err)
{
    const char *path =
        arena_format (&h->arena, "%s/" PROCESS_FILE, state_dir (h, name));

    *fd = open (path, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    return *fd < 0 ? fail (err, errno, "cannot open %s: %m", path) : 0;
}
