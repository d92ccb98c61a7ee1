/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/state/others.h"

#include <errno.h>
#include <sys/stat.h>
#include <time.h>

#include "core/base/clock.h"
#include "core/base/file.h"

/* Work that took too long is tried again by others after so many seconds. */
#define AGAIN 60

/* The minimum of the remaining time, in milliseconds: with less nothing is
 * started, so that nothing is reported as slow that had no time. */
#define LEAST 100

/* A clock that was set back must not prolong it. */
static bool
is_marked (const char *mark)
{
    struct stat st;
    time_t now = time (NULL);

    return mark && stat (mark, &st) == 0 && st.st_mtime <= now
           && now - st.st_mtime < AGAIN;
}

bool
others_begin (struct hvctl *h, bool named, const char *mark)
{
    int64_t left = OTHERS_LIMIT - h->for_others;

    h->until = 0;
    if (named) {
        return true;
    }
    if (left < LEAST || is_marked (mark)) {
        return false;
    }
    h->until = now_ms () + left;
    return true;
}

void
others_end (struct hvctl *h, const char *mark, bool late)
{
    struct error ignored = { 0 };

    if (!h->until) {
        return;
    }
    h->for_others = OTHERS_LIMIT - (h->until - now_ms ());
    h->until = 0;
    if (mark && late) {
        file_write (mark, 0600, "", &ignored);
    }
}

int64_t
others_left (const struct hvctl *h, int64_t ms)
{
    int64_t left = h->until ? h->until - now_ms () : ms;

    return left < 1 ? 1 : left < ms ? left : ms;
}

/* Somebody else who is at it has an exit code of his own. */
bool
others_late (const struct hvctl *h, const struct error *err)
{
    return h->until && err->code == ETIMEDOUT && err->exit_code != EXIT_TIMEOUT;
}
