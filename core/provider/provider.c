/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/provider/provider.h"

#include <errno.h>

#include "core/base/clock.h"
#include "core/base/context.h"
#include "core/config/config.h"
#include "core/config/problem.h"
#include "core/config/settings.h"
#include "core/provider/provider-call.h"

int
provider_usable (struct plugin *p, struct error *err)
{
    int rc;

    if (p->broken) {
        return fail (err, ENOTSUP, "plugin %s cannot be used: %s", p->name,
                     p->broken);
    }
    if (p->h->until && now_ms () >= p->h->until) {
        return fail (err, ETIMEDOUT,
                     "it would keep other commands waiting for too long");
    }
    if (p->opened) {
        return 0;
    }
    if (p->options) {
        struct problems problems = { .arena = &p->h->arena };

        settings_check ((struct hv_options *)p->options, p->info.keys,
                        &problems);
        if (problem_fail (&problems, err) < 0) {
            err->exit_code = EXIT_CONFIG;
            return -err->code;
        }
    }
    if (p->info.open) {
        provider_begin (p, "open", NORMAL);
        rc = sigsetjmp (guard_frame, 0) ? provider_escaped (p)
                                        : p->info.open (&p->ctx);
        guard_leave ();
        rc = provider_done (p, "open", NULL, rc, NULL, err);
        if (rc < 0) {
            return rc;
        }
    }
    p->opened = true;
    return 0;
}

void
provider_close (struct plugin *p)
{
    struct error err = { 0 };
    int rc;

    if (!p->opened || !p->info.close) {
        return;
    }
    provider_begin (p, "close", SHORT);
    if (sigsetjmp (guard_frame, 0)) {
        rc = provider_escaped (p);
    } else {
        p->info.close (&p->ctx);
        rc = 0;
    }
    guard_leave ();
    if (provider_done (p, "close", NULL, rc, NULL, &err) < 0) {
        hvctl_warn ("%s", err.text);
    }
}
