/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/launch.h"

#include "common/cleanup.h"
#include "core/config/host.h"
#include "core/machine/broker-list.h"
#include "core/machine/sockets.h"
#include "core/machine/settle.h"
#include "core/provider/calls.h"
#include "core/provider/facts.h"
#include "core/state/command.h"
#include "core/state/diagnosis.h"
#include "core/state/state.h"

static void
place_descriptors (struct arena *a, const struct hv_launch *l,
                   const struct launch_given *given, struct jail *jail)
{
    int next = LAUNCH_FIRST_FD + (int)l->fds.n;
    size_t n_kept = 0;
    struct jail_fd *map;

    while (given->kept && given->kept[n_kept] >= 0) {
        n_kept++;
    }
    map = arena_alloc (a, (LAUNCH_FIRST_FD + l->fds.n + n_kept) * sizeof *map);
    jail->fds = map;
    for (int i = 0; i < LAUNCH_FIRST_FD; i++) {
        map[jail->n_fds++] = (struct jail_fd){ given->streams[i], i };
    }
    for (size_t i = 0; i < l->fds.n; i++) {
        const struct launch_fd *f = l->fds.p[i];
        int fd = given->fds ? given->fds[i] : -1;

        map[jail->n_fds++] = (struct jail_fd){ fd, f->number };
    }
    jail->process_fd = n_kept ? next : 0;
    for (size_t i = 0; i < n_kept; i++) {
        map[jail->n_fds++] = (struct jail_fd){ given->kept[i], next++ };
    }
}

struct jail
launch_jail_of (const struct plan *plan, uid_t uid, enum sandbox_mode mode)
{
    return (struct jail){ .program = plan->program,
                          .uid = uid,
                          .kvm = vec_has (&plan->launch.groups, "kvm"),
                          .mode = mode,
                          .lends = plan->launch.lent.n > 0,
                          .binds = sockets_are (plan) };
}

void
launch_jail (struct hvctl *h, const struct plugin *p, const struct hv_launch *l,
             const struct launch_given *given, struct jail *jail)
{
    static const char *const no_groups[] = { NULL };
    struct arena *a = &h->arena;
    struct jail_file *files = arena_alloc (a, (l->files.n + 1) * sizeof *files);

    for (size_t i = 0; i < l->files.n; i++) {
        const struct launch_file *f = l->files.p[i];

        files[i] = (struct jail_file){ .path = f->path, .as = f->as };
    }
    place_descriptors (a, l, given, jail);
    jail->argv = (const char *const *)l->argv.p;
    jail->files = files;
    jail->n_files = l->files.n;
    jail->groups = l->groups.n ? (const char *const *)l->groups.p : no_groups;
    jail->own = calls_group (a, p->name, &l->calls);
    jail->require_full = h->host->require_full;
    jail->cache = facts_dir (h);
}

void
launch_supervision (struct hvctl *h, const struct plan *plan,
                    const struct jail *jail, bool foreground,
                    struct supervision *out)
{
    struct arena *a = &h->arena;
    const char *name = plan->def->name, *dir = plan->vm.rundir;

    out->supervisor = h->host->supervisor;
    out->lock = arena_format (a, "%s/" SUPERVISOR_FILE, dir);
    out->end_file = arena_format (a, "%s/end", dir);
    out->release = command_release (h, name, foreground);
    out->logs = state_log_dir (h, name);
    out->foreground = foreground;
    out->serial = state_serial_dir (h, name);
    out->lent = jail->lends ? broker_list_path (h, name) : NULL;
    out->binds = jail->binds ? sockets_path (h, name) : NULL;
    settle_read (h, name, out);
    if (jail->mode >= SANDBOX_DIAGNOSE) {
        out->diagnosis = diagnosis_path (h, name);
    }
}

int *
launch_fds (struct arena *a, const struct hv_launch *l)
{
    int *fds = arena_alloc (a, (l->fds.n + 1) * sizeof *fds);

    for (size_t i = 0; i < l->fds.n; i++) {
        fds[i] = -1;
    }
    return fds;
}

void
launch_close (const struct hv_launch *l, int fds[])
{
    for (size_t i = 0; i < l->fds.n; i++) {
        close_fd (fds[i]);
        fds[i] = -1;
    }
}
