/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The instructions before libseccomp's program; for filter.c. */
#ifndef CORE_FILTER_HEAD_H
#define CORE_FILTER_HEAD_H

#include <stdint.h>

#include "core/sandbox/filter.h"

/* The maximum number of instructions. */
#define FILTER_HEAD 21

/* Puts them before the program in 'out'.  'other' is the result for calls that
 * are not allowed. */
void filter_head (const struct filter_options *options, uint32_t other,
                  struct sock_fprog *out);

#endif /* CORE_FILTER_HEAD_H */
