/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* VMs by UUID, MAC address or IP address. */
#ifndef CLI_IDENTIFY_H
#define CLI_IDENTIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/cli.h"
#include "cli/neighbours.h"
#include "core/config/definition.h"

/* Replaces each argument that has the form of a UUID or a MAC address, and is
 * not the name of a VM, by the name of the VM that has it.  Definitions are
 * read only if there is such an argument.  Fails if several VMs have it; that
 * none has it is left to the command if it takes several VMs. */
int identify_args (struct cli *c);

/* Returns "UUID" or "MAC address" if the word has such a form, or null. */
const char *identify_form (const char *word);

/* The options --uuid, --mac and --ip. */
struct identity {
    struct cli *c;
    const char *uuid, *ip; /* Or null. */
    const char *mac;       /* In the usual form, or null. */
    struct neighbours neighbours;
};

int identity_parse (struct cli *c, struct identity *out, struct error *err);
bool identity_is_given (const struct identity *id);

/* Returns whether the VM has all of them. */
bool identity_matches (const struct identity *id, const struct definition *def);

/* Fails with EXIT_NOT_FOUND: no VM matched; 'more': there are labels, too. */
int identity_fail (const struct identity *id, bool more, bool named,
                   struct error *err);

#endif /* CLI_IDENTIFY_H */
