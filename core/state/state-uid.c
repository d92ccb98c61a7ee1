/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/state/state-uid.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "common/cleanup.h"
#include "common/hash.h"
#include "core/base/file.h"
#include "core/config/host.h"

/* In the run directory: whose bytes hvctl locks, and nobody else can; and whose
 * the processes themselves claim. */
#define UIDS_LOCK "uids.lock"
#define UIDS "uids"

#define STATE "\nState:\t"
#define UID "\nUid:\t"

enum users { NOBODY, ZOMBIES, ALIVE };

/* Has the thread that real user ID, and does it run?  See proc(5). */
static enum users
user_of (struct arena *a, const char *pid, const char *tid, uint64_t uid)
{
    char text[4096];
    const char *state, *id;

    file_read_kernel (arena_format (a, "/proc/%s/task/%s/status", pid, tid),
                      text, sizeof text);
    state = strstr (text, STATE);
    id = strstr (text, UID);
    return !state || !id || strtoull (id + strlen (UID), NULL, 10) != uid
               ? NOBODY
           : strchr ("ZX", state[strlen (STATE)]) ? ZOMBIES
                                                  : ALIVE;
}

/* A first thread that has ended is a zombie, too, as long as others run. */
static enum users
users_among (struct hvctl *h, const char *pid, uint64_t uid)
{
    struct vec tids = { 0 };
    enum users found = NOBODY;

    file_names (&h->arena, arena_format (&h->arena, "/proc/%s/task", pid),
                &tids);
    for (size_t i = 0; i < tids.n && found != ALIVE; i++) {
        enum users u = user_of (&h->arena, pid, tids.p[i], uid);

        found = u > found ? u : found;
    }
    return found;
}

/* In a container whose first process reaps nobody, what has ended stays a
 * zombie.  A user ID of which nothing at all can be found is not free. */
static bool
only_zombies (struct hvctl *h, uint64_t uid)
{
    struct vec pids = { 0 };
    enum users found = NOBODY;

    file_names (&h->arena, "/proc", &pids);
    for (size_t i = 0; i < pids.n && found != ALIVE; i++) {
        const char *pid = pids.p[i];
        enum users u =
            *pid >= '1' && *pid <= '9' ? users_among (h, pid, uid) : NOBODY;

        found = u > found ? u : found;
    }
    return found == ZOMBIES;
}

/* Has any process this user ID?  The kernel is asked, since no process can
 * forge or undo that; it counts zombies. */
static bool
uid_is_free (struct hvctl *h, uint64_t uid)
{
    errno = 0;
    return getpriority (PRIO_USER, (id_t)uid) == -1 ? errno == ESRCH
                                                    : only_zombies (h, uid);
}

/* Has anybody locked the byte?  It may be a process in another PID namespace,
 * whose user ID would be invisible to us; or a compromised one that locks them
 * all. */
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
take (struct hvctl *h, int lock, int claim, uint64_t byte, uint64_t uid)
{
    struct flock l = { .l_type = F_WRLCK,
                       .l_whence = SEEK_SET,
                       .l_start = (off_t)byte,
                       .l_len = 1 };

    if (fcntl (lock, F_OFD_SETLK, &l) < 0) {
        return false;
    }
    if (uid_is_free (h, uid)) {
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
    const char *locks =
        arena_format (&h->arena, "%s/" UIDS_LOCK, h->host->run_dir);
    const char *claims = arena_format (&h->arena, "%s/" UIDS, h->host->run_dir);

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
    uint64_t first = hash_bytes (HASH_START, name, strlen (name));

    if (open_uids (h, &lock_fd, &claim_fd, err) < 0) {
        return -err->code;
    }
    /* As a last resort, also among those that are claimed. */
    for (uint64_t i = 0; i < 2 * host->uid_count; i++) {
        uint64_t byte = (first + i) % host->uid_count;

        if ((i >= host->uid_count || !is_claimed (claim_fd, byte))
            && take (h, lock_fd, claim_fd, byte, host->uid_base + byte)) {
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
