/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The list in a NIC's 'forward': "tcp:127.0.0.1:2222:22,udp:…". */
#ifndef COMMON_FORWARD_H
#define COMMON_FORWARD_H

#include <netinet/in.h>
#include <stdbool.h>

struct forward_rule {
    bool udp;
    char address[INET_ADDRSTRLEN]; /* Of the host. */
    unsigned from, to;             /* Ports of the host, of the guest. */
};

/* Reads the first of the rules and stores the address of the next, or null at
 * the end.  Returns false if it is not a rule. */
bool forward_next (const char **rules, struct forward_rule *out);

/* Is the address every address of the host? */
bool forward_is_any (const struct forward_rule *rule);

/* Can only one of the two have its port of the host? */
bool forward_overlap (const struct forward_rule *a,
                      const struct forward_rule *b);

#endif /* COMMON_FORWARD_H */
