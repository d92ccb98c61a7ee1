/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/status.h"

#include <errno.h>

#include "common/cleanup.h"
#include "core/base/error.h"
#include "core/config/definition-find.h"
#include "core/config/definition.h"
#include "core/machine/saved-check.h"
#include "core/machine/saved.h"
#include "core/machine/target.h"
#include "core/provider/hypervisor.h"

const char *
status_text (int state)
{
    static const char *const texts[] = { "stopped", "starting", "running",
                                         "paused", "failed" };

    return texts[state];
}

bool
status_is_ending (const struct target *t, const struct error *why)
{
    return why->code != ETIMEDOUT && target_has_ended (t, TARGET_ENDING);
}

static const char *
saved_detail (struct hvctl *h, const char *name)
{
    struct error err = { 0 };
    struct definition *def;

    return definition_load (h, name, &def, &err) == 0
                   && saved_check (h, def, &err) < 0
               ? arena_dup (&h->arena, err.text)
               : "the next start restores its saved state";
}

bool
status_read (struct hvctl *h, const char *name, struct vm_state *s,
             const char **text, const char **detail)
{
    struct target t = { .pidfd = -1 };
    struct hv_status status = { 0 };
    struct error err = { 0 };
    bool answers;

    *detail = NULL;
    if (target_find (h, name, &t, &err) < 0) {
        *s = t.state;
        *text = state_run_text (s->run);
        if (s->run == RUN_UNKNOWN || !s->hypervisor) {
            *detail =
                s->run > RUN_STALE ? arena_dup (&h->arena, err.text) : NULL;
        }
        if ((s->run == RUN_STOPPED || s->run == RUN_STALE)
            && saved_read (h, saved_dir (h, name), NULL)) {
            *text = "saved";
            *detail = saved_detail (h, name);
        }
        if (s->run == RUN_STALE) {
            *detail = "not cleaned up yet: the next command that makes a "
                      "change does it";
        }
        return false;
    }
    *s = t.state;
    *text = state_run_text (s->run);
    answers = s->run != RUN_STARTING
              && hypervisor_status (t.plugin, &t.vm, &status, &err) == 0;
    if (answers) {
        *text = status_text (status.state);
        *detail = status.detail;
    } else if (s->run != RUN_STARTING && status_is_ending (&t, &err)) {
        close_fd (t.pidfd);
        return status_read (h, name, s, text, detail);
    } else if (s->run != RUN_STARTING) {
        *detail = arena_format (&h->arena,
                                "its hypervisor does not answer: "
                                "%s",
                                err.text);
    }
    close_fd (t.pidfd);
    return answers;
}
