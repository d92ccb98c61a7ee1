/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The images that disks were made on. */
#ifndef CORE_PLAN_IMAGE_H
#define CORE_PLAN_IMAGE_H

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/plan/plan.h"

/* Fails if a disk was made on another image than the one that its definition
 * names.  A copy and a clone do not tell, and need none. */
int plan_image_check (struct hvctl *h, const struct plan *plan,
                      struct error *err);

#endif /* CORE_PLAN_IMAGE_H */
