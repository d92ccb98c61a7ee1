/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Interrupted changes to VMs: recovery of each entry. */
#ifndef CORE_RECOVER_MACHINE_H
#define CORE_RECOVER_MACHINE_H

#include "core/machine/recovery.h"

recovery_op recover_freeze, recover_pause, recover_save, recover_memory,
    recover_note, recover_snapshot, recover_revert, recover_forget,
    recover_restore, recover_go, recover_plug_disk, recover_plug_nic,
    recover_plugged, recover_unplug, recover_resize, recover_grow;

#endif /* CORE_RECOVER_MACHINE_H */
