/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Families of system calls, and the vocabulary of the table in groups.c, for
 * which alone this is.
 *
 * A C library implements a POSIX function with any of several calls, and
 * another version with another one: fstat() is newfstatat in
 * glibc 2.33 to 2.38 and fstat before and after.  So a group names the
 * purpose, and gets all calls that serve it, in one class and with the same
 * conditions.  The members are those that glibc (2.31 to 2.43), musl (1.2) and
 * QEMU (6.2 to 11) call in their sources on 64-bit machines, found there and
 * not in traces; tests/unit/test-filter.c and tests/probe/families.h hold every
 * group to whole families.
 *
 * Not in a family although they serve the same purpose:
 *   clone3          its flags are in memory, where no filter can check that it
 *                   creates a thread and not a process: ENOSYS, and libraries
 *                   use clone
 *   dup2, dup3      could create a descriptor with the number through which
 *                   the program was executed, were it not for the limit of
 *                   descriptors: a second barrier
 *   pkey_mprotect   not needed
 */
#ifndef CORE_FAMILIES_H
#define CORE_FAMILIES_H

#include <fcntl.h>
#include <linux/futex.h>
#include <seccomp.h>
#include <stdint.h>

#include "common/cleanup.h"

/* The newest system call that this table knows, file_setattr of Linux 6.17.
 * Later ones, up to NUMBERS_END, fail with ENOSYS: so libraries assume
 * that the kernel is too old for them, and do without.  No existing number is
 * so large, nor will one be for a hundred years. */
#define NEWEST_CALL 469
#define NUMBERS_END 1024

/* Not SCMP_SYS(): x would be expanded, and in musl before 1.2.4 getdents64 is a
 * macro, "getdents". */
#define CALL(x) .name = #x, .nr = __SNR_##x
#define ONE_OF(n, ...)                                                         \
    .arg = (n), .values = (const uint32_t[]){ __VA_ARGS__ },                   \
    .n_values = ARRAY_SIZE (((const uint32_t[]){ __VA_ARGS__ }))
#define BITS(n, m, v) .arg = (n), .mask = (m), .value = (v)
#define EXACTLY(n, v) BITS (n, UINT64_MAX, v)
#define STARTUP .class = CALL_STARTUP
#define NO_SUCH_CALL .class = CALL_ENOSYS
#define REFUSED .class = CALL_EPERM
#define NOTHING_DONE .class = CALL_NOTHING
#define NO_CHILD .class = CALL_NO_CHILD
#define WHY(text) .why = text

/* Values that the C library's headers may be too old to have. */
#define F_GET_OFD_LOCK 36
#define F_SET_OFD_LOCK 37
#define F_ADD_FILE_SEALS 1033
#define F_GET_FILE_SEALS 1034
#define X86_SET_FS 0x1002
#define XFS_DIOINFO 0x800c581e
#define EMPTY_PATH 0x1000     /* AT_EMPTY_PATH */
#define TTY_GETS2 0x802c542aU /* TCGETS2, by which glibc asks since 2.42 */
#define TTY_SETS2 0x402c542b
#define TTY_SETSW2 0x402c542c
#define GUARD_INSTALL 102 /* MADV_GUARD_INSTALL, Linux 6.13 */
#define GUARD_REMOVE 103
#define SELF_THREAD 0xffffd8f0 /* PIDFD_SELF_THREAD, -10000; Linux 6.14 */
#define SELF_PROCESS 0xffffd8ef
#define SET_VMA 0x53564d41 /* PR_SET_VMA, Linux 5.17: names memory */

/* Calls that libseccomp, or the kernel's headers, may be too old to have: they
 * have the same number on all machines. */
#undef __SNR_process_madvise
#undef __SNR_epoll_pwait2
#undef __SNR_futex_waitv
#undef __SNR_set_mempolicy_home_node
#undef __SNR_cachestat
#undef __SNR_map_shadow_stack
#undef __SNR_futex_wake
#undef __SNR_futex_wait
#undef __SNR_futex_requeue
#undef __SNR_statmount
#undef __SNR_listmount
#undef __SNR_lsm_get_self_attr
#undef __SNR_lsm_list_modules
#undef __SNR_mseal
#undef __SNR_getxattrat
#undef __SNR_listxattrat
#undef __SNR_file_getattr
#define __SNR_process_madvise 440
#define __SNR_epoll_pwait2 441
#define __SNR_futex_waitv 449
#define __SNR_set_mempolicy_home_node 450
#define __SNR_cachestat 451
#define __SNR_map_shadow_stack 453
#define __SNR_futex_wake 454
#define __SNR_futex_wait 455
#define __SNR_futex_requeue 456
#define __SNR_statmount 457
#define __SNR_listmount 458
#define __SNR_lsm_get_self_attr 459
#define __SNR_lsm_list_modules 461
#define __SNR_mseal 462
#define __SNR_getxattrat 464
#define __SNR_listxattrat 465
#define __SNR_file_getattr 468
#ifndef __riscv
#undef __SNR_riscv_hwprobe
#define __SNR_riscv_hwprobe (-10400) /* Not on this machine. */
#endif

/* The flags of a thread in glibc, and in musl. */
#define THREAD_GLIBC 0x3d0f00
#define THREAD_MUSL 0x7d0f00

/* The futex operations with and without PRIVATE, and CLOCK_REALTIME. */
#define FUTEX(op)                                                              \
    FUTEX_##op, FUTEX_##op | FUTEX_PRIVATE_FLAG,                               \
        FUTEX_##op | FUTEX_CLOCK_REALTIME,                                     \
        FUTEX_##op | FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME

/* A family is written as FAMILY (class or reason, or nothing). */
#define OF(family_name, call, ...)                                             \
    {                                                                          \
        .family = family_name, CALL (call), __VA_ARGS__                        \
    }

#define READ(...)                                                              \
    OF ("read", read, __VA_ARGS__), OF ("read", readv, __VA_ARGS__)
#define WRITE(...)                                                             \
    OF ("write", write, __VA_ARGS__), OF ("write", writev, __VA_ARGS__)
#define PREADV(...)                                                            \
    OF ("preadv", preadv, __VA_ARGS__), OF ("preadv", preadv2, __VA_ARGS__)
#define PWRITEV(...)                                                           \
    OF ("pwritev", pwritev, __VA_ARGS__), OF ("pwritev", pwritev2, __VA_ARGS__)

#define POLL(...)                                                              \
    OF ("poll", poll, __VA_ARGS__), OF ("poll", ppoll, __VA_ARGS__),           \
        OF ("poll", select, __VA_ARGS__), OF ("poll", pselect6, __VA_ARGS__),  \
        OF ("poll", epoll_wait, __VA_ARGS__),                                  \
        OF ("poll", epoll_pwait, __VA_ARGS__),                                 \
        OF ("poll", epoll_pwait2, __VA_ARGS__)
#define EPOLL(...)                                                             \
    OF ("epoll", epoll_create1, __VA_ARGS__),                                  \
        OF ("epoll", epoll_create, __VA_ARGS__),                               \
        OF ("epoll", epoll_ctl, __VA_ARGS__)
#define EVENTFD(...)                                                           \
    OF ("eventfd", eventfd2,                                                   \
        ONE_OF (1, 0, EFD_CLOEXEC, EFD_NONBLOCK, EFD_CLOEXEC | EFD_NONBLOCK),  \
        __VA_ARGS__),                                                          \
        OF ("eventfd", eventfd, __VA_ARGS__)
#define SIGNALFD(...)                                                          \
    OF ("signalfd", signalfd4, __VA_ARGS__),                                   \
        OF ("signalfd", signalfd, __VA_ARGS__)
#define PIPE(...)                                                              \
    OF ("pipe", pipe2, __VA_ARGS__), OF ("pipe", pipe, __VA_ARGS__)
#define ACCEPT(...)                                                            \
    OF ("accept", accept4, __VA_ARGS__), OF ("accept", accept, __VA_ARGS__)

/* Of a descriptor; if there is a path beside the flag, it refers to the path,
 * in a root that is empty. */
#define FSTAT(...)                                                             \
    OF ("fstat", fstat, __VA_ARGS__),                                          \
        OF ("fstat", newfstatat, BITS (3, EMPTY_PATH, EMPTY_PATH),             \
            __VA_ARGS__),                                                      \
        OF ("fstat", statx, BITS (2, EMPTY_PATH, EMPTY_PATH), __VA_ARGS__)
#define STAT(...)                                                              \
    OF ("stat", stat, __VA_ARGS__), OF ("stat", lstat, __VA_ARGS__),           \
        OF ("stat", newfstatat, BITS (3, EMPTY_PATH, 0), __VA_ARGS__),         \
        OF ("stat", statx, BITS (2, EMPTY_PATH, 0), __VA_ARGS__)
#define OPEN(...)                                                              \
    OF ("open", openat, __VA_ARGS__), OF ("open", open, __VA_ARGS__),          \
        OF ("open", openat2, __VA_ARGS__)
#define ACCESS(...)                                                            \
    OF ("access", access, __VA_ARGS__), OF ("access", faccessat, __VA_ARGS__), \
        OF ("access", faccessat2, __VA_ARGS__)
#define READLINK(...)                                                          \
    OF ("readlink", readlink, __VA_ARGS__),                                    \
        OF ("readlink", readlinkat, __VA_ARGS__)
#define GETDENTS(...)                                                          \
    OF ("getdents", getdents64, __VA_ARGS__),                                  \
        OF ("getdents", getdents, __VA_ARGS__)
#define UNLINK(...)                                                            \
    OF ("unlink", unlink, __VA_ARGS__), OF ("unlink", unlinkat, __VA_ARGS__)

/* No priority inheritance, no comparing requeue.  Those with a number of their
 * own take flags: the size (32 bits), and PRIVATE. */
#define FUTEXES(...)                                                           \
    OF ("futex", futex,                                                        \
        ONE_OF (1, FUTEX (WAIT), FUTEX (WAKE), FUTEX (WAIT_BITSET),            \
                FUTEX (WAKE_BITSET), FUTEX (REQUEUE)),                         \
        __VA_ARGS__),                                                          \
        OF ("futex", futex_waitv, __VA_ARGS__),                                \
        OF ("futex", futex_wake, __VA_ARGS__),                                 \
        OF ("futex", futex_wait, __VA_ARGS__),                                 \
        OF ("futex", futex_requeue, __VA_ARGS__)
#define THREADS(...)                                                           \
    OF ("thread", clone, EXACTLY (0, THREAD_GLIBC), __VA_ARGS__),              \
        OF ("thread", clone, EXACTLY (0, THREAD_MUSL), __VA_ARGS__),           \
        OF ("thread", set_robust_list, __VA_ARGS__),                           \
        OF ("thread", rseq, __VA_ARGS__)
/* A signal to a thread of the same process: glibc names the process, which
 * filter.c requires to be this one; musl (raise(), pthread_kill()) names only
 * the thread, which filter.c allows to the only process of a pid namespace. */
#define RAISE(why, ...)                                                        \
    OF ("raise", tgkill, ONE_OF (2, __VA_ARGS__), why),                        \
        OF ("raise", tkill, ONE_OF (1, __VA_ARGS__), why)
/* Calls that the first thread makes once. */
#define THREAD_SETUP(...)                                                      \
    OF ("thread-setup", set_tid_address, __VA_ARGS__),                         \
        OF ("thread-setup", arch_prctl, ONE_OF (0, X86_SET_FS), __VA_ARGS__),  \
        OF ("thread-setup", riscv_hwprobe, __VA_ARGS__)
#define CPU(...)                                                               \
    OF ("cpu", sched_getaffinity, __VA_ARGS__), OF ("cpu", getcpu, __VA_ARGS__)

/* Memory that is not executable.  process_madvise only of the process itself,
 * by the numbers that stand for it. */
#define MMAP(...)                                                              \
    OF ("mmap", mmap, BITS (2, PROT_EXEC, 0), __VA_ARGS__),                    \
        OF ("mmap", map_shadow_stack, __VA_ARGS__)
#define MPROTECT(...)                                                          \
    OF ("mprotect", mprotect, BITS (2, PROT_EXEC, 0), __VA_ARGS__),            \
        OF ("mprotect", mseal, __VA_ARGS__)
#define MADVISE(...)                                                           \
    OF ("madvise", madvise,                                                    \
        ONE_OF (2, MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED,   \
                MADV_DONTNEED, MADV_FREE, MADV_REMOVE, MADV_DONTFORK,          \
                MADV_DOFORK, MADV_MERGEABLE, MADV_UNMERGEABLE, MADV_HUGEPAGE,  \
                MADV_NOHUGEPAGE, MADV_DONTDUMP, MADV_DODUMP, MADV_WIPEONFORK,  \
                MADV_KEEPONFORK, 22 /* MADV_POPULATE_READ */,                  \
                23 /* MADV_POPULATE_WRITE */, GUARD_INSTALL, GUARD_REMOVE),    \
        __VA_ARGS__),                                                          \
        OF ("madvise", process_madvise, ONE_OF (0, SELF_THREAD, SELF_PROCESS), \
            __VA_ARGS__)

#define SLEEP(...)                                                             \
    OF ("sleep", clock_nanosleep, __VA_ARGS__),                                \
        OF ("sleep", nanosleep, __VA_ARGS__)
#define TIME(...)                                                              \
    OF ("time", clock_gettime, __VA_ARGS__),                                   \
        OF ("time", gettimeofday, __VA_ARGS__), OF ("time", time, __VA_ARGS__)
/* Of the process itself, for reading. */
#define GETRLIMIT(...)                                                         \
    OF ("getrlimit", prlimit64, EXACTLY (2, 0), __VA_ARGS__),                  \
        OF ("getrlimit", getrlimit, __VA_ARGS__)
#define MEMORY_LOCK(...)                                                       \
    OF ("mlock", mlock, __VA_ARGS__), OF ("mlock", mlock2, __VA_ARGS__),       \
        OF ("mlock", mlockall, __VA_ARGS__)
#define AIO_EVENTS(...)                                                        \
    OF ("io_getevents", io_getevents, __VA_ARGS__),                            \
        OF ("io_getevents", io_pgetevents, __VA_ARGS__)

#endif /* CORE_FAMILIES_H */
