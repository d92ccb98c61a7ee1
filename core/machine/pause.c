/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/pause.h"

#include "common/cleanup.h"
#include "core/machine/agent-freeze.h"
#include "core/machine/saved.h"
#include "core/machine/target.h"
#include "core/provider/hypervisor.h"
#include "core/state/state.h"

int
pause_vm (struct hvctl *h, const char *name, bool resume, struct error *err)
{
    struct target t = { .pidfd = -1 };
    int rc = target_find (h, name, &t, err);

    if (rc < 0) {
        return rc;
    }
    if (resume) {
        /* After a save that was killed at its end: the disks will change. */
        saved_remove (h, saved_dir (h, name));
    }
    rc = resume ? hypervisor_resume (t.plugin, &t.vm, err)
                : hypervisor_pause (t.plugin, &t.vm, err);
    if (rc < 0) {
        fail_prefix (err, "%s", name);
    } else {
        t.state.run = resume ? RUN_RUNNING : RUN_PAUSED;
        rc = target_write (h, &t, err);
        if (rc < 0) {
            fail_prefix (err, "%s is %s, but that cannot be recorded", name,
                         resume ? "resumed" : "paused");
        }
    }
    close_fd (t.pidfd);
    if (rc == 0 && resume) {
        agent_freeze_set_clock (h, name);
    }
    return rc;
}
