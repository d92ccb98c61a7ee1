/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Calls of the start that programs make again after the seal, where they fail
 * with ENOSYS, and that somebody has looked at in the program's source.  What
 * is not here is a difference ('hvctl sandbox learn'), and so is what is here
 * in another thread or of another file. */
#include "core/learn/refused.h"

#include <stdint.h>
#include <string.h>

#include "common/cleanup.h"
#include "core/sandbox/filter.h"

#define PROCESSORS                                                             \
    "glibc asks how many processors there are, for the number of its heaps, "  \
    "and counts those that the thread may use if it cannot tell"

const struct reviewed_refusal reviewed_refusals[] = {
    /* malloc/arena.c, check_may_shrink_heap(), by any thread with an arena of
     * its own. */
    { "openat", "", "/proc/sys/vm/overcommit_memory",
      "glibc asks if it may shrink a heap by mapping it anew, and gives memory "
      "back by madvise() if it cannot tell" },
    /* malloc/arena.c, arena_get2(), when one more thread wants an arena: it
     * asks get_nprocs() (sysdeps/unix/sysv/linux/getsysstats.c), which then
     * takes what sched_getaffinity() says. */
    { "openat", "", "/sys/devices/system/cpu/online", PROCESSORS },
    { "openat", "", "/proc/stat", PROCESSORS },
    { .call = NULL },
};

const char *
refused_reviewed (const struct seen_call *s)
{
    for (const struct reviewed_refusal *r = reviewed_refusals; r->call; r++) {
        if (filter_call_number (r->call) == s->nr
            && !strncmp (s->thread, r->thread, strlen (r->thread))
            && !strcmp (s->path, r->path ? r->path : "")) {
            return r->why;
        }
    }
    return NULL;
}
