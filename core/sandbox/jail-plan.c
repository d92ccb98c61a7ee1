/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The parent's part of a jail: everything that is decided, checked and built
 * before the process exists, and how failures are reported. */

#include "core/sandbox/filter.h"
#include "core/sandbox/jail-exec.h"
#include "core/sandbox/jail-landlock.h"

#include "core/sandbox/jail-plan.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "common/cleanup.h"

#define MIN_DESCRIPTORS 256
#define MANY_DESCRIPTORS 4096  /* A connection is one, and the pools. */
#define GET_MDWE 66            /* PR_GET_MDWE, Linux 6.3 */
#define USER_NOTIF 0x7fc00000U /* SECCOMP_RET_USER_NOTIF, Linux 5.0 */
#define PIDFD 0x1000           /* CLONE_PIDFD, Linux 5.2 */

/* A script would be executed by its interpreter, which the filter forbids;
 * and its descriptor is closed by then. */
int
jail_check_program (const char *program, struct error *err)
{
    CLEANUP_CLOSE int fd = -1;
    char magic[2] = { 0 };
    struct stat st;

    if (program[0] != '/') {
        return fail (err, EINVAL, "%s is not an absolute path", program);
    }
    if (stat (program, &st) < 0) {
        return fail (err, errno, "%s: %m", program);
    }
    if (!S_ISREG (st.st_mode) || !(st.st_mode & 0111)) {
        return fail (err, EACCES, "%s is not a program", program);
    }
    fd = open (program, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && read (fd, magic, 2) == 2 && !memcmp (magic, "#!", 2)) {
        return fail (err, ENOEXEC,
                     "%s is a script, which cannot run in the sandbox: name "
                     "the program that it starts",
                     program);
    }
    return 0;
}

static bool
has_group (const struct jail *jail, const char *name)
{
    for (size_t i = 0; jail->groups && jail->groups[i]; i++) {
        if (!strcmp (jail->groups[i], name)) {
            return true;
        }
    }
    return false;
}

static int
check_descriptors (const struct jail *jail, int *highest, struct error *err)
{
    unsigned standard = 0;

    *highest = 2;
    if (jail->n_fds > JAIL_MAX_FDS) {
        return fail (
            err, E2BIG,
            "%zu file descriptors are too many for a process: the limit is %d",
            jail->n_fds, JAIL_MAX_FDS);
    }
    for (size_t i = 0; i < jail->n_fds; i++) {
        int to = jail->fds[i].to;

        if (to < 0 || to > 4096) {
            return fail (err, EBADF, "%d is not a valid file descriptor number",
                         to);
        }
        standard |= to <= 2 ? 1U << to : 0;
        *highest = to > *highest ? to : *highest;
    }
    return standard == 7 ? 0
                         : fail (err, EINVAL,
                                 "a process was planned without "
                                 "its standard descriptors");
}

/* Without its own root a process sees each file at its real path. */
static int
check_files (const struct jail *jail, struct error *err)
{
    for (size_t i = 0; i < jail->n_files; i++) {
        if (strcmp (jail->files[i].path, jail->files[i].as)) {
            return fail (err, EPERM,
                         "%s cannot be shown to the process, since no mount "
                         "namespace can be created: root needs CAP_SYS_ADMIN "
                         "for it (in a container), other users need user "
                         "namespaces (user.max_user_namespaces)",
                         jail->files[i].path);
        }
    }
    return 0;
}

/* Has the kernel notification with 'continue' (5.5)?  Asked by what came in
 * the same release as the answer's flag; pidfds of children came before. */
static bool
have_notification (void)
{
    unsigned act = USER_NOTIF;

    return syscall (SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &act) == 0;
}

static bool
have_write_xor_execute (void)
{
    return prctl (GET_MDWE, 0, 0, 0, 0) >= 0;
}

/* The number of descriptors, where our own limit has room for it and for the
 * numbers that jail.c uses above it. */
static int
descriptor_limit (const struct jail *jail, int highest)
{
    int least = MIN_DESCRIPTORS + highest + 1;
    struct rlimit ours;

    if (!has_group (jail, "passt") || least > MANY_DESCRIPTORS
        || getrlimit (RLIMIT_NOFILE, &ours) < 0
        || (geteuid () != 0
            && ours.rlim_max < MANY_DESCRIPTORS + JAIL_MAX_FDS)) {
        return least;
    }
    return MANY_DESCRIPTORS;
}

/* Decisions before anything is tried. */
static struct jail_plan
decide (const struct jail *jail, bool notify, bool namespaces, int highest)
{
    bool root = geteuid () == 0;

    return (struct jail_plan){
        .jail = jail,
        .root = root,
        .uid = root ? jail->uid : geteuid (),
        .gid = root ? jail->uid : getegid (),
        .namespaces = namespaces,
        .pid_one = namespaces,
        .host_network = has_group (jail, "slirp") || has_group (jail, "passt")
                        || has_group (jail, "fetch"),
        .names_stay = has_group (jail, "slirp") || has_group (jail, "fetch"),
        .notify = notify && have_notification (),
        .write_xor_execute =
            (has_group (jail, "kvm") && !has_group (jail, "tcg"))
            || has_group (jail, "passt"),
        .limit = descriptor_limit (jail, highest),
    };
}

static bool
has_granted (const struct jail *jail)
{
    for (size_t i = 0; i < jail->n_files; i++) {
        if (jail->files[i].granted) {
            return true;
        }
    }
    return false;
}

static int
check_plan (const struct jail_plan *plan, struct error *err)
{
    CLEANUP_FREE char *weaker = NULL;

    if (plan->jail->mode >= SANDBOX_DIAGNOSE && !plan->notify) {
        return fail (err, ENOTSUP,
                     "this kernel has no seccomp notification (Linux 5.5), "
                     "which 'diagnose' needs: use --sandbox=log");
    }
    if (plan->jail->lends && !plan->notify) {
        return fail (err, ENOTSUP,
                     "this kernel has no seccomp notification (Linux 5.9), "
                     "which brokered files need");
    }
    if (plan->jail->binds && !plan->notify) {
        return fail (err, ENOTSUP,
                     "this kernel has no seccomp notification (Linux 5.9), "
                     "which the socket of a vhost-user port needs: use a "
                     "network without vhost-user");
    }
    if (!plan->notify && has_granted (plan->jail)) {
        return fail (
            err, ENOTSUP,
            "this kernel has no seccomp notification (Linux 5.9), which "
            "sandboxed programs get their files by: use a newer kernel");
    }
    if (plan->jail->require_full && (weaker = jail_weaker (plan))) {
        for (char *c = weaker; *c; c++) {
            *c = *c != '\n' ? *c : c[1] ? ';' : '\0';
        }
        return fail (err, EPERM,
                     "the host's configuration refuses a degraded sandbox "
                     "(sandbox { require = full }), and this one would be: %s",
                     weaker);
    }
    if (plan->root && (plan->uid == 0 || plan->uid == (uid_t)-1)) {
        return fail (err, EPERM,
                     "a sandboxed program must not run as root: it needs its "
                     "own user ID");
    }
    return 0;
}

static int
build_filter (struct jail_plan *plan, struct error *err)
{
    const struct filter_options options = {
        .groups = plan->jail->groups,
        .own = plan->jail->own,
        .notify = plan->notify,
        .pid_one = plan->pid_one,
        .mode = plan->jail->mode,
        .exec_fd = plan->limit,
        .exec_address = jail_exec_address (),
        .cache = plan->jail->cache,
    };

    return filter_build (&options, &plan->filter, err);
}

int
jail_foresee (const struct jail *jail, struct error *err)
{
    struct jail_plan plan;

    if (jail_check_program (jail->program, err) < 0) {
        return -err->code;
    }
    plan = decide (jail, true, true, 2);
    plan.uid = plan.root ? 1 : plan.uid; /* It will have one. */
    return check_plan (&plan, err);
}

int
jail_prepare (const struct jail *jail, bool notify, bool namespaces,
              struct jail_plan *plan, struct error *err)
{
    int highest = 2;

    *plan = (struct jail_plan){ 0 };
    if (jail_check_program (jail->program, err) < 0
        || check_descriptors (jail, &highest, err) < 0
        || (!namespaces && check_files (jail, err) < 0)) {
        return -err->code;
    }
    *plan = decide (jail, notify, namespaces, highest);
    if (check_plan (plan, err) < 0 || build_filter (plan, err) < 0) {
        return -err->code;
    }
    plan->program = realpath (jail->program, NULL);
    if (!plan->program) {
        fail (err, errno, "%s: %m", jail->program);
        jail_free (plan);
        return -err->code;
    }
    return 0;
}

void
jail_free (struct jail_plan *plan)
{
    free (plan->filter.filter);
    free (plan->program);
    plan->filter.filter = NULL;
    plan->program = NULL;
}

pid_t
jail_clone (const struct jail_plan *plan, int *pidfd)
{
    unsigned long flags = SIGCHLD | PIDFD;

    if (plan->namespaces) {
        flags |= CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS
                 | CLONE_NEWCGROUP;
        flags |= plan->root ? 0 : CLONE_NEWUSER;
        flags |= plan->host_network ? 0 : CLONE_NEWNET;
    }
    /* Not the library's clone(), which wants a stack: this is a fork. */
#if defined(__x86_64__) || defined(__aarch64__) || defined(__riscv)
    return (pid_t)syscall (SYS_clone, flags, NULL, pidfd, NULL, NULL);
#else
#error "clone()'s arguments are in another order here: see clone(2)"
#endif
}

/* The remedy for a failed step. */
static const char *
advice (const struct jail_failure *failure, const struct jail_plan *plan)
{
    if (!strcmp (failure->step, "raising the limit of descriptors")) {
        return "; raise the hard limit of open files (ulimit -Hn, "
               "LimitNOFILE=)";
    }
    if (!strcmp (failure->step, "loading the system call filter")) {
        return failure->code == EBUSY
                   ? "; hvctl itself is confined, perhaps by a container "
                     "runtime, which already uses the only seccomp listener"
                   : "; the kernel needs CONFIG_SECCOMP_FILTER";
    }
    if (!strcmp (failure->step, "dropping capabilities")
        || !strcmp (failure->step, "changing the user ID")) {
        return "; in a container root needs CAP_SETPCAP, CAP_SETUID and "
               "CAP_SETGID, or start hvctl as an ordinary user";
    }
    if (!strcmp (failure->step, "executing the program")) {
        return failure->code == ENOENT ? "; its ELF interpreter (PT_INTERP) is "
                                         "not below /usr or /lib"
               : failure->code == ENOEXEC
                   ? "; it is not a program for this machine's architecture"
               : failure->code == ENOSYS ? "; the kernel needs execveat (3.19)"
                                         : "; is it executable by others?";
    }
    if (!strcmp (failure->step, "making the root directory")
        || !strcmp (failure->step, "creating the process")) {
        if (failure->code == ENOSPC || failure->code == EUSERS) {
            return "; raise user.max_*_namespaces (sysctl)";
        }
        if (!failure->namespaces) {
            return "";
        }
        if (failure->code == EPERM && plan->root) {
            return "; a container needs CAP_SYS_ADMIN for that";
        }
        if (failure->code == EINVAL) {
            return "; the kernel needs pidfds (5.2)";
        }
    }
    return failure->code == EPERM || failure->code == EACCES
                   || failure->code == ENOSYS
               ? "; is hvctl itself confined, by a container's seccomp profile "
                 "or a security module? See the kernel's log (dmesg)"
               : "";
}

bool
jail_lacks_listener (const struct jail_failure *failure,
                     const struct jail_plan *plan)
{
    return plan->notify
           && !strcmp (failure->step, "loading the system call filter")
           && (failure->code == EBUSY || failure->code == EINVAL);
}

int
jail_error (const struct jail_failure *failure, const struct jail_plan *plan,
            struct error *err)
{
    return fail (err, failure->code, "the sandbox failed at %s%s%s%s: %s%s",
                 failure->step, failure->detail[0] ? " (" : "", failure->detail,
                 failure->detail[0] ? ")" : "", strerror (failure->code),
                 advice (failure, plan));
}

const char jail_lending[] =
    "this hypervisor creates a new machine when the guest reboots: it can "
    "still open its brokered files, and only those, and create virtual "
    "machines";

char *
jail_weaker (const struct jail_plan *plan)
{
    bool code_unguarded = plan->write_xor_execute && !have_write_xor_execute ();
    char *text = xformat (
        "%s%s%s%s%s%s%s%s%s", plan->jail->lends ? jail_lending : "",
        plan->jail->lends ? "\n" : "",
        plan->jail->mode == SANDBOX_LOG
            ? "--sandbox=log: a forbidden system call is recorded in the "
              "kernel's log and let through\n"
        : plan->jail->mode >= SANDBOX_DIAGNOSE
            ? "--sandbox=diagnose: a forbidden system call is recorded by "
              "hvctl and let through\n"
            : "",
        plan->root ? ""
                   : "the process runs under your own user ID (start as root "
                     "for a separate one)\n",
        plan->namespaces ? ""
        : plan->root
            ? "no namespaces (a container without CAP_SYS_ADMIN?): the "
              "process has the host's root directory and network\n"
            : "no user namespaces (user.max_user_namespaces, "
              "kernel.unprivileged_userns_clone, "
              "kernel.apparmor_restrict_unprivileged_userns): the process "
              "has the host's root directory and network\n",
        plan->names_stay
            ? "user-mode networking runs inside the hypervisor, which "
              "therefore keeps the host's network and internet sockets\n"
            : "",
        plan->notify ? ""
                     : "no seccomp notification (the kernel is older than 5.5, "
                       "or a container runtime uses the only listener): system "
                       "calls of start-up stay allowed\n",
        jail_has_landlock () ? "" : "kernel without Landlock (5.13, lsm=…)\n",
        code_unguarded ? "kernel without PR_SET_MDWE (6.3): writable memory "
                         "can be made executable\n"
                       : "");

    if (!*text) {
        free (text);
        return NULL;
    }
    return text;
}
