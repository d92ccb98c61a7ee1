/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Lines of the difference between a VM and its definition; diff.c finds
 * them. */
#ifndef CORE_DIFF_LINE_H
#define CORE_DIFF_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/context.h"
#include "core/config/definition.h"
#include "core/machine/leftover.h"

enum diff_when {
    DIFF_NOW,        /* 'hvctl apply' does it. */
    DIFF_AT_START,   /* At the next start. */
    DIFF_IMPOSSIBLE, /* Never; 'why' has the reason. */
    DIFF_LEFT,       /* Left to the user; 'why' says how. */
    DIFF_NEW,        /* Not shown to the user, who has been asked. */
};

/* The steps of 'hvctl apply', in its order. */
enum diff_step {
    STEP_NONE,
    STEP_CREATE, /* The volume of a disk. */
    STEP_GROW,
    STEP_DETACH_DISK,
    STEP_DETACH_NIC,
    STEP_ATTACH_DISK,
    STEP_ATTACH_NIC,
    STEP_RESIZE, /* Processors, or memory. */
    STEP_REMOVE, /* What is left of a VM that is no longer defined. */
    STEP_START,
};

struct diff_line {
    const char *what; /* "memory", "disk root", "disk root size" */
    const char *item; /* "disk root", "nic lan", or null: the VM itself */
    const char *key;  /* "size", or null: the disk or NIC as a whole */
    const char *of;   /* The section that has the key, "network lan", if that
                       * is not the definition's own; or null */
    const char *from, *to; /* Null: unset, or it is not there. */
    const char *where;     /* FILE:LINE of the new value, or null. */
    enum diff_when when;
    const char *why; /* Or null. */

    enum diff_step step;
    const char *name; /* The disk or NIC. */
    uint64_t size;    /* Of STEP_GROW and STEP_RESIZE. */

    const char *result; /* Of the step, or null. */
};

struct diff {
    struct definition *def;      /* Null: the VM is no longer defined. */
    const struct leftover *left; /* Then what is left of it; or null. */
    bool running;
    struct vec lines; /* struct diff_line * */
};

/* Adds a line; DIFF_NOW and STEP_NONE. */
struct diff_line *diff_add (struct hvctl *h, struct diff *d, const char *item,
                            const char *key);

/* Return the number of lines of that kind, "now", and the first of them or
 * null. */
size_t diff_count (const struct diff *d, enum diff_when when);
const struct diff_line *diff_first (const struct diff *d, enum diff_when when);
const char *diff_when_text (enum diff_when when);

/* Returns the name of a change that a hypervisor may refuse; see
 * running_refuse(). */
const char *diff_change_name (struct arena *a, const struct diff_line *l);

#endif /* CORE_DIFF_LINE_H */
