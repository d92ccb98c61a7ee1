/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* All changes whose hvctl was killed. */
#ifndef CORE_RECOVER_ALL_H
#define CORE_RECOVER_ALL_H

#include "core/base/context.h"

/* Completes or rolls back all changes whose hvctl was killed.  Warns about
 * failures. */
void recover_all (struct hvctl *h, const struct vec *mine);

#endif /* CORE_RECOVER_ALL_H */
