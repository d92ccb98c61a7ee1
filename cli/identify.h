/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* VMs by UUID, MAC address or IP address. */
#ifndef CLI_IDENTIFY_H
#define CLI_IDENTIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/cli.h"
#include "core/config/definition.h"

/* Replaces each argument, and each value of an option, that is a VM by the
 * table of commands, but has the form of a UUID or a MAC address and is not the
 * name of a VM, by the name of the VM that has it, or runs with it. Definitions
 * are read only if there is such an argument.  Fails if several VMs have it;
 * that none has it is left to the command if it takes several VMs. */
int identify_args (struct cli *c);

/* Returns "UUID" or "MAC address" if the word has such a form, or null. */
const char *identify_form (const char *word);

/* The options --uuid, --mac and --ip. */
struct identify {
    struct cli *c;
    const char *uuid, *ip; /* Or null. */
    const char *mac;       /* In the usual form, or null. */
};

int identify_parse (struct cli *c, struct identify *out, struct error *err);
bool identify_is_given (const struct identify *id);

/* Returns whether the VM has all of them. */
bool identify_matches (const struct identify *id, const struct definition *def);

/* Fails with EXIT_NOT_FOUND: no VM matched; 'more': there are labels, too. */
int identify_fail (const struct identify *id, bool more, bool named,
                   struct error *err);

#endif /* CLI_IDENTIFY_H */
