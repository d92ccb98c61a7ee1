/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/config/scan-lines.h"

#include <stdlib.h>
#include <string.h>

static bool
is_same (const char *a, const char *b)
{
    return a && b ? !strcmp (a, b) : a == b;
}

size_t
scan_lines_section (const struct scan_lines *lines, size_t parent,
                    const char *kind, const char *title)
{
    for (size_t i = 0; i < lines->sections.n; i++) {
        const struct scan_section *s = lines->sections.p[i];

        if (s->parent == parent && is_same (s->kind, kind)
            && is_same (s->title, title)) {
            return i + 1;
        }
    }
    return 0;
}

int
scan_lines_line (const struct scan_lines *lines, size_t section,
                 const char *key)
{
    const struct scan_section *s = section && section <= lines->sections.n
                                       ? lines->sections.p[section - 1]
                                       : NULL;

    for (size_t i = 0; key && i < lines->keys.n; i++) {
        const struct scan_key *k = lines->keys.p[i];

        if (k->section == section && !strcmp (k->key, key)) {
            return k->line;
        }
    }
    return s && !key ? s->line : 0;
}

const struct scan_section *
scan_lines_above (const struct scan_lines *lines,
                  const struct scan_section *section)
{
    size_t n = lines->sections.n;

    for (size_t i = 0; n <= SCAN_MAX_ENTRIES && i < n; i++) {
        const struct scan_section *above = lines->sections.p[i];

        if (above != section && above->parent == section->parent
            && is_same (above->kind, section->kind)
            && is_same (above->title, section->title)) {
            return above;
        }
    }
    return NULL;
}

static int
compare_keys (const void *a, const void *b)
{
    const struct scan_key *x = *(const struct scan_key *const *)a;
    const struct scan_key *y = *(const struct scan_key *const *)b;
    int by_key = strcmp (x->key, y->key);

    return x->section != y->section ? (x->section > y->section) * 2 - 1
           : by_key                 ? by_key
                                    : x->line - y->line;
}

void
scan_lines_sort (struct scan_lines *lines, const char *file, struct problems *p)
{
    if (lines->keys.n) {
        qsort (lines->keys.p, lines->keys.n, sizeof *lines->keys.p,
               compare_keys);
    }
    for (size_t i = 1; i < lines->keys.n; i++) {
        const struct scan_key *x = lines->keys.p[i - 1], *y = lines->keys.p[i];

        if (x->section == y->section && !strcmp (x->key, y->key)) {
            problem (p, file, y->line, "'%s' is set twice: first in line %d",
                     y->key, x->line);
        }
    }
}
