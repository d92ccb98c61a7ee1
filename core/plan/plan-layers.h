/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The lower layers of all disks of a plan; see layers.h. */
#ifndef CORE_PLAN_LAYERS_H
#define CORE_PLAN_LAYERS_H

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/plan/plan.h"

/* Checks the lower layers of all disks.  Fails if one was replaced. */
int plan_check_layers (struct hvctl *h, struct plan *plan, struct error *err);

/* Records what plan_check_layers() found; warns if that fails. */
void plan_note_layers (struct hvctl *h, const struct plan *plan);

#endif /* CORE_PLAN_LAYERS_H */
