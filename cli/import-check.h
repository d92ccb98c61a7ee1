/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Checks of what was made of another tool's files, before any of it is
 * written. */
#ifndef CLI_IMPORT_CHECK_H
#define CLI_IMPORT_CHECK_H

#include "cli/cli.h"
#include "import/draft.h"

/* Gives the only VM the name that the user has chosen, and checks all names:
 * they must be new, and differ. */
int import_check_names (struct cli *c, struct import *im, struct error *err);

/* The last part of it again, once they are locked: no VM has one of the names,
 * be it as a member of a fleet, and nothing is left of an earlier one. */
int import_check_new (struct cli *c, struct import *im, struct error *err);

/* Checks the texts as 'validate' does, and reports problems at their places in
 * the other tool's files.  Stores the plans. */
int import_check (struct cli *c, struct import *im, const char *tool,
                  struct vec *plans, struct error *err);

#endif /* CLI_IMPORT_CHECK_H */
