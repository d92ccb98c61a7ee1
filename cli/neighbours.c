/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "cli/neighbours.h"

#include <stdio.h>
#include <strings.h>

#include "common/cleanup.h"

#define COMPLETE 2 /* ATF_COM of <net/if_arp.h> */

void
neighbours_read (struct arena *a, struct neighbours *n)
{
    CLEANUP_FCLOSE FILE *f = fopen ("/proc/net/arp", "re");
    char text[256], address[64], mac[32];
    unsigned flags;

    while (f && fgets (text, sizeof text, f)) {
        if (sscanf (text, "%63s 0x%*x 0x%x %31s", address, &flags, mac) == 3
            && (flags & COMPLETE)) {
            vec_add (a, &n->macs, arena_dup (a, mac));
            vec_add (a, &n->addresses, arena_dup (a, address));
        }
    }
}

/* The last one counts, as the kernel lists them. */
const char *
neighbours_find (const struct neighbours *n, const char *mac)
{
    for (size_t i = n->macs.n; i-- > 0;) {
        if (!strcasecmp (n->macs.p[i], mac)) {
            return n->addresses.p[i];
        }
    }
    return NULL;
}
