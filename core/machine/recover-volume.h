/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Interrupted changes to volumes: recovery of each entry. */
#ifndef CORE_RECOVER_VOLUME_H
#define CORE_RECOVER_VOLUME_H

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/machine/recovery.h"

recovery_op recover_new_volume, recover_volume_create, recover_volume_clone,
    recover_volume_redo;

/* The recovery steps of changes to volumes alone. */
extern const struct recovery_step recover_volume_steps[];

/* Completes or rolls back the change of the volume 'key', which the caller has
 * locked exclusively.  Fails if something of it remains. */
int recover_volume_now (struct hvctl *h, const char *key, struct error *err);

#endif /* CORE_RECOVER_VOLUME_H */
