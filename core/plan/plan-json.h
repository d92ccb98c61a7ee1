/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Plans and explanations as JSON. */
#ifndef CORE_PLAN_JSON_H
#define CORE_PLAN_JSON_H

#include <hvctl/plugin.h>

#include "core/base/context.h"
#include "core/plan/plan.h"
#include "core/provider/services.h"

/* Returns the plan as canonical JSON: the same inputs give the same bytes.  The
 * caller must json_object_put() it. */
struct json_object *plan_json (struct hvctl *h, const struct plan *plan);

/* The parts of it about one disk, whose volume may be missing, and one NIC. */
struct json_object *plan_json_disk (struct arena *a, const struct plan_disk *d);
struct json_object *plan_json_nic (struct arena *a, const struct plan_nic *n);

struct json_object *plan_json_launch (const char *program,
                                      const struct hv_launch *l);
struct json_object *plan_json_explain (const struct plan *plan);

#endif /* CORE_PLAN_JSON_H */
