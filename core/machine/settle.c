/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/settle.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/machine/target.h"
#include "core/provider/hypervisor.h"
#include "core/state/command.h"
#include "core/state/ending.h"
#include "core/state/state-run.h"
#include "core/state/state.h"

/* The guest may be off before its start has been recorded, which takes a while
 * where systemd, or the host, is busy. */
#define START_TIMEOUT 60000
#define QUIT_TIMEOUT 5000

static const char *
path_of (struct hvctl *h, const char *name, const char *file)
{
    return arena_format (&h->arena, "%s/%s", state_dir (h, name), file);
}

int
settle_write (struct hvctl *h, const struct plan *plan, struct error *err)
{
    const char *name = plan->def->name;

    return file_write (path_of (h, name, "watch"), 0600,
                       arena_format (&h->arena, "%s/%s.log\n%s\n",
                                     state_log_dir (h, name),
                                     plan->launch.watch, plan->launch.word),
                       err);
}

void
settle_read (struct hvctl *h, const char *name, struct supervision *sup)
{
    CLEANUP_FREE char *text = file_read (path_of (h, name, "watch"));
    char *word = text ? strchr (text, '\n') : NULL;

    if (word) {
        sup->watch = arena_dup_n (&h->arena, text, (size_t)(word - text));
        sup->word = arena_dup_n (&h->arena, word + 1, strcspn (word + 1, "\n"));
        sup->look = command_own (h, "settle", name);
    }
}

static bool
has_shut_down (struct hvctl *h, struct target *t)
{
    struct hv_status status = { 0 };
    struct error ignored = { 0 };

    (void)h;
    return (t->state.run == RUN_RUNNING || t->state.run == RUN_PAUSED)
           && hypervisor_status (t->plugin, &t->vm, &status, &ignored) == 0
           && (status.state == HV_PREPARED || status.state == HV_STOPPED);
}

int
settle_vm (struct hvctl *h, const char *name, struct error *err)
{
    int64_t until = now_ms () + START_TIMEOUT;
    struct target t = { .pidfd = -1 };
    struct vm_state s;
    int rc = 0;

    state_read (h, name, &s);
    while (s.run == RUN_STARTING && now_ms () < until) {
        poll (NULL, 0, 20);
        state_read (h, name, &s);
    }
    if (target_find (h, name, &t, err) < 0) {
        memset (err, 0, sizeof *err); /* Gone, or another's. */
        return 0;
    }
    if (has_shut_down (h, &t)) {
        struct pollfd p = { .fd = t.pidfd, .events = POLLIN };

        ending_note_guest (h, name);
        rc = hypervisor_quit (t.plugin, &t.vm, err);
        if (rc < 0 || poll (&p, 1, QUIT_TIMEOUT) <= 0) {
            rc = target_kill (&t, err);
        }
    }
    close_fd (t.pidfd);
    return rc;
}
