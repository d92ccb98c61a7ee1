/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Calls of start-up that programs repeat after the seal, where they fail with
 * ENOSYS, and that were reviewed in the program's source.  Any other call is a
 * difference ('hvctl sandbox learn'), and so is one of these in another thread
 * or for another file. */
#include "core/learn/refused.h"

#include <stdint.h>
#include <string.h>

#include "common/cleanup.h"
#include "core/sandbox/filter.h"

#define PROCESSORS                                                             \
    "glibc counts the CPUs, for the number of its heaps, "                     \
    "and falls back on those that the thread may use"

const struct reviewed_refusal reviewed_refusals[] = {
    /* malloc/arena.c, check_may_shrink_heap(), by any thread with an arena of
     * its own. */
    { "openat", "", "/proc/sys/vm/overcommit_memory",
      "glibc checks whether it may shrink a heap by mapping it anew, and falls "
      "back on madvise()" },
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
