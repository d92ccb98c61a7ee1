/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What tests/unit/test-support.c walks: values for each key of a definition,
 * and somebody in the place of each hypervisor who writes down what it is told.
 */
#ifndef TESTS_SUPPORT_WORLD_H
#define TESTS_SUPPORT_WORLD_H

#include "tests/kit/core-world.h"

/* One way to change a key.  Settings are written "disk.boot = 1"; there is one
 * disk, one NIC, and the plugin's own section. */
struct sample {
    const char *hypervisor; /* Of a key of its own section; else null. */
    const char *key;
    const char *with[6];   /* Before the change: settings; "-KEY" takes one
                            * away.  $DIR is the world's directory. */
    const char *values[4]; /* What the key is set to, one at a time. */
    bool make;             /* The disk's volume is made before. */
    bool about;            /* It concerns other commands than start, and no
                            * hypervisor: nothing of it may reach the plan. */
};

extern const struct sample samples[];
extern const size_t n_samples;

/* A process in the place of a hypervisor's. */
struct peer {
    const char *hypervisor;

    /* Listens in 'rundir'; stop() ends it, and returns all that it heard,
     * to be freed. */
    void *(*start) (const char *rundir);
    char *(*stop) (void *self);
};

/* Null if there is none for it. */
const struct peer *peer_of (const char *hypervisor);

#endif /* TESTS_SUPPORT_WORLD_H */
