/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Makes a snapshot, or takes it back. */
#ifndef CORE_SNAPSHOT_CREATE_H
#define CORE_SNAPSHOT_CREATE_H

#include <stdbool.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/definition.h"
#include "core/machine/change.h"

/* Snapshots of all volumes that the VM writes, under one name.  Creating
 * pauses a running guest for the moment it takes.  With 'memory' what the
 * guest has there is kept, too, and reverting makes it what the next start
 * goes on from. */
int snapshot_create (struct hvctl *h, struct definition *def, const char *name,
                     bool memory, enum change_way *way, struct error *err);

#endif /* CORE_SNAPSHOT_CREATE_H */
