/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What the supervisor's files share; supervisor.c says what it is. */
#ifndef SUPERVISOR_SUPERVISOR_H
#define SUPERVISOR_SUPERVISOR_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

/* The process it supervises, and what it was told about it. */
struct supervisor {
    pid_t pid;
    uint64_t start;
    int pidfd, control, notify, listener, lock;
    int child, answer, foreground, n_stop, n_look, attendant, killed;
    const char *end, *diagnosis, *lent, *watch, *word, *logs, *serial;
    int until_seal; /* Of what is lent: nothing but sockets. */
    int log;        /* Of a diagnosis. */
    char **stop, **look, **release;
};
extern struct supervisor s;

/* How attending a start ended. */
enum ending { ENDED, ABORTED, SEALED };

/* attend.c: until the seal, or an end. */
enum ending attend_start (void);

/* attend.c: until the end, if calls are diagnosed or files lent, a log is
 * watched, or there is a console. */
void attend_calls (void);

/* watch.c: a log.  watch_begin() returns a descriptor to poll, or -1; then,
 * watch_turn() how long to poll at most, as poll() has it. */
int watch_begin (void);
int watch_turn (void);

/* logs.c: poll(), which keeps the logs from growing without end meanwhile. */
struct pollfd;
int logs_poll (struct pollfd *fds, unsigned n, int timeout);

/* Before another program is executed. */
void logs_end (void);

/* The same of 'name' alone, at once. */
void begin_log_anew (const char *name);
#define MOST_OF_LOG (16 << 20)

/* console.c: the serial port's log, and who is connected to it.  Is there
 * such a thing? */
int console_begin (void);

/* What to poll, CONSOLE_FDS of them, and how long at most, as poll() has it. */
#define CONSOLE_FDS 3
int console_want (struct pollfd *fds);
void console_turn (const struct pollfd *fds);
void console_end (void);

/* brokered.c: opens what was lent.  Stores what the call is to return, a
 * negative errno value perhaps. */
struct seccomp_notif;
enum verdict { ANSWERED, LET_GO, NOT_LENT };
enum verdict brokered_answer (const struct seccomp_notif *request, int *result);

/* foreground.c: until the end, and the release; returns the exit status. */
int run_foreground (void);

/* supervisor.c */
char *append (char *to, const char *text);
char *append_number (char *to, uint64_t n);
void close_if (int *fd);
void kill_it (void);

/* Gives back what beginning, or work, needed of our code. */
void shrink (void);

/* Waits; returns 0 and the status, or -1 if nobody knows it. */
int wait_for_end (int *status);

/* Writes the end into the file. */
void record (int known, int status);

/* Executes the first 'n' (-1: all) of them in a child. */
pid_t execute_aside (char **argv, int n);

/* Executes it with signals as they were; never returns. */
_Noreturn void execute (char **argv);

/* Milliseconds of the monotonic clock. */
static inline long long
now_ms (void)
{
    struct timespec t;

    clock_gettime (CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

#endif /* SUPERVISOR_SUPERVISOR_H */
