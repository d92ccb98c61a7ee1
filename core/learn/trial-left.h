/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The directories of trials, and leftovers of those whose hvctl was
 * killed. */
#ifndef CORE_TRIAL_LEFT_H
#define CORE_TRIAL_LEFT_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/learn/trial.h"

/* Creates the directory, and locks it if possible; the second removes
 * directories, with their machines, whose hvctl was killed. */
int trial_make_dir (struct trial *t, struct error *err);
void trial_sweep (struct arena *out);

#endif /* CORE_TRIAL_LEFT_H */
