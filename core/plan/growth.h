/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Whether a disk can be enlarged. */
#ifndef CORE_GROWTH_H
#define CORE_GROWTH_H

#include <stdint.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/plan/plan.h"

/* Fails if the disk is already larger than that, or if its storage has no such
 * volumes. */
int growth_check (const struct plan_disk *d, uint64_t size, struct error *err);

/* Fails if the volume cannot be enlarged to the size that its definition
 * has. */
int growth_check_definition (struct hvctl *h, const struct plan_disk *d,
                             struct error *err);

#endif /* CORE_GROWTH_H */
