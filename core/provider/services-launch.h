/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* For services.c only, whose table contains them; see hvctl/plugin.h. */
#ifndef CORE_SERVICES_LAUNCH_H
#define CORE_SERVICES_LAUNCH_H

#include <stdint.h>

#include <hvctl/plugin.h>

#include "core/provider/services.h"

void services_launch_arg (struct hv_ctx *ctx, struct hv_launch *l,
                          const char *fmt, ...) HV_PRINTF (3, 4);
int services_launch_open (struct hv_ctx *ctx, struct hv_launch *l,
                          const char *path, uint32_t flags);
int services_launch_listen (struct hv_ctx *ctx, struct hv_launch *l,
                            const char *name);
int services_launch_console (struct hv_ctx *ctx, struct hv_launch *l);
int services_launch_logfile (struct hv_ctx *ctx, struct hv_launch *l,
                             const char *name);
int services_launch_port (struct hv_ctx *ctx, struct hv_launch *l,
                          const char *nic, uint32_t queue);
const char *services_launch_expose (struct hv_ctx *ctx, struct hv_launch *l,
                                    const char *path);
void services_launch_need (struct hv_ctx *ctx, struct hv_launch *l,
                           const char *group);
void services_launch_lend (struct hv_ctx *ctx, struct hv_launch *l,
                           const char *path, uint32_t flags);
void services_launch_watch (struct hv_ctx *ctx, struct hv_launch *l,
                            const char *logfile, const char *word);

#endif /* CORE_SERVICES_LAUNCH_H */
