/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The table of system calls.  What is here was measured: 79 traced runs of
 * QEMU 7.2 (disks, networks, displays, migration, hot-plug, KVM, TCG), each
 * checked for what the guest saw; doc/sandbox.md tells how.  What is not here
 * ends the process.  In particular there is no group that holds execve, fork,
 * ptrace, mount, bpf, or a whole ioctl space, and none may be added. */

#include "core/groups.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/futex.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <linux/kvm.h>
#include <linux/userfaultfd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "common/cleanup.h"

#define CALL(x) .name = #x, .nr = SCMP_SYS (x)
#define ONE_OF(n, ...)                                                         \
    .arg = (n), .values = (const uint32_t[]){ __VA_ARGS__ },                   \
    .n_values = ARRAY_SIZE (((const uint32_t[]){ __VA_ARGS__ }))
#define BITS(n, m, v) .arg = (n), .mask = (m), .value = (v)
#define EXACTLY(n, v) BITS (n, UINT64_MAX, v)
#define STARTUP .class = CALL_STARTUP
#define NO_SUCH_CALL .class = CALL_ENOSYS
#define REFUSED .class = CALL_EPERM
#define NOTHING_DONE .class = CALL_NOTHING
#define WHY(text) .why = text

/* Values that the C library's headers may be too old for. */
#define F_GET_OFD_LOCK 36
#define F_SET_OFD_LOCK 37
#define F_ADD_FILE_SEALS 1033
#define F_GET_FILE_SEALS 1034
#define X86_SET_FS 0x1002
#define XFS_DIOINFO 0x800c581e
#define EMPTY_PATH 0x1000 /* AT_EMPTY_PATH */

/* Calls that libseccomp may be too old for; all machines share the number. */
#ifndef __SNR_epoll_pwait2
#define __SNR_epoll_pwait2 441
#endif
#ifndef __SNR_futex_waitv
#define __SNR_futex_waitv 449
#endif
#ifndef __SNR_mseal
#define __SNR_mseal 462
#endif

/* A thread as glibc makes it, and as musl does. */
#define THREAD_GLIBC 0x3d0f00
#define THREAD_MUSL 0x7d0f00

/* The futex operations with and without PRIVATE, and CLOCK_REALTIME. */
#define FUTEX(op)                                                              \
    FUTEX_##op, FUTEX_##op | FUTEX_PRIVATE_FLAG,                               \
        FUTEX_##op | FUTEX_CLOCK_REALTIME,                                     \
        FUTEX_##op | FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME

static const struct call_rule base[] = {
    { CALL (read) },
    { CALL (write) },
    { CALL (writev), WHY ("logs, and every QIOChannel on a file") },
    { CALL (close) },
    { CALL (lseek) },
    { CALL (pread64), WHY ("ld.so; option ROMs; image headers") },
    { CALL (poll) },
    { CALL (ppoll) },
    { CALL (epoll_create1), WHY ("the event loop, with many descriptors") },
    { CALL (epoll_ctl) },
    { CALL (epoll_wait) },
#ifndef __x86_64__
    { CALL (epoll_pwait), WHY ("epoll_wait on newer machines") },
#endif
    { CALL (eventfd2),
      ONE_OF (1, 0, EFD_CLOEXEC, EFD_NONBLOCK, EFD_CLOEXEC | EFD_NONBLOCK) },
    { CALL (recvmsg) },
    { CALL (sendmsg), WHY ("on descriptors it was given: control, serial") },
    { CALL (getsockname) },
    { CALL (getpeername) },
    { CALL (getsockopt), ONE_OF (1, SOL_SOCKET) },
    { CALL (setsockopt), ONE_OF (1, SOL_SOCKET, IPPROTO_TCP) },
    { CALL (accept4), WHY ("on the listening control socket it was given") },
    { CALL (newfstatat), BITS (3, EMPTY_PATH, EMPTY_PATH), WHY ("fstat") },
    { CALL (fcntl),
      ONE_OF (1, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETLK, F_GET_OFD_LOCK,
              F_SET_OFD_LOCK, F_DUPFD_CLOEXEC, F_ADD_FILE_SEALS,
              F_GET_FILE_SEALS),
      WHY ("image locks; no F_SETOWN, no leases, no pipes") },
    { CALL (brk) },
    { CALL (munmap) },
    { CALL (mremap), WHY ("realloc of large blocks") },
    { CALL (mmap), BITS (2, PROT_EXEC, 0), WHY ("nothing executable") },
    { CALL (mprotect), BITS (2, PROT_EXEC, 0) },
    { CALL (madvise),
      ONE_OF (2, MADV_WILLNEED, MADV_DONTNEED, MADV_FREE, MADV_REMOVE,
              MADV_DONTFORK, MADV_MERGEABLE, MADV_HUGEPAGE, MADV_NOHUGEPAGE,
              MADV_DONTDUMP, 23 /* MADV_POPULATE_WRITE */) },
    { CALL (futex),
      ONE_OF (1, FUTEX (WAIT), FUTEX (WAKE), FUTEX (WAIT_BITSET),
              FUTEX (WAKE_BITSET)),
      WHY ("no priority inheritance, no requeue") },
    { CALL (clone), EXACTLY (0, THREAD_GLIBC), WHY ("a thread, no process") },
    { CALL (clone), EXACTLY (0, THREAD_MUSL) },
    { CALL (set_robust_list) },
    { CALL (rseq) },
    { CALL (gettid) },
    { CALL (getpid), WHY ("abort; KVM's kick of a processor thread") },
    { CALL (tgkill), ONE_OF (2, SIGUSR1, SIGABRT),
      WHY ("kick of a processor thread, abort; filter.c pins the target") },
    { CALL (exit) },
    { CALL (exit_group) },
    { CALL (sched_yield) },
    { CALL (sched_getaffinity), WHY ("malloc, when it makes an arena") },
    { CALL (rt_sigprocmask) },
    { CALL (rt_sigreturn) },
    { CALL (restart_syscall), WHY ("after SIGSTOP and SIGCONT") },
    { CALL (clock_nanosleep) },
    { CALL (clock_gettime), WHY ("with some clocks the vDSO calls it") },
    { CALL (gettimeofday) },
    { CALL (getrandom) },
    { CALL (prctl), ONE_OF (0, PR_SET_NAME, PR_SET_TIMERSLACK) },
    { CALL (fadvise64), NOTHING_DONE,
      WHY ("after a save: cached blocks of an image, as if others wrote it") },
    { CALL (unlink), REFUSED, WHY ("of the listening socket, at the end") },
    { CALL (unlinkat), REFUSED },

    /* Files: while it starts, of a root that holds what is public. */
    { CALL (openat), STARTUP },
    { CALL (open), STARTUP },
    { CALL (access), STARTUP },
    { CALL (faccessat), STARTUP },
    { CALL (newfstatat), BITS (3, EMPTY_PATH, 0), STARTUP },
    { CALL (stat), STARTUP },
    { CALL (lstat), STARTUP },
    { CALL (fstat), STARTUP, WHY ("the C libraries before glibc 2.33") },
    { CALL (readlink), STARTUP },
    { CALL (readlinkat), STARTUP },
    { CALL (getcwd), STARTUP },
    { CALL (getdents64), STARTUP, WHY ("libpmem looks for its devices") },
    { CALL (fchdir), STARTUP, WHY ("libpmem, too") },
    { CALL (statfs), STARTUP, WHY ("libselinux") },
    { CALL (fstatfs), STARTUP },
    { CALL (readv), STARTUP, WHY ("firmware and fonts through GLib") },
    { CALL (mmap), BITS (2, PROT_EXEC | PROT_WRITE, PROT_EXEC), STARTUP,
      WHY ("libraries") },
    { CALL (mprotect), BITS (2, PROT_EXEC | PROT_WRITE, PROT_EXEC), STARTUP },
    { CALL (memfd_create), STARTUP, WHY ("a probe of sealing, of hugetlb") },
    { CALL (ioctl), ONE_OF (1, TCGETS, FIONBIO), STARTUP,
      WHY ("is standard output a terminal?") },
    /* Who and where am I? */
    { CALL (getppid), STARTUP },
    { CALL (getuid), STARTUP },
    { CALL (geteuid), STARTUP },
    { CALL (getgid), STARTUP },
    { CALL (getegid), STARTUP },
    { CALL (uname), STARTUP },
    { CALL (sysinfo), STARTUP },
    { CALL (getrusage), STARTUP },
    { CALL (clock_getres), STARTUP },
    { CALL (sched_getparam), STARTUP },
    { CALL (sched_getscheduler), STARTUP },
    { CALL (get_mempolicy), STARTUP, WHY ("libnuma probes") },
    { CALL (set_mempolicy), STARTUP, WHY ("libnuma probes") },
    { CALL (prlimit64), EXACTLY (2, 0), STARTUP, WHY ("reads only") },
    { CALL (getrlimit), STARTUP },
    /* What libc, QEMU's main() and its own -sandbox set up. */
    { CALL (set_tid_address), STARTUP },
    { CALL (arch_prctl), ONE_OF (0, X86_SET_FS), STARTUP },
    { CALL (rt_sigaction), STARTUP },
    { CALL (sigaltstack), STARTUP },
    { CALL (signalfd4), STARTUP },
    { CALL (socketpair), ONE_OF (0, AF_UNIX), STARTUP },
    { CALL (pipe2), STARTUP },
    { CALL (dup), STARTUP },
    { CALL (listen), STARTUP, WHY ("on the socket it was given, which does") },
    { CALL (prctl),
      ONE_OF (0, PR_MCE_KILL, PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS,
              PR_GET_NAME, PR_CAPBSET_READ),
      STARTUP },
    { CALL (seccomp), STARTUP, WHY ("the program's own, narrower filter") },

    /* The library has, or the program copes with, the older way. */
    { CALL (clone3), NO_SUCH_CALL, WHY ("its flags lie in memory") },
    { CALL (statx), NO_SUCH_CALL },
    { CALL (faccessat2), NO_SUCH_CALL },
    { CALL (openat2), NO_SUCH_CALL },
    { CALL (close_range), NO_SUCH_CALL },
    { CALL (membarrier), NO_SUCH_CALL },
#ifdef __x86_64__
    { CALL (epoll_pwait), NO_SUCH_CALL },
#endif
    { CALL (epoll_pwait2), NO_SUCH_CALL },
    { CALL (futex_waitv), NO_SUCH_CALL },
    { CALL (io_uring_setup), NO_SUCH_CALL, WHY ("it would bypass this list") },
    { CALL (mseal), NO_SUCH_CALL, WHY ("glibc 2.41 seals its mappings") },
#ifdef __x86_64__
    { CALL (arch_prctl), ONE_OF (0, 0x3001, 0x5001, 0x5002, 0x5003, 0x5005),
      NO_SUCH_CALL, WHY ("shadow stacks") },
#endif
};

static const struct call_rule tcg[] = {
    { CALL (mmap), BITS (2, PROT_EXEC | PROT_WRITE, PROT_EXEC | PROT_WRITE),
      STARTUP, WHY ("the buffer of translated code") },
    { CALL (mprotect), BITS (2, PROT_EXEC | PROT_WRITE, PROT_EXEC | PROT_WRITE),
      STARTUP },
    { CALL (ftruncate), STARTUP, WHY ("split-wx: the buffer twice mapped") },
};

static const struct call_rule disk[] = {
    { CALL (pwrite64) },
    { CALL (preadv) },
    { CALL (pwritev) },
    { CALL (fdatasync) },
    { CALL (fsync) },
    { CALL (ftruncate), WHY ("a qcow2 image grows") },
    { CALL (fstatfs) },
    { CALL (fallocate),
      ONE_OF (1, 0, FALLOC_FL_KEEP_SIZE,
              FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, FALLOC_FL_ZERO_RANGE,
              FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE) },
    { CALL (ioctl),
      ONE_OF (1, BLKDISCARD, BLKZEROOUT, BLKROGET, BLKSECTGET, BLKSSZGET,
              BLKPBSZGET, BLKGETSIZE64, XFS_DIOINFO, FS_IOC_FSGETXATTR),
      WHY ("what a disk can; discard; no BLKRRPART, no SG_IO") },
};

/* aio=native.  The context is made when the guest's driver starts: after the
 * seal. */
static const struct call_rule aio[] = {
    { CALL (io_setup) },
    { CALL (io_submit) },
    { CALL (io_getevents) },
};

/* qemu-img, besides "disk". */
static const struct call_rule image[] = {
    { CALL (ioctl),
      ONE_OF (1, FS_IOC_FSSETXATTR, FS_IOC_GETFLAGS, FS_IOC_SETFLAGS),
      WHY ("an extent size hint, no copy on write: of a new image") },
    { CALL (copy_file_range), WHY ("between descriptors it was given") },
};

static const struct call_rule net[] = {
    { CALL (readv) },
    { CALL (ioctl),
      ONE_OF (1, TUNGETIFF, TUNGETFEATURES, TUNSETOFFLOAD, TUNGETVNETHDRSZ,
              TUNSETVNETHDRSZ, TUNSETVNETLE, TUNSETVNETBE, TUNSETSNDBUF,
              TUNSETQUEUE, TUNSETSTEERINGEBPF),
      WHY ("never TUNSETIFF, TUNSETPERSIST, TUNSETOWNER") },
};

/* Packets through a connected socket, by QEMU's netdev "socket". */
static const struct call_rule stream[] = {
    { CALL (recvfrom), WHY ("and nothing to be told where from") },
};

static const struct call_rule listener[] = {
    { CALL (accept4) },
    { CALL (accept), WHY ("the same, of programs that do without flags") },
    { CALL (listen) },
};

/* User-mode networking inside the hypervisor.  It keeps the host's network
 * namespace, and /etc/resolv.conf stays in its root. */
static const struct call_rule slirp[] = {
    { CALL (socket), ONE_OF (0, AF_INET, AF_INET6) },
    { CALL (connect) },
    { CALL (bind) },
    { CALL (listen) },
    { CALL (accept) },
    { CALL (shutdown) },
    { CALL (sendto) },
    { CALL (recvfrom) },
    { CALL (getsockopt) },
    { CALL (setsockopt) },
    { CALL (ioctl), ONE_OF (1, FIONREAD, FIONBIO) },
    { CALL (openat), WHY ("/etc/resolv.conf, the only file there") },
    { CALL (newfstatat), WHY ("/etc/resolv.conf has it changed?") },
    { CALL (stat), WHY ("the same") },
};

static const struct call_rule memory[] = {
    { CALL (memfd_create) },   { CALL (ftruncate) },
    { CALL (fstatfs) },        { CALL (fallocate) },
    { CALL (mbind), STARTUP }, { CALL (mlockall), STARTUP },
    { CALL (mlock), STARTUP },
};

static const struct call_rule migration[] = {
    { CALL (readv) },
    { CALL (shutdown) },
};

static const struct call_rule postcopy[] = {
    { CALL (userfaultfd) },
    { CALL (munlockall) },
    { CALL (ioctl),
      ONE_OF (1, UFFDIO_API, UFFDIO_REGISTER, UFFDIO_UNREGISTER, UFFDIO_COPY,
              UFFDIO_ZEROPAGE, UFFDIO_WAKE, UFFDIO_WRITEPROTECT) },
};

static const struct call_rule terminal[] = {
    { CALL (readv) },
    { CALL (ioctl),
      ONE_OF (1, TCGETS, TCSETS, TCSETSW, TIOCMGET, TIOCMSET, TIOCSBRK,
              TIOCCBRK),
      WHY ("a pty it was given; never TIOCSTI") },
};

/* The socket that it makes is one of hvctl's (supervisor/lend.c). */
static const struct call_rule vhost_user[] = {
    { CALL (socket), ONE_OF (0, AF_UNIX), STARTUP },
    { CALL (bind), STARTUP, WHY ("a copy of the port's socket, made for it") },
    { CALL (unlink), STARTUP, WHY ("of that socket: nothing happens") },
    { CALL (unlinkat), STARTUP },
    { CALL (socketpair), ONE_OF (0, AF_UNIX) },
    { CALL (memfd_create) },
    { CALL (ftruncate) },
    { CALL (fstatfs) },
};

#include "core/groups-kvm.h"
#include "core/groups-ch.h"
#include "core/groups-passt.h"

#define GROUP(n, r, s)                                                         \
    {                                                                          \
        .name = n, .summary = s, .rules = r, .n_rules = ARRAY_SIZE (r)         \
    }

#define BESIDE(n, r, s)                                                        \
    {                                                                          \
        .name = n, .summary = s, .rules = r, .n_rules = ARRAY_SIZE (r),        \
        .beside = true                                                         \
    }

const struct call_group call_groups[] = {
    GROUP ("base", base, "what every process needs"),
    GROUP ("tcg", tcg, "writable code, while it starts"),
    GROUP ("kvm", kvm, "the kernel's virtual machine"),
    GROUP ("kvm-cpus", kvm_cpus, "processors that come while it runs"),
    GROUP ("disk", disk, "writing and discarding in images"),
    GROUP ("aio", aio, "asynchronous disk access by the kernel"),
    GROUP ("image", image, "making images, for helpers"),
    GROUP ("net", net, "packets through tap and macvtap"),
    GROUP ("stream", stream, "packets through a connected socket"),
    GROUP ("listener", listener, "sockets that others connect to"),
    GROUP ("slirp", slirp, "user-mode networking in the process"),
    BESIDE ("passt", passt, "a process that is a user-mode network"),
    BESIDE ("outbound", outbound, "which the guest may leave"),
    GROUP ("memory", memory, "guest memory shared, bound or locked"),
    GROUP ("migration", migration, "going on from a saved state"),
    GROUP ("postcopy", postcopy, "post-copy migration"),
    GROUP ("terminal", terminal, "a pty as serial port"),
    GROUP ("vhost-user", vhost_user, "devices in other processes"),
    GROUP ("cloud-hypervisor", cloud_hypervisor, "what that one needs beside"),
};
const size_t n_call_groups = ARRAY_SIZE (call_groups);

const struct call_group *
find_call_group (const char *name)
{
    for (size_t i = 0; i < n_call_groups; i++) {
        if (!strcmp (call_groups[i].name, name)) {
            return &call_groups[i];
        }
    }
    return NULL;
}

const char *call_class_name (enum call_class class)
{
    static const char *const names[] = {
        [CALL_ALLOW] = "allow",          [CALL_STARTUP] = "start-up",
        [CALL_ENOSYS] = "fails: ENOSYS", [CALL_EPERM] = "fails: EPERM",
        [CALL_NOTHING] = "does nothing",
    };

    return names[class];
}
