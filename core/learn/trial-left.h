/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The directories of trials, and what is left of those whose hvctl was
 * killed. */
#ifndef CORE_TRIAL_LEFT_H
#define CORE_TRIAL_LEFT_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/learn/trial.h"

/* Makes the directory, and locks it if it can be; removes those,
 * with their machines, whose makers are gone. */
int trial_make_dir (struct trial *t, struct error *err);
void trial_sweep (struct arena *out);

#endif /* CORE_TRIAL_LEFT_H */
