/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Standard input and output of a program. */
#include "core/process/program-run.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "common/cleanup.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/interrupt.h"
#include "core/process/broker.h"

#define LAST_WAIT 5000 /* For a program that is interrupted. */

void
program_close_end (int *fd)
{
    close_fd (*fd);
    *fd = -1;
}

static void
feed (struct run *run)
{
    if (!flow_step (&run->feed)) {
        program_close_end (&run->in);
    }
}

static void
drain (struct run *run)
{
    if (!flow_step (&run->drain)) {
        program_close_end (&run->out);
    }
}

static void
read_output (struct run *run)
{
    ssize_t n;

    if (run->output_room - run->output_size < 65536) {
        run->output_room = run->output_room ? 2 * run->output_room : 65537;
        run->output = xrealloc (run->output, run->output_room);
    }
    n = read (run->out, run->output + run->output_size,
              run->output_room - run->output_size - 1);
    if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN)) {
        program_close_end (&run->out);
    } else if (n > 0) {
        run->output_size += (size_t)n;
        if (run->output_size > RUN_OUTPUT) {
            run->too_much = true;
            program_close_end (&run->out);
        }
    }
}

/* Keeps the end of the output. */
static void
read_words (struct run *run)
{
    ssize_t n;

    if (run->words_size > RUN_WORDS) {
        size_t excess = run->words_size - RUN_WORDS;

        memmove (run->words_text, run->words_text + excess, RUN_WORDS);
        run->words_size = RUN_WORDS;
    }
    n = read (run->words, run->words_text + run->words_size,
              sizeof run->words_text - run->words_size - 1);
    if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN)) {
        program_close_end (&run->words);
    } else if (n > 0) {
        run->words_size += (size_t)n;
    }
}

static void
read_status (struct run *run)
{
    struct jail_failure failure;

    if (read (run->status, &failure, sizeof failure) == sizeof failure) {
        run->failure = failure;
    } else {
        program_close_end (&run->status);
    }
}

/* The broker's two ends never keep us waiting: both close with the program. */
static void
attend_broker (struct run *run, const struct pollfd fds[2])
{
    if (fds[0].revents) {
        run->listener = broker_receive (run->asks);
        program_close_end (&run->asks);
    }
    if (fds[1].revents & POLLIN) {
        run->unable |= !broker_answer (run->listener, run->files, run->n_files);
    } else if (fds[1].revents) {
        program_close_end (&run->listener);
    }
}

/* For a program that reads or writes a stream, the timeout restarts with every
 * byte.  ^C closes the stream, so that the program can undo its work. */
static void
attend_streams (struct run *run, const struct program *p, int64_t *deadline)
{
    uint64_t before = run->passed;

    run->passed = run->feed.passed + run->drain.passed;
    if (!run->interrupted && interrupt_came) {
        run->interrupted = true;
        program_close_end (&run->in);
        *deadline = now_ms () + (run->draining ? 0 : LAST_WAIT);
    } else if (!run->interrupted && run->passed != before) {
        *deadline = now_ms () + p->timeout;
        if (p->moved) {
            p->moved (p->moved_data, run->passed);
        }
    }
}

static void
attend_output (struct run *run)
{
    if (run->draining) {
        drain (run);
    } else {
        read_output (run);
    }
}

/* Until the program has closed its output or the timeout has expired.  A daemon
 * that it left behind may keep the pipes open: they are closed when the program
 * exits, too. */
bool
program_attend (struct run *run, const struct program *p, int *status)
{
    int64_t deadline = now_ms () + p->timeout;
    bool gone = false;

    while (run->out >= 0 || run->words >= 0 || run->status >= 0 || !gone) {
        struct pollfd fds[6] = {
            run->in >= 0 ? flow_waits (&run->feed)
                         : (struct pollfd){ .fd = -1 },
            run->draining && run->out >= 0
                ? flow_waits (&run->drain)
                : (struct pollfd){ .fd = run->out, .events = POLLIN },
            { .fd = run->words, .events = POLLIN },
            { .fd = run->status, .events = POLLIN },
            { .fd = run->asks, .events = POLLIN },
            { .fd = run->listener, .events = POLLIN },
        };
        bool open = run->out >= 0 || run->words >= 0;
        int64_t left = deadline - now_ms ();
        int n =
            left <= 0 || run->too_much
                ? -1
                : poll (fds, 6, (int)(open ? (left < 100 ? left : 100) : 1));

        if (n < 0 && (left <= 0 || run->too_much || errno != EINTR)) {
            return false;
        }
        if (n > 0) {
            if (fds[0].revents) {
                feed (run);
            }
            if (fds[1].revents) {
                attend_output (run);
            }
            if (fds[2].revents) {
                read_words (run);
            }
            if (fds[3].revents) {
                read_status (run);
            }
            attend_broker (run, fds + 4);
        }
        if (run->streams) {
            attend_streams (run, p, &deadline);
        }
        if (!gone && (n == 0 || !open)) {
            gone = waitpid (run->pid, status, WNOHANG) == run->pid;
        } else if (gone && n == 0) {
            break;
        }
    }
    run->was = run->pid;
    run->pid = 0;
    return true;
}
