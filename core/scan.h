/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A look at the text of a configuration before libconfuse has it; for
 * config.c. */
#ifndef CORE_SCAN_H
#define CORE_SCAN_H

#include "core/config.h"

#define MAX_KINDS 8

enum scan_result {
    SCAN_WELL,   /* Problems may have been added: not so bad. */
    SCAN_BROKEN, /* What follows one of them cannot be told apart. */
    SCAN_TOO_MUCH,
};

/* Replaces comments and sections that there are not by blanks, and adds a
 * problem for what libconfuse lets pass: sections and comments without an end,
 * keys that are set twice, characters that it drops. */
enum scan_result scan_text (struct arena *a, const char *file, char *text,
                            const struct section_kind *kinds,
                            struct problems *p);

/* Returns the kind of section that has a name like 'word', or null. */
const char *scan_nearest_kind (const struct section_kind *kinds,
                               const char *word);

#endif /* CORE_SCAN_H */
