/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Creates a snapshot, or rolls it back. */
#ifndef CORE_SNAPSHOT_CREATE_H
#define CORE_SNAPSHOT_CREATE_H

#include <stdbool.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/definition.h"
#include "core/machine/change.h"

/* Creates a snapshot of all volumes that the VM writes to, under one name.
 * Pauses a running guest for the moment it takes.  With 'memory' the
 * guest's memory is saved, too, and reverting makes it the saved state that the
 * next start restores. */
int snapshot_create (struct hvctl *h, struct definition *def, const char *name,
                     bool memory, enum change_way *way, struct error *err);

#endif /* CORE_SNAPSHOT_CREATE_H */
