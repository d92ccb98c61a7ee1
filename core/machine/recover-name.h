/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Interrupted renaming and cloning of VMs: recovery of each entry. */
#ifndef CORE_RECOVER_NAME_H
#define CORE_RECOVER_NAME_H

#include "core/machine/recovery.h"

recovery_op recover_new_name, recover_rename, recover_clone_snapshot,
    recover_clone_variables;

#endif /* CORE_RECOVER_NAME_H */
