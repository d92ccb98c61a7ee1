/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Interrupted changes to volumes: what is done about each entry. */
#ifndef CORE_RECOVER_VOLUME_H
#define CORE_RECOVER_VOLUME_H

#include "core/machine/recover.h"

recover_op recover_new_volume, recover_volume_create, recover_volume_clone,
    recover_volume_redo;

#endif /* CORE_RECOVER_VOLUME_H */
