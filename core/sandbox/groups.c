/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The table of system calls.  What is here was measured: 79 traced runs of
 * QEMU 7.2 (disks, networks, displays, migration, hot-plug, KVM, TCG), each
 * checked for what the guest saw; doc/sandbox.md tells how.  It names them by
 * family (families.h), as another C library makes others.  What is not here
 * ends the process.  In particular there is no group that holds execve, fork,
 * ptrace, mount, bpf, or a whole ioctl space, and none may be added. */

#include "core/sandbox/groups.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/if_tun.h>
#include <linux/membarrier.h>
#include <linux/sockios.h>
#include <linux/kvm.h>
#include <linux/userfaultfd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "common/cleanup.h"
#include "common/compat.h"
#include "core/sandbox/families.h"

static const struct call_rule base[] = {
    READ (WHY ("firmware and fonts through GLib")),
    WRITE (WHY ("logs, and every QIOChannel on a file")),
    { CALL (close) },
    { CALL (lseek) },
    { CALL (pread64), WHY ("ld.so; option ROMs; image headers") },
    POLL (),
    EPOLL (WHY ("the event loop, with many descriptors")),
    EVENTFD (),
    { CALL (recvmsg) },
    { CALL (sendmsg), WHY ("on descriptors it was given: control, serial") },
    { CALL (getsockname) },
    { CALL (getpeername) },
    { CALL (getsockopt), ONE_OF (1, SOL_SOCKET) },
    { CALL (setsockopt), ONE_OF (1, SOL_SOCKET, IPPROTO_TCP) },
    ACCEPT (WHY ("on the listening control socket it was given")),
    FSTAT (),
    { CALL (fcntl),
      ONE_OF (1, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETLK, F_GET_OFD_LOCK,
              F_SET_OFD_LOCK, F_DUPFD_CLOEXEC, F_ADD_FILE_SEALS,
              F_GET_FILE_SEALS),
      WHY ("image locks; no F_SETOWN, no leases, no pipes") },
    { CALL (brk) },
    { CALL (munmap) },
    { CALL (mremap), WHY ("realloc of large blocks") },
    MMAP (WHY ("nothing executable")),
    MPROTECT (WHY ("nothing executable; glibc seals its mappings")),
    MADVISE (WHY ("glibc 2.42 makes guard pages by it")),
    FUTEXES (WHY ("no priority inheritance")),
    THREADS (WHY ("a thread, no process")),
    { CALL (membarrier),
      ONE_OF (0, MEMBARRIER_CMD_QUERY, MEMBARRIER_CMD_GLOBAL,
              MEMBARRIER_CMD_PRIVATE_EXPEDITED,
              MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED),
      WHY ("QEMU built with --enable-membarrier does not start without") },
    { CALL (gettid) },
    { CALL (getpid), WHY ("abort; KVM's kick of a vCPU thread") },
    RAISE (WHY ("kick of a vCPU thread, abort"), SIGUSR1, SIGABRT),
    { CALL (exit) },
    { CALL (exit_group) },
    { CALL (sched_yield) },
    CPU (WHY ("malloc, when it makes an arena")),
    { CALL (rt_sigprocmask) },
    { CALL (rt_sigreturn) },
    { CALL (restart_syscall), WHY ("after SIGSTOP and SIGCONT") },
    SLEEP (),
    TIME (WHY ("with some clocks the vDSO calls it")),
    { CALL (getrandom) },
    { CALL (prctl), ONE_OF (0, PR_SET_NAME, PR_SET_TIMERSLACK, SET_VMA) },
    { CALL (fadvise64), NOTHING_DONE,
      WHY ("after a save: cached blocks of an image, as if others wrote it") },
    UNLINK (REFUSED, WHY ("of the listening socket, at the end")),

    /* Files: while it starts, of a root that holds what is public. */
    OPEN (STARTUP),
    ACCESS (STARTUP),
    STAT (STARTUP),
    READLINK (STARTUP),
    { CALL (getcwd), STARTUP },
    GETDENTS (STARTUP, WHY ("libpmem looks for its devices")),
    { CALL (fchdir), STARTUP, WHY ("libpmem, too") },
    { CALL (statfs), STARTUP, WHY ("libselinux") },
    { CALL (fstatfs), STARTUP },
    { CALL (mmap), BITS (2, PROT_EXEC | PROT_WRITE, PROT_EXEC), STARTUP,
      WHY ("libraries") },
    { CALL (mprotect), BITS (2, PROT_EXEC | PROT_WRITE, PROT_EXEC), STARTUP },
    { CALL (memfd_create), STARTUP, WHY ("a probe of sealing, of hugetlb") },
    { CALL (ioctl), ONE_OF (1, TCGETS, TTY_GETS2, FIONBIO), STARTUP,
      WHY ("whether standard output is a terminal") },
    /* Own identity and environment. */
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
    GETRLIMIT (STARTUP, WHY ("reads only")),
    /* Set-up by libc, QEMU's main() and its own -sandbox. */
    THREAD_SETUP (STARTUP),
    { CALL (rt_sigaction), STARTUP },
    { CALL (sigaltstack), STARTUP },
    SIGNALFD (STARTUP),
    { CALL (socketpair), ONE_OF (0, AF_UNIX), STARTUP },
    PIPE (STARTUP),
    { CALL (dup), STARTUP },
    { CALL (listen), STARTUP,
      WHY ("on the socket it was given, which listens already") },
    { CALL (prctl),
      ONE_OF (0, PR_MCE_KILL, PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS,
              PR_GET_NAME, PR_CAPBSET_READ),
      STARTUP },
    { CALL (seccomp), STARTUP, WHY ("the program's own, narrower filter") },

    /* Newer calls for which the library or the program has a fallback. */
    { CALL (clone3), NO_SUCH_CALL,
      WHY ("its flags are in memory, where no filter sees them") },
    { CALL (close_range), NO_SUCH_CALL },
    { CALL (io_uring_setup), NO_SUCH_CALL, WHY ("it would bypass this list") },
    { CALL (set_mempolicy_home_node), NO_SUCH_CALL },
    { CALL (cachestat), NO_SUCH_CALL },
    { CALL (statmount), NO_SUCH_CALL },
    { CALL (listmount), NO_SUCH_CALL },
    { CALL (lsm_get_self_attr), NO_SUCH_CALL },
    { CALL (lsm_list_modules), NO_SUCH_CALL },
    { CALL (getxattrat), NO_SUCH_CALL },
    { CALL (listxattrat), NO_SUCH_CALL },
    { CALL (file_getattr), NO_SUCH_CALL },
    { CALL (prctl), BITS (0, 0xffffffc0, 0x40), NO_SUCH_CALL,
      WHY ("options 64 to 127, of Linux 6 and later") },
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
    PREADV (),
    PWRITEV (),
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
      WHY ("queries of a disk; discard; no BLKRRPART, no SG_IO") },
};

/* aio=native.  The context is made when the guest's driver starts: after the
 * seal. */
static const struct call_rule aio[] = {
    { CALL (io_setup) },
    { CALL (io_submit) },
    AIO_EVENTS (),
};

/* qemu-img, besides "disk". */
static const struct call_rule image[] = {
    { CALL (ioctl),
      ONE_OF (1, FS_IOC_FSSETXATTR, FS_IOC_GETFLAGS, FS_IOC_SETFLAGS),
      WHY ("an extent size hint, no copy on write: of a new image") },
    { CALL (copy_file_range), WHY ("between descriptors it was given") },
};

static const struct call_rule net[] = {
    { CALL (ioctl),
      ONE_OF (1, TUNGETIFF, TUNGETFEATURES, TUNSETOFFLOAD, TUNGETVNETHDRSZ,
              TUNSETVNETHDRSZ, TUNSETVNETLE, TUNSETVNETBE, TUNSETSNDBUF,
              TUNSETQUEUE, TUNSETSTEERINGEBPF),
      WHY ("never TUNSETIFF, TUNSETPERSIST, TUNSETOWNER") },
};

/* Packets through a connected socket, by QEMU's netdev "socket". */
static const struct call_rule stream[] = {
    { CALL (recvfrom), WHY ("without the sender's address") },
};

static const struct call_rule listener[] = {
    ACCEPT (),
    { CALL (listen) },
};

/* User-mode networking inside the hypervisor.  It keeps the host's network
 * namespace, and /etc/resolv.conf stays in its root. */
static const struct call_rule slirp[] = {
    { CALL (socket), ONE_OF (0, AF_INET, AF_INET6) },
    { CALL (connect) },
    { CALL (bind) },
    { CALL (listen) },
    { CALL (shutdown) },
    { CALL (sendto) },
    { CALL (recvfrom) },
    { CALL (getsockopt) },
    { CALL (setsockopt) },
    { CALL (ioctl), ONE_OF (1, FIONREAD, FIONBIO) },
    OPEN (WHY ("/etc/resolv.conf, the only file there")),
    STAT (WHY ("whether /etc/resolv.conf has changed")),
};

static const struct call_rule memory[] = {
    { CALL (memfd_create) }, { CALL (ftruncate) },      { CALL (fstatfs) },
    { CALL (fallocate) },    { CALL (mbind), STARTUP }, MEMORY_LOCK (STARTUP),
};

static const struct call_rule migration[] = {
    { CALL (shutdown) },
};

/* To a file, by QEMU 8.2 and newer: it truncates the one that it was given,
 * after the seal, whether it is empty or not (migration/file.c). */
static const struct call_rule save[] = {
    { CALL (ftruncate) },
};

static const struct call_rule postcopy[] = {
    { CALL (userfaultfd) },
    { CALL (munlockall) },
    { CALL (ioctl),
      ONE_OF (1, UFFDIO_API, UFFDIO_REGISTER, UFFDIO_UNREGISTER, UFFDIO_COPY,
              UFFDIO_ZEROPAGE, UFFDIO_WAKE, UFFDIO_WRITEPROTECT) },
};

static const struct call_rule terminal[] = {
    { CALL (ioctl),
      ONE_OF (1, TCGETS, TTY_GETS2, TCSETS, TTY_SETS2, TCSETSW, TTY_SETSW2,
              TIOCMGET, TIOCMSET, TIOCSBRK, TIOCCBRK),
      WHY ("a pty it was given; never TIOCSTI") },
};

/* The socket that it makes is one of hvctl's (supervisor/brokered.c). */
static const struct call_rule vhost_user[] = {
    { CALL (socket), ONE_OF (0, AF_UNIX), STARTUP },
    { CALL (bind), STARTUP, WHY ("a copy of the port's socket, made for it") },
    UNLINK (STARTUP, WHY ("of that socket: nothing happens")),
    { CALL (socketpair), ONE_OF (0, AF_UNIX) },
    { CALL (memfd_create) },
    { CALL (ftruncate) },
    { CALL (fstatfs) },
};

#include "core/sandbox/groups-kvm.h"
#include "core/sandbox/groups-ch.h"
#include "core/sandbox/groups-passt.h"
#include "core/sandbox/groups-fetch.h"

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
    GROUP ("base", base, "basic needs of every process"),
    GROUP ("tcg", tcg, "generated code, at start-up"),
    GROUP ("kvm", kvm, "virtual machines of the kernel"),
    GROUP ("kvm-cpus", kvm_cpus, "vCPUs that are hot-plugged"),
    GROUP ("disk", disk, "writing and discarding in images"),
    GROUP ("aio", aio, "asynchronous disk access by the kernel"),
    GROUP ("image", image, "creating images, for helpers"),
    GROUP ("net", net, "packets through tap and macvtap"),
    GROUP ("stream", stream, "packets through a connected socket"),
    GROUP ("listener", listener, "listening sockets"),
    GROUP ("slirp", slirp, "user-mode networking in the process"),
    BESIDE ("passt", passt, "a process that is a user-mode network"),
    BESIDE ("outbound", outbound, "connections to the outside"),
    BESIDE ("fetch", fetch, "a process that downloads, for helpers"),
    GROUP ("memory", memory, "guest memory shared, bound or locked"),
    GROUP ("migration", migration, "restoring a saved state"),
    GROUP ("save", save, "saving the guest's state to a file"),
    GROUP ("postcopy", postcopy, "post-copy migration"),
    GROUP ("terminal", terminal, "a pty as serial port"),
    GROUP ("vhost-user", vhost_user, "devices in other processes"),
    GROUP ("cloud-hypervisor", cloud_hypervisor,
           "additional needs of cloud-hypervisor"),
};
const size_t n_call_groups = ARRAY_SIZE (call_groups);

const struct call_group *
groups_find (const char *name)
{
    for (size_t i = 0; i < n_call_groups; i++) {
        if (!strcmp (call_groups[i].name, name)) {
            return &call_groups[i];
        }
    }
    return NULL;
}

/* A call may be in two families: newfstatat is in "fstat" with AT_EMPTY_PATH,
 * and in "stat" without.  The first family is good enough for people. */
const char *
groups_family (int nr)
{
    for (size_t i = 0; i < n_call_groups; i++) {
        for (size_t j = 0; j < call_groups[i].n_rules; j++) {
            const struct call_rule *rule = &call_groups[i].rules[j];

            if (rule->nr == nr && rule->nr >= 0 && rule->family) {
                return rule->family;
            }
        }
    }
    return NULL;
}

const char *groups_class_name (enum call_class class)
{
    static const char *const names[] = {
        [CALL_ALLOW] = "allow",          [CALL_STARTUP] = "start-up",
        [CALL_ENOSYS] = "fails: ENOSYS", [CALL_EPERM] = "fails: EPERM",
        [CALL_NOTHING] = "does nothing", [CALL_NO_CHILD] = "makes no child",
    };

    return names[class];
}
