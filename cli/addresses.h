/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The IP addresses of NICs, as far as this host knows: what the guest's agent
 * says, if it is asked; leases of a network's DHCP server (its key 'leases');
 * the kernel's neighbour table. */
#ifndef CLI_ADDRESSES_H
#define CLI_ADDRESSES_H

#include "cli/cli.h"
#include "core/config/definition.h"

struct address {
    const char *text;
    const char *source; /* "agent", "lease", "neighbour" */
};

struct addresses {
    bool quiet; /* Set by the caller: leases that cannot be read are not
                 * warned of. */
    struct arena *arena;
    struct vec neighbours;
    struct vec servers; /* Those with readable leases. */
    struct vec agent;   /* Of the VM that was asked: struct agent_address *. */
};

/* Reads all of them once.  Leases that cannot be read are warned of. */
void addresses_read (struct cli *c, struct addresses *out);

/* Returns what the command has read when it first asked. */
const struct addresses *addresses_known (struct cli *c);

/* Asks the agent of a running VM, and forgets that of another: a guest may
 * claim any MAC address.  One that does not answer is warned of. */
void addresses_ask (struct cli *c, const char *name, struct addresses *all);

/* Returns what addresses_known() does, with what the VM's agent says. */
const struct addresses *addresses_of_vm (struct cli *c, const char *name);

/* Adds those of a NIC, the most trustworthy first: struct address *. */
void addresses_of (const struct addresses *all, const struct nic_def *nic,
                   struct vec *out);

/* Returns the first of them, or null. */
const char *addresses_find (const struct addresses *all,
                            const struct nic_def *nic);

#endif /* CLI_ADDRESSES_H */
