/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Keys of one section of a definition that exclude or need each other: of two
 * keys, none is ignored silently. */
#ifndef CORE_PAIRS_H
#define CORE_PAIRS_H

#include <hvctl/plugin.h>

#include "core/config/config.h"
#include "core/config/problem.h"

/* Adds a problem for each pair. */
void pairs_check (const struct hv_options *s, struct problems *p);

#endif /* CORE_PAIRS_H */
