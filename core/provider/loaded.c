/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/provider/loaded.h"

/* A plugin's ctx is the first member of struct plugin. */
struct plugin *
loaded_plugin (struct hv_ctx *ctx)
{
    return (struct plugin *)ctx;
}

struct arena *
loaded_arena (struct hv_ctx *ctx)
{
    return &loaded_plugin (ctx)->h->arena;
}
