/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Collected problems, so that one run reports all of them. */
#ifndef CORE_PROBLEM_H
#define CORE_PROBLEM_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/vec.h"

/* All problems of a run. */
struct problems {
    struct arena *arena;
    struct vec lines; /* char *: "FILE:LINE: message" */
    struct vec alike; /* struct alike *: those of members of fleets. */
    size_t members;   /* So many were asked about. */
};

void problem (struct problems *p, const char *file, int line, const char *fmt,
              ...) __attribute__ ((format (printf, 4, 5)));

/* Adds those of an error of problem_fail(): a line each, unless it is there. */
void problem_add (struct problems *p, const char *text);

/* The same for those, or none, of one VM of a fleet.  Lines of several VMs that
 * differ only in numbers become one, with an example. */
void problem_add_member (struct problems *p, const char *text, const char *vm,
                         const char *fleet);

/* The same for lines. */
void problem_add_new (struct problems *p, const struct vec *lines);

/* Stores all problems as one error, and fails if there are any. */
int problem_fail (struct problems *p, struct error *err);
void problem_sort (struct problems *p);

#endif /* CORE_PROBLEM_H */
