/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Enlarging disks. */
#ifndef CORE_GROW_H
#define CORE_GROW_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/definition.h"
#include "core/machine/change.h"
#include "core/plan/plan.h"

/* Fails if the disk is already larger than that. */
int grow_check (struct hvctl *h, struct definition *def,
                const struct disk_def *disk, uint64_t size, struct error *err);

/* Returns whether the disk of a running VM can be enlarged only while the VM is
 * stopped; 'err' says why. */
bool grow_waits (struct hvctl *h, const char *vm, const struct plan_disk *d,
                 struct error *err);

/* Records in the journal that the disk is to be enlarged. */
int grow_note (struct hvctl *h, const char *vm, const char *disk, uint64_t size,
               struct error *err);

/* Enlarges a disk. */
int grow_disk (struct hvctl *h, struct definition *def,
               const struct disk_def *disk, uint64_t size, enum change_way *way,
               struct error *err);

#endif /* CORE_GROW_H */
