/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/provider/services.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "common/cleanup.h"
#include "core/base/clock.h"
#include "core/base/context.h"
#include "core/base/error.h"
#include "core/base/interrupt.h"
#include "core/base/socket.h"
#include "core/config/config.h"
#include "core/config/host.h"
#include "core/config/settings.h"
#include "core/process/program.h"
#include "core/provider/guard.h"
#include "core/provider/loaded.h"
#include "core/provider/misuse.h"
#include "core/provider/services-launch.h"

#define DEFAULT_TIMEOUT 30000
#define MAX_ALLOC ((size_t)1 << 30)

static int
service_fail (struct hv_ctx *ctx, int code, const char *fmt, ...)
{
    struct plugin *p = loaded_plugin (ctx);
    va_list args;
    int rc;

    p->failed = true;
    va_start (args, fmt);
    rc = vfail (&p->err, code, fmt, args);
    va_end (args);
    return rc;
}

static void
service_log (struct hv_ctx *ctx, enum hv_level level, const char *fmt, ...)
{
    struct plugin *p = loaded_plugin (ctx);
    int saved = errno;
    va_list args;
    char *text;

    errno = saved;
    va_start (args, fmt);
    text = arena_vformat (loaded_arena (ctx), fmt, args);
    va_end (args);
    if (level == HV_WARNING) {
        hvctl_warn ("%s: %s", p->name, text);
    } else if (level == HV_INFO && p->h->verbose) {
        hvctl_warn ("%s: %s", p->name, text);
    } else {
        hvctl_debug (p->h, "%s: %s", p->name, text);
    }
    errno = saved;
}

static void *
service_alloc (struct hv_ctx *ctx, size_t size)
{
    if (size > MAX_ALLOC) {
        guard_refuse (arena_format (loaded_arena (ctx),
                                    "it asked for %zu bytes of memory", size));
    }
    return arena_alloc (loaded_arena (ctx), size);
}

static char *
service_format (struct hv_ctx *ctx, const char *fmt, ...)
{
    va_list args;
    char *s;

    va_start (args, fmt);
    s = arena_vformat (loaded_arena (ctx), fmt, args);
    va_end (args);
    return s;
}

static const char *
service_option (struct hv_ctx *ctx, const struct hv_options *options,
                const char *key)
{
    struct plugin *p = loaded_plugin (ctx);
    const struct hv_key *k = p->info.keys;

    if (options || p->options) {
        return settings_get (options ? options : p->options, key);
    }
    for (; k && k->name; k++) {
        if (!strcmp (k->name, key)) {
            return k->fallback;
        }
    }
    return NULL;
}

static int64_t
service_remaining (struct hv_ctx *ctx)
{
    int64_t left = loaded_plugin (ctx)->h->deadline - now_ms ();
    int64_t rest = interrupt_came ? interrupt_left () : left;

    left = rest < left ? rest : left;
    return left > 0 ? left : 0;
}

static void
moved (void *data, uint64_t bytes)
{
    struct hvctl *h = data;

    if (h->progress) {
        h->progress (h->progress_data, bytes, h->total);
    }
}

static void
service_progress (struct hv_ctx *ctx, uint64_t done, uint64_t total)
{
    if (total) {
        loaded_plugin (ctx)->h->total = total;
    }
    moved (loaded_plugin (ctx)->h, done);
}

static int
service_program (struct hv_ctx *ctx, const struct hv_program *theirs,
                 const char **out)
{
    struct plugin *p = loaded_plugin (ctx);
    struct hv_program mine = { 0 };
    struct program program = { 0 };
    struct error err = { 0 };
    CLEANUP_FREE char *text = NULL;
    int rc;

    memcpy (&mine, theirs,
            theirs->size < sizeof mine ? theirs->size : sizeof mine);
    if (!mine.argv || !mine.argv[0]) {
        misuse (ctx, "it ran a program without a name");
        return -EINVAL;
    }
    program.argv = mine.argv;
    program.input = mine.input;
    program.timeout = mine.timeout > 0 ? mine.timeout : DEFAULT_TIMEOUT;
    program.groups = mine.needs;
    program.kvm = mine.devices;
    program.reads = mine.reads;
    program.writes = mine.writes;
    program.input_size = mine.input_size;
    program.input_fd = mine.input_fd;
    program.output_fd = mine.output_fd;
    program.moved = moved;
    program.moved_data = p->h;
    program.uid = (uid_t)p->h->probe_uid;
    hvctl_debug (p->h, "%s: runs %s %s", p->name, mine.argv[0],
                 mine.argv[1] ? mine.argv[1] : "");
    guard_hold ();
    rc = program_run (&program, out ? &text : NULL, &err);
    guard_release ();
    if (rc < 0) {
        p->failed = true;
        p->err = err;
        if (out) {
            *out = arena_dup (loaded_arena (ctx), err.text);
        }
        return -err.code;
    }
    if (out) {
        *out = arena_dup (loaded_arena (ctx), text ? text : "");
    }
    return 0;
}

/* A command that makes no changes runs no program that does. */
static int
service_run (struct hv_ctx *ctx, const struct hv_program *program,
             const char **out)
{
    if (!loaded_plugin (ctx)->h->changes) {
        return service_fail (
            ctx, EROFS,
            "this command changes nothing, so it must not run %s, which would "
            "make a change",
            program->argv[0]);
    }
    return service_program (ctx, program, out);
}

const char *
services_socket_file (const struct launch_fd *f)
{
    return f->flags == RELAYED ? SERIAL_SOCKET : f->name;
}

static int
service_connect (struct hv_ctx *ctx, const char *rundir, const char *name)
{
    int64_t left = service_remaining (ctx);
    struct error err = { 0 };
    int fd;

    misuse_path (ctx, "hv_connect()", rundir);
    misuse_name (ctx, "hv_connect()", name);
    if (loaded_plugin (ctx)->misuse) {
        return -EINVAL;
    }
    guard_hold ();
    fd = socket_connect (rundir, name,
                         left < CONNECT_TIMEOUT ? left : CONNECT_TIMEOUT, &err);
    guard_release ();
    return fd < 0 ? service_fail (ctx, err.code, "%s", err.text) : fd;
}

static const char *
service_fact (struct hv_ctx *ctx, const char *key)
{
    struct json_object *value;

    return loaded_plugin (ctx)->facts
                   && json_object_object_get_ex (loaded_plugin (ctx)->facts,
                                                 key, &value)
               ? json_object_get_string (value)
               : NULL;
}

static void
service_add (struct hv_ctx *ctx, struct hv_list *list, const char *name,
             const char *detail)
{
    struct list_entry *e = service_alloc (ctx, sizeof *e);

    if (!name || !*name) {
        misuse (ctx, "hv_add() was called without a name");
        return;
    }
    e->name = arena_dup (loaded_arena (ctx), name);
    e->detail = arena_dup (loaded_arena (ctx), detail);
    vec_add (loaded_arena (ctx), &list->entries, e);
}

static void
service_layer (struct hv_ctx *ctx, struct hv_chain *chain, const char *path,
               const char *format)
{
    struct hv_layer *layer = service_alloc (ctx, sizeof *layer);

    layer->path = arena_dup (loaded_arena (ctx), path);
    layer->format = arena_dup (loaded_arena (ctx), format);
    vec_add (loaded_arena (ctx), &chain->layers, layer);
}

static const char *
service_owner (struct hv_ctx *ctx)
{
    const char *run_dir = loaded_plugin (ctx)->h->host->run_dir;

    return strcmp (run_dir, SYSTEM_RUN_DIR) ? run_dir : NULL;
}

static int
service_nic_fd (struct hv_ctx *ctx, const struct hv_vm *vm, const char *nic,
                uint32_t queue)
{
    const struct vec *held = loaded_plugin (ctx)->held;

    (void)vm; /* A command starts one VM after the other. */
    for (size_t i = 0; held && i < held->n; i++) {
        const struct held_fd *f = held->p[i];

        if (!strcmp (f->nic, nic) && f->queue == queue) {
            return f->fd;
        }
    }
    return -1;
}

void
services_close (struct plugin *p)
{
    json_object_put (p->facts);
    p->facts = NULL;
}

const struct hv_host services = {
    .fail = service_fail,
    .log = service_log,
    .alloc = service_alloc,
    .format = service_format,
    .option = service_option,
    .remaining = service_remaining,
    .ask = service_program,
    .run = service_run,
    .connect = service_connect,
    .fact = service_fact,
    .add = service_add,
    .layer = service_layer,
    .arg = services_launch_arg,
    .open = services_launch_open,
    .listen = services_launch_listen,
    .logfile = services_launch_logfile,
    .port = services_launch_port,
    .expose = services_launch_expose,
    .need = services_launch_need,
    .lend = services_launch_lend,
    .nic_fd = service_nic_fd,
    .progress = service_progress,
    .watch = services_launch_watch,
    .owner = service_owner,
    .console = services_launch_console,
};
