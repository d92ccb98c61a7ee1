/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Growing arrays of pointers. */
#ifndef CORE_VEC_H
#define CORE_VEC_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"

/* A growing array of pointers in an arena, always ended by a null. */
struct vec {
    void **p;
    size_t n, room;
};

void vec_add (struct arena *a, struct vec *v, const void *item);

/* Sorts the strings of 'v': the order in which a directory returns them is
 * never shown, and decides nothing. */
void vec_sort (struct vec *v);

/* Returns whether 'text' is among the strings of 'v'. */
bool vec_has (const struct vec *v, const char *text);

/* Removes the strings that are 'text'. */
void vec_drop (struct vec *v, const char *text);

/* The same, of strings that are sorted. */
bool vec_has_sorted (const struct vec *v, const char *text);

/* Keeps the first of equal strings, in the order as it is. */
void vec_drop_doubles (struct arena *a, struct vec *v);

/* Adds the parts of a list between separators, except empty ones; a null list
 * has none. */
void vec_split (struct arena *a, const char *list, char separator,
                struct vec *out);

#endif /* CORE_VEC_H */
