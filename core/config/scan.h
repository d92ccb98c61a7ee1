/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Scanning the text of a configuration before libconfuse parses it; for
 * config.c. */
#ifndef CORE_SCAN_H
#define CORE_SCAN_H

#include "core/base/arena.h"
#include "core/base/vec.h"
#include "core/config/config.h"
#include "core/config/problem.h"

#define MAX_KINDS 16

enum scan_result {
    SCAN_WELL,   /* Problems may have been added, but parsing can continue. */
    SCAN_BROKEN, /* After one of them, the text cannot be interpreted. */
    SCAN_TOO_MUCH,
};

/* The lines of keys and sections: libconfuse does not provide them (3.4), or
 * only while it parses (3.3). */
struct scan_lines {
    struct vec sections; /* struct scan_section * */
    struct vec keys;     /* struct scan_key * */
    /* The statement that the end of the text interrupts: a phrase and its line;
     * or null. */
    const char *unfinished;
    int unfinished_line;
};

/* Returns the section, from 1 on, of that kind and title, either of which may
 * be null, in 'parent' (0: in none), or 0. */
size_t scan_section (const struct scan_lines *lines, size_t parent,
                     const char *kind, const char *title);

/* Returns the line of the key in the section (0: in none), or of the section
 * if 'key' is null; 0: there is none. */
int scan_line (const struct scan_lines *lines, size_t section, const char *key);

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
