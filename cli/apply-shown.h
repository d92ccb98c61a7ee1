/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The changes that 'hvctl apply' has shown, so that it makes no others: a
 * definition may be edited, and a VM changed, before the answer. */
#ifndef CLI_APPLY_SHOWN_H
#define CLI_APPLY_SHOWN_H

#include "cli/cli.h"
#include "core/machine/diff-line.h"

/* Remembers what was shown of a VM. */
void apply_shown_add (struct cli *c, const char *name, const struct diff *d);

/* Makes each change of 'd' that was not shown DIFF_NEW.  Without a question
 * before it, -o json, all are as they are. */
void apply_shown_restrict (struct cli *c, const char *name, struct diff *d);

/* Fails if there is such a change. */
int apply_shown_check (const char *name, const struct diff *d,
                       struct error *err);

#endif /* CLI_APPLY_SHOWN_H */
