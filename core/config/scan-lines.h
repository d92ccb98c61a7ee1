/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Where the keys and sections of a configuration are; for scan.c and
 * config.c. */
#ifndef CORE_SCAN_LINES_H
#define CORE_SCAN_LINES_H

#include <stddef.h>

#include "core/base/vec.h"
#include "core/config/problem.h"

#define SCAN_MAX_ENTRIES 10000 /* libconfuse's time grows with the square. */

struct scan_section {
    size_t parent;            /* From 1 on; 0: none. */
    const char *kind, *title; /* Or null. */
    int line;
};

struct scan_key {
    size_t section; /* From 1 on; 0: in none. */
    const char *key;
    int line;
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
size_t scan_lines_section (const struct scan_lines *lines, size_t parent,
                           const char *kind, const char *title);

/* Returns the line of the key in the section (0: in none), or of the section
 * if 'key' is null; 0: there is none. */
int scan_lines_line (const struct scan_lines *lines, size_t section,
                     const char *key);

/* Returns an earlier section of the same kind and title, or null. */
const struct scan_section *
scan_lines_above (const struct scan_lines *lines,
                  const struct scan_section *section);

/* Sorts the keys, and adds a problem for each that is set twice. */
void scan_lines_sort (struct scan_lines *lines, const char *file,
                      struct problems *p);

#endif /* CORE_SCAN_LINES_H */
