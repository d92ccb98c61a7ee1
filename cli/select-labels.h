/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The option --label: KEY, KEY=VALUE, KEY!=VALUE. */
#ifndef CLI_SELECT_LABELS_H
#define CLI_SELECT_LABELS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/vec.h"
#include "core/config/definition.h"

struct label_terms {
    struct arena *arena;
    struct label_term *terms;
    size_t n;
    struct vec seen; /* "role=web": those that there are, for a message. */
};

/* Parses the values of the option.  Fails with EXIT_USAGE. */
int labels_parse (struct arena *a, const struct vec *values,
                  struct label_terms *out, struct error *err);

/* Returns whether all terms match; remembers the labels. */
bool labels_match (struct label_terms *t, const struct definition *def);

/* Fails with EXIT_NOT_FOUND: no VM matched.  'named': only VMs that the user
 * has named were looked at. */
int labels_fail (const struct label_terms *t, bool named, struct error *err);

#endif /* CLI_SELECT_LABELS_H */
