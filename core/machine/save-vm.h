/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Saves a VM, to be restored at its next start. */
#ifndef CORE_SAVE_VM_H
#define CORE_SAVE_VM_H

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/definition.h"

/* Writes the guest's memory to disk, and stops the hypervisor: the
 * next start restores it.  On failure the guest is resumed. */
int save_vm (struct hvctl *h, struct definition *def, struct error *err);

#endif /* CORE_SAVE_VM_H */
