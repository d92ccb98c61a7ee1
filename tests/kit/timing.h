/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* How long something takes, in milliseconds. */
#ifndef TESTS_TIMING_H
#define TESTS_TIMING_H

#include <stdlib.h>
#include <time.h>

static inline double
now_of (clockid_t clock)
{
    struct timespec t;

    if (clock_gettime (clock, &t) < 0) {
        abort ();
    }
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static inline double
now (void)
{
    return now_of (CLOCK_MONOTONIC);
}

/* For qsort(). */
static inline int
compare_doubles (const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Sorts, too. */
static inline double
median_of (double *values, int n)
{
    qsort (values, (size_t)n, sizeof *values, compare_doubles);
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

#endif /* TESTS_TIMING_H */
