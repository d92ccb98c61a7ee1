/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What a process becomes between clone() and its program: the steps of the
 * jail, for spawn.c and program.c.  jail_prepare() does in the parent all that
 * can be done there; jail_enter() is the rest of the child's life. */
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

/* A file that the process may read while it starts, and the absolute path by
 * which it sees it. */
struct jail_file {
    const char *path, *as;
    bool granted; /* Opened for it by broker.c, whoever may read it... */
    bool write;   /* ...or write. */
};

/* What happens at a system call that the filter does not allow. */
enum sandbox_mode {
    SANDBOX_KILL,     /* The process ends. */
    SANDBOX_LOG,      /* The kernel's log tells, and it goes on. */
    SANDBOX_DIAGNOSE, /* The supervisor writes it down, and it goes on. */
    SANDBOX_LEARN,    /* The same with nearly every call, forbidden or not. */
};

/* What a process is started with and confined to.  All borrowed. */
struct jail {
    const char *program;       /* Absolute path; argv[0] may differ. */
    const char *const *argv;   /* Ends in null. */
    const struct jail_fd *fds; /* 0, 1 and 2 must be among them. */
    size_t n_fds;
    int process_fd; /* The number of the one that the process locks, so that
                     * it is found; 0: none. */
    const struct jail_file *files;
    size_t n_files;
    const char *const *groups;    /* Of system calls, besides "base"; ends in
                                   * null. */
    const struct call_group *own; /* A plugin's own calls, or null. */
    uid_t uid;                    /* As root: the process's own uid and gid.
                                   * Else ignored: a user namespace. */
    bool kvm;                     /* Give it /dev/kvm. */
    enum sandbox_mode mode;
    bool require_full; /* Rather fail than be weaker than the best. */
    const char *cache; /* A directory of ours for filters, or null. */
    bool helper;       /* It dies with its parent. */
    bool lends;        /* The supervisor opens files for it, always; see
                        * struct supervision. */
    bool binds;        /* The supervisor makes sockets for it, at first. */
};

/* A process that was started in a jail. */
struct process {
    pid_t pid;           /* As the host numbers it. */
    uint64_t start_time; /* Field 22 of /proc/PID/stat. */
    pid_t supervisor;    /* 0 if foreground. */
    int pidfd;           /* The caller's to close. */
    int control;         /* To whoever attends the start; spawn_seal()
                          * and spawn_abort() close it. */
    pid_t attendant;     /* Who that is: our child. */
    bool attended;       /* It stays until the process ends. */
    bool user_namespace; /* It has one of its own. */
    bool own_root;       /* Its root directory is not the host's. */
    bool names_stay;     /* /etc/resolv.conf outlives the seal. */
    uid_t uid;           /* Its own; 0: in a user namespace. */
};

/* A descriptor's number that no program of ours would choose: a bound for
 * what the tables of jail_enter() hold. */
#define JAIL_MAX_FDS 512

struct jail_plan {
    const struct jail *jail;
    char *program; /* Its path without symbolic links, which may lead
                    * out of what the process's root shows. */
    struct sock_fprog filter;
    int limit; /* Of descriptors; the program's own, which
                * is closed on exec, has this number. */
    bool root; /* We are. */
    uid_t uid; /* What the process gets; taken before any user namespace, */
    gid_t gid; /* in which an unmapped user sees only the overflow ids. */
    bool namespaces;   /* False: a kernel that has or allows none. */
    bool host_network; /* Keep it. */
    bool names_stay;   /* Of it: /etc/resolv.conf, beyond the seal. */
    bool pid_one;
    bool notify; /* The filter asks a supervisor. */
    bool write_xor_execute;
};

/* What a child that failed sends home. */
struct jail_failure {
    int code;        /* A positive errno value. */
    bool namespaces; /* A system call that makes them was refused. */
    char step[64];
    char detail[512]; /* Perhaps empty. */
};

/* Enters the jail and executes the program.  'status' is a SOCK_SEQPACKET
 * socket that is closed by success, and gets a struct jail_failure else;
 * 'listener' is a unix socket that gets the notification descriptor of the
 * filter (-1: none is made). */
_Noreturn void jail_enter (const struct jail_plan *plan, int status,
                           int listener);

bool jail_needs_less (const struct jail_failure *failure,
                      const struct jail_plan *plan);

/* What is weaker about a process that files are lent to. */
extern const char jail_lending[];

/* For the child, in any of the steps: what exactly failed. */
struct jail_child {
    const struct jail_plan *plan;
    int status, listener;
    int exec_fd;
    uid_t uid;
    gid_t gid;
    bool namespaces; /* What failed is a call that makes namespaces. */
    char detail[512];
};

int jail_detail (struct jail_child *child, const char *fmt, ...)
    __attribute__ ((format (printf, 2, 3)));

#endif /* CORE_JAIL_H */
