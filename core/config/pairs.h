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
/* Returns the name of the image that a disk is made on, or null: its 'image' is
 * a path, which a name does not contain, and states its format. */
const char *pairs_image_name (const struct hv_options *s);

void pairs_check (const struct hv_options *s, struct problems *p);

#endif /* CORE_PAIRS_H */
