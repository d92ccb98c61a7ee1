/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* See jail.h.  The steps are in the table at the end of the first half, in
 * the order in which they must be: each takes away something that a later one
 * no longer needs. */

#include "core/sandbox/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "common/cleanup.h"
#include "common/pass.h"
#include "core/sandbox/jail-exec.h"
#include "core/sandbox/jail-landlock.h"
#include "core/sandbox/jail-root.h"

/* Of kernels that the build machine's headers may not know. */
#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#define SET_MDWE 65 /* PR_SET_MDWE, Linux 6.3 */
#define MDWE_REFUSE_EXEC_GAIN 1
#define FILTER_NEW_LISTENER (1UL << 3)
#define FILTER_WAIT_KILLABLE (1UL << 5) /* Linux 5.19 */

/* All bits locked: root has no privileges, and no capability can be
 * regained. */
#define SECURE_BITS 0xef
#define LAST_CAPABILITY 63

/* Numbers above the program's limit, closed by its execution. */
#define EXEC_FD(plan) ((plan)->limit)
#define STATUS_FD(plan) ((plan)->limit + 1)
#define LISTENER_FD(plan) ((plan)->limit + 2)
#define SCRATCH_FD(plan) ((plan)->limit + 3)

int
jail_detail (struct jail_child *child, const char *fmt, ...)
{
    int saved = errno;
    va_list args;

    if (!child->detail[0]) { /* The innermost cause is the best. */
        va_start (args, fmt);
        vsnprintf (child->detail, sizeof child->detail, fmt, args);
        va_end (args);
    }
    errno = saved;
    return -1;
}

/* Starts a session (without a terminal), resets our signal handling, and dies
 * with its parent until the program takes over. */
static int
leave_session (struct jail_child *child)
{
    sigset_t none;

    for (int sig = 1; sig < NSIG; sig++) {
        signal (sig, SIG_DFL);
    }
    sigemptyset (&none);
    umask (077);
    return sigprocmask (SIG_SETMASK, &none, NULL) < 0 || setsid () < 0
                   || prctl (PR_SET_PDEATHSIG, SIGKILL) < 0
               ? -1
               : 0;
}

static int
file_write (struct jail_child *child, const char *path, const char *text)
{
    CLEANUP_CLOSE int fd = open (path, O_WRONLY | O_CLOEXEC);

    return fd < 0 || write (fd, text, strlen (text)) < 0
               ? jail_detail (child, "write to %s", path)
               : 0;
}

/* Maps only our own IDs, to themselves: there is no root in the namespace. */
static int
map_ids (struct jail_child *child)
{
    char uids[64], gids[64];

    if (child->plan->root || !child->plan->namespaces) {
        return 0;
    }
    snprintf (uids, sizeof uids, "%u %u 1", child->uid, child->uid);
    snprintf (gids, sizeof gids, "%u %u 1", child->gid, child->gid);
    if (file_write (child, "/proc/self/setgroups", "deny") < 0
        || file_write (child, "/proc/self/uid_map", uids) < 0
        || file_write (child, "/proc/self/gid_map", gids) < 0) {
        child->namespaces = true;
        return -1;
    }
    return 0;
}

static int
change_root (struct jail_child *child)
{
    int r = 0;

    if (child->plan->namespaces) {
        umask (022); /* The process's own user reads it. */
        r = jail_root (child);
        umask (077);
    }
    return r;
}

/* Opened in the new root, so that it is the file that the mounts show. */
static int
open_program (struct jail_child *child)
{
    const char *program = child->plan->program;

    child->exec_fd = open (program, O_PATH | O_CLOEXEC);
    return child->exec_fd < 0 ? jail_detail (child, "open %s", program) : 0;
}

static int
set_limit (int resource, rlim_t value)
{
    struct rlimit limit = { value, value };

    return setrlimit (resource, &limit);
}

/* Copies a descriptor above all the numbers that will be used. */
static int
lift (struct jail_child *child, int fd)
{
    int lifted = fcntl (fd, F_DUPFD_CLOEXEC, SCRATCH_FD (child->plan));

    return lifted < 0 ? jail_detail (child, "duplicate descriptor %d", fd)
                      : lifted;
}

static void
close_from_to (unsigned first, unsigned last)
{
    if (first > last || syscall (SYS_close_range, first, last, 0) == 0) {
        return;
    }
    for (unsigned fd = first; fd <= last && fd < 65536; fd++) {
        close ((int)fd);
    }
}

/* Closes all descriptors except those of the list and our own two or three. */
static void
close_others (const struct jail_plan *plan)
{
    const struct jail *jail = plan->jail;
    unsigned next = 0;

    for (;;) {
        unsigned nearest = (unsigned)EXEC_FD (plan);

        for (size_t i = 0; i < jail->n_fds; i++) {
            unsigned to = (unsigned)jail->fds[i].to;

            if (to >= next && to < nearest) {
                nearest = to;
            }
        }
        if (nearest > next) {
            close_from_to (next, nearest - 1);
        }
        if (nearest == (unsigned)EXEC_FD (plan)) {
            break;
        }
        next = nearest + 1;
    }
    close_from_to ((unsigned)SCRATCH_FD (plan), ~0U);
}

/* Gives the descriptors their numbers.  All are first copied upwards, so that
 * it does not matter which numbers overlap. */
static int
place_descriptors (struct jail_child *child)
{
    const struct jail_plan *plan = child->plan;
    const struct jail *jail = plan->jail;
    int ours[3] = { child->exec_fd, child->status, child->listener };
    int lifted[JAIL_MAX_FDS];

    for (size_t i = 0; i < jail->n_fds; i++) {
        if ((lifted[i] = lift (child, jail->fds[i].from)) < 0) {
            return -1;
        }
    }
    for (int i = 0; i < 3; i++) {
        if (ours[i] >= 0 && (ours[i] = lift (child, ours[i])) < 0) {
            return -1;
        }
    }
    for (int i = 0; i < 3; i++) {
        if (ours[i] >= 0 && dup3 (ours[i], EXEC_FD (plan) + i, O_CLOEXEC) < 0) {
            return jail_detail (child, "dup3 to %d", EXEC_FD (plan) + i);
        }
    }
    child->exec_fd = EXEC_FD (plan);
    child->status = STATUS_FD (plan);
    child->listener = child->listener >= 0 ? LISTENER_FD (plan) : -1;
    for (size_t i = 0; i < jail->n_fds; i++) {
        if (dup2 (lifted[i], jail->fds[i].to) < 0) {
            return jail_detail (child, "dup2 to %d", jail->fds[i].to);
        }
    }
    close_others (plan);
    return 0;
}

/* Takes a lock of the kind that tells the number of its owner, which only the
 * process itself can do, after all other descriptors of the file have been
 * closed, since closing one would release it. */
static int
lock_process (struct jail_child *child)
{
    struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
    int fd = child->plan->jail->process_fd;

    return fd && fcntl (fd, F_SETLK, &lock) < 0
               ? jail_detail (child, "descriptor %d", fd)
               : 0;
}

/* Room for the numbers above the limit, while they are handed out. */
static int
raise_limit (struct jail_child *child)
{
    rlim_t need =
        (rlim_t)SCRATCH_FD (child->plan) + child->plan->jail->n_fds + 8;
    struct rlimit limit;

    if (getrlimit (RLIMIT_NOFILE, &limit) < 0) {
        return -1;
    }
    if (limit.rlim_cur >= need) {
        return 0;
    }
    limit.rlim_cur = need;
    limit.rlim_max = limit.rlim_max < need ? need : limit.rlim_max;
    return setrlimit (RLIMIT_NOFILE, &limit) < 0
               ? jail_detail (child, "%d descriptors", (int)need)
               : 0;
}

/* Threads, for a process with a user ID of its own: far more than any
 * hypervisor needs, and no more than a host can bear. */
#define MAX_THREADS 4096

static int
limit_threads (struct jail_child *child)
{
    struct rlimit limit;

    if (!child->plan->root || child->plan->jail->helper
        || getrlimit (RLIMIT_NPROC, &limit) < 0
        || limit.rlim_max <= MAX_THREADS) {
        return 0;
    }
    return set_limit (RLIMIT_NPROC, MAX_THREADS);
}

/* No core (a guest's memory is not to lie on the host's disk), no message
 * queues.  From here on the number of the program can not be opened again. */
static int
lower_limits (struct jail_child *child)
{
    return set_limit (RLIMIT_CORE, 0) < 0 || set_limit (RLIMIT_MSGQUEUE, 0) < 0
                   || set_limit (RLIMIT_NOFILE, (rlim_t)child->plan->limit) < 0
                   || limit_threads (child) < 0
               ? -1
               : 0;
}

static int
drop_bounding_set (struct jail_child *child)
{
    if (!child->plan->root && !child->plan->namespaces) {
        return 0; /* There is no capability to drop, and no right to do so. */
    }
    for (unsigned long cap = 0; cap <= LAST_CAPABILITY; cap++) {
        if (prctl (PR_CAPBSET_DROP, cap, 0, 0, 0) < 0) {
            if (errno == EINVAL) {
                break; /* The kernel knows no higher capability. */
            }
            return jail_detail (child, "capability %lu", cap);
        }
    }
    prctl (PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    return prctl (PR_SET_SECUREBITS, SECURE_BITS, 0, 0, 0) < 0
               ? jail_detail (child, "securebits")
               : 0;
}

static int
change_user (struct jail_child *child)
{
    if (!child->plan->root) {
        return 0;
    }
    if (setgroups (0, NULL) < 0
        || setresgid (child->gid, child->gid, child->gid) < 0
        || setresuid (child->uid, child->uid, child->uid) < 0) {
        return jail_detail (child, "uid and gid %u", child->uid);
    }
    return 0;
}

static int
drop_capabilities (struct jail_child *child)
{
    struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
    struct __user_cap_data_struct none[2] = { { 0, 0, 0 }, { 0, 0, 0 } };

    return (int)syscall (SYS_capset, &head, none);
}

static int
no_new_privileges (struct jail_child *child)
{
    return prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/* Memory that was ever writable cannot become executable.  jail_weaker()
 * reports kernels that lack this. */
static int
write_xor_execute (struct jail_child *child)
{
    if (child->plan->write_xor_execute
        && prctl (SET_MDWE, MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) < 0
        && errno != EINVAL) {
        return -1;
    }
    return 0;
}

/* Changing the user id has cleared it. */
static int
settle_parents_signal (struct jail_child *child)
{
    return prctl (PR_SET_PDEATHSIG, child->plan->jail->helper ? SIGKILL : 0);
}

static int
send_listener (struct jail_child *child, int fd)
{
    return pass_send (child->listener, "L", 1, &fd, 1) == 1
               ? 0
               : jail_detail (child, "handing it to the supervisor");
}

/* From here on the process may only do what the filter allows, which includes
 * the rest of this file. */
static int
load_filter (struct jail_child *child)
{
    const struct jail_plan *plan = child->plan;
    unsigned long flags = plan->notify ? FILTER_NEW_LISTENER : 0;
    long fd = syscall (SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                       flags | (plan->notify ? FILTER_WAIT_KILLABLE : 0),
                       &plan->filter);

    if (fd < 0 && errno == EINVAL && plan->notify) {
        fd = syscall (SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags,
                      &plan->filter);
    }
    if (fd < 0) {
        return jail_detail (child, "seccomp");
    }
    return plan->notify ? send_listener (child, (int)fd) : 0;
}

static int
execute (struct jail_child *child)
{
    static const char *const environment[] = { "PATH=/usr/bin:/bin", "LC_ALL=C",
                                               "HOME=/", NULL };
    const struct jail *jail = child->plan->jail;

    jail_execveat (child->exec_fd, jail->argv, environment);
    return jail_detail (child, "%s", jail->program);
}

static const struct {
    const char *name;
    int (*run) (struct jail_child *);
} steps[] = {
    { "leaving the session", leave_session },
    { "mapping the user ID", map_ids },
    { "making the root directory", change_root },
    { "opening the program", open_program },
    { "raising the limit of descriptors", raise_limit },
    { "placing the descriptors", place_descriptors },
    { "locking the process file", lock_process },
    { "setting resource limits", lower_limits },
    { "dropping capabilities", drop_bounding_set },
    { "changing the user ID", change_user },
    { "dropping the last capabilities", drop_capabilities },
    { "setting no_new_privs", no_new_privileges },
    { "Landlock", jail_landlock },
    { "forbidding writable code", write_xor_execute },
    { "setting the parent-death signal", settle_parents_signal },
    { "loading the system call filter", load_filter },
    { "executing the program", execute },
};

void
jail_enter (const struct jail_plan *plan, int status, int listener)
{
    static struct jail_child child;
    static struct jail_failure failure;
    size_t i = 0;

    child = (struct jail_child){ .plan = plan,
                                 .status = status,
                                 .listener = listener,
                                 .exec_fd = -1,
                                 .uid = plan->uid,
                                 .gid = plan->gid };
    while (i < ARRAY_SIZE (steps) && steps[i].run (&child) == 0) {
        i++;
    }
    failure.code = errno;
    failure.namespaces = child.namespaces;
    snprintf (failure.step, sizeof failure.step, "%s", steps[i].name);
    snprintf (failure.detail, sizeof failure.detail, "%s", child.detail);
    (void)!write (child.status, &failure, sizeof failure);
    _exit (127);
}

bool
jail_needs_less (const struct jail_failure *failure,
                 const struct jail_plan *plan)
{
    return plan->namespaces && failure->namespaces
           && (failure->code == EPERM || failure->code == EACCES
               || failure->code == ENOSPC || failure->code == EUSERS
               || failure->code == EINVAL || failure->code == ENOSYS);
}
