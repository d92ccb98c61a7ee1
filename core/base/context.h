/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The context of one command of hvctl: its configuration, plugins and limits.
 * Nearly every function of the core takes it first.  Members that belong to
 * other files are behind pointers, so that this header needs none of them. */
#ifndef CORE_CONTEXT_H
#define CORE_CONTEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/vec.h"

struct changing_holds;
struct definition_texts;
struct fleets;
struct host;
struct recovery_finished;
struct leftover_used;
struct weaker_told;

struct hvctl {
    struct arena arena;
    struct host *host;
    struct vec plugins; /* struct plugin *, sorted by name */
    bool plugins_loaded;
    struct json_object *plugin_index; /* While they are looked for. */
    bool changes;       /* The command may change things: probes may
                         * run, leftovers are cleaned up. */
    bool kills;         /* Resources that cannot be released are left. */
    uint64_t probe_uid; /* For programs run in a jail. */
    int verbose;
    int64_t deadline; /* Of the current operation. */
    int64_t limit;    /* For each operation of a hypervisor, in milliseconds;
                       * 0: the operation's own. */
    int64_t until;    /* The deadline of all operations; 0: none. */
    /* Milliseconds spent on VMs that were not named; see others.h. */
    int64_t for_others;

    /* State of this command: each is allocated by the file that it is named
     * after, which alone knows its contents. */
    struct changing_holds *holds;
    struct fleets *fleets;
    struct leftover_used *leftover_used;
    struct recovery_finished *finished;
    struct definition_texts *texts;
    struct weaker_told *told;

    /* Receives the progress of the operation, in bytes; total 0: unknown. */
    void (*progress) (void *data, uint64_t done, uint64_t total);
    void *progress_data;
    uint64_t total;
    uint64_t before; /* Of that, what there was before the operation. */

    /* Receives the steps of the operation, as words for people; or null. */
    void (*stage) (void *data, const char *stage);
    void *stage_data;
};

/* Writes a line to standard error, as "hvctl: ". */
void hvctl_warn (const char *fmt, ...) __attribute__ ((format (printf, 1, 2)));
void hvctl_debug (const struct hvctl *h, const char *fmt, ...)
    __attribute__ ((format (printf, 2, 3)));

/* Reports which step the operation has reached: "shutting down". */
void context_stage (const struct hvctl *h, const char *stage);

#endif /* CORE_CONTEXT_H */
