/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The only file that forks and executes: helper programs to their end, and
 * hypervisors into their jail. */
#ifndef CORE_SPAWN_H
#define CORE_SPAWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/base/error.h"
#include "core/sandbox/jail.h"

/* How a hypervisor is watched. */
struct supervision {
    const char *supervisor;     /* Path of the program. */
    const char *lock;           /* The file that it locks for as long as it
                                 * is there, or null. */
    const char *end_file;       /* Where it records how the process ended;
                                 * null: nowhere. */
    const char *const *release; /* argv to execute after the end. */
    const char *diagnosis;      /* With SANDBOX_DIAGNOSE: the file that gets
                                 * the calls; supervisor.c has its format. */
    const char *lent;           /* The file that says what the process may
                                 * open for as long as it runs, or null;
                                 * supervisor/lend.c has its format. */
    const char *binds;          /* The same, of sockets that it may make
                                 * until the seal; or null. */
    const char *logs;           /* The directory of its logs, which are kept
                                 * from growing without end; or null. */
    const char *serial;         /* The run directory, if the supervisor is to
                                 * connect to serial.sock in it, or null. */
    const char *watch;          /* A log, or null.  When 'word' appears in it,
                                 * the argv 'look' is executed. */
    const char *word;
    const char *const *look;
    /* ms until a new supervisor is executed; 0: the usual limit. */
    int64_t patience;
    bool foreground; /* Do not detach: the process becomes our own
                      * child, and the caller will execute the
                      * supervisor by supervise_here(). */
};

/* Starts 'jail' under a supervisor.  When this returns 0, the program has
 * been executed (it may have died since), and spawn_seal() or spawn_abort()
 * has to follow: if the caller dies before, so does the process, and the
 * release is executed.  On failure nothing is left, and
 * the error names the step that the kernel refused and what to do.
 * '*weaker' gets a malloc'ed list, one line each, of what is weaker than the
 * best on this kernel and for this user, or null. */
int spawn_jailed (const struct jail *jail, const struct supervision *sup,
                  struct process *out, char **weaker, struct error *err);

/* Takes away from a started process every file it was given to start with and
 * every system call that only starting needs: its root directory is empty
 * afterwards (with user-mode networking, /etc/resolv.conf stays), and what the
 * kernel says of each of its threads has been checked.  To be
 * called when the program is ready and no guest instruction has run. */
int spawn_seal (struct process *p, struct error *err);

/* Ends a process that was started but not sealed, and its supervisor, which
 * neither records nor releases anything; returns when both have gone. */
void spawn_abort (struct process *p);

/* Puts a new supervisor in place for a process that is not our child. */
int spawn_supervisor (const struct supervision *sup, pid_t pid,
                      uint64_t start_time, pid_t *supervisor,
                      struct error *err);

/* Becomes the supervisor of our own child; returns only on failure.
 * 'stop' is the argv that stops the VM, executed at SIGTERM and SIGINT. */
int supervise_here (const struct supervision *sup, const struct process *p,
                    const char *const *stop, struct error *err);

/* A helper program. */
struct program {
    const char *const *argv;   /* [0]: absolute, or looked up in a fixed
                                * path: never the caller's PATH as root. */
    const char *input;         /* Or null. */
    int64_t timeout;           /* Milliseconds, > 0. */
    const char *const *groups; /* Non-null: in a jail. */
    bool kvm;
    uid_t uid;                                /* In a jail. */
    const char *const *reads, *const *writes; /* See struct hv_program. */

    /* Of a stream, likewise; 'moved' is told how much of it has passed. */
    size_t input_size;
    const int *input_fd, *output_fd;
    void (*moved) (void *data, uint64_t bytes);
    void *moved_data;
};

/* Runs a program to its end and stores what it wrote to its standard output,
 * malloc'ed and ended by a NUL (at most 16 MiB), in '*out', which may be
 * null.  Not found: ENOENT.  Exit status other than 0, a signal, or the
 * timeout: an error with the last words of its standard error. */
int spawn_program (const struct program *p, char **out, struct error *err);

/* Runs the user's editor, which may have arguments and gets the terminal, on
 * a file.  Fails if it ends with a status other than 0. */
int spawn_editor (const char *editor, const char *path, struct error *err);

#endif /* CORE_SPAWN_H */
