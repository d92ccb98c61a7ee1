/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Scanning the text of a configuration before libconfuse parses it; for
 * config.c. */
#ifndef CORE_SCAN_H
#define CORE_SCAN_H

#include "core/base/arena.h"
#include "core/config/config.h"
#include "core/config/problem.h"
#include "core/config/scan-lines.h"

#define MAX_KINDS 16

enum scan_result {
    SCAN_WELL,   /* Problems may have been added, but parsing can continue. */
    SCAN_BROKEN, /* After one of them, the text cannot be interpreted. */
    SCAN_TOO_MUCH,
};

/* Replaces comments and unknown sections by blanks, marks variables
 * (expand.h), and adds a problem for mistakes that libconfuse accepts: sections
 * and comments without an end, keys that are set twice, characters that it
 * drops.  Stores the lines in 'lines'. */
enum scan_result scan_text (struct arena *a, const char *file, char *text,
                            const struct section_kind *kinds,
                            struct scan_lines *lines, struct problems *p);

/* Returns the kind of section that has a name like 'word', or null. */
const char *scan_nearest_kind (const struct section_kind *kinds,
                               const char *word);

#endif /* CORE_SCAN_H */
