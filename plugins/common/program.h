/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A program that hvctl.conf names. */
#ifndef PLUGINS_COMMON_PROGRAM_H
#define PLUGINS_COMMON_PROGRAM_H

#include "hvctl/plugin.h"

/* Why 'path', which 'key' of the section 'plugin NAME' in hvctl.conf says, is
 * no program that can be run, and what to do about it; or null. */
const char *program_fault (struct hv_ctx *ctx, const char *plugin,
                           const char *key, const char *path);

#endif /* PLUGINS_COMMON_PROGRAM_H */
