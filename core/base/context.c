/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/base/context.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "core/base/clock.h"
#include "core/base/output.h"

void
hvctl_warn (const char *fmt, ...)
{
    va_list args;

    va_start (args, fmt);
    err_lines ("hvctl: ", fmt, args);
    va_end (args);
}

void
hvctl_debug (const struct hvctl *h, const char *fmt, ...)
{
    char prefix[32];
    va_list args;

    if (h->verbose < 2) {
        return;
    }
    snprintf (prefix, sizeof prefix, "hvctl: [%" PRId64 "] ",
              now_ms () % 1000000);
    va_start (args, fmt);
    err_lines (prefix, fmt, args);
    va_end (args);
}

void
context_stage (const struct hvctl *h, const char *stage)
{
    if (h->stage) {
        h->stage (h->stage_data, stage);
    }
}
