/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/state/ending-text.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "core/base/file.h"
#include "core/sandbox/violation.h"
#include "core/state/ending.h"

#define FORBIDDEN_CALL "it made a system call that its groups do not allow"

const char *
ending_complete (struct hvctl *h, const char *line, pid_t pid, uint64_t uid)
{
    struct victim v = { .pid = pid, .uid = (uid_t)uid };
    CLEANUP_FREE char *violation = NULL;
    CLEANUP_FREE char *why = NULL;
    long long ended = 0;
    int words = 0;

    if (sscanf (line, "signal 31 %lld%n", &ended, &words) != 1 || !words
        || line[words]) {
        return line;
    }
    v.ended = ended;
    violation = violation_find (&v, &why);
    return violation ? arena_format (&h->arena, "%s %s", line, violation)
                     : arena_format (&h->arena,
                                     "%s " FORBIDDEN_CALL
                                     " (which one is unknown: %s)",
                                     line, why);
}

/* Describes the exit of a process that was asked to exit; null for others. */
static const char *
describe_ender (const char *ender)
{
    static const char *const texts[][2] = {
        { ENDER_GUEST, "its guest has shut down" },
        { ENDER_OBEYED, "its guest has shut down, asked by hvctl" },
        { ENDER_HVCTL, "its guest did not shut down, and it was told to quit" },
        { ENDER_QUIT, "it was told to quit, and its guest was not asked" },
        { ENDER_SAVED, "it was saved" },
    };

    for (size_t i = 0; i < ARRAY_SIZE (texts); i++) {
        if (!strcmp (ender, texts[i][0])) {
            return texts[i][1];
        }
    }
    return NULL;
}

static const char *
describe_exit (struct hvctl *h, int status, const char *ender)
{
    const char *text = describe_ender (ender);

    if (text || *ender) {
        return text ? text
                    : "it exited although its guest had not shut down: "
                      "hypervisor.log may say why";
    }
    return status ? arena_format (&h->arena, "it exited with status %d", status)
                  : "it exited by itself";
}

/* hvctl also kills processes that were told to quit and did not. */
static const char *
describe_kill (const char *ender)
{
    return !strcmp (ender, ENDER_HVCTL) || !strcmp (ender, ENDER_QUIT)
               ? "killed by hvctl"
               : describe_ender (ender);
}

const char *
ending_describe (struct hvctl *h, const char *line)
{
    int number = 0, words = 0;
    const char *known;

    if (sscanf (line, "exit %d", &number) == 1) {
        sscanf (line, "exit %*d %*d %n", &words);
        return describe_exit (h, number, words ? line + words : "");
    }
    if (sscanf (line, "signal %d %*d %n", &number, &words) != 1) {
        sscanf (line, "unknown %*d %n", &words);
        known = words ? describe_ender (line + words) : NULL;
        return known ? known : "how it exited is unknown";
    }
    known = number == SIGKILL && words ? describe_kill (line + words) : NULL;
    if (known) {
        return known;
    }
    if (number == SIGSYS) {
        return arena_format (&h->arena, "killed by the sandbox: %s",
                             words && line[words] ? line + words
                                                  : FORBIDDEN_CALL);
    }
    /* The first process of a namespace has no default action for SIGABRT, so
     * abort() continues with an instruction that faults. */
    return arena_format (&h->arena, "killed by signal %d (%s%s)", number,
                         strsignal (number),
                         number == SIGSEGV ? ", perhaps from abort()" : "");
}

const char *
ending_last_words (struct hvctl *h, const char *path)
{
    CLEANUP_FREE char *text = file_read (path);
    size_t len = text ? strlen (text) : 0;
    char *from;

    while (len && text[len - 1] == '\n') {
        text[--len] = '\0';
    }
    if (!len) {
        return NULL;
    }
    from = text + (len > 600 ? len - 600 : 0);
    for (char *c = from; *c; c++) {
        *c = *c == '\n' ? ' ' : *c;
    }
    return arena_dup (&h->arena, from);
}
