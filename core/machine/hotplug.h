/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What hotplug.c, hotplug-finish.c and grow.c share; for others there is
 * change.h. */
#ifndef CORE_HOTPLUG_H
#define CORE_HOTPLUG_H

#include <stdbool.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/machine/change.h"

/* Is there a process?  False and no error if not. */
bool hotplug_target (struct hvctl *h, const char *name, struct target *t,
                     struct error *err);

/* The end of each change to a VM that runs: nobody has what its guest did not
 * outlive. */
int hotplug_end (struct hvctl *h, struct target *t, enum change_way way, int rc,
                 struct error *err);

/* Ends the process that serves a NIC, if there is one. */
int hotplug_end_helper (struct hvctl *h, const char *vm, const char *nic,
                        struct error *err);

#endif /* CORE_HOTPLUG_H */
