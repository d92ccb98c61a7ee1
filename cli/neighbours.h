/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The kernel's neighbour table: the addresses at which this host has last seen
 * NICs.  It has only hosts on its own links that have communicated with this
 * one. */
#ifndef CLI_NEIGHBOURS_H
#define CLI_NEIGHBOURS_H

#include "core/base/arena.h"
#include "core/base/vec.h"

struct neighbour {
    char mac[18];        /* As format_mac() writes it. */
    const char *address; /* A link-local one with its %INTERFACE. */
    unsigned rank;       /* The lower, the better: IPv4, seen lately. */
};

/* Adds what the kernel has, in any order: struct neighbour *. */
void neighbours_read (struct arena *a, struct vec *all);

#endif /* CLI_NEIGHBOURS_H */
