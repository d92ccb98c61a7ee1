/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/state/ending.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/state/ending-text.h"

static const char *
path_of (struct hvctl *h, const char *name, const char *file)
{
    return arena_format (&h->arena, "%s/%s", state_dir (h, name), file);
}

static const char *
last_path (struct hvctl *h, const char *name)
{
    return arena_format (&h->arena, "%s/last", state_keep_dir (h, name));
}

void
ending_note (struct hvctl *h, const char *name, const char *ender)
{
    struct error ignored = { 0 };

    file_write (path_of (h, name, "ender"), 0600, ender, &ignored);
}

static bool
is_noted (const char *ender, const char *as)
{
    return ender && !strcmp (ender, as);
}

void
ending_note_guest (struct hvctl *h, const char *name)
{
    const char *ender = state_read_line (h, path_of (h, name, "ender"));

    ending_note (h, name,
                 is_noted (ender, ENDER_ASKED) ? ENDER_OBEYED : ENDER_GUEST);
}

void
ending_take_back (struct hvctl *h, const char *name)
{
    unlink (path_of (h, name, "ender"));
}

void
ending_forget (struct hvctl *h, const char *name)
{
    unlink (last_path (h, name));
}

/* Completes the supervisor's line with the cause of the exit.  A process that
 * is watched keeps running when its guest has shut down, so either hvctl saw
 * that, or it crashed; others exit by themselves then. */
static const char *
with_ender (struct hvctl *h, const char *name, const char *line)
{
    const char *ender = state_read_line (h, path_of (h, name, "ender"));
    bool exited = !strncmp (line, "exit ", 5);
    bool watched = access (path_of (h, name, "watch"), F_OK) == 0;
    long long when;
    char end;

    /* It has killed the process itself, and says so. */
    if (sscanf (line, "signal 9 %lld %c", &when, &end) == 2) {
        return line;
    }

    /* Before Linux 6.15 only the parent gets the exit status, and that may be
     * init; the cause that hvctl knows is as good. */
    if (!strncmp (line, "unknown ", 8)) {
        return ender && !is_noted (ender, ENDER_ASKED)
                   ? arena_format (&h->arena, "%s %s", line, ender)
                   : line;
    }
    if (!exited && strncmp (line, "signal 9 ", 9) != 0) {
        return line;
    }
    if (is_noted (ender, ENDER_ASKED)) {
        ender = !watched && !strncmp (line, "exit 0 ", 7) ? ENDER_OBEYED : NULL;
    }
    if (!ender && exited && watched) {
        ender = "crash";
    }
    return ender ? arena_format (&h->arena, "%s %s", line, ender) : line;
}

/* The supervisor's record of a run that is not cleaned up yet, or null. */
static const char *
recorded (struct hvctl *h, const char *name, const struct vm_state *s)
{
    const char *line = state_read_line (h, path_of (h, name, "end"));

    return line
               ? with_ender (h, name, ending_complete (h, line, s->pid, s->uid))
               : NULL;
}

/* The hypervisor was killed while it was writing: its log tells why. */
static void
log_violation (struct hvctl *h, const char *name, const char *line)
{
    const char *path =
        arena_format (&h->arena, "%s/hypervisor.log", state_log_dir (h, name));
    int fd = open (path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);

    if (fd >= 0) {
        dprintf (fd, "hvctl: %s: %s\n", name, ending_describe (h, line));
        close (fd);
    }
}

void
ending_keep (struct hvctl *h, const char *name, const struct vm_state *s)
{
    const char *line = recorded (h, name, s);
    struct error ignored = { 0 };

    if (!line) {
        return;
    }
    if (!strncmp (line, "signal 31 ", 10)) {
        log_violation (h, name, line);
    }
    if (file_make_dirs (state_keep_dir (h, name), 0700, &ignored) < 0
        || file_write (last_path (h, name), 0600,
                       arena_format (&h->arena, "%s\n", line), &ignored)
               < 0) {
        hvctl_debug (h, "%s", ignored.text);
        ending_forget (h, name);
    }
}

static const char *
last_line (struct hvctl *h, const char *name)
{
    struct vm_state s = { .name = name };
    const char *line;

    state_read_words (h, &s);
    line = recorded (h, name, &s);
    /* The clean-up, which follows, is in reverse order. */
    return line ? line : state_read_line (h, last_path (h, name));
}

bool
ending_by_signal (struct hvctl *h, const char *name)
{
    const char *line = last_line (h, name);

    /* One whose guest has shut down may have to be killed: settle.c. */
    return line && !strncmp (line, "signal ", 7)
           && !strstr (line, " " ENDER_OBEYED)
           && !strstr (line, " " ENDER_GUEST);
}

static const char *
describe (struct hvctl *h, const char *line, int64_t *when)
{
    long long seconds = 0;

    if (!line) {
        return NULL;
    }
    if (sscanf (line, "%*s %*d %lld", &seconds) != 1) {
        sscanf (line, "%*s %lld", &seconds); /* "unknown" has no number. */
    }
    *when = seconds;
    return ending_describe (h, line);
}

/* Many are told of, in lists: only the sentence is kept. */
static const char *
tell (struct hvctl *h, const char *name, bool kept, int64_t *when)
{
    struct arena own = { 0 };
    const char *text;

    arena_swap (&h->arena, &own);
    text = describe (h,
                     kept ? state_read_line (h, last_path (h, name))
                          : last_line (h, name),
                     when);
    arena_swap (&h->arena, &own);
    text = arena_dup (&h->arena, text);
    arena_free (&own);
    return text;
}

const char *
ending_last (struct hvctl *h, const char *name, int64_t *when)
{
    return tell (h, name, false, when);
}

const char *
ending_kept (struct hvctl *h, const char *name, int64_t *when)
{
    return tell (h, name, true, when);
}
