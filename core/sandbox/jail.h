/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The steps of the jail, between clone() and the execution of the program, for
 * spawn.c and program.c.  jail_prepare() does everything that can be done in
 * the parent; jail_enter() is the rest of the child's life. */
#ifndef CORE_JAIL_H
#define CORE_JAIL_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/sandbox/groups.h"

/* A descriptor of ours and the number it gets in the process. */
struct jail_fd {
    int from, to;
};

/* A file that the process may read while it starts, and the absolute path under
 * which it sees it. */
struct jail_file {
    const char *path, *as;
    bool granted; /* Opened for it by broker.c, for reading... */
    bool write;   /* ...or for writing. */
};

/* The effect of a system call that the filter does not allow. */
enum sandbox_mode {
    SANDBOX_KILL,     /* The process is killed. */
    SANDBOX_LOG,      /* It is in the kernel's log, and allowed. */
    SANDBOX_DIAGNOSE, /* The supervisor records it, and it is allowed. */
    SANDBOX_LEARN,    /* The same for nearly every call, forbidden or not. */
};

/* The start and confinement of a process.  Everything is borrowed. */
struct jail {
    const char *program;       /* Absolute path; argv[0] may differ. */
    const char *const *argv;   /* Ends in null. */
    const struct jail_fd *fds; /* 0, 1 and 2 must be among them. */
    size_t n_fds;
    int process_fd; /* The descriptor that the process locks, so that it
                     * is found; 0: none. */
    const struct jail_file *files;
    size_t n_files;
    const char *const *groups;    /* Of system calls, besides "base"; ends in
                                   * null. */
    const struct call_group *own; /* A plugin's own calls, or null. */
    uid_t uid;                    /* As root: the process's own uid and gid.
                                   * Otherwise ignored: a user namespace. */
    bool kvm;                     /* Give it /dev/kvm. */
    enum sandbox_mode mode;
    bool require_full; /* Fail rather than be degraded. */
    const char *cache; /* A directory of ours for filters, or null. */
    bool helper;       /* It is killed when its parent dies. */
    bool lends;        /* The supervisor always brokers files for it; see
                        * struct supervision. */
    bool binds;        /* The supervisor creates sockets for it, at first. */
};

/* A process that was started in a jail. */
struct process {
    pid_t pid;           /* Its ID on the host. */
    uint64_t start_time; /* Field 22 of /proc/PID/stat. */
    pid_t supervisor;    /* 0 if foreground. */
    int pidfd;           /* To be closed by the caller. */
    int control;         /* To the attendant of the start; spawn_seal()
                          * and spawn_abort() close it. */
    pid_t attendant;     /* That process: our child. */
    bool attended;       /* It stays until the process exits. */
    bool own_root;       /* Its root directory is not the host's. */
    bool names_stay;     /* /etc/resolv.conf remains after the seal. */
    uid_t uid;           /* Its own; 0: in a user namespace. */
};

/* A descriptor number that no program of ours would choose: a limit for
 * the tables of jail_enter(). */
#define JAIL_MAX_FDS 512

struct jail_plan {
    const struct jail *jail;
    char *program; /* Its path without symbolic links, which might lead
                    * out of the process's root. */
    struct sock_fprog filter;
    int limit; /* Of descriptors; the program's own descriptor,
                * which is close-on-exec, has this number. */
    bool root; /* We run as root. */
    uid_t uid; /* Of the process; read before entering a user namespace, */
    gid_t gid; /* in which an unmapped user sees only the overflow IDs. */
    bool namespaces;   /* False: the kernel has or allows none. */
    bool host_network; /* Keep it. */
    bool names_stay;   /* Keep its /etc/resolv.conf, after the seal. */
    bool pid_one;
    bool notify; /* The filter notifies a supervisor. */
    bool write_xor_execute;
};

/* The report of a child that failed. */
struct jail_failure {
    int code;        /* A positive errno value. */
    bool namespaces; /* A system call that creates them was refused. */
    char step[64];
    char detail[512]; /* May be empty. */
};

/* Enters the jail and executes the program.  'status' is a SOCK_SEQPACKET
 * socket that is closed on success, and otherwise gets a struct jail_failure;
 * 'listener' is a unix socket that gets the notification descriptor of the
 * filter (-1: none is created). */
_Noreturn void jail_enter (const struct jail_plan *plan, int status,
                           int listener);

bool jail_needs_less (const struct jail_failure *failure,
                      const struct jail_plan *plan);

/* The reason why a process with brokered files is degraded. */
extern const char jail_lending[];

/* For the child, in each of the steps: details of a failure. */
struct jail_child {
    const struct jail_plan *plan;
    int status, listener;
    int exec_fd;
    uid_t uid;
    gid_t gid;
    bool namespaces; /* The failed call is one that creates namespaces. */
    char detail[512];
};

int jail_detail (struct jail_child *child, const char *fmt, ...)
    __attribute__ ((format (printf, 2, 3)));

#endif /* CORE_JAIL_H */
