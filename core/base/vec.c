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

static bool
is_sorted (const struct vec *v)
{
    for (size_t i = 1; i < v->n; i++) {
        if (strcmp (v->p[i - 1], v->p[i]) > 0) {
            return false;
        }
    }
    return true;
}

void
vec_sort (struct vec *v)
{
    if (!is_sorted (v)) {
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

bool
vec_has_sorted (const struct vec *v, const char *text)
{
    return v->n && bsearch (&text, v->p, v->n, sizeof *v->p, compare);
}

/* Equal strings are next to each other then, the first of them first. */
static int
compare_places (const void *a, const void *b)
{
    void *const *one = *(void *const *const *)a;
    void *const *two = *(void *const *const *)b;
    int order = strcmp (*one, *two);

    return order ? order : one < two ? -1 : one > two;
}

void
vec_drop_doubles (struct arena *a, struct vec *v)
{
    void ***places = arena_alloc (a, (v->n + 1) * sizeof *places);
    const char *last = NULL;
    size_t n = 0;

    for (size_t i = 0; i < v->n; i++) {
        places[i] = &v->p[i];
    }
    if (v->n) {
        qsort (places, v->n, sizeof *places, compare_places);
    }
    for (size_t i = 0; i < v->n; i++) {
        if (last && !strcmp (last, *places[i])) {
            *places[i] = NULL;
        } else {
            last = *places[i];
        }
    }
    for (size_t i = 0; i < v->n; i++) {
        if (v->p[i]) {
            v->p[n++] = v->p[i];
        }
    }
    if (v->n) {
        v->n = n;
        v->p[n] = NULL;
    }
}

void
vec_split (struct arena *a, const char *list, char separator, struct vec *out)
{
    while (list && *list) {
        size_t len = strcspn (list, (char[]){ separator, '\0' });

        if (len) {
            vec_add (a, out, arena_dup_n (a, list, len));
        }
        list += len + (list[len] != '\0');
    }
}
