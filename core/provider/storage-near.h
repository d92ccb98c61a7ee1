/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Names of volumes and snapshots that were mistyped. */
#ifndef CORE_STORAGE_NEAR_H
#define CORE_STORAGE_NEAR_H

#include <hvctl/plugin.h>

#include "core/base/error.h"
#include "core/provider/loaded.h"

/* Adds the nearest name to the message of an operation that failed since
 * something does not exist: of the volumes in its pool, if this one is not
 * among them, or of its snapshots; 'snapshot' may be null.  Other failures
 * stay as they are. */
void storage_near (struct plugin *p, const struct hv_volume *vol,
                   const char *snapshot, struct error *err);

#endif /* CORE_STORAGE_NEAR_H */
