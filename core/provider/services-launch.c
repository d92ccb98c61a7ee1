/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The services that collect the process description of describe(). */
#include "core/provider/services-launch.h"

#include <stdarg.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/vec.h"
#include "core/provider/calls.h"
#include "core/provider/loaded.h"
#include "core/provider/misuse.h"
#include "core/sandbox/groups.h"

void
services_launch_arg (struct hv_ctx *ctx, struct hv_launch *l, const char *fmt,
                     ...)
{
    va_list args;

    va_start (args, fmt);
    vec_add (loaded_arena (ctx), &l->argv,
             arena_vformat (loaded_arena (ctx), fmt, args));
    va_end (args);
}

static int
add_fd (struct hv_ctx *ctx, struct hv_launch *l, enum launch_fd_kind kind,
        const char *name, uint32_t flags)
{
    struct launch_fd *f = arena_alloc (loaded_arena (ctx), sizeof *f);

    if (l->by_path) {
        return -1;
    }
    f->kind = kind;
    f->number = LAUNCH_FIRST_FD + (int)l->fds.n;
    f->name = arena_dup (loaded_arena (ctx), name);
    f->flags = flags;
    vec_add (loaded_arena (ctx), &l->fds, f);
    return f->number;
}

int
services_launch_open (struct hv_ctx *ctx, struct hv_launch *l, const char *path,
                      uint32_t flags)
{
    misuse_path (ctx, "hv_open()", path);
    return add_fd (ctx, l, FD_OPEN, path, flags);
}

int
services_launch_listen (struct hv_ctx *ctx, struct hv_launch *l,
                        const char *name)
{
    misuse_name (ctx, "hv_listen()", name);
    return add_fd (ctx, l, FD_LISTEN, name, 0);
}

int
services_launch_console (struct hv_ctx *ctx, struct hv_launch *l)
{
    return add_fd (ctx, l, FD_LISTEN, "console", RELAYED);
}

int
services_launch_logfile (struct hv_ctx *ctx, struct hv_launch *l,
                         const char *name)
{
    misuse_name (ctx, "hv_logfile()", name);
    if (name && !strcmp (name, "hypervisor")) {
        misuse (ctx, "hv_logfile(): hypervisor.log is reserved for the "
                     "process's standard output");
    }
    return add_fd (ctx, l, FD_LOG, name, 0);
}

int
services_launch_port (struct hv_ctx *ctx, struct hv_launch *l, const char *nic,
                      uint32_t queue)
{
    if (!nic) {
        misuse (ctx, "hv_port() was called without a name");
    }
    return add_fd (ctx, l, FD_PORT, nic ? nic : "", queue);
}

const char *
services_launch_expose (struct hv_ctx *ctx, struct hv_launch *l,
                        const char *path)
{
    struct launch_file *f = arena_alloc (loaded_arena (ctx), sizeof *f);

    misuse_path (ctx, "hv_expose()", path);
    if (l->by_path) {
        return path;
    }
    f->path = arena_dup (loaded_arena (ctx), path);
    f->as = arena_format (loaded_arena (ctx), "/file%zu", l->files.n);
    vec_add (loaded_arena (ctx), &l->files, f);
    return f->as;
}

void
services_launch_need (struct hv_ctx *ctx, struct hv_launch *l,
                      const char *group)
{
    if (!group) {
        misuse (ctx, "hv_need() was called without a name");
        return;
    }
    if (groups_find (group)
        || !calls_take (loaded_arena (ctx), ((struct plugin *)ctx)->calls,
                        group, &l->calls)) {
        vec_add (loaded_arena (ctx), &l->groups,
                 arena_dup (loaded_arena (ctx), group));
    }
}

void
services_launch_lend (struct hv_ctx *ctx, struct hv_launch *l, const char *path,
                      uint32_t flags)
{
    struct launch_lent *f = arena_alloc (loaded_arena (ctx), sizeof *f);

    misuse_path (ctx, "hv_lend()", path);
    if (l->by_path) {
        return;
    }
    f->path = arena_dup (loaded_arena (ctx), path);
    f->flags = flags;
    vec_add (loaded_arena (ctx), &l->lent, f);
}

void
services_launch_watch (struct hv_ctx *ctx, struct hv_launch *l,
                       const char *logfile, const char *word)
{
    misuse_name (ctx, "hv_watch()", logfile);
    if (!word || !*word || strlen (word) > 64) {
        misuse (ctx, "hv_watch(): the word must have 1 to 64 bytes");
    }
    l->watch = arena_dup (loaded_arena (ctx), logfile);
    l->word = arena_dup (loaded_arena (ctx), word);
}
