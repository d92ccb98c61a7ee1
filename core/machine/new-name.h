/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A name that a VM is about to get: nothing of another VM, or of a former one,
 * may be there. */
#ifndef CORE_NEW_NAME_H
#define CORE_NEW_NAME_H

#include "core/base/context.h"
#include "core/base/error.h"

/* Fails if there is a VM of that name, or anything that was kept for one. */
int new_name_check (struct hvctl *h, const char *name, struct error *err);

#endif /* CORE_NEW_NAME_H */
