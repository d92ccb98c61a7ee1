/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Disks and NICs whose hotplug was interrupted because hvctl was killed. */
#ifndef CORE_HOTPLUG_FINISH_H
#define CORE_HOTPLUG_FINISH_H

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/definition.h"

/* Complete such a hotplug: succeed if the machine has the device, or gets it
 * only at its start; otherwise nothing of it is left. */
int hotplug_finish_disk (struct hvctl *h, struct definition *def,
                         const struct disk_def *disk, struct error *err);
int hotplug_finish_nic (struct hvctl *h, struct definition *def,
                        const struct nic_def *nic, struct error *err);

#endif /* CORE_HOTPLUG_FINISH_H */
