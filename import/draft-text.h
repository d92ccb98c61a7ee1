/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The text of drafts, and where each line of it comes from. */
#ifndef IMPORT_DRAFT_TEXT_H
#define IMPORT_DRAFT_TEXT_H

#include "import/draft.h"

/* Returns the text of a VM's definition; of all that goes to conf.d, or null if
 * there is nothing.  Stores in 'lines', if not null, what each line was made
 * of: struct tree *. */
const char *draft_text (struct import *im, const struct draft *d,
                        const char *tool, struct vec *lines);
const char *draft_text_host (struct import *im, const char *tool,
                             struct vec *lines);

#endif /* IMPORT_DRAFT_TEXT_H */
