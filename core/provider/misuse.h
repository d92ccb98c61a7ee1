/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Services that a plugin asks for what it can not have: its operation fails,
 * whatever it returns then.  See services.c, provider.c. */
#ifndef CORE_MISUSE_H
#define CORE_MISUSE_H

#include <hvctl/plugin.h>

#include "core/base/error.h"

void misuse (struct hv_ctx *ctx, const char *fmt, ...) ERROR_PRINTF (2, 3);

/* Unless 'name' can be that of a file in a directory of hvctl's. */
void misuse_name (struct hv_ctx *ctx, const char *service, const char *name);

/* Unless 'path' is absolute. */
void misuse_path (struct hv_ctx *ctx, const char *service, const char *path);

#endif /* CORE_MISUSE_H */
