/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The clock for time limits, which cannot be set. */
#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include <stdint.h>

/* Returns the milliseconds of CLOCK_MONOTONIC. */
int64_t now_ms (void);

#endif /* CORE_CLOCK_H */
