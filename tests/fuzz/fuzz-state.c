/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Fuzzes what a run directory holds: the journal (first byte 'j'), the state
 * ('s'), how the run ended ('e').  A journal is undone by a provider that
 * checks what it is given. */
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <sys/stat.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/base/process.h"
#include "core/config/host.h"
#include "core/provider/loaded.h"
#include "core/provider/services.h"
#include "core/state/ending-text.h"
#include "core/state/journal.h"
#include "core/state/state-run.h"
#include "core/state/state.h"

static char dir[64];

static int
fuzz_detach (struct hv_ctx *ctx, const struct hv_port *port)
{
    MUST (port->vm && port->name && port->ifname && port->options);
    hv_option (ctx, port->options, "bridge");
    return strlen (port->name) % 2 ? hv_fail (ctx, EIO, "odd") : 0;
}

static int
fuzz_deactivate (struct hv_ctx *ctx, const struct hv_volume *vol)
{
    MUST (vol->name && (vol->path || (vol->pool && vol->options)));
    if (vol->options) {
        hv_option (ctx, vol->options, "path");
    }
    return 0;
}

static int
fuzz_activate (struct hv_ctx *ctx, const struct hv_volume *vol)
{
    abort ();
}

static void
add_plugin (struct hvctl *h, const char *name, bool network, bool storage)
{
    static const struct hv_key keys[] = {
        { "bridge", HV_STRING, NULL, "x", false },
        { "path", HV_STRING, NULL, "x", false },
        { NULL, HV_STRING, NULL, NULL, false }
    };
    struct plugin *p = arena_alloc (&h->arena, sizeof *p);

    p->h = h;
    p->ctx.host = &services;
    p->name = p->info.name = name;
    p->path = "/";
    p->opened = true;
    p->has_network = network;
    p->has_storage = storage;
    if (network) {
        p->network.keys = keys;
        p->network.detach = fuzz_detach;
    }
    if (storage) {
        p->storage.keys = keys;
        p->storage.activate = fuzz_activate;
        p->storage.deactivate = fuzz_deactivate;
    }
    vec_add (&h->arena, &h->plugins, p);
}

static void
begin (void)
{
    char path[128];

    fuzz_be_quiet ();
    strcpy (dir, "/dev/shm/hvctl-fuzz.XXXXXX");
    MUST (mkdtemp (dir));
    snprintf (path, sizeof path, "%s/vm", dir);
    mkdir (path, 0700);
    snprintf (path, sizeof path, "%s/vm/vm1", dir);
    mkdir (path, 0700);
}

static void
finish (void)
{
    static const char *const names[] = { "/vm/vm1/journal",
                                         "/vm/vm1/state",
                                         "/vm/vm1/end",
                                         "/vm/vm1/lock",
                                         "/vm/vm1",
                                         "/vm",
                                         "" };
    char path[128];

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf (path, sizeof path, "%s%s", dir, names[i]);
        remove (path);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t len)
{
    struct hvctl h = { 0 };
    struct error err = { 0 };
    struct vm_state s;
    char path[128];
    const char *line;

    if (!len) {
        return 0;
    }
    if (!*dir) {
        begin ();
        atexit (finish);
    }
    h.plugins_loaded = true;
    h.host = arena_alloc (&h.arena, sizeof *h.host);
    h.host->run_dir = dir;
    add_plugin (&h, "both", true, true);
    add_plugin (&h, "net", true, false);
    add_plugin (&h, "disk", false, true);
    snprintf (path, sizeof path, "%s/vm/vm1/%s", dir,
              *data == 'j'   ? "journal"
              : *data == 's' ? "state"
                             : "end");
    fuzz_write (path, data + 1, len - 1);
    if (*data == 'j') {
        bool undone = journal_undo (&h, "vm1", &err) == 0;

        MUST (undone == (err.code == 0) && undone == !err.text[0]);
        MUST (undone == (access (path, F_OK) < 0));
    } else if (*data == 's') {
        state_read (&h, "vm1", &s);
        MUST (s.run == RUN_STALE || process_is_alive (s.pid, s.start_time));
    } else {
        line = state_read_line (&h, path);
        MUST (!line || ending_describe (&h, line));
    }
    unlink (path);
    arena_free (&h.arena);
    return 0;
}
