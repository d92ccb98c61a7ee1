/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/host.h"
#include "core/json.h"
#include "core/spawn.h"

/* How long another hvctl, or the supervisor, may take to clean up: network
 * devices wait for RCU.  And how often a folder may vanish meanwhile. */
#define LOCK_WAIT 5
#define LOCK_PATIENCE 20000
#define LOCK_TRIES 1000

/* Who unplugs something may wait for the guest for half of that. */
#define CHANGE_PATIENCE 60000

const char *
state_dir (struct hvctl *h, const char *name)
{
    return arena_format (&h->arena, "%s/vm/%s", h->host->run_dir, name);
}

const char *
state_keep_dir (struct hvctl *h, const char *name)
{
    return arena_format (&h->arena, "%s/vm/%s", h->host->state_dir, name);
}

const char *
state_log_dir (struct hvctl *h, const char *name)
{
    return arena_format (&h->arena, "%s/%s", h->host->log_dir, name);
}

const char *
run_state_text (enum run_state run)
{
    static const char *const texts[] = { "stopped", "stopped", "starting",
                                         "running", "paused" };

    return texts[run];
}

char *
read_small_file (const char *path)
{
    CLEANUP_CLOSE int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    CLEANUP_FREE char *text = NULL;
    struct stat st;
    ssize_t n;

    if (fd < 0 || fstat (fd, &st) < 0 || !S_ISREG (st.st_mode)
        || st.st_size > 1 << 20) {
        return NULL;
    }
    text = xalloc ((size_t)st.st_size + 1);
    n = read (fd, text, (size_t)st.st_size);
    if (n < 0) {
        return NULL;
    }
    text[n] = '\0';
    return steal (&text);
}

const char *
state_read_line (struct hvctl *h, const char *path)
{
    CLEANUP_FREE char *text = read_small_file (path);

    return text && *text ? arena_dup_n (&h->arena, text, strcspn (text, "\n"))
                         : NULL;
}

int
write_file (const char *path, unsigned mode, const char *text,
            struct error *err)
{
    CLEANUP_FREE char *temporary = xformat ("%s.new", path);
    CLEANUP_CLOSE int fd = open (
        temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
    size_t len = strlen (text);

    if (fd < 0) {
        return fail (err, errno, "cannot write %s: %m", path);
    }
    errno = ENOSPC;
    if (write (fd, text, len) != (ssize_t)len || rename (temporary, path) < 0) {
        fail (err, errno, "cannot write %s: %m", path);
        unlink (temporary);
        return -err->code;
    }
    return 0;
}

static bool
read_json (struct hvctl *h, const char *path, struct vm_state *s)
{
    struct json_object *o = json_read (path);
    const char *phase;

    if (!o) {
        return false;
    }
    phase = json_get_text (&h->arena, o, "state");
    s->run = !phase || !strcmp (phase, "starting") ? RUN_STARTING
             : !strcmp (phase, "paused")           ? RUN_PAUSED
                                                   : RUN_RUNNING;
    s->pid = (pid_t)json_get_number (o, "pid");
    s->start_time = (uint64_t)json_get_number (o, "start_time");
    s->supervisor = (pid_t)json_get_number (o, "supervisor");
    s->supervisor_start = (uint64_t)json_get_number (o, "supervisor_start");
    s->started = json_get_number (o, "started");
    s->memory = (uint64_t)json_get_number (o, "memory");
    s->cpus = (uint32_t)json_get_number (o, "cpus");
    s->uid = (uint64_t)json_get_number (o, "uid");
    s->uuid = json_get_text (&h->arena, o, "uuid");
    s->hypervisor = json_get_text (&h->arena, o, "hypervisor");
    s->arch = json_get_text (&h->arena, o, "arch");
    s->program = json_get_text (&h->arena, o, "program");
    s->machine = json_get_text (&h->arena, o, "machine");
    s->accelerator = json_get_text (&h->arena, o, "accelerator");
    s->accelerator_why = json_get_text (&h->arena, o, "accelerator_why");
    s->weaker = json_get_text (&h->arena, o, "weaker");
    s->sandbox = json_get_text (&h->arena, o, "sandbox");
    s->file = json_get_text (&h->arena, o, "definition");
    json_object_put (o);
    return true;
}

/* Does another open file description hold the lock? */
static bool
is_locked (const char *path)
{
    CLEANUP_CLOSE int fd = open (path, O_RDONLY | O_CLOEXEC);
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

    return fd >= 0 && fcntl (fd, F_OFD_GETLK, &lock) == 0
           && lock.l_type != F_UNLCK;
}

void
state_read (struct hvctl *h, const char *name, struct vm_state *out)
{
    const char *dir = state_dir (h, name);

    memset (out, 0, sizeof *out);
    out->name = name;
    if (is_locked (arena_format (&h->arena, "%s/lock", dir))) {
        out->run = RUN_STARTING;
        read_json (h, arena_format (&h->arena, "%s/state", dir), out);
        /* A release is at work: what it locks has ended. */
        if (!process_is_alive (out->pid, out->start_time)
            && !state_has_starter (h, name)) {
            out->run = RUN_STALE;
        }
        return;
    }
    if (access (dir, F_OK) == 0) {
        read_json (h, arena_format (&h->arena, "%s/state", dir), out);
        out->run = RUN_STALE;
    }
}

int
state_write (struct hvctl *h, const struct vm_state *s, struct error *err)
{
    struct json_object *o = json_object_new_object ();

    json_put_text (o, "name", s->name);
    json_put_text (o, "uuid", s->uuid);
    json_put_text (o, "state", run_state_text (s->run));
    json_put_number (o, "pid", s->pid);
    json_put_number (o, "start_time", (int64_t)s->start_time);
    json_put_number (o, "supervisor", s->supervisor);
    json_put_number (o, "supervisor_start", (int64_t)s->supervisor_start);
    json_put_number (o, "started", s->started);
    json_put_text (o, "hypervisor", s->hypervisor);
    json_put_text (o, "arch", s->arch);
    json_put_text (o, "program", s->program);
    json_put_text (o, "machine", s->machine);
    json_put_text (o, "accelerator", s->accelerator);
    json_put_text (o, "accelerator_why", s->accelerator_why);
    json_put_number (o, "memory", (int64_t)s->memory);
    json_put_number (o, "cpus", s->cpus);
    json_put_number (o, "uid", (int64_t)s->uid);
    json_put_text (o, "weaker", s->weaker);
    json_put_text (o, "sandbox", s->sandbox);
    json_put_text (o, "definition", s->file);
    return json_write (
        arena_format (&h->arena, "%s/state", state_dir (h, s->name)), o, err);
}

void
state_names (struct hvctl *h, struct vec *names)
{
    CLEANUP_CLOSEDIR DIR *d =
        opendir (arena_format (&h->arena, "%s/vm", h->host->run_dir));
    struct dirent *e;

    while (d && (e = readdir (d))) {
        if (e->d_name[0] != '.') {
            vec_add (&h->arena, names, arena_dup (&h->arena, e->d_name));
        }
    }
}

/* Is 'fd' still what 'path' names?  A release may have removed it between
 * our open and our lock. */
static bool
same_file (int fd, const char *path)
{
    struct stat a, b;

    return fstat (fd, &a) == 0 && stat (path, &b) == 0 && a.st_ino == b.st_ino
           && a.st_dev == b.st_dev;
}

/* A sweep or a release holds the lock for a moment, without a process behind
 * it, or with one that has just ended. */
static bool
is_passing (struct hvctl *h, const char *name)
{
    struct vm_state s = { .pid = 0 };

    read_json (h, arena_format (&h->arena, "%s/state", state_dir (h, name)),
               &s);
    return !process_is_alive (s.pid, s.start_time)
           && !state_has_starter (h, name);
}

/* The lock is taken: waits for a moment if that may pass. */
static int
wait_for_lock (struct hvctl *h, const char *name, const char *path,
               int64_t until, int64_t patience, struct error *err)
{
    if (errno != EAGAIN && errno != EACCES) {
        return fail (err, errno, "cannot lock %s: %m", path);
    }
    if (!is_passing (h, name) || hvctl_interrupted) {
        return fail_exit (err, EXIT_RUNNING, EBUSY,
                          "%s is running, or being started or stopped by "
                          "another hvctl",
                          name);
    }
    if (now_ms () >= until) {
        return fail_exit (err, EXIT_TIMEOUT, ETIMEDOUT,
                          "%s has ended, and what it had is being released by "
                          "another hvctl or its supervisor for more than "
                          "%.1f seconds: try again later, and if that does "
                          "not help, look for who has %s open",
                          name, (double)patience / 1000, path);
    }
    poll (NULL, 0, LOCK_WAIT);
    return 0;
}

int
state_lock_within (struct hvctl *h, const char *name, int64_t patience, int *fd,
                   struct error *err)
{
    const char *dir = state_dir (h, name);
    const char *path = arena_format (&h->arena, "%s/lock", dir);
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    int64_t until = now_ms () + patience;
    int vanished = 0;

    while (vanished < LOCK_TRIES) {
        CLEANUP_CLOSE int lock_fd = -1;

        if (make_dirs (dir, 0700, err) < 0) {
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
        if (same_file (lock_fd, path)) {
            *fd = steal_fd (&lock_fd);
            return 0;
        }
        vanished++;
    }
    return fail (err, EAGAIN,
                 "cannot lock %s: somebody removes it again and again", path);
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
        arena_format (&h->arena, "%s/starter", state_dir (h, name));
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

    *fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (*fd < 0 || fcntl (*fd, F_OFD_SETLK, &lock) < 0) {
        return fail (err, errno, "cannot lock %s: %m", path);
    }
    return 0;
}

/* Two names may have the same. */
static uint64_t
hash_of (const char *name)
{
    uint64_t hash = 5381;

    for (const char *c = name; *c; c++) {
        hash = hash * 33 + (unsigned char)*c;
    }
    return hash;
}

/* One byte of a file for each VM, so that nothing is left behind; and of a
 * file that is nobody else's, who could lock it, too. */
int
state_lock_changes (struct hvctl *h, const char *name, bool alone, int *fd,
                    struct error *err)
{
    const char *path = arena_format (&h->arena, "%s/changes", h->host->run_dir);
    struct flock lock = { .l_type = alone ? F_WRLCK : F_RDLCK,
                          .l_whence = SEEK_SET,
                          .l_start = (off_t)(hash_of (name) % INT32_MAX),
                          .l_len = 1 };
    int64_t until = now_ms () + CHANGE_PATIENCE;
    CLEANUP_CLOSE int lock_fd = -1;

    if (make_dirs (h->host->run_dir, 0755, err) < 0) {
        return -err->code;
    }
    lock_fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock_fd < 0) {
        return fail (err, errno, "cannot open %s: %m", path);
    }
    while (fcntl (lock_fd, F_OFD_SETLK, &lock) < 0) {
        if (errno != EAGAIN && errno != EACCES) {
            return fail (err, errno, "cannot lock %s: %m", path);
        }
        if (hvctl_interrupted) {
            return fail (err, EINTR, "interrupted");
        }
        if (now_ms () >= until) {
            return fail_exit (err, EXIT_TIMEOUT, ETIMEDOUT,
                              "%s is being changed or started by another hvctl "
                              "for more than %d seconds: try again later",
                              name, CHANGE_PATIENCE / 1000);
        }
        poll (NULL, 0, LOCK_WAIT);
    }
    *fd = steal_fd (&lock_fd);
    return 0;
}

bool
state_has_starter (struct hvctl *h, const char *name)
{
    return is_locked (
        arena_format (&h->arena, "%s/starter", state_dir (h, name)));
}

void
state_remove (struct hvctl *h, const char *name)
{
    const char *dir = state_dir (h, name);
    CLEANUP_CLOSEDIR DIR *d = opendir (dir);
    struct dirent *e;

    /* The lock goes last: until then it is what keeps others out. */
    while (d && (e = readdir (d))) {
        if (strcmp (e->d_name, ".") && strcmp (e->d_name, "..")
            && strcmp (e->d_name, "lock")) {
            unlinkat (dirfd (d), e->d_name, 0);
        }
    }
    if (d) {
        unlinkat (dirfd (d), "lock", 0);
    }
    rmdir (dir);
}

int
state_take_uid (struct hvctl *h, const char *name, uint64_t *uid, int *fd,
                struct error *err)
{
    const struct host *host = h->host;
    const char *path = arena_format (&h->arena, "%s/uids", host->run_dir);
    CLEANUP_CLOSE int lock_fd =
        open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    uint64_t at = hash_of (name);

    if (lock_fd < 0) {
        return fail (err, errno, "cannot open %s: %m", path);
    }
    /* One byte per user id, locked by the process that has it. */
    for (uint64_t i = 0; i < host->uid_count; i++, at++) {
        struct flock lock = { .l_type = F_WRLCK,
                              .l_whence = SEEK_SET,
                              .l_start = (off_t)(at % host->uid_count),
                              .l_len = 1 };

        if (fcntl (lock_fd, F_OFD_SETLK, &lock) == 0) {
            *uid = host->uid_base + at % host->uid_count;
            *fd = steal_fd (&lock_fd);
            return 0;
        }
    }
    return fail (err, EUSERS,
                 "all %lu user ids for VMs are in use: raise uid_count in %s",
                 (unsigned long)host->uid_count, host->file);
}
