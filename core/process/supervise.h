/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The supervisor of a process: executed when it starts, for spawn.c; to replace
 * one that was lost; and instead of hvctl, in the foreground. */
#ifndef CORE_SUPERVISE_H
#define CORE_SUPERVISE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/base/error.h"
#include "core/sandbox/jail.h"

/* How a hypervisor is supervised. */
struct supervision {
    const char *supervisor;     /* Path of the program. */
    const char *lock;           /* The file that it keeps locked while it
                                 * runs, or null. */
    const char *end_file;       /* Where it records how the process exited;
                                 * null: nowhere. */
    const char *const *release; /* argv to execute after that. */
    const char *diagnosis;      /* With SANDBOX_DIAGNOSE: the file that gets
                                 * the calls; supervisor.c has its format. */
    const char *lent;           /* The file that lists the brokered files of
                                 * the process, or null;
                                 * supervisor/brokered.c has its format. */
    const char *binds;          /* The same for sockets that it may create
                                 * until the seal; or null. */
    const char *logs;           /* The directory of its logs, whose size is
                                 * limited; or null. */
    const char *serial;         /* The run directory, if the supervisor must
                                 * connect to serial.sock in it, or null. */
    const char *watch;          /* A log, or null.  When 'word' appears in it,
                                 * the argv 'look' is executed. */
    const char *word;
    const char *const *look;
    /* ms to wait until a new supervisor is executed; 0: the usual limit. */
    int64_t patience;
    bool foreground; /* Do not detach: the process becomes our own
                      * child, and the caller will execute the
                      * supervisor by supervise_here(). */
};

/* The supervisor's arguments, and the socket that is closed when it has been
 * executed. */
struct watch {
    pid_t pid;
    uint64_t start_time;
    int pidfd, control, notify, status;
};

/* Becomes the supervisor of a process that is being started, or, in the
 * foreground, the attendant of its start.  On failure the process is killed,
 * and the reason sent to 'status'. */
_Noreturn void supervise_become (const struct supervision *sup,
                                 const struct watch *w);

/* Sends a struct jail_failure. */
void supervise_report (int status, const char *step, int code,
                       const char *detail, bool namespaces);

/* Starts a new supervisor for a process that is not our child. */
int supervise_start (const struct supervision *sup, pid_t pid,
                     uint64_t start_time, pid_t *supervisor, struct error *err);

/* Becomes the supervisor of our own child; returns only on failure.
 * 'stop' is the argv that stops the VM, executed at SIGTERM and SIGINT. */
int supervise_here (const struct supervision *sup, const struct process *p,
                    const char *const *stop, struct error *err);

#endif /* CORE_SUPERVISE_H */
