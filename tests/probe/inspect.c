/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Looks into a process that runs, with ptrace; for root.
 *
 *   inspect filter PID              reads its system call filters back from the
 *                                   kernel, walks them for each number, and
 *                                   prints how many calls all of them can let
 *                                   through, and which; and how many families
 *                                   of calls for one purpose these are.  Fails
 *                                   if the first does not kill the process for
 *                                   the rest.
 *   inspect call TID NR [ARG…]      has the thread make a call, and prints
 *                                   "result N" or "killed N".  An argument is
 *                                   a number, a text ("=/etc/passwd"), or bytes
 *                                   in hexadecimal ("@0100"), which are put on
 *                                   its stack. */
#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/probe/walk.h"

#define MAX_FILTERS 8

static _Noreturn void
die (const char *what)
{
    perror (what);
    exit (2);
}

/* Stops one thread. */
static void
seize (pid_t tid)
{
    int status;

    if (ptrace (PTRACE_ATTACH, tid, NULL, NULL) < 0
        || waitpid (tid, &status, __WALL) != tid || !WIFSTOPPED (status)) {
        die ("attaching");
    }
}

/* ---------------------------------------------------------------- filter */

/* 0 is the oldest: the one that hvctl loaded. */
static bool
read_filter (pid_t pid, unsigned long n, struct sock_fprog *p)
{
    long len = ptrace (PTRACE_SECCOMP_GET_FILTER, pid, n, NULL);

    if (len < 0 && errno == ENOENT) {
        return false;
    }
    if (len < 0) {
        die ("PTRACE_SECCOMP_GET_FILTER");
    }
    p->len = (unsigned short)len;
    p->filter = calloc ((size_t)len, sizeof *p->filter);
    if (!p->filter
        || ptrace (PTRACE_SECCOMP_GET_FILTER, pid, n, p->filter) < 0) {
        die ("PTRACE_SECCOMP_GET_FILTER");
    }
    return true;
}

static bool
check (const struct sock_fprog *ours)
{
    bool good = true;

    for (uint32_t nr = 0; nr < NUMBERS; nr++) {
        good = good && !(possible (ours, NATIVE, nr) & MAY_OTHER)
               && possible (ours, FOREIGN, nr) == MAY_KILL
               && possible (ours, 0, nr) == MAY_KILL;
#ifdef __x86_64__
        good = good && possible (ours, NATIVE, nr | 0x40000000) == MAY_KILL;
#endif
    }
    return good && possible (ours, NATIVE, 0x3fffffff) == MAY_KILL;
}

static int
show_filter (pid_t pid)
{
    struct sock_fprog filters[MAX_FILTERS];
    size_t n = 0, allowed = 0, families = 0;
    bool counted[NUMBERS] = { false };

    seize (pid);
    while (n < MAX_FILTERS && read_filter (pid, n, &filters[n])) {
        n++;
    }
    ptrace (PTRACE_DETACH, pid, NULL, NULL);
    if (n == 0) {
        fprintf (stderr, "there is no filter\n");
        return 1;
    }
    for (uint32_t nr = 0; nr < NUMBERS; nr++) {
        unsigned may = MAY_ALLOW;

        for (size_t i = 0; i < n; i++) {
            may &= possible (&filters[i], NATIVE, nr);
        }
        if (may) {
            char *name = seccomp_syscall_resolve_num_arch (
                seccomp_arch_native (), (int)nr);

            printf ("call %s\n", name ? name : "?");
            free (name);
            allowed++;
            families += is_counted (counted, nr) ? 0 : 1;
            counted[nr] = true;
        }
    }
    printf ("filters %zu\ninstructions %u\nallowed %zu\nfamilies %zu\n", n,
            filters[0].len, allowed, families);
    if (!check (&filters[0])) {
        fprintf (stderr, "the filter does not kill all else\n");
        return 1;
    }
    return 0;
}

/* ------------------------------------------------------------------ call */

#ifdef __x86_64__
/* Below the red zone, and what a handler might use. */
#define ROOM 4096

static unsigned long
put (pid_t tid, unsigned long sp, int n, const void *what, size_t size)
{
    unsigned long at = sp - ROOM + (unsigned long)n * 256;
    struct iovec from = { (void *)what, size }, to = { (void *)at, size };

    if (process_vm_writev (tid, &from, 1, &to, 1, 0) < 0) {
        die ("writing an argument");
    }
    return at;
}

/* "=TEXT", "@BYTES" or a number. */
static unsigned long long
argument (pid_t tid, unsigned long sp, int n, const char *text)
{
    unsigned char bytes[128] = { 0 };
    size_t size = 0;

    if (*text == '=') {
        return put (tid, sp, n, text + 1, strlen (text));
    }
    if (*text != '@') {
        return strtoull (text, NULL, 0);
    }
    for (text++; text[0] && text[1] && size < sizeof bytes; text += 2) {
        const char digits[] = { text[0], text[1], '\0' };

        bytes[size++] = (unsigned char)strtoul (digits, NULL, 16);
    }
    return put (tid, sp, n, bytes, size);
}

/* Stops the thread in a call: before its address there is the instruction.  A
 * thread that works does not wait at once. */
static bool
seize_in_call (pid_t tid, struct user_regs_struct *regs)
{
    for (int tries = 0; tries < 500; tries++) {
        seize (tid);
        if (ptrace (PTRACE_GETREGS, tid, NULL, regs) < 0) {
            die ("reading the registers");
        }
        errno = 0;
        if ((ptrace (PTRACE_PEEKTEXT, tid, regs->rip - 2, NULL) & 0xffff)
            == 0x050f) {
            return true;
        }
        ptrace (PTRACE_DETACH, tid, NULL, NULL);
        usleep (10000);
    }
    return false;
}

static int
make_call (pid_t tid, char **argv)
{
    struct user_regs_struct before, regs;
    unsigned long long *args[6];
    int status;

    if (!seize_in_call (tid, &before)) {
        fprintf (stderr, "the thread does not wait in a call\n");
        return 3;
    }
    regs = before;
    regs.orig_rax = (unsigned long long)-1; /* Nothing is to be restarted. */
    regs.rip -= 2;
    regs.rax = strtoul (*argv++, NULL, 0);
    args[0] = &regs.rdi;
    args[1] = &regs.rsi;
    args[2] = &regs.rdx;
    args[3] = &regs.r10;
    args[4] = &regs.r8;
    args[5] = &regs.r9;
    for (int i = 0; i < 6; i++) {
        *args[i] = *argv ? argument (tid, before.rsp, i, *argv) : 0;
        argv += *argv ? 1 : 0;
    }
    if (ptrace (PTRACE_SETREGS, tid, NULL, &regs) < 0
        || ptrace (PTRACE_SINGLESTEP, tid, NULL, NULL) < 0
        || waitpid (tid, &status, __WALL) != tid) {
        die ("making the call");
    }
    if (WIFSIGNALED (status)) {
        printf ("killed %d\n", WTERMSIG (status));
        return 0;
    }
    if (!WIFSTOPPED (status) || WSTOPSIG (status) != SIGTRAP
        || ptrace (PTRACE_GETREGS, tid, NULL, &regs) < 0) {
        fprintf (stderr, "unexpected status %x\n", (unsigned)status);
        return 3;
    }
    printf ("result %lld\n", (long long)regs.rax);
    if (ptrace (PTRACE_SETREGS, tid, NULL, &before) < 0
        || ptrace (PTRACE_DETACH, tid, NULL, NULL) < 0) {
        die ("letting it go on");
    }
    return 0;
}
#else
static int
make_call (pid_t tid, char **argv)
{
    fprintf (stderr, "not on this machine\n");
    return 77;
}
#endif

int
main (int argc, char **argv)
{
    pid_t pid = argc > 2 ? (pid_t)strtol (argv[2], NULL, 10) : 0;

    alarm (20); /* A thread that is killed alone is never heard of again. */

    if (argc == 3 && !strcmp (argv[1], "filter")) {
        return show_filter (pid);
    }
    if (argc > 3 && !strcmp (argv[1], "call")) {
        return make_call (pid, argv + 3);
    }
    fprintf (stderr, "inspect filter PID | inspect call TID NR [ARG…]\n");
    return 2;
}
