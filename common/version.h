/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What a hypervisor's program says it is. */
#ifndef COMMON_VERSION_H
#define COMMON_VERSION_H

#include <stdio.h>

#include "hvctl/plugin.h"

/* Is the fact "version" that of a program older than 'major'.'minor'?  It is
 * not if nobody has asked the program, or it said something else. */
static inline bool
version_below (struct hv_ctx *ctx, int major, int minor)
{
    const char *text = hv_fact (ctx, "version");
    int is_major, is_minor;

    return text && sscanf (text, "%d.%d", &is_major, &is_minor) == 2
           && (is_major < major || (is_major == major && is_minor < minor));
}

#endif /* COMMON_VERSION_H */
