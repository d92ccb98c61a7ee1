/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The file of the disk for cloud-init, in the VM's run directory. */
#ifndef CORE_SEED_FILE_H
#define CORE_SEED_FILE_H

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/plan/plan.h"

/* Writes it before a start; the end of the VM removes it. */
int seed_file_write (struct hvctl *h, const struct plan *plan,
                     struct error *err);

/* Copies it to the directory of a saved state. */
int seed_file_keep (struct hvctl *h, const struct plan *plan, const char *dir,
                    struct error *err);

#endif /* CORE_SEED_FILE_H */
