/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/provider/provider-call.h"

#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "core/base/clock.h"
#include "core/base/context.h"
#include "core/base/interrupt.h"

#define MAX_ERRNO 4095

void
provider_begin (struct plugin *p, const char *op, int64_t timeout)
{
    p->failed = p->unsure = false;
    p->misuse = NULL;
    memset (&p->err, 0, sizeof p->err);
    if (p->has_hypervisor && p->h->limit && p->h->limit < timeout) {
        timeout = p->h->limit;
    }
    if (p->h->until) {
        /* The guard gives a plugin that ignores its time limit half as long
         * again. */
        int64_t left = (p->h->until - now_ms ()) * 2 / 3;

        timeout = left < 1 ? 1 : left < timeout ? left : timeout;
    }
    p->h->deadline = now_ms () + timeout;
    guard_enter (p->name, op, timeout);
}

int
provider_escaped (struct plugin *p)
{
    char text[256];
    int rc = guard_escaped (text, sizeof text);

    p->unsure = true;
    p->failed = false;
    p->misuse = arena_dup (&p->h->arena, text);
    return rc;
}

/* Returns a violation of the contract by the plugin, or null. */
static const char *
find_bug (const struct plugin *p, int rc, const char *wrong)
{
    if (p->misuse || wrong) {
        return p->misuse ? p->misuse : wrong;
    }
    if (rc > 0) {
        return arena_format (&p->h->arena,
                             "it returned %d, which is neither 0 nor negative",
                             rc);
    }
    if (rc < 0 && !p->failed) {
        return arena_format (&p->h->arena, "it failed without a reason (%s)",
                             rc < -MAX_ERRNO ? "no errno" : strerror (-rc));
    }
    return NULL;
}

/* Operations whose input is what hvctl.conf, a definition and the files named
 * there say: EINVAL from them means that this is wrong.  From others it may be
 * the command line, a stream, or the kernel. */
static bool
reads_configuration (const char *op)
{
    static const char *const ops[] = { "open",  "locate",   "capabilities",
                                       "check", "describe", "helper",
                                       "chain", "find",     "list" };

    for (size_t i = 0; i < ARRAY_SIZE (ops); i++) {
        if (!strcmp (op, ops[i])) {
            return true;
        }
    }
    return false;
}

int
provider_done (struct plugin *p, const char *op, const char *object, int rc,
               const char *wrong, struct error *err)
{
    const char *bug = find_bug (p, rc, wrong);

    hvctl_debug (p->h, "%s: %s %s: %d", p->name, op, object ? object : "", rc);
    if (rc == 0 && !bug) {
        return 0;
    }
    if (interrupt_came && !bug) {
        return fail (err, EINTR, "interrupted");
    }
    if (bug) {
        p->unsure |= rc >= 0;
        fail (err, rc < 0 && rc >= -MAX_ERRNO ? -rc : EPROTO,
              "%s: %s: this is a bug in the plugin", op, bug);
    } else {
        *err = p->err;
        err->code = -rc;
        err->exit_code = rc == -EINVAL && reads_configuration (op)
                             ? EXIT_CONFIG
                             : err->exit_code;
    }
    return object ? fail_prefix (err, "%s (%s)", object, p->name)
                  : fail_prefix (err, "%s", p->name);
}

int
provider_unsupported (struct plugin *p, const char *what, struct error *err)
{
    return fail (err, ENOTSUP, "%s cannot %s", p->name, what);
}
