/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The interface between the supervisor's files; supervisor.c describes it. */
#ifndef SUPERVISOR_SUPERVISOR_H
#define SUPERVISOR_SUPERVISOR_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

/* The supervised process, and the supervisor's arguments. */
struct supervisor {
    pid_t pid;
    uint64_t start;
    int pidfd, control, notify, listener, lock;
    int child, answer, foreground, n_stop, n_look, attendant, killed;
    const char *end, *diagnosis, *lent, *watch, *word, *logs, *serial;
    int until_seal; /* Brokered are only sockets, until the seal. */
    int log;        /* The log of a diagnosis. */
    char **stop, **look, **release;
};
extern struct supervisor s;

/* The result of attending a start. */
enum ending { ENDED, ABORTED, SEALED };

/* attend.c: until the seal, or the process's exit. */
enum ending attend_start (void);

/* seal.c: empties the root directory of the process, but for resolv.conf, if
 * that is to be kept.  Returns 0, or -1 with the reason in 'why', which is ""
 * before. */
#define SEAL_WHY 256
int empty_root (int keep, char why[SEAL_WHY]);

/* attend.c: until the process exits, if calls are diagnosed or files brokered,
 * a log is watched, or there is a console. */
void attend_calls (void);

/* watch.c: a log.  watch_begin() returns a descriptor to poll, or -1; after it
 * is readable, watch_turn() returns the timeout for poll(). */
int watch_begin (void);
int watch_turn (void);

/* logs.c: poll(), which also limits the size of the logs. */
struct pollfd;
int logs_poll (struct pollfd *fds, unsigned n, int timeout);

/* To be called before another program is executed. */
void logs_end (void);

/* Rotates the log 'name' if it is too long, immediately. */
void begin_log_anew (const char *name);
#define MOST_OF_LOG (16 << 20)

/* console.c: the serial port's log, and its clients.  Returns whether there is
 * one. */
int console_begin (void);

/* Stores descriptors to poll, CONSOLE_FDS of them, and returns the timeout. */
#define CONSOLE_FDS 3
int console_want (struct pollfd *fds);
void console_turn (const struct pollfd *fds);
void console_end (void);

/* lend.c: opens brokered files.  Stores the result of the call, which may be a
 * negative errno value. */
struct seccomp_notif;
enum verdict { ANSWERED, LET_GO, NOT_LENT };
enum verdict brokered_answer (const struct seccomp_notif *request, int *result);

/* foreground.c: until the exit, and the release; returns the exit status. */
int run_foreground (void);

/* supervisor.c */
char *append (char *to, const char *text);
char *append_number (char *to, uint64_t n);
void close_if (int *fd);
void kill_it (void);

/* Releases memory of our code that was only needed before. */
void shrink (void);

/* Waits; returns 0 and the status, or -1 if it is not known. */
int wait_for_end (int *status);

/* Writes the exit into the file. */
void record (int known, int status);

/* Executes the first 'n' arguments (-1: all) in a child. */
pid_t execute_aside (char **argv, int n);

/* Executes it with the original signal handling; never returns. */
_Noreturn void execute (char **argv);

/* Returns the milliseconds of the monotonic clock. */
static inline long long
now_ms (void)
{
    struct timespec t;

    clock_gettime (CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

#endif /* SUPERVISOR_SUPERVISOR_H */
