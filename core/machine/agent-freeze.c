/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/agent-freeze.h"

#include <errno.h>
#include <json-c/json.h>
#include <time.h>

#include "common/member.h"
#include "core/base/clock.h"
#include "core/base/interrupt.h"
#include "core/machine/agent.h"
#include "core/state/unfinished.h"

#define PING 2000    /* ms: one that does not run is no reason to wait. */
#define FREEZE 30000 /* ms: what is in memory is written to the disks. */
#define CLOCK 1000   /* ms */

static void
not_frozen (const struct error *why)
{
    hvctl_warn ("%s (its file systems are not frozen: the snapshot is as after "
                "a power failure)",
                why->text);
}

int
agent_freeze (struct hvctl *h, const char *name, bool *frozen,
              struct error *err)
{
    struct error why = { 0 }, thaw = { 0 };

    *frozen = false;
    if (agent_ping (h, name, now_ms () + PING, &why) < 0) {
        if (why.exit_code != EXIT_UNSUPPORTED
            && why.exit_code != EXIT_NOT_RUNNING) {
            not_frozen (&why);
        }
        return 0;
    }
    if (unfinished_add (h, name, "freeze", NULL, err) < 0) {
        return -err->code;
    }
    *frozen = true;
    if (agent_tell (h, name, "guest-fsfreeze-freeze", NULL, now_ms () + FREEZE,
                    &why)
        < 0) {
        not_frozen (&why);
        /* Some may be frozen. */
        *frozen = agent_freeze_thaw (h, name, PING, &thaw) < 0;
    }
    return 0;
}

int
agent_freeze_thaw (struct hvctl *h, const char *name, int64_t ms,
                   struct error *err)
{
    struct undisturbed u;
    int rc;

    interrupt_block (&u);
    rc = agent_tell (h, name, "guest-fsfreeze-thaw", NULL, now_ms () + ms, err);
    interrupt_unblock (&u);
    if (rc == 0 || err->exit_code == EXIT_UNSUPPORTED
        || err->exit_code == EXIT_NOT_RUNNING) {
        *err = (struct error){ 0 };
        return 0;
    }
    if (err->code == EREMOTEIO || err->code == ENOENT) {
        hvctl_warn ("%s", err->text);
        *err = (struct error){ 0 };
        return 0;
    }
    return -err->code;
}

void
agent_freeze_set_clock (struct hvctl *h, const char *name)
{
    struct json_object *o = json_object_new_object ();
    struct error err = { 0 };
    struct timespec t;

    clock_gettime (CLOCK_REALTIME, &t);
    json_put_number (o, "time", t.tv_sec * INT64_C (1000000000) + t.tv_nsec);
    if (agent_tell (h, name, "guest-set-time", o, now_ms () + CLOCK, &err) < 0
        && err.exit_code != EXIT_UNSUPPORTED) {
        hvctl_debug (h, "its clock is not set: %s", err.text);
    }
}
