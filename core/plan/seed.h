/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The disk from which cloud-init in the guest reads the section 'cloud_init': a
 * NoCloud seed. */
#ifndef CORE_SEED_H
#define CORE_SEED_H

#include <json-c/json_types.h>
#include <stddef.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/plan/plan.h"

struct plan_seed {
    struct hv_disk disk;
    struct hv_layer layer; /* Its path exists while the VM runs. */
    const struct hv_layer *layers[2];
    const unsigned char *image; /* What to write there, or... */
    size_t size;
    const char *saved;     /* ...the copy of a saved state; null: is written. */
    const char *values[9]; /* Of cloud_init_keys, for people; or null. */
};

/* Makes the image in memory, or finds it; none without the section. */
int seed_make (struct hvctl *h, struct plan *plan, struct error *err);

/* Adds it to the disks of 'plan->vm', as the last one. */
void seed_add (struct hvctl *h, struct plan *plan);

/* Returns the member of a plan's JSON, without secrets; null if there is no
 * seed. */
struct json_object *seed_json (const struct plan *plan);

/* Returns the name of the copy in the directory of a saved state. */
const char *seed_saved (struct arena *a, const char *dir);

#endif /* CORE_SEED_H */
