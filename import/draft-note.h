/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Values of another tool's file that are not, or not exactly, in the drafts. */
#ifndef IMPORT_DRAFT_NOTE_H
#define IMPORT_DRAFT_NOTE_H

#include <stdbool.h>

#include "import/draft.h"

struct draft_note {
    const struct tree *node;
    const char *key, *reason;
    bool changed; /* It is carried over, but as something else. */
};

/* Adds a note about a value that is not carried over, which counts as used. */
void draft_note (struct import *im, struct tree *node, const char *key,
                 const char *fmt, ...) __attribute__ ((format (printf, 4, 5)));

/* Adds a note about a value that is another one here. */
void draft_change (struct import *im, const struct tree *node, const char *key,
                   const char *fmt, ...)
    __attribute__ ((format (printf, 4, 5)));

/* Adds a note for each unused value; 'reasons' has pairs of a part of a path
 * and the reason, and ends in a null. */
void draft_note_unused (struct import *im, const struct tree *file,
                        const char *const *reasons);

#endif /* IMPORT_DRAFT_NOTE_H */
