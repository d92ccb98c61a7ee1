/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The VMs that a command is for, if options select them: --label, --all, and
 * those that single commands have (--autostart, --mac).  Of VMs that are named
 * as well, those that match. */
#ifndef CLI_SELECT_H
#define CLI_SELECT_H

#include <stdbool.h>

#include "cli/cli.h"

/* Returns whether options select VMs, so that no name is needed. */
bool select_is_given (const struct cli *c);

/* Stores the VMs that options select in c->chosen and, for commands whose
 * arguments are names of VMs, instead of these; changes nothing if there are no
 * such options.  Definitions are read only if an option needs them.  Fails if
 * nothing matches. */
int select_vms (struct cli *c);

/* Fails if it is not known whether the options select the VM. */
int select_check (const struct cli *c, const char *name, struct error *err);

#endif /* CLI_SELECT_H */
