/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* All changes whose hvctl is gone. */
#ifndef CORE_RECOVER_ALL_H
#define CORE_RECOVER_ALL_H

#include "core/base/context.h"

/* Looks after all changes whose hvctl is gone.  Trouble is warned of. */
void recover_all (struct hvctl *h, const struct vec *mine);

#endif /* CORE_RECOVER_ALL_H */
