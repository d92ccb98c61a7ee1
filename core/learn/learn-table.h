/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Compares the calls that were made with the table.  A tally records the
 * entries that were used. */
#ifndef CORE_LEARN_TABLE_H
#define CORE_LEARN_TABLE_H

#include "core/base/context.h"
#include "core/learn/learn.h"
#include "core/plan/plan.h"

/* The entries that were used. */
struct tally;

struct tally *learn_tally_new (struct arena *a);
void learn_tally_add (struct hvctl *h, struct tally *t, const struct plan *plan,
                      const char *machine, const struct vec *seen,
                      struct learn *out);
void learn_tally_unused (struct arena *a, const struct tally *t,
                         struct learn *out);

#endif /* CORE_LEARN_TABLE_H */
