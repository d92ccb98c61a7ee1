/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Several VMs in their 'start_order'. */
#ifndef CLI_TURNS_H
#define CLI_TURNS_H

#include <stdint.h>

#include "cli/cli.h"

enum turns {
    TURNS_NONE, /* All of them at once. */
    TURNS_UP,   /* The lowest number first, with delays. */
    TURNS_DOWN, /* The highest number first. */
};

struct turn {
    const char *name;
    uint32_t order;
    int64_t delay; /* ms, before the next number's turn; down: 0. */
    size_t at;     /* Its place among the names. */
};

/* Returns the turns of the VMs, sorted; VMs of one number are in the order of
 * the names.  One without a definition has the number 0. */
struct turn *turns_sort (struct cli *c, enum turns turns,
                         const struct vec *names);

#endif /* CLI_TURNS_H */
