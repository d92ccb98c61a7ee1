/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* inject [-n N -f FAULT] -o LOG COMMAND...
 *
 * Runs the command, counts the system calls of it and of what it forks that
 * change something, and at the N-th does what FAULT says:
 *
 *   kill     its process is killed (SIGKILL) before the call
 *   term     it gets SIGTERM, as by Ctrl-C
 *   NUMBER   the call is not made, and fails with this errno
 *   =SHELL   this is run by sh while the process waits; then the call is made
 *
 * LOG gets a line for each call, and at the end "count N".  What executes
 * another program is let go: a hypervisor, qemu-img, the supervisor.  Exits as
 * the command does, with 128 + N if a signal ended it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined __x86_64__ && defined PTRACE_GET_SYSCALL_INFO
#include <sys/user.h>

#define MAX_TASKS 256
#define OPTIONS                                                                \
    (PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEFORK           \
     | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE)

struct task {
    pid_t pid;
    int fake; /* The errno that its call is to end with. */
};

struct run {
    struct task tasks[MAX_TASKS];
    size_t n;
    pid_t main;
    bool begun; /* It has executed the command. */
    long count, at;
    const char *fault;
    bool done;
    FILE *log;
};

static struct task *
find (struct run *r, pid_t pid)
{
    for (size_t i = 0; i < r->n; i++) {
        if (r->tasks[i].pid == pid) {
            return &r->tasks[i];
        }
    }
    if (r->n == MAX_TASKS) {
        fputs ("inject: too many processes\n", stderr);
        exit (99);
    }
    r->tasks[r->n] = (struct task){ .pid = pid };
    return &r->tasks[r->n++];
}

static void
forget (struct run *r, pid_t pid)
{
    *find (r, pid) = r->tasks[r->n - 1];
    r->n--;
}

/* ------------------------------------------------------- Which calls count */

struct call {
    long number;
    const char *name;
    int path; /* The argument that is one, or -1. */
};

#define CALL(name, path)                                                       \
    {                                                                          \
        SYS_##name, #name, path                                                \
    }

static const struct call calls[] = {
    CALL (openat, 1),
    CALL (write, -1),
    CALL (pwrite64, -1),
    CALL (writev, -1),
    CALL (rename, 0),
    CALL (renameat, 1),
    CALL (renameat2, 1),
    CALL (unlink, 0),
    CALL (unlinkat, 1),
    CALL (mkdir, 0),
    CALL (mkdirat, 1),
    CALL (rmdir, 0),
    CALL (symlink, 1),
    CALL (symlinkat, 2),
    CALL (link, 0),
    CALL (linkat, 1),
    CALL (mknod, 0),
    CALL (mknodat, 1),
    CALL (ioctl, -1),
    CALL (sendmsg, -1),
    CALL (sendto, -1),
    CALL (recvmsg, -1),
    CALL (connect, -1),
    CALL (bind, -1),
    CALL (listen, -1),
    CALL (socket, -1),
    CALL (socketpair, -1),
    CALL (clone, -1),
    CALL (clone3, -1),
    CALL (vfork, -1),
    CALL (fork, -1),
    CALL (execve, 0),
    CALL (execveat, 1),
    CALL (mount, 1),
    CALL (umount2, 0),
    CALL (pivot_root, 0),
    CALL (unshare, -1),
    CALL (setns, -1),
    CALL (fchown, -1),
    CALL (chown, 0),
    CALL (lchown, 0),
    CALL (fchownat, 1),
    CALL (fchmod, -1),
    CALL (chmod, 0),
    CALL (fchmodat, 1),
    CALL (ftruncate, -1),
    CALL (fallocate, -1),
    CALL (setxattr, 0),
    CALL (fsetxattr, -1),
    CALL (removexattr, 0),
    CALL (setresuid, -1),
    CALL (setresgid, -1),
    CALL (setgroups, -1),
    CALL (prctl, -1),
    CALL (seccomp, -1),
    CALL (capset, -1),
    CALL (pidfd_send_signal, -1),
    CALL (kill, -1),
    CALL (fsync, -1),
    CALL (fdatasync, -1),
    CALL (memfd_create, -1),
    CALL (pidfd_open, -1),
    CALL (pipe2, -1),
    CALL (setrlimit, -1),
    CALL (prlimit64, -1),
    CALL (chdir, 0),
    CALL (chroot, 0),
    CALL (setsid, -1),
    CALL (fcntl, -1),
    CALL (copy_file_range, -1),
    { 428, "open_tree", 1 },
    { 429, "move_mount", -1 },
    { 430, "fsopen", -1 },
    { 431, "fsconfig", -1 },
    { 432, "fsmount", -1 },
    { 442, "mount_setattr", -1 },
    { 444, "landlock_create_ruleset", -1 },
    { 445, "landlock_add_rule", -1 },
    { 446, "landlock_restrict_self", -1 },
};

/* Reading changes nothing, but an answer may be lost; and what is written to a
 * terminal or log is no state: but a command that cannot say what it did is one
 * case, too. */
static const struct call *
changing_call (const struct __ptrace_syscall_info *info)
{
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        const struct call *c = &calls[i];

        if ((long)info->entry.nr != c->number) {
            continue;
        }
        if (c->number == SYS_openat
            && !(info->entry.args[2] & (O_CREAT | O_WRONLY | O_RDWR))) {
            return NULL;
        }
        if (c->number == SYS_fcntl && info->entry.args[1] != F_OFD_SETLK
            && info->entry.args[1] != F_SETLK) {
            return NULL;
        }
        return c;
    }
    return NULL;
}

static void
read_path (pid_t pid, const struct call *c,
           const struct __ptrace_syscall_info *info, char *to, size_t size)
{
    struct iovec here = { to, size - 1 }, there;
    ssize_t n = -1;

    *to = '\0';
    if (c->path < 0) {
        return;
    }
    there = (struct iovec){ (void *)info->entry.args[c->path], size - 1 };
    for (; n < 0 && there.iov_len > 16; there.iov_len /= 2) {
        n = process_vm_readv (pid, &here, 1, &there, 1, 0);
    }
    to[n > 0 ? n : 0] = '\0';
    to[strcspn (to, "\n")] = '\0';
}

/* ------------------------------------------------------------------ Faults */

/* Has the kernel make no call; see on_exit. */
static void
skip (pid_t pid)
{
    struct user_regs_struct regs;

    ptrace (PTRACE_GETREGS, pid, NULL, &regs);
    regs.orig_rax = (unsigned long long)-1;
    ptrace (PTRACE_SETREGS, pid, NULL, &regs);
}

static void
inject (struct run *r, struct task *t)
{
    r->done = true;
    fprintf (r->log, "injected %s\n", r->fault);
    if (!strcmp (r->fault, "kill")) {
        kill (t->pid, SIGKILL);
    } else if (!strcmp (r->fault, "term")) {
        kill (t->pid, SIGTERM);
    } else if (*r->fault == '=') {
        (void)!system (r->fault + 1);
    } else {
        t->fake = atoi (r->fault);
        skip (t->pid);
    }
}

static void
on_call (struct run *r, struct task *t)
{
    struct __ptrace_syscall_info info = { 0 };
    const struct call *c;
    char path[160];

    if (ptrace (PTRACE_GET_SYSCALL_INFO, t->pid, sizeof info, &info) <= 0) {
        return;
    }
    if (info.op == PTRACE_SYSCALL_INFO_EXIT && t->fake) {
        struct user_regs_struct regs;

        ptrace (PTRACE_GETREGS, t->pid, NULL, &regs);
        regs.rax = (unsigned long long)-(long long)t->fake;
        ptrace (PTRACE_SETREGS, t->pid, NULL, &regs);
        t->fake = 0;
    }
    c = info.op == PTRACE_SYSCALL_INFO_ENTRY && r->begun ? changing_call (&info)
                                                         : NULL;
    if (!c) {
        return;
    }
    read_path (t->pid, c, &info, path, sizeof path);
    fprintf (r->log, "%ld %s%s %s\n", ++r->count,
             t->pid == r->main ? "" : "child:", c->name, path);
    fflush (r->log);
    if (r->fault && !r->done && r->count == r->at) {
        inject (r, t);
    }
}

/* The first is the command itself; others are not ours to follow. */
static bool
on_exec (struct run *r, struct task *t)
{
    if (!r->begun && t->pid == r->main) {
        r->begun = true;
        return true;
    }
    fprintf (r->log, "let go\n");
    ptrace (PTRACE_DETACH, t->pid, NULL, NULL);
    forget (r, t->pid);
    return false;
}

/* One that was forked is stopped before we hear of it: if we ended meanwhile,
 * it would stay so, and keep what its parent had locked. */
static void
note_child (struct run *r, pid_t parent)
{
    unsigned long child;

    if (ptrace (PTRACE_GETEVENTMSG, parent, NULL, &child) == 0) {
        find (r, (pid_t)child);
    }
}

/* One stop of one task. */
static void
on_stop (struct run *r, pid_t pid, int status)
{
    struct task *t = find (r, pid);
    int signal = WSTOPSIG (status);

    if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8)) {
        if (!on_exec (r, t)) {
            return;
        }
        signal = 0;
    } else if (status >> 16) {
        note_child (r, pid);
        signal = 0;
    } else if (signal == (SIGTRAP | 0x80)) {
        on_call (r, t);
        signal = 0;
    } else if (signal == SIGSTOP || signal == SIGTRAP) {
        signal = 0;
    }
    ptrace (PTRACE_SYSCALL, pid, NULL, (void *)(long)signal);
}

static int
run (struct run *r, char **argv)
{
    int status;

    r->main = fork ();
    if (r->main == 0) {
        ptrace (PTRACE_TRACEME, 0, NULL, NULL);
        raise (SIGSTOP);
        execvp (argv[0], argv);
        _exit (127);
    }
    if (r->main < 0 || waitpid (r->main, &status, 0) < 0) {
        perror ("inject");
        return 99;
    }
    find (r, r->main);
    ptrace (PTRACE_SETOPTIONS, r->main, NULL, (void *)(long)OPTIONS);
    ptrace (PTRACE_SYSCALL, r->main, NULL, NULL);
    for (;;) {
        pid_t pid = waitpid (-1, &status, __WALL);

        if (pid < 0) {
            return 99;
        }
        if (WIFSTOPPED (status)) {
            on_stop (r, pid, status);
        } else if (pid == r->main) {
            return WIFEXITED (status) ? WEXITSTATUS (status)
                                      : 128 + WTERMSIG (status);
        } else {
            forget (r, pid);
        }
    }
}

/* Those that it has forked may outlive it, and are not to wait for us. */
static void
let_go (struct run *r)
{
    for (size_t i = 0; i < r->n; i++) {
        pid_t pid = r->tasks[i].pid;

        if (pid != r->main) {
            kill (pid, SIGSTOP);
            waitpid (pid, NULL, __WALL);
            ptrace (PTRACE_DETACH, pid, NULL, NULL);
            kill (pid, SIGCONT);
        }
    }
}

int
main (int argc, char **argv)
{
    struct run r = { .at = 0 };
    int option, code;

    while ((option = getopt (argc, argv, "+n:f:o:")) > 0) {
        switch (option) {
        case 'n':
            r.at = atol (optarg);
            break;
        case 'f':
            r.fault = optarg;
            break;
        case 'o':
            r.log = fopen (optarg, "we");
            break;
        default:
            return 99;
        }
    }
    if (!r.log || optind == argc) {
        fputs ("usage: inject [-n N -f FAULT] -o LOG COMMAND...\n", stderr);
        return 99;
    }
    code = run (&r, argv + optind);
    let_go (&r);
    fprintf (r.log, "count %ld\n", r.count);
    fclose (r.log);
    return code;
}

#else

int
main (void)
{
    fputs ("inject: not on this machine\n", stderr);
    return 77;
}

#endif
