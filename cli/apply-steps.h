/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The steps of 'hvctl apply', by the functions of the commands that make such a
 * change alone.  Each is a change of its own in the journal (unfinished.h). */
#ifndef CLI_APPLY_STEPS_H
#define CLI_APPLY_STEPS_H

#include "cli/cli.h"
#include "core/machine/diff-line.h"

/* Makes the changes that can be made now, and notes their results in the lines.
 * The caller has the lock of the VM's changes. */
int apply_steps (struct cli *c, const char *name, struct diff *d,
                 struct error *err);

/* Starts the VM, if a line says so; without that lock. */
int apply_start (struct cli *c, const char *name, struct diff *d,
                 struct error *err);

#endif /* CLI_APPLY_STEPS_H */
