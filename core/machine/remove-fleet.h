/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Removing a fleet: its VMs, one after another, with their own files, and at
 * the end the file that defines them. */
#ifndef CORE_REMOVE_FLEET_H
#define CORE_REMOVE_FLEET_H

#include <json-c/json_types.h>
#include <stdbool.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/fleet.h"

/* A VM to be removed. */
struct doomed_vm {
    const char *name;
    struct vec disks; /* struct doomed *, see remove.h */
};

/* Collects its VMs, struct doomed_vm *, and with 'with_disks' their volumes.
 * Fails if one of them is running, or a volume cannot be removed. */
int remove_fleet_look (struct hvctl *h, const struct fleet *f, bool with_disks,
                       struct vec *out, struct error *err);

/* Removes the fleet, with what was collected. */
int remove_fleet (struct hvctl *h, const struct fleet *f, struct vec *vms,
                  bool with_disks, struct error *err);

/* Completes an interrupted removal. */
int remove_fleet_again (struct hvctl *h, const struct fleet *f, bool with_disks,
                        struct error *err);

#endif /* CORE_REMOVE_FLEET_H */
