/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Removing a VM, or all VMs of a fleet, with everything that belongs to them;
 * with their disks, also the snapshots of these.  The definition goes last. */
#ifndef CORE_REMOVE_H
#define CORE_REMOVE_H

#include <json-c/json_types.h>
#include <stdbool.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/machine/remove-look.h"

/* Removes what remove_look() finds then: it looks with everything locked, so
 * that nobody can take a volume in the meantime.  The caller has the lock of
 * r->name. */
int remove_now (struct hvctl *h, struct removal *r, struct error *err);

/* Completes an interrupted removal; 'entry' is its entry in the journal.
 * Fails if a definition has been restored by hand since. */
int remove_again (struct hvctl *h, const char *name, struct json_object *entry,
                  struct error *err);

#endif /* CORE_REMOVE_H */
