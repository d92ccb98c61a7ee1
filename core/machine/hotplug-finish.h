/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Disks and NICs that were being plugged in when their hvctl was killed. */
#ifndef CORE_HOTPLUG_FINISH_H
#define CORE_HOTPLUG_FINISH_H

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/definition.h"

/* One that was being plugged in when its hvctl was killed: succeeds if the
 * machine has it, or gets it only when it starts; else nothing is left of it.
 */
int hotplug_finish_disk (struct hvctl *h, struct definition *def,
                         const struct disk_def *disk, struct error *err);
int hotplug_finish_nic (struct hvctl *h, struct definition *def,
                        const struct nic_def *nic, struct error *err);

#endif /* CORE_HOTPLUG_FINISH_H */
