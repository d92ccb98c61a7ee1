/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Disks of a definition whose volumes do not exist. */
#ifndef CORE_UNMADE_H
#define CORE_UNMADE_H

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/definition.h"

/* Fails if the volume of such a disk cannot be created. */
int unmade_check (struct hvctl *h, const struct disk_def *d, struct error *err);

/* Adds them, struct disk_def *.  Fails if one of them cannot be created, since
 * it has neither a size nor a backing file. */
int unmade_disks (struct hvctl *h, const struct definition *def,
                  struct vec *out, struct error *err);

#endif /* CORE_UNMADE_H */
