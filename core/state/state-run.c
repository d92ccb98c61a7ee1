/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Who runs: the one place that knows.  It asks the kernel, whose answers a
 * hypervisor that its guest has compromised can neither forge nor revoke:
 *
 *   the process that the state file names, by number and time of its start,
 *     is alive, or
 *   somebody has the lock of RUN/vm/NAME/lock, which the hypervisor's
 *     process takes before it executes the hypervisor, or
 *   somebody has the lock of RUN/vm/NAME/supervisor, and was told to look after
 *     a process that is alive, or
 *   the process that STATE/processes/NAME names is alive, whatever has become
 *     of the run directory: state-kept.c.
 *
 * The two locks are of the kind whose owner's number the kernel tells (POSIX,
 * F_GETLK).  The hypervisor may drop the first one, and no other; and nothing
 * but its own descriptor, which is read-only, leads it there. */
#include "core/base/json.h"
#include "core/base/file.h"
#include "core/base/process.h"
#include "core/base/trust.h"
#include "core/state/state-kept.h"

#include "core/state/state-run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"

/* The relevant parts of a supervisor's command line. */
#define COMMAND_LINE 4096

static const char *
path_in (struct hvctl *h, const char *name, const char *file)
{
    return arena_format (&h->arena, "%s/%s", state_dir (h, name), file);
}

/* Returns the holder of that file's lock: a pid; -1 for a holder without a
 * number; 0 if there is none.  Stores why it cannot be determined, a positive
 * errno value. */
static pid_t
owner_of (const char *path, int kind, int *why)
{
    CLEANUP_CLOSE int fd =
        open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

    if (fd < 0 || fcntl (fd, kind, &lock) < 0) {
        *why = errno == ENOENT ? *why : errno;
        return 0;
    }
    return lock.l_type == F_UNLCK ? 0 : lock.l_pid > 0 ? lock.l_pid : -1;
}

/* "KEY=NUMBER" among the words of a command line, or 0. */
static uint64_t
number_of (const char *words, size_t len, const char *key)
{
    size_t n = strlen (key);

    for (const char *end = words + len; words < end;
         words += strlen (words) + 1) {
        if (!strcmp (words, "--")) {
            break;
        }
        if (!strncmp (words, key, n)) {
            return strtoull (words + n, NULL, 10);
        }
    }
    return 0;
}

/* The process that the supervisor was told to watch. */
static bool
ask_supervisor (struct hvctl *h, struct vm_state *s, int *why)
{
    pid_t pid = owner_of (path_in (h, s->name, SUPERVISOR_FILE), F_GETLK, why);
    char words[COMMAND_LINE];
    ssize_t n;

    if (pid <= 0) {
        *why = pid < 0 ? ESRCH : *why; /* Of another pid namespace. */
        return false;
    }
    n = file_read_kernel (
        arena_format (&h->arena, "/proc/%d/cmdline", (int)pid), words,
        sizeof words);
    if (n <= 0) {
        return false;
    }
    s->supervisor = pid;
    s->supervisor_start = process_start_time (pid);
    s->pid = (pid_t)number_of (words, (size_t)n, "pid=");
    s->start_time = number_of (words, (size_t)n, "start=");
    return process_is_alive (s->pid, s->start_time);
}

static bool
ask_process (struct hvctl *h, struct vm_state *s, int *why)
{
    pid_t pid = owner_of (path_in (h, s->name, PROCESS_FILE), F_GETLK, why);

    if (pid <= 0) {
        return false;
    }
    s->pid = pid;
    s->start_time = process_start_time (pid);
    return process_is_alive (s->pid, s->start_time);
}

/* Is there a process?  If so, 's' tells which; text about another process does
 * not apply to it. */
static bool
find_process (struct hvctl *h, struct vm_state *s, int *why)
{
    struct vm_state found = { .name = s->name, .run = RUN_UNKNOWN };

    if (process_is_alive (s->pid, s->start_time)) {
        return true;
    }
    if (ask_process (h, &found, why) || ask_supervisor (h, &found, why)
        || state_kept_process (h, &found)) {
        *s = found;
        return true;
    }
    return false;
}

/* The parameters of the start, for a state file that was lost. */
static void
read_plan (struct hvctl *h, struct vm_state *s)
{
    const char *path = path_in (h, s->name, "plan");
    struct json_object *o = json_read (path), *launch = NULL;
    struct stat st;

    if (!o) {
        return;
    }
    s->uuid = json_get_text (&h->arena, o, "uuid");
    s->hypervisor = json_get_text (&h->arena, o, "hypervisor");
    s->arch = json_get_text (&h->arena, o, "arch");
    s->machine = json_get_text (&h->arena, o, "machine");
    s->accelerator = json_get_text (&h->arena, o, "accelerator");
    s->accelerator_why = json_get_text (&h->arena, o, "accelerator_why");
    s->memory = (uint64_t)json_get_number (o, "memory");
    s->cpus = (uint32_t)json_get_number (o, "cpus");
    s->file = json_get_text (&h->arena, o, "definition");
    if (json_object_object_get_ex (o, "launch", &launch)) {
        s->program = json_get_text (&h->arena, launch, "program");
    }
    s->started = stat (path, &st) == 0 ? st.st_mtime : 0;
    json_object_put (o);
}

bool
state_is_held (struct hvctl *h, const char *name, const char *file)
{
    int ignored = 0;

    return owner_of (path_in (h, name, file), F_OFD_GETLK, &ignored) != 0;
}

pid_t
state_supervisor (struct hvctl *h, const char *name, int *why)
{
    *why = 0;
    return owner_of (path_in (h, name, SUPERVISOR_FILE), F_GETLK, why);
}

/* Is it being started?  A starter holds both locks, and has recorded itself in
 * them; a supervisor holds only the starter's, while others may try the
 * other. */
static bool
is_starting (struct hvctl *h, const char *name, int *why)
{
    const char *busy, *starter;

    if (owner_of (path_in (h, name, STARTER_FILE), F_OFD_GETLK, why) == 0
        || !state_is_held (h, name, BUSY_FILE)) {
        return false;
    }
    busy = state_read_line (h, path_in (h, name, BUSY_FILE));
    starter = state_read_line (h, path_in (h, name, STARTER_FILE));
    return !busy || !starter || !strcmp (busy, starter);
}

static void
look (struct hvctl *h, const char *name, bool held, struct vm_state *out)
{
    const char *dir = state_dir (h, name);
    struct error foreign = { 0 };
    struct stat st;
    bool starts;
    int ignored = 0;

    memset (out, 0, sizeof *out);
    out->name = name;
    if (lstat (dir, &st) < 0) {
        if (errno == ENOENT && state_kept_process (h, out)) {
            out->run = RUN_RUNNING;
            return;
        }
        out->why = errno == ENOENT ? 0 : errno;
        out->run = out->why ? RUN_UNKNOWN : RUN_STOPPED;
        return;
    }
    if (trust_stat (&st, dir, &foreign) < 0) {
        out->why = EPERM;
        out->run = RUN_UNKNOWN;
        return;
    }
    state_read_words (h, out);
    if (find_process (h, out, &out->why)) {
        out->why = 0;
        if (!out->hypervisor) {
            read_plan (h, out);
        }
        if (out->run != RUN_UNKNOWN) {
            return;
        }
        starts = !held && is_starting (h, name, &ignored);
        out->run = starts ? RUN_STARTING : RUN_RUNNING;
        return;
    }
    starts = is_starting (h, name, &out->why) && !held;
    out->run = starts ? RUN_STARTING : out->why ? RUN_UNKNOWN : RUN_STALE;
    if (starts) {
        /* The recorded process, if any, has exited. */
        out->pid = 0;
        out->start_time = 0;
    }
}

void
state_read (struct hvctl *h, const char *name, struct vm_state *out)
{
    look (h, name, false, out);
}

void
state_read_held (struct hvctl *h, const char *name, struct vm_state *out)
{
    look (h, name, true, out);
}

int
state_unknown (struct hvctl *h, const struct vm_state *s, struct error *err)
{
    if (trust_path (state_dir (h, s->name), err) < 0) {
        return fail_prefix (err, "cannot tell whether %s is running", s->name);
    }
    if (s->why == ESRCH) {
        return fail (err, EPERM,
                     "cannot tell whether %s is running: its supervisor is in "
                     "another PID namespace: run hvctl there",
                     s->name);
    }
    return s->why == EACCES || s->why == EPERM
               ? fail (err, s->why,
                       "cannot tell whether %s is running: %s: run hvctl as "
                       "its owner",
                       s->name, strerror (s->why))
               : fail (err, s->why, "cannot tell whether %s is running: %s",
                       s->name, strerror (s->why));
}
