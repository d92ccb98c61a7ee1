/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Interrupted changes to volumes: what is done about each entry. */
#ifndef CORE_RECOVER_VOLUME_H
#define CORE_RECOVER_VOLUME_H

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/machine/recovery.h"

recovery_op recover_new_volume, recover_volume_create, recover_volume_clone,
    recover_volume_redo;

/* What is known of changes to volumes alone. */
extern const struct recovery_step recover_volume_steps[];

/* Looks after the change of the volume 'key', of which the caller has the lock
 * alone.  Fails if something of it stays. */
int recover_volume_now (struct hvctl *h, const char *key, struct error *err);

#endif /* CORE_RECOVER_VOLUME_H */
