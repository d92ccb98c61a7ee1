/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What a hijacked hypervisor would try, and what must come of it.  The probe
 * program makes one of these calls from inside the jail, after the seal; the
 * test that started it looks at how it ended. */
#ifndef TESTS_PROBE_ATTACKS_H
#define TESTS_PROBE_ATTACKS_H

#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/kvm.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

enum outcome { KILLED, REFUSED, HARMLESS };

struct attack {
    const char *name;
    enum outcome expected;
    long nr;
    long args[6];
};

/* Calls that the build machine's headers may not know. */
#define NR_LANDLOCK 444
#define NR_MEMFD_SECRET 447
#define NR_MOUNT_SETATTR 442
#define NR_FUTEX_WAITV 449

/* Numbers that the probe handles itself. */
#define NR_INT80 (-1)
#define NR_EXEC_AGAIN (-2)

#define S(text) ((long)(text))

static char attack_buffer[4096];
#define BUFFER ((long)attack_buffer)

#define PASSWD S ("/etc/passwd")
#define RWX (PROT_READ | PROT_WRITE | PROT_EXEC)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static const struct attack attacks[] = {
    /* Programs and processes. */
    { "execve", KILLED, SYS_execve, { S ("/bin/sh"), BUFFER, BUFFER } },
    { "execveat a path", KILLED, SYS_execveat, { AT_FDCWD, S ("/bin/sh") } },
    { "execveat of another descriptor",
      KILLED,
      SYS_execveat,
      { 3, S (""), BUFFER, BUFFER, 0x1000 } },
    { "execveat of the number it came by", KILLED, NR_EXEC_AGAIN, { 0 } },
    { "clone a process", KILLED, SYS_clone, { SIGCHLD } },
    { "clone into a user namespace",
      KILLED,
      SYS_clone,
      { CLONE_NEWUSER | SIGCHLD } },
    { "clone3", REFUSED, SYS_clone3, { BUFFER, 88 } },
    { "unshare", KILLED, SYS_unshare, { CLONE_NEWUSER } },
    { "setns", KILLED, SYS_setns, { 3, 0 } },
    { "ptrace", KILLED, SYS_ptrace, { PTRACE_ATTACH, 1 } },
    { "ptrace me", KILLED, SYS_ptrace, { PTRACE_TRACEME } },
    { "process_vm_readv", KILLED, SYS_process_vm_readv, { 1 } },
    { "process_vm_writev", KILLED, SYS_process_vm_writev, { 1 } },
    { "kill", KILLED, SYS_kill, { 1, SIGTERM } },
    { "kill everybody", KILLED, SYS_kill, { -1, SIGTERM } },
    { "tkill", KILLED, SYS_tkill, { 1, SIGTERM } },
    { "tgkill with SIGKILL", KILLED, SYS_tgkill, { 1, 1, SIGKILL } },
    { "rt_sigqueueinfo", KILLED, SYS_rt_sigqueueinfo, { 1, SIGTERM, BUFFER } },
    { "pidfd_open", KILLED, SYS_pidfd_open, { 1 } },
    { "pidfd_getfd", KILLED, SYS_pidfd_getfd, { 3, 0 } },
    { "pidfd_send_signal", KILLED, SYS_pidfd_send_signal, { 3, 9 } },
    { "setpriority", KILLED, SYS_setpriority, { 0, 0, -20 } },
    { "sched_setaffinity", KILLED, SYS_sched_setaffinity, { 0, 8, BUFFER } },
    { "sched_setscheduler", KILLED, SYS_sched_setscheduler, { 0, 1, BUFFER } },
    { "setsid", KILLED, SYS_setsid, { 0 } },
    { "personality", KILLED, SYS_personality, { 0 } },
    /* Files: the root is empty, and nothing is looked for in it. */
    { "openat", REFUSED, SYS_openat, { AT_FDCWD, PASSWD, O_RDONLY } },
    { "openat to create",
      REFUSED,
      SYS_openat,
      { AT_FDCWD, S ("/x"), O_CREAT | O_RDWR, 0666 } },
    { "openat2", REFUSED, SYS_openat2, { AT_FDCWD, PASSWD, BUFFER, 24 } },
    { "newfstatat", REFUSED, SYS_newfstatat, { AT_FDCWD, PASSWD, BUFFER, 0 } },
    { "statx", REFUSED, SYS_statx, { AT_FDCWD, PASSWD, 0, 0, BUFFER } },
    { "readlinkat", REFUSED, SYS_readlinkat, { AT_FDCWD, PASSWD, BUFFER, 9 } },
    { "faccessat", REFUSED, SYS_faccessat, { AT_FDCWD, PASSWD, 0 } },
    { "getdents64", REFUSED, SYS_getdents64, { 3, BUFFER, 100 } },
    { "mkdirat", KILLED, SYS_mkdirat, { AT_FDCWD, S ("/x"), 0777 } },
    { "mknodat", KILLED, SYS_mknodat, { AT_FDCWD, S ("/x"), 0600, 0 } },
    { "unlinkat", REFUSED, SYS_unlinkat, { AT_FDCWD, PASSWD, 0 } },
    { "renameat2", KILLED, SYS_renameat2, { AT_FDCWD, PASSWD } },
    { "linkat", KILLED, SYS_linkat, { AT_FDCWD, PASSWD } },
    { "symlinkat", KILLED, SYS_symlinkat, { PASSWD, AT_FDCWD, S ("/x") } },
    { "fchmodat", KILLED, SYS_fchmodat, { AT_FDCWD, PASSWD, 0777 } },
    { "fchmod", KILLED, SYS_fchmod, { 0, 0777 } },
    { "fchownat", KILLED, SYS_fchownat, { AT_FDCWD, PASSWD, 0, 0 } },
    { "truncate", KILLED, SYS_truncate, { PASSWD, 0 } },
    { "utimensat", KILLED, SYS_utimensat, { AT_FDCWD, PASSWD, 0 } },
    { "setxattr", KILLED, SYS_setxattr, { PASSWD, PASSWD, BUFFER, 1 } },
    { "chdir", KILLED, SYS_chdir, { S ("..") } },
    { "chroot", KILLED, SYS_chroot, { S (".") } },
    { "name_to_handle_at", KILLED, SYS_name_to_handle_at, { AT_FDCWD } },
    { "open_by_handle_at", KILLED, SYS_open_by_handle_at, { 3, BUFFER } },
    { "inotify_init1", KILLED, SYS_inotify_init1, { 0 } },
    { "fanotify_init", KILLED, SYS_fanotify_init, { 0 } },
    { "memfd_create", REFUSED, SYS_memfd_create, { S ("x"), 0 } },
    { "memfd_secret", KILLED, NR_MEMFD_SECRET, { 0 } },
    { "flock", KILLED, SYS_flock, { 0, 2 } },
    { "fcntl F_SETOWN", KILLED, SYS_fcntl, { 0, F_SETOWN, 1 } },
    { "fcntl F_SETLEASE", KILLED, SYS_fcntl, { 0, F_SETLEASE, F_WRLCK } },
    { "fcntl F_SETPIPE_SZ", KILLED, SYS_fcntl, { 0, F_SETPIPE_SZ, 1 << 20 } },
    { "dup3", KILLED, SYS_dup3, { 0, 9, 0 } },
    { "splice", KILLED, SYS_splice, { 0, 0, 1, 0, 1 } },
    { "vmsplice", KILLED, SYS_vmsplice, { 0, BUFFER, 1 } },
    { "tee", KILLED, SYS_tee, { 0, 1, 1 } },
    { "sendfile", KILLED, SYS_sendfile, { 1, 0, 0, 1 } },
    { "copy_file_range", KILLED, SYS_copy_file_range, { 0, 0, 1, 0, 1 } },
    /* Mounts. */
    { "mount", KILLED, SYS_mount, { S ("x"), S ("/"), S ("tmpfs") } },
    { "umount2", KILLED, SYS_umount2, { S ("/"), 2 } },
    { "pivot_root", KILLED, SYS_pivot_root, { S ("."), S (".") } },
    { "open_tree", KILLED, SYS_open_tree, { AT_FDCWD, S ("/"), 1 } },
    { "move_mount", KILLED, SYS_move_mount, { 3, S ("") } },
    { "fsopen", KILLED, SYS_fsopen, { S ("tmpfs") } },
    { "fsmount", KILLED, SYS_fsmount, { 3 } },
    { "mount_setattr", KILLED, NR_MOUNT_SETATTR, { AT_FDCWD, S ("/") } },
    /* Sockets. */
    { "socket AF_UNIX", KILLED, SYS_socket, { AF_UNIX, SOCK_STREAM } },
    { "socket AF_INET", KILLED, SYS_socket, { AF_INET, SOCK_STREAM } },
    { "socket AF_INET6", KILLED, SYS_socket, { AF_INET6, SOCK_DGRAM } },
    { "socket AF_NETLINK", KILLED, SYS_socket, { AF_NETLINK, SOCK_RAW } },
    { "socket AF_PACKET", KILLED, SYS_socket, { AF_PACKET, SOCK_RAW } },
    { "socket AF_VSOCK", KILLED, SYS_socket, { 40, SOCK_STREAM } },
    { "socket AF_ALG", KILLED, SYS_socket, { 38, SOCK_SEQPACKET } },
    { "socketpair", REFUSED, SYS_socketpair, { AF_UNIX, 1, 0, BUFFER } },
    { "connect", KILLED, SYS_connect, { 3, BUFFER, 16 } },
    { "bind", KILLED, SYS_bind, { 3, BUFFER, 16 } },
    { "setsockopt of IP", KILLED, SYS_setsockopt, { 3, 0, 1, BUFFER, 4 } },
    /* The kernel's larger surfaces. */
    { "bpf", KILLED, SYS_bpf, { 0, BUFFER, 64 } },
    { "keyctl", KILLED, SYS_keyctl, { 0 } },
    { "add_key", KILLED, SYS_add_key, { PASSWD } },
    { "request_key", KILLED, SYS_request_key, { PASSWD } },
    { "perf_event_open", KILLED, SYS_perf_event_open, { BUFFER } },
    { "userfaultfd", KILLED, SYS_userfaultfd, { 0 } },
    { "io_uring_setup", REFUSED, SYS_io_uring_setup, { 8, BUFFER } },
    { "io_uring_enter", KILLED, SYS_io_uring_enter, { 3 } },
    { "io_uring_register", KILLED, SYS_io_uring_register, { 3 } },
    { "io_setup", KILLED, SYS_io_setup, { 8, BUFFER } },
    { "init_module", KILLED, SYS_init_module, { BUFFER, 8 } },
    { "finit_module", KILLED, SYS_finit_module, { 3 } },
    { "kexec_load", KILLED, SYS_kexec_load, { 0 } },
    { "reboot", KILLED, SYS_reboot, { 0 } },
    { "landlock_create_ruleset", KILLED, NR_LANDLOCK, { 0, 0, 1 } },
    { "seccomp", REFUSED, SYS_seccomp, { 1, 0, BUFFER } },
    { "shmget", KILLED, SYS_shmget, { 0, 4096, 01600 } },
    { "semget", KILLED, SYS_semget, { 0, 1, 01600 } },
    { "msgget", KILLED, SYS_msgget, { 0, 01600 } },
    { "mq_open", KILLED, SYS_mq_open, { S ("x") } },
    { "timer_create", KILLED, SYS_timer_create, { 0, 0, BUFFER } },
    { "syslog", KILLED, SYS_syslog, { 3, BUFFER, 10 } },
    { "swapoff", KILLED, SYS_swapoff, { S ("x") } },
    { "acct", KILLED, SYS_acct, { 0 } },
    { "quotactl", KILLED, SYS_quotactl, { 0 } },
    { "sethostname", KILLED, SYS_sethostname, { S ("x"), 1 } },
    { "clock_settime", KILLED, SYS_clock_settime, { 0, BUFFER } },
    { "adjtimex", KILLED, SYS_adjtimex, { BUFFER } },
    { "ioctl TIOCSTI", KILLED, SYS_ioctl, { 0, TIOCSTI, BUFFER } },
    { "ioctl TUNSETIFF", KILLED, SYS_ioctl, { 0, TUNSETIFF, BUFFER } },
    { "ioctl KVM_CREATE_VM", KILLED, SYS_ioctl, { 0, KVM_CREATE_VM } },
    { "ioctl unknown", KILLED, SYS_ioctl, { 0, 0x12345678 } },
    { "ioctl with high bits",
      KILLED,
      SYS_ioctl,
      { 0, (long)0x1234567800005412 } },
    /* Identity. */
    { "setuid", KILLED, SYS_setuid, { 0 } },
    { "setgid", KILLED, SYS_setgid, { 0 } },
    { "setresuid", KILLED, SYS_setresuid, { 0, 0, 0 } },
    { "setgroups", KILLED, SYS_setgroups, { 0, 0 } },
    { "setfsuid", KILLED, SYS_setfsuid, { 0 } },
    { "capset", KILLED, SYS_capset, { BUFFER, BUFFER } },
    { "prlimit64 to set",
      KILLED,
      SYS_prlimit64,
      { 0, RLIMIT_NOFILE, BUFFER, 0 } },
    { "setrlimit", KILLED, SYS_setrlimit, { RLIMIT_NOFILE, BUFFER } },
    { "prctl PR_SET_DUMPABLE", KILLED, SYS_prctl, { PR_SET_DUMPABLE, 1 } },
    { "prctl PR_SET_SECCOMP", KILLED, SYS_prctl, { PR_SET_SECCOMP, 2 } },
    { "prctl PR_SET_MM", KILLED, SYS_prctl, { PR_SET_MM, 1 } },
    { "prctl PR_SET_PTRACER", KILLED, SYS_prctl, { PR_SET_PTRACER, 1 } },
    { "prctl PR_CAP_AMBIENT", KILLED, SYS_prctl, { PR_CAP_AMBIENT, 2 } },
    { "prctl PR_SET_NO_NEW_PRIVS",
      REFUSED,
      SYS_prctl,
      { PR_SET_NO_NEW_PRIVS, 1 } },
    /* Memory. */
    { "mmap executable",
      REFUSED,
      SYS_mmap,
      { 0, 4096, PROT_READ | PROT_EXEC, ANON, -1 } },
    { "mmap writable and executable",
      KILLED,
      SYS_mmap,
      { 0, 4096, RWX, ANON, -1 } },
    { "mprotect executable",
      REFUSED,
      SYS_mprotect,
      { 0, 4096, PROT_READ | PROT_EXEC } },
    { "mprotect writable and executable",
      KILLED,
      SYS_mprotect,
      { 0, 4096, RWX } },
    { "pkey_mprotect", KILLED, SYS_pkey_mprotect, { 0, 4096, RWX, -1 } },
    { "madvise HWPOISON", KILLED, SYS_madvise, { 0, 4096, 100 } },
    { "mlockall", KILLED, SYS_mlockall, { 1 } },
    { "remap_file_pages", KILLED, SYS_remap_file_pages, { 0, 4096 } },
    { "move_pages", KILLED, SYS_move_pages, { 0 } },
    { "futex LOCK_PI", KILLED, SYS_futex, { BUFFER, 6 } },
    { "futex CMP_REQUEUE", KILLED, SYS_futex, { BUFFER, 4, 1 } },
    { "futex_waitv", REFUSED, NR_FUTEX_WAITV, { BUFFER, 1 } },
    /* Numbers that are none. */
    { "number 470", REFUSED, 470, { 0 } },
    { "number 599", REFUSED, 599, { 0 } },
    { "number 99999", KILLED, 99999, { 0 } },
#ifdef __x86_64__
    { "open", REFUSED, SYS_open, { PASSWD, O_RDONLY } },
    { "creat", KILLED, SYS_creat, { S ("/x"), 0666 } },
    { "fork", KILLED, SYS_fork, { 0 } },
    { "vfork", KILLED, SYS_vfork, { 0 } },
    { "modify_ldt", KILLED, SYS_modify_ldt, { 0, BUFFER, 16 } },
    { "iopl", KILLED, SYS_iopl, { 3 } },
    { "ioperm", KILLED, SYS_ioperm, { 0, 8, 1 } },
    { "arch_prctl ARCH_SET_GS", KILLED, SYS_arch_prctl, { 0x1001, 0 } },
    { "getpid of x32", KILLED, 0x40000000 + SYS_getpid, { 0 } },
    { "execve of x32", KILLED, 0x40000000 + 520, { 0 } },
    { "int 0x80", KILLED, NR_INT80, { 0 } },
#endif
    /* What it may do, and does nothing with. */
    { "getpid", HARMLESS, SYS_getpid, { 0 } },
    { "fstat", HARMLESS, SYS_newfstatat, { 0, S (""), BUFFER, 0x1000 } },
    { "read", HARMLESS, SYS_read, { 0, BUFFER, 1 } },
    { "mmap memory",
      HARMLESS,
      SYS_mmap,
      { 0, 4096, PROT_READ | PROT_WRITE, ANON, -1 } },
    { "prctl PR_SET_NAME", HARMLESS, SYS_prctl, { PR_SET_NAME, PASSWD } },
    { "fcntl F_GETFL", HARMLESS, SYS_fcntl, { 0, F_GETFL } },
};

#endif /* TESTS_PROBE_ATTACKS_H */
