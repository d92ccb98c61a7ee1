/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The files that a definition names, directly or indirectly: checked before
 * anything relies on them, by create, validate, plan and start alike. */
#ifndef CORE_NAMED_H
#define CORE_NAMED_H

#include <stdbool.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/definition.h"
#include "core/plan/plan.h"

/* Returns the problem with 'path', as a text that follows it ("does not
 * exist"), or null; 'device': block devices are allowed.  '*code' is an errno
 * value. */
const char *named_fault (struct arena *a, const char *path, bool device,
                         int *code);

/* Checks kernel and initrd. */
int named_check_boot (struct hvctl *h, const struct definition *def,
                      struct error *err);

/* Checks image and cdrom; with 'all', also the backing file of a new volume. */
int named_check_disk (struct hvctl *h, const struct disk_def *d, bool all,
                      struct error *err);

/* Checks every layer of a disk, as reported by its storage. */
int named_check_layers (struct hvctl *h, const struct plan_disk *d,
                        struct error *err);

/* Checks the firmware, and the VM's own variables for it. */
int named_check_firmware (struct hvctl *h, const struct plan *plan,
                          struct error *err);

#endif /* CORE_NAMED_H */
