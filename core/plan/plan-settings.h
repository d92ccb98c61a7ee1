/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The settings of a section that a plan depends on, as JSON. */
#ifndef CORE_PLAN_SETTINGS_H
#define CORE_PLAN_SETTINGS_H

#include <hvctl/plugin.h>
#include <json-c/json_types.h>

#include "core/base/arena.h"

/* Returns a list of "KEY=VALUE", sorted, in which values that mean the same
 * are the same, and declared defaults are included.  Null: an empty list. */
struct json_object *plan_settings_json (struct arena *a,
                                        const struct hv_options *s);

/* Returns the value in the only form that it has there. */
const char *plan_settings_value (struct arena *a, enum hv_type type,
                                 const char *value);

#endif /* CORE_PLAN_SETTINGS_H */
