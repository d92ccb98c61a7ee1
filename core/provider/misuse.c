/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/provider/misuse.h"

#include <stdarg.h>

#include "core/base/arena.h"
#include "core/base/name.h"
#include "core/provider/loaded.h"

void
misuse (struct hv_ctx *ctx, const char *fmt, ...)
{
    struct plugin *p = loaded_plugin (ctx);
    va_list args;

    va_start (args, fmt);
    if (!p->misuse) {
        p->misuse = arena_vformat (&p->h->arena, fmt, args);
    }
    va_end (args);
}

void
misuse_name (struct hv_ctx *ctx, const char *service, const char *name)
{
    struct error err = { 0 };

    if (!name) {
        misuse (ctx, "%s was called without a name", service);
    } else if (name_validate ("the", name, &err) < 0) {
        misuse (ctx, "%s: %s", service, err.text);
    }
}

void
misuse_path (struct hv_ctx *ctx, const char *service, const char *path)
{
    if (!path || *path != '/') {
        misuse (ctx, "%s: the path \"%s\" is not absolute", service,
                path ? path : "");
    }
}
