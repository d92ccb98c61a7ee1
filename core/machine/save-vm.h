/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Saves a VM: its guest goes on at the next start. */
#ifndef CORE_SAVE_VM_H
#define CORE_SAVE_VM_H

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/definition.h"

/* Writes what the guest has in memory to the disk, and ends the hypervisor: the
 * next start goes on from there.  On failure the guest goes on. */
int save_vm (struct hvctl *h, struct definition *def, struct error *err);

#endif /* CORE_SAVE_VM_H */
