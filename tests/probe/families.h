/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* All calls of the families of core/sandbox/families.h, as another C library
 * than ours might make them: the probe makes each before and after the seal, in
 * the jail and outside.  All of them come back, and change nothing. */
#ifndef TESTS_PROBE_FAMILIES_H
#define TESTS_PROBE_FAMILIES_H

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>

enum when { ALWAYS, STARTING, NEVER };

struct member {
    const char *family, *name;
    enum when when; /* NEVER: EPERM, whatever the kernel would say. */
    long nr;
    long args[6];
};

/* Numbers that the build machine's headers may not know. */
#define NR_OPENAT2 437
#define NR_FACCESSAT2 439
#define NR_PROCESS_MADVISE 440
#define NR_EPOLL_PWAIT2 441
#define NR_FUTEX_WAITV 449
#define NR_MAP_SHADOW_STACK 453
#define NR_FUTEX_WAKE 454
#define NR_FUTEX_WAIT 455
#define NR_FUTEX_REQUEUE 456
#define NR_MSEAL 462

/* A thread as the C library of this system makes it. */
#define NR_A_THREAD (-1)

#define FUTEX2_U32_PRIVATE (2 | 128)
#define P(object) ((long)(object))

static char family_buffer[4096];
static char family_page[8192] __attribute__ ((aligned (4096)));
static struct timespec no_time;
static struct iovec family_iov = { family_buffer, 0 };
static struct iovec family_part = { family_page, 4096 };
static struct {
    unsigned long long flags, mode, resolve;
} family_how = { O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, 0 };
static unsigned family_word;

#define B P (family_buffer)
#define WAS(f, n) f, #n
#define OLD(f, n, w, ...)                                                      \
    {                                                                          \
        WAS (f, n), w, SYS_##n,                                                \
        {                                                                      \
            __VA_ARGS__                                                        \
        }                                                                      \
    }
#define NEW(f, n, w, nr, ...)                                                  \
    {                                                                          \
        WAS (f, n), w, nr,                                                     \
        {                                                                      \
            __VA_ARGS__                                                        \
        }                                                                      \
    }

static const struct member members[] = {
    OLD ("read", read, ALWAYS, 0, B, 1),
    OLD ("read", readv, ALWAYS, 0, P (&family_iov), 1),
    OLD ("write", write, ALWAYS, 0, B, 0),
    OLD ("write", writev, ALWAYS, 0, P (&family_iov), 1),
    OLD ("preadv", preadv, ALWAYS, 0, P (&family_iov), 1, 0, 0),
    OLD ("preadv", preadv2, ALWAYS, 0, P (&family_iov), 1, 0, 0, 0),
    OLD ("pwritev", pwritev, ALWAYS, 0, P (&family_iov), 1, 0, 0),
    OLD ("pwritev", pwritev2, ALWAYS, 0, P (&family_iov), 1, 0, 0, 0),
    OLD ("poll", ppoll, ALWAYS, 0, 0, P (&no_time), 0, 8),
    OLD ("poll", pselect6, ALWAYS, 0, 0, 0, 0, P (&no_time), 0),
    OLD ("poll", epoll_pwait, ALWAYS, -1, B, 1, 0, 0, 8),
    NEW ("poll", epoll_pwait2, ALWAYS, NR_EPOLL_PWAIT2, -1, B, 1, P (&no_time)),
    OLD ("epoll", epoll_create1, ALWAYS, 0),
    OLD ("epoll", epoll_ctl, ALWAYS, -1, 1, 0, B),
    OLD ("eventfd", eventfd2, ALWAYS, 0, 0),
    OLD ("accept", accept4, ALWAYS, 0, 0, 0, 0),
    OLD ("accept", accept, ALWAYS, 0, 0, 0),
    OLD ("fstat", fstat, ALWAYS, 0, B),
    OLD ("fstat", newfstatat, ALWAYS, 0, P (""), B, 0x1000),
    OLD ("fstat", statx, ALWAYS, 0, P (""), 0x1000, 0, B),
    NEW ("futex", futex FUTEX_WAKE, ALWAYS, SYS_futex, P (&family_word),
         FUTEX_WAKE, 1),
    NEW ("futex", futex FUTEX_REQUEUE, ALWAYS, SYS_futex, P (&family_word),
         FUTEX_REQUEUE, 0, 1, P (&family_word + 0)),
    NEW ("futex", futex_waitv, ALWAYS, NR_FUTEX_WAITV, 0),
    NEW ("futex", futex_wake, ALWAYS, NR_FUTEX_WAKE, P (&family_word), 1, 1,
         FUTEX2_U32_PRIVATE),
    NEW ("futex", futex_wait, ALWAYS, NR_FUTEX_WAIT, P (&family_word), 1, 1,
         FUTEX2_U32_PRIVATE),
    NEW ("futex", futex_requeue, ALWAYS, NR_FUTEX_REQUEUE, 0),
    NEW ("thread", clone, ALWAYS, NR_A_THREAD, 0),
    OLD ("thread", set_robust_list, ALWAYS, 0, 1),
    NEW ("thread", rseq, ALWAYS, SYS_rseq, P (family_page), 32, 0, 1),
    /* To a thread that is not there. */
    OLD ("raise", tgkill, ALWAYS, 1, 4000000, SIGUSR1),
    OLD ("raise", tkill, ALWAYS, 4000000, SIGUSR1),
    OLD ("cpu", sched_getaffinity, ALWAYS, 0, 128, B),
    OLD ("cpu", getcpu, ALWAYS, B, 0, 0),
    OLD ("mmap", mmap, ALWAYS, 0, 4096, PROT_READ | PROT_WRITE,
         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
    NEW ("mmap", map_shadow_stack, ALWAYS, NR_MAP_SHADOW_STACK, 0, 4096, 0),
    OLD ("mprotect", mprotect, ALWAYS, P (family_page), 4096,
         PROT_READ | PROT_WRITE),
    NEW ("mprotect", mseal, ALWAYS, NR_MSEAL, 0, 0, 1),
    NEW ("madvise", madvise MADV_NORMAL, ALWAYS, SYS_madvise, P (family_page),
         4096, MADV_NORMAL),
    NEW ("madvise", madvise MADV_GUARD_INSTALL, ALWAYS, SYS_madvise,
         P (family_page + 4096), 4096, 102),
    NEW ("madvise", madvise MADV_GUARD_REMOVE, ALWAYS, SYS_madvise,
         P (family_page + 4096), 4096, 103),
    NEW ("madvise", process_madvise, ALWAYS, NR_PROCESS_MADVISE, -10000,
         P (&family_part), 1, MADV_WILLNEED, 0),
    OLD ("sleep", nanosleep, ALWAYS, P (&no_time), 0),
    OLD ("sleep", clock_nanosleep, ALWAYS, 0, 0, P (&no_time), 0),
    OLD ("time", clock_gettime, ALWAYS, 0, B),
    OLD ("time", gettimeofday, ALWAYS, B, 0),
    OLD ("membarrier", membarrier, ALWAYS, 0, 0, 0),
    NEW ("prctl", prctl PR_SET_VMA, ALWAYS, SYS_prctl, 0x53564d41, 0,
         P (family_page), 4096, P ("probe")),
    OLD ("io_getevents", io_getevents, ALWAYS, 0, 0, 1, B, P (&no_time)),
    OLD ("io_getevents", io_pgetevents, ALWAYS, 0, 0, 1, B, P (&no_time), 0),
    OLD ("open", openat, STARTING, AT_FDCWD, P ("/"), O_DIRECTORY | O_CLOEXEC),
    NEW ("open", openat2, STARTING, NR_OPENAT2, AT_FDCWD, P ("/"),
         P (&family_how), sizeof family_how),
    OLD ("access", faccessat, STARTING, AT_FDCWD, P ("/"), 0),
    NEW ("access", faccessat2, STARTING, NR_FACCESSAT2, AT_FDCWD, P ("/"), 0,
         0),
    OLD ("stat", newfstatat, STARTING, AT_FDCWD, P ("/"), B, 0),
    OLD ("stat", statx, STARTING, AT_FDCWD, P ("/"), 0, 0, B),
    OLD ("readlink", readlinkat, STARTING, AT_FDCWD, P ("/"), B, 9),
    OLD ("getdents", getdents64, STARTING, 0, B, 100),
    OLD ("signalfd", signalfd4, STARTING, -1, B, 8, 0),
    OLD ("pipe", pipe2, STARTING, B, 0),
    OLD ("thread-setup", set_tid_address, STARTING, B),
    OLD ("getrlimit", prlimit64, STARTING, 0, RLIMIT_NOFILE, 0, B),
    OLD ("mlock", mlock, STARTING, P (family_page), 0),
    OLD ("mlock", mlock2, STARTING, P (family_page), 0, 0),
    OLD ("mlock", mlockall, STARTING, 0),
    OLD ("unlink", unlinkat, NEVER, AT_FDCWD, P ("/no/such/file"), 0),
#ifdef __x86_64__
    OLD ("poll", poll, ALWAYS, 0, 0, 0),
    OLD ("poll", select, ALWAYS, 0, 0, 0, 0, P (&no_time)),
    OLD ("poll", epoll_wait, ALWAYS, -1, B, 1, 0),
    OLD ("epoll", epoll_create, ALWAYS, 1),
    OLD ("eventfd", eventfd, ALWAYS, 0),
    OLD ("time", time, ALWAYS, B),
    OLD ("open", open, STARTING, P ("/"), O_DIRECTORY | O_CLOEXEC),
    OLD ("access", access, STARTING, P ("/"), 0),
    OLD ("stat", stat, STARTING, P ("/"), B),
    OLD ("stat", lstat, STARTING, P ("/"), B),
    OLD ("readlink", readlink, STARTING, P ("/"), B, 9),
    OLD ("getdents", getdents, STARTING, 0, B, 100),
    OLD ("signalfd", signalfd, STARTING, -1, B, 8),
    OLD ("pipe", pipe, STARTING, B),
    OLD ("thread-setup", arch_prctl, STARTING, 0x1002, -1),
    OLD ("getrlimit", getrlimit, STARTING, RLIMIT_NOFILE, B),
    OLD ("unlink", unlink, NEVER, P ("/no/such/file")),
#endif
};

/* Newer than the table: they fail with ENOSYS, and the process lives. */
#define FIRST_NEWER 470
#define LAST_NEWER 600

#endif /* TESTS_PROBE_FAMILIES_H */
