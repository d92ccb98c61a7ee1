/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* How the host reaches the ssh server of a running guest: by a forwarded port,
 * or at an address that is known. */
#ifndef CLI_REACH_H
#define CLI_REACH_H

#include "cli/addresses.h"

struct endpoint {
    const char *host; /* A numeric address. */
    unsigned port;
};

/* Loads the definition of a VM, and fails unless the VM runs. */
int reach_load (struct cli *c, const char *name, struct definition **def,
                struct error *err);

/* Adds those that there may be, the best first: struct endpoint *. */
void reach_endpoints (const struct addresses *all, const struct definition *def,
                      struct vec *out);

/* Returns the first endpoint where an ssh server answers within 'ms'
 * milliseconds, or null. */
const struct endpoint *reach_ssh (const struct vec *endpoints, int64_t ms);

/* Fails: no address of the VM is known, and why. */
int reach_nowhere (struct cli *c, const struct definition *def,
                   struct error *err);

#endif /* CLI_REACH_H */
