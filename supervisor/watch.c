/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Some hypervisors keep running when their guest has shut down, and report that
 * in a log of events.  When a certain word appears there, hvctl is run to
 * check: the log is only a hint, since the process may write anything.  So
 * hvctl is run at most once a second, and not while it is still running.
 *
 * A log file is never full, needs no reader, and is available to a supervisor
 * that replaces one that died. */

#include "supervisor/supervisor.h"

#include <fcntl.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAUSE_MS 1000
#define MAX_WORD 64

static struct {
    int events, log; /* Of inotify; the file. */
    char tail[MAX_WORD];
    size_t n_tail;
    int wanted;
    pid_t looking;
    long long last;
} w = { .events = -1, .log = -1 };

/* Searches the new text for the word, including one that began in the previous
 * text. */
static void
read_news (void)
{
    size_t len = strlen (s.word);
    char text[MAX_WORD + 512];
    struct stat st;
    ssize_t n;

    if (fstat (w.log, &st) == 0 && st.st_size < lseek (w.log, 0, SEEK_CUR)) {
        lseek (w.log, 0, SEEK_SET); /* logs.c has emptied it. */
    }
    while ((n = read (w.log, text + w.n_tail, 512)) > 0) {
        size_t all = w.n_tail + (size_t)n;

        memcpy (text, w.tail, w.n_tail);
        w.wanted |= memmem (text, all, s.word, len) != NULL;
        w.n_tail = all < len ? all : len - 1;
        memcpy (w.tail, text + all - w.n_tail, w.n_tail);
    }
}

int
watch_begin (void)
{
    if (!s.watch || !s.word || !s.word[0] || strlen (s.word) > MAX_WORD) {
        return -1;
    }
    w.log = open (s.watch, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    w.events = inotify_init1 (IN_CLOEXEC | IN_NONBLOCK);
    if (w.log < 0 || w.events < 0
        || inotify_add_watch (w.events, s.watch, IN_MODIFY) < 0) {
        close_if (&w.events);
        close_if (&w.log);
        return -1;
    }
    read_news (); /* It may have happened already. */
    return w.events;
}

int
watch_turn (void)
{
    char ignored[512];
    long long left;

    if (w.events < 0) {
        return -1;
    }
    while (read (w.events, ignored, sizeof ignored) > 0) {
        read_news ();
    }
    if (w.looking > 0 && waitpid (w.looking, NULL, WNOHANG) != 0) {
        w.looking = 0;
    }
    if (!w.wanted) {
        return -1;
    }
    left = w.last ? w.last + PAUSE_MS - now_ms () : 0;
    if (w.looking > 0 || left > 0) {
        return left > 50 ? (int)left : 50;
    }
    w.wanted = 0;
    w.last = now_ms ();
    w.looking = execute_aside (s.look, s.n_look);
    return -1;
}
