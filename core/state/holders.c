/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/state/holders.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/base/clock.h"
#include "core/base/interrupt.h"
#include "core/base/process.h"
#include "core/state/state-changes.h"
#include "core/state/state-lock.h"
#include "core/state/state-run.h"
#include "core/state/state.h"

/* The time that a working change has before it is asked to terminate, and the
 * time until it is killed; in milliseconds. */
#define CHANGE_MOMENT 2000
#define HOLDER_TERM 3000
#define HOLDER_KILL 5000

struct place {
    uint64_t inode, byte;
};

/* Is that line of fdinfo one about the byte?
 *
 *   lock: 1: OFDLCK  ADVISORY  WRITE -1 00:1a:4711 123 123
 *
 * The last number may be EOF.  The device is not compared: what stat() says of
 * it is another one with some file systems. */
static bool
is_lock_of (const char *line, const struct place *place)
{
    uint64_t inode, first, last = UINT64_MAX;

    return sscanf (line,
                   "lock: %*d: OFDLCK %*s %*s %*d %*x:%*x:%" SCNu64 " %" SCNu64
                   " %" SCNu64,
                   &inode, &first, &last)
               >= 2
           && inode == place->inode && first <= place->byte
           && place->byte <= last;
}

static bool
has_lock (int fdinfo, const char *fd, const struct place *place)
{
    CLEANUP_CLOSE int file = openat (fdinfo, fd, O_RDONLY | O_CLOEXEC);
    char text[4096], *save = NULL;
    ssize_t n = file < 0 ? -1 : read (file, text, sizeof text - 1);

    if (n <= 0) {
        return false;
    }
    text[n] = '\0';
    for (char *line = strtok_r (text, "\n", &save); line;
         line = strtok_r (NULL, "\n", &save)) {
        if (is_lock_of (line, place)) {
            return true;
        }
    }
    return false;
}

/* Most descriptors can be distinguished by their names alone. */
static bool
is_changes_file (int fds, const char *fd)
{
    static const char end[] = "/" CHANGES_LOCK;
    char path[4096];
    ssize_t n = readlinkat (fds, fd, path, sizeof path);

    return n >= (ssize_t)sizeof end - 1
           && !memcmp (path + n - (sizeof end - 1), end, sizeof end - 1);
}

static bool
process_has_lock (struct hvctl *h, pid_t pid, const struct place *place)
{
    CLEANUP_CLOSEDIR DIR *fds =
        opendir (arena_format (&h->arena, "/proc/%d/fd", (int)pid));
    CLEANUP_CLOSE int fdinfo =
        open (arena_format (&h->arena, "/proc/%d/fdinfo", (int)pid),
              O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct dirent *e;

    while (fds && fdinfo >= 0 && (e = readdir (fds))) {
        if (is_changes_file (dirfd (fds), e->d_name)
            && has_lock (fdinfo, e->d_name, place)) {
            return true;
        }
    }
    return false;
}

static bool
find_place (struct hvctl *h, const char *key, struct place *place)
{
    struct stat st;

    if (!state_is_changing (h, key) || stat (state_changes_path (h), &st) < 0) {
        return false;
    }
    place->inode = st.st_ino;
    place->byte = state_changes_byte (key);
    return true;
}

/* Processes of other users cannot have the lock, and are not inspected. */
void
holders_of_changes (struct hvctl *h, const char *key, struct vec *out)
{
    struct place place;
    CLEANUP_CLOSEDIR DIR *d =
        find_place (h, key, &place) ? opendir ("/proc") : NULL;
    struct dirent *e;
    struct stat st;

    while (d && (e = readdir (d))) {
        struct holder now = { .pid = (pid_t)atoi (e->d_name) };

        if (now.pid <= 0 || now.pid == getpid ()
            || fstatat (dirfd (d), e->d_name, &st, 0) < 0
            || st.st_uid != geteuid ()) {
            continue;
        }
        now.start_time = process_start_time (now.pid);
        if (process_has_lock (h, now.pid, &place)) {
            struct holder *found = arena_alloc (&h->arena, sizeof *found);

            *found = now;
            vec_add (&h->arena, out, found);
        }
    }
}

static const char *
process_text (struct hvctl *h, pid_t pid)
{
    return arena_format (&h->arena, " (process %d)", (int)pid);
}

const char *
holders_text (struct hvctl *h, const char *key)
{
    struct vec list = { 0 };

    holders_of_changes (h, key, &list);
    return list.n ? process_text (h, ((struct holder *)list.p[0])->pid) : "";
}

static const char *const run_files[] = { BUSY_FILE, STARTER_FILE };

const char *
holders_run_text (struct hvctl *h, const char *name)
{
    uint64_t start_time;
    pid_t pid;

    for (size_t i = 0; i < ARRAY_SIZE (run_files); i++) {
        if (state_is_held (h, name, run_files[i])
            && state_holder (h, name, run_files[i], &pid, &start_time)
            && pid != getpid ()) {
            return process_text (h, pid);
        }
    }
    return "";
}

/* Does it hold the lock of that file, or, if null, that of the changes? */
static bool
holds (struct hvctl *h, const char *name, const char *file,
       const struct holder *p)
{
    struct place place;

    return file ? state_is_held (h, name, file)
                : find_place (h, name, &place)
                      && process_has_lock (h, p->pid, &place);
}

/* Asks the process to terminate, and kills it if it does not.  Its unfinished
 * work is in the journal. */
static bool
end_process (struct hvctl *h, const char *name, const char *file,
             const struct holder *p)
{
    CLEANUP_CLOSE int pidfd = process_open (p->pid, p->start_time);
    struct error ignored = { 0 };

    if (pidfd < 0 || !holds (h, name, file, p)) {
        return true; /* It has released the lock in the meantime. */
    }
    process_signal (pidfd, SIGTERM);
    if (process_gone_within (pidfd, HOLDER_TERM) || !holds (h, name, file, p)) {
        return true;
    }
    return process_kill (pidfd, HOLDER_KILL, &ignored) == 0;
}

bool
holders_end (struct hvctl *h, const char *name, const char *file)
{
    struct holder p = { 0 };

    return state_holder (h, name, file, &p.pid, &p.start_time)
           && p.pid != getpid () && end_process (h, name, file, &p);
}

bool
holders_end_run (struct hvctl *h, const char *name)
{
    bool ended = false, held = false;

    for (size_t i = 0; i < ARRAY_SIZE (run_files); i++) {
        if (state_is_held (h, name, run_files[i])) {
            held = true;
            ended |= holders_end (h, name, run_files[i]);
        }
    }
    return ended || !held;
}

/* Waits briefly until 'p' has released the lock. */
static bool
lets_go (struct hvctl *h, const char *name, const struct holder *p,
         int64_t until)
{
    while (holds (h, name, NULL, p)) {
        if (now_ms () >= until || interrupt_came) {
            return false;
        }
        poll (NULL, 0, 20);
    }
    return true;
}

int
holders_end_changes (struct hvctl *h, const char *name, const struct vec *list,
                     struct error *err)
{
    int64_t until = now_ms () + CHANGE_MOMENT;

    for (size_t i = 0; i < list->n; i++) {
        const struct holder *p = list->p[i];

        if (lets_go (h, name, p, until)) {
            continue;
        }
        if (!end_process (h, name, NULL, p)) {
            return fail_exit (err, EXIT_TIMEOUT, ETIMEDOUT,
                              "%s is being changed by another hvctl (process "
                              "%d), which cannot be terminated",
                              name, (int)p->pid);
        }
        hvctl_warn ("%s: another hvctl (process %d) was changing or starting "
                    "it, and was terminated: the next command that makes a "
                    "change completes its work or rolls it back",
                    name, (int)p->pid);
    }
    return 0;
}
