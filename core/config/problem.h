/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Everything that is wrong, so that one run shows it all. */
#ifndef CORE_PROBLEM_H
#define CORE_PROBLEM_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/vec.h"

/* Everything that is wrong, so that one run shows it all. */
struct problems {
    struct arena *arena;
    struct vec lines; /* char *: "FILE:LINE: what is wrong" */
};

void problem (struct problems *p, const char *file, int line, const char *fmt,
              ...) __attribute__ ((format (printf, 4, 5)));

/* Stores all problems as one error, if there are any: returns 0 or not. */
int problem_fail (struct problems *p, struct error *err);
void problem_sort (struct problems *p);

#endif /* CORE_PROBLEM_H */
