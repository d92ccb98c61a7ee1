/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The contents of a jail's root directory until the seal: decided by
 * jail-items.c, created by jail-root.c. */
#ifndef CORE_JAIL_ITEMS_H
#define CORE_JAIL_ITEMS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/sandbox/jail.h"

/* An object that is to appear in the root, opened before the root exists. */
struct item {
    const char *path; /* In the new root. */
    int fd;           /* O_PATH, or of a file to copy; -1: a link */
    char link[256];
    bool device, copy;
};

struct items {
    struct item list[64 + JAIL_MAX_FDS];
    size_t n;
};

/* Collects everything that the plan's process needs in its root. */
int jail_collect (struct jail_child *child, struct items *items);

#endif /* CORE_JAIL_ITEMS_H */
