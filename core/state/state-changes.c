/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/state/state-changes.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/hash.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/interrupt.h"
#include "core/config/host.h"
#include "core/state/holders.h"
#include "core/state/state.h"

/* How often a lock is asked for, in milliseconds; and how often the file may
 * vanish between our open and our lock. */
#define LOCK_WAIT 5
#define LOCK_TRIES 1000

static uint64_t
hash_of (const char *name)
{
    return hash_bytes (HASH_START, name, strlen (name));
}

/* Nobody begins a change where the journals cannot be written, but a VM is
 * started, paused and resumed there. */
const char *
state_changes_path (struct hvctl *h)
{
    const struct host *host = h->host;
    bool fixed = access (host->state_dir, W_OK) < 0 && errno == EROFS;

    return arena_format (&h->arena, "%s/" CHANGES_LOCK,
                         fixed ? host->run_dir : host->state_dir);
}

/* One byte of a file for each VM, so that nothing is left behind; and of a
 * file that is nobody else's, who could lock it, too.  It is where the journals
 * of changes are: run directories get lost while a change goes on. */
static struct flock
changes_lock (const char *name, bool alone)
{
    return (struct flock){ .l_type = alone ? F_WRLCK : F_RDLCK,
                           .l_whence = SEEK_SET,
                           .l_start = (off_t)(hash_of (name) >> 2),
                           .l_len = 1 };
}

uint64_t
state_changes_byte (const char *name)
{
    return (uint64_t)changes_lock (name, true).l_start;
}

static int
open_lock (const struct hvctl *h, const char *path, struct error *err)
{
    int fd;

    if (file_make_dirs (h->host->run_dir, 0755, err) < 0
        || file_make_dirs (h->host->state_dir, 0755, err) < 0) {
        return -err->code;
    }
    fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    return fd < 0 ? fail (err, errno, "cannot open %s: %m", path) : fd;
}

/* Has somebody else the whole file?  That is who is going to remove it. */
static bool
is_tidied (int fd, struct flock lock)
{
    return fcntl (fd, F_OFD_GETLK, &lock) == 0
           && (lock.l_type == F_UNLCK || lock.l_len == 0);
}

/* Returns true with '*fd' or an error, false if somebody else has the lock. */
static bool
try_lock (struct hvctl *h, const char *name, bool alone, int *fd,
          struct error *err)
{
    struct flock lock = changes_lock (name, alone);
    const char *path = state_changes_path (h);

    *fd = -1;
    for (int i = 0; i < LOCK_TRIES; i++) {
        CLEANUP_CLOSE int lock_fd = open_lock (h, path, err);

        if (lock_fd < 0) {
            return true;
        }
        if (fcntl (lock_fd, F_OFD_SETLK, &lock) < 0) {
            if (errno != EAGAIN && errno != EACCES) {
                fail (err, errno, "cannot lock %s for a change: %m", name);
                return true;
            }
            if (!is_tidied (lock_fd, lock)) {
                return false;
            }
            sched_yield ();
            continue;
        }
        if (file_is_at (lock_fd, path)) {
            *fd = steal_fd (&lock_fd);
            return true;
        }
    }
    fail (err, EAGAIN, "cannot lock %s: another process keeps removing it",
          path);
    return true;
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

    while (!try_lock (h, name, alone, fd, err)) {
        if (interrupt_came) {
            return fail (err, EINTR, "interrupted");
        }
        if (now_ms () >= until) {
            return still_changed (h, name, ms, err);
        }
        poll (NULL, 0, LOCK_WAIT);
    }
    return *fd < 0 ? -err->code : 0;
}

int
state_try_changes (struct hvctl *h, const char *name, int *fd,
                   struct error *err)
{
    if (try_lock (h, name, true, fd, err)) {
        return *fd < 0 ? -err->code : 0;
    }
    return fail (err, EBUSY, "%s is being changed by another hvctl%s", name,
                 holders_text (h, name));
}

bool
state_is_changing (struct hvctl *h, const char *name)
{
    struct flock lock = changes_lock (name, true);
    CLEANUP_CLOSE int fd =
        open (state_changes_path (h), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

    return fd >= 0 && fcntl (fd, F_OFD_GETLK, &lock) == 0
           && lock.l_type != F_UNLCK && lock.l_len != 0;
}

void
state_tidy_changes (struct hvctl *h)
{
    const char *path = state_changes_path (h);
    CLEANUP_CLOSE int fd = open (path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    struct flock all = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

    if (fd >= 0 && fcntl (fd, F_OFD_SETLK, &all) == 0
        && file_is_at (fd, path)) {
        unlink (path);
    }
}
