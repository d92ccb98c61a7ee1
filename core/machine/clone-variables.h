/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The firmware variables of a VM that is cloned. */
#ifndef CORE_CLONE_VARIABLES_H
#define CORE_CLONE_VARIABLES_H

#include "core/base/context.h"
#include "core/base/error.h"

/* Copies those of 'vm', if it has any, as a step of the change to 'to'; removes
 * the copy, or a part of it. */
int clone_variables_copy (struct hvctl *h, const char *vm, const char *to,
                          struct error *err);
int clone_variables_remove (struct hvctl *h, const char *to, struct error *err);

#endif /* CORE_CLONE_VARIABLES_H */
