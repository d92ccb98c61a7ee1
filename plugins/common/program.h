/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A program named in hvctl.conf. */
#ifndef PLUGINS_COMMON_PROGRAM_H
#define PLUGINS_COMMON_PROGRAM_H

#include "hvctl/plugin.h"

/* Returns why 'path', the value of 'key' in the section 'plugin NAME' of
 * hvctl.conf, cannot be run, and what to do about it; or null. */
const char *program_fault (struct hv_ctx *ctx, const char *plugin,
                           const char *key, const char *path);

#endif /* PLUGINS_COMMON_PROGRAM_H */
