/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The differences between the plan that a VM was started from, and the one that
 * a start would make now.  Both are compared as JSON (plan-json.h), field by
 * field (plan-fields.h), so that only what matters to the guest is found. */
#ifndef CORE_PLAN_DIFF_H
#define CORE_PLAN_DIFF_H

#include <json-c/json_types.h>
#include <stdbool.h>

#include "core/base/context.h"
#include "core/base/vec.h"
#include "core/config/definition.h"
#include "core/plan/plan-fields.h"

struct plan_difference {
    const char *part;      /* "", "firmware", "disk", "nic", "launch" */
    const char *object;    /* The disk or NIC, or null. */
    const char *of;        /* The section that has the key, if it is not the
                            * definition's own: "network lan", "cloud_init". */
    const char *key;       /* Null: the disk or NIC as a whole. */
    const char *from, *to; /* For people.  Null: unset, or it is missing. */
    const char *where;     /* FILE:LINE of the new value, or null. */
    enum plan_change how;
};

/* Adds the differences, struct plan_difference *.  What an older hvctl has not
 * recorded in 'was' does not differ.  'def' is the definition of the second
 * plan. */
void plan_diff (struct hvctl *h, struct json_object *was,
                struct json_object *will, const struct definition *def,
                struct vec *out);

/* Returns where the disk is stored, "POOL/VOLUME" or a path. */
const char *plan_diff_source (struct arena *a, struct json_object *disk);

/* Returns the element of the list 'key' that has that name, or null. */
struct json_object *plan_diff_device (struct json_object *plan, const char *key,
                                      const char *name);

#endif /* CORE_PLAN_DIFF_H */
