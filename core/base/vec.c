/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/base/vec.h"

#include <stdlib.h>
#include <string.h>

void
vec_add (struct arena *a, struct vec *v, const void *item)
{
    if (v->n + 2 > v->room) {
        size_t room = v->room ? v->room * 2 : 8;
        void **p = arena_alloc (a, room * sizeof *p);

        if (v->n) {
            memcpy (p, v->p, v->n * sizeof *p);
        }
        v->p = p;
        v->room = room;
    }
    v->p[v->n++] = (void *)item;
    v->p[v->n] = NULL;
}

static int
compare (const void *a, const void *b)
{
    return strcmp (*(const char *const *)a, *(const char *const *)b);
}

void
vec_sort (struct vec *v)
{
    if (v->n) {
        qsort (v->p, v->n, sizeof *v->p, compare);
    }
}

bool
vec_has (const struct vec *v, const char *text)
{
    for (size_t i = 0; i < v->n; i++) {
        if (!strcmp (v->p[i], text)) {
            return true;
        }
    }
    return false;
}

void
vec_drop (struct vec *v, const char *text)
{
    size_t n = 0;

    for (size_t i = 0; i < v->n; i++) {
        if (strcmp (v->p[i], text) != 0) {
            v->p[n++] = v->p[i];
        }
    }
    v->n = n;
}
