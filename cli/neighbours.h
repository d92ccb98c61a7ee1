/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The kernel's neighbour table: the IPv4 addresses at which this host has last
 * seen NICs.  It has only hosts on its own links that have communicated with
 * this one. */
#ifndef CLI_NEIGHBOURS_H
#define CLI_NEIGHBOURS_H

#include "core/base/arena.h"
#include "core/base/vec.h"

struct neighbours {
    struct vec macs, addresses;
};

void neighbours_read (struct arena *a, struct neighbours *n);

/* Returns an address, or null. */
const char *neighbours_find (const struct neighbours *n, const char *mac);

#endif /* CLI_NEIGHBOURS_H */
