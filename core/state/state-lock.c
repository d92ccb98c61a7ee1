/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The locks of run directories, and user ids; see state.h. */
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/hash.h"
#include "core/base/interrupt.h"
#include "core/base/process.h"
#include "core/base/trust.h"
#include "core/config/host.h"
#include "core/state/holders.h"
#include "core/state/state-run.h"
#include "core/state/state.h"

#include "core/state/state-lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"

/* How long another hvctl, or the supervisor, may take to clean up: network
 * devices wait for RCU.  And how often a folder may vanish meanwhile. */
#define LOCK_WAIT 5
#define LOCK_PATIENCE 20000
#define LOCK_TRIES 1000

/* Where the user ids begin among the bytes of RUN/changes, and the changes. */
#define UIDS_AT (UINT64_C (1) << 40)
#define CHANGES_AT (UINT64_C (1) << 61)

/* Does 'path' still name 'fd'?  A clean-up may have removed it between our open
 * and our lock. */
static bool
same_file (int fd, const char *path)
{
    struct stat a, b;

    return fstat (fd, &a) == 0 && stat (path, &b) == 0 && a.st_ino == b.st_ino
           && a.st_dev == b.st_dev;
}

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
        if (same_file (lock_fd, path)
            && state_is_held (h, name, STARTER_FILE)) {
            close_fd (steal_fd (&lock_fd));
            errno = EAGAIN;
            if (wait_for_lock (h, name, path, until, patience, err) < 0) {
                return -err->code;
            }
            continue;
        }
        if (same_file (lock_fd, path)) {
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

static uint64_t
hash_of (const char *name)
{
    return hash_bytes (HASH_START, name, strlen (name));
}

const char *
state_changes_path (struct hvctl *h)
{
    return arena_format (&h->arena, "%s/" CHANGES_FILE, h->host->run_dir);
}

/* One byte of a file for each VM, so that nothing is left behind; the file must
 * be accessible only to us, since others could lock it, too. */
static struct flock
changes_lock (const char *name, bool alone)
{
    return (struct flock){ .l_type = alone ? F_WRLCK : F_RDLCK,
                           .l_whence = SEEK_SET,
                           .l_start = (off_t)(hash_of (name) >> 2 | CHANGES_AT),
                           .l_len = 1 };
}

uint64_t
state_changes_byte (const char *name)
{
    return (uint64_t)changes_lock (name, true).l_start;
}

static int
open_changes (struct hvctl *h, const char *name, bool alone, struct flock *lock,
              struct error *err)
{
    const char *path = state_changes_path (h);
    int fd;

    *lock = changes_lock (name, alone);
    if (file_make_dirs (h->host->run_dir, 0755, err) < 0) {
        return -err->code;
    }
    fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    return fd < 0 ? fail (err, errno, "cannot open %s: %m", path) : fd;
}

/* A volume has no process to kill, and an editor is used by a person. */
static int
still_changed (struct hvctl *h, const char *name, int64_t ms, struct error *err)
{
    const char *who = holders_text (h, name);
    const char *remedy =
        strchr (name, '@')
            ? (*who ? ", or terminate that process" : "")
            : arena_format (&h->arena,
                            ", or terminate that with 'hvctl kill %s'", name);

    return fail_exit (err, EXIT_TIMEOUT, ETIMEDOUT,
                      "%s has been locked by another hvctl%s, which changes or "
                      "starts it, for more than %d seconds: try again later%s",
                      name, who, (int)(ms / 1000), remedy);
}

int
state_lock_changes (struct hvctl *h, const char *name, bool alone, int *fd,
                    struct error *err)
{
    return state_lock_changes_within (h, name, alone, CHANGE_PATIENCE, fd, err);
}

int
state_lock_changes_within (struct hvctl *h, const char *name, bool alone,
                           int64_t ms, int *fd, struct error *err)
{
    int64_t until = now_ms () + ms;
    struct flock lock;
    CLEANUP_CLOSE int lock_fd = open_changes (h, name, alone, &lock, err);

    if (lock_fd < 0) {
        return -err->code;
    }
    while (fcntl (lock_fd, F_OFD_SETLK, &lock) < 0) {
        if (errno != EAGAIN && errno != EACCES) {
            return fail (err, errno, "cannot lock %s for a change: %m", name);
        }
        if (interrupt_came) {
            return fail (err, EINTR, "interrupted");
        }
        if (now_ms () >= until) {
            return still_changed (h, name, ms, err);
        }
        poll (NULL, 0, LOCK_WAIT);
    }
    *fd = steal_fd (&lock_fd);
    return 0;
}

int
state_try_changes (struct hvctl *h, const char *name, int *fd,
                   struct error *err)
{
    struct flock lock;
    CLEANUP_CLOSE int lock_fd = open_changes (h, name, true, &lock, err);

    if (lock_fd < 0) {
        return -err->code;
    }
    if (fcntl (lock_fd, F_OFD_SETLK, &lock) < 0) {
        return errno == EAGAIN || errno == EACCES
                   ? fail (err, EBUSY, "%s is being changed by another hvctl%s",
                           name, holders_text (h, name))
                   : fail (err, errno, "cannot lock %s for a change: %m", name);
    }
    *fd = steal_fd (&lock_fd);
    return 0;
}

bool
state_is_changing (struct hvctl *h, const char *name)
{
    struct flock lock = changes_lock (name, true);
    CLEANUP_CLOSE int fd =
        open (state_changes_path (h), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

    return fd >= 0 && fcntl (fd, F_OFD_GETLK, &lock) == 0
           && lock.l_type != F_UNLCK;
}

/* Has any process this user ID?  The kernel is asked, since no process can
 * forge or undo that. */
static bool
uid_is_free (uint64_t uid)
{
    errno = 0;
    return getpriority (PRIO_USER, (id_t)uid) == -1 && errno == ESRCH;
}

/* Has anybody locked the byte?  It may be a process in another PID namespace,
 * whose user ID would be invisible to us; or one that was taken over, and locks
 * them all. */
static bool
is_claimed (int fd, uint64_t byte)
{
    struct flock lock = { .l_type = F_WRLCK,
                          .l_whence = SEEK_SET,
                          .l_start = (off_t)byte,
                          .l_len = 1 };

    return fcntl (fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

/* 'lock' is for other hvctl's, 'claim' for the process to come. */
static bool
take (int lock, int claim, uint64_t byte, uint64_t uid)
{
    struct flock l = { .l_type = F_WRLCK,
                       .l_whence = SEEK_SET,
                       .l_start = (off_t)(UIDS_AT + byte),
                       .l_len = 1 };

    if (fcntl (lock, F_OFD_SETLK, &l) < 0) {
        return false;
    }
    if (uid_is_free (uid)) {
        l.l_type = F_RDLCK;
        l.l_start = (off_t)byte;
        fcntl (claim, F_OFD_SETLK, &l);
        return true;
    }
    l.l_type = F_UNLCK;
    fcntl (lock, F_OFD_SETLK, &l);
    return false;
}

static int
open_uids (struct hvctl *h, int *lock, int *claim, struct error *err)
{
    const char *locks = state_changes_path (h);
    const char *claims = arena_format (&h->arena, "%s/uids", h->host->run_dir);

    *lock = open (locks, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (*lock < 0) {
        return fail (err, errno, "cannot open %s: %m", locks);
    }
    *claim = open (claims, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    return *claim < 0 ? fail (err, errno, "cannot open %s: %m", claims) : 0;
}

int
state_take_uid (struct hvctl *h, const char *name, uint64_t *uid, int *lock,
                int *fd, struct error *err)
{
    const struct host *host = h->host;
    CLEANUP_CLOSE int lock_fd = -1;
    CLEANUP_CLOSE int claim_fd = -1;
    uint64_t first = hash_of (name);

    if (open_uids (h, &lock_fd, &claim_fd, err) < 0) {
        return -err->code;
    }
    /* As a last resort, also among those that are claimed. */
    for (uint64_t i = 0; i < 2 * host->uid_count; i++) {
        uint64_t byte = (first + i) % host->uid_count;

        if ((i >= host->uid_count || !is_claimed (claim_fd, byte))
            && take (lock_fd, claim_fd, byte, host->uid_base + byte)) {
            *uid = host->uid_base + byte;
            *lock = steal_fd (&lock_fd);
            *fd = steal_fd (&claim_fd);
            return 0;
        }
    }
    return fail (err, EUSERS,
                 "all %lu user IDs for VMs are in use: raise uid_count in %s",
                 (unsigned long)host->uid_count, host->file);
}
