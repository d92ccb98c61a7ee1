/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* For services.c alone, whose table has them; see hvctl/plugin.h. */
#ifndef CORE_SERVICES_LAUNCH_H
#define CORE_SERVICES_LAUNCH_H

#include <stdint.h>

#include <hvctl/plugin.h>

#include "core/provider/services.h"

void launch_service_arg (struct hv_ctx *ctx, struct hv_launch *l,
                         const char *fmt, ...) HV_PRINTF (3, 4);
int launch_service_open (struct hv_ctx *ctx, struct hv_launch *l,
                         const char *path, uint32_t flags);
int launch_service_listen (struct hv_ctx *ctx, struct hv_launch *l,
                           const char *name);
int launch_service_console (struct hv_ctx *ctx, struct hv_launch *l);
int launch_service_logfile (struct hv_ctx *ctx, struct hv_launch *l,
                            const char *name);
int launch_service_port (struct hv_ctx *ctx, struct hv_launch *l,
                         const char *nic, uint32_t queue);
const char *launch_service_expose (struct hv_ctx *ctx, struct hv_launch *l,
                                   const char *path);
void launch_service_need (struct hv_ctx *ctx, struct hv_launch *l,
                          const char *group);
void launch_service_lend (struct hv_ctx *ctx, struct hv_launch *l,
                          const char *path, uint32_t flags);
void launch_service_watch (struct hv_ctx *ctx, struct hv_launch *l,
                           const char *logfile, const char *word);

#endif /* CORE_SERVICES_LAUNCH_H */
