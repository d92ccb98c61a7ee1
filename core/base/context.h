/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What one command of hvctl knows: its configuration, plugins and limits.
 * Nearly every function of the core takes it first.  What belongs to other
 * files is behind pointers, so that this needs none of them. */
#ifndef CORE_CONTEXT_H
#define CORE_CONTEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/vec.h"

struct changing_holds;
struct host;
struct recovery_finished;
struct weaker_told;

struct hvctl {
    struct arena arena;
    struct host *host;
    struct vec plugins; /* struct plugin *, sorted by name */
    bool plugins_loaded;
    bool changes;       /* The command may change things: probes may
                         * be made, leftovers are swept. */
    bool kills;         /* What cannot be given back stays behind. */
    uint64_t probe_uid; /* For programs run in a jail. */
    int verbose;
    int64_t deadline; /* Of the operation that goes on. */
    int64_t limit;    /* Of each one of a hypervisor, in milliseconds; 0: its
                       * own. */
    int64_t until;    /* When all operations are to be over; 0: whenever. */
    /* Milliseconds that went to what was not named; see others.h. */
    int64_t for_others;

    /* What this command has done so far: each is made by the file whose name it
     * bears, which alone knows what is in it. */
    struct changing_holds *holds;
    struct recovery_finished *finished;
    struct weaker_told *told;

    /* Gets the progress of the operation, in bytes; total 0: unknown. */
    void (*progress) (void *data, uint64_t done, uint64_t total);
    void *progress_data;
    uint64_t total;
};

/* Writes a line to standard error, as "hvctl: ". */
void hvctl_warn (const char *fmt, ...) __attribute__ ((format (printf, 1, 2)));
void hvctl_debug (const struct hvctl *h, const char *fmt, ...)
    __attribute__ ((format (printf, 2, 3)));

#endif /* CORE_CONTEXT_H */
