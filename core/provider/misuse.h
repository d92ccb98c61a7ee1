/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Invalid requests of a plugin to services: its operation fails,
 * whatever it returns afterwards.  See services.c, provider.c. */
#ifndef CORE_MISUSE_H
#define CORE_MISUSE_H

#include <hvctl/plugin.h>

#include "core/base/error.h"

void misuse (struct hv_ctx *ctx, const char *fmt, ...) ERROR_PRINTF (2, 3);

/* Reports misuse unless 'name' is valid as a file name in hvctl's
 * directories. */
void misuse_name (struct hv_ctx *ctx, const char *service, const char *name);

/* Reports misuse unless 'path' is absolute. */
void misuse_path (struct hv_ctx *ctx, const char *service, const char *path);

#endif /* CORE_MISUSE_H */
