/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/save-vm.h"

#include <errno.h>

#include "common/cleanup.h"
#include "core/base/interrupt.h"
#include "core/machine/recover.h"
#include "core/machine/save.h"
#include "core/machine/saved-check.h"
#include "core/machine/saved.h"
#include "core/machine/stop.h"
#include "core/machine/target.h"
#include "core/plan/plan.h"
#include "core/provider/hypervisor.h"
#include "core/state/unfinished.h"

/* It is too late to give up; an interrupt is handled afterwards. */
static int
end_saved (struct hvctl *h, const char *name, const char *dir,
           const struct plan *plan, struct error *err)
{
    struct undisturbed u;
    int rc;

    interrupt_block (&u);
    rc = stop_saved (h, name, err);
    /* The images may have been written at the very end. */
    rc = rc < 0 ? rc : saved_note (h, dir, plan, err);
    interrupt_unblock (&u);
    return rc;
}

int
save_vm (struct hvctl *h, struct definition *def, struct error *err)
{
    const char *dir = saved_dir (h, def->name);
    struct plan *plan;
    struct target t;
    int rc;

    if (target_find (h, def->name, &t, err) < 0) {
        return -err->code;
    }
    rc = hypervisor_can_save (t.plugin, err);
    rc = rc < 0 ? rc : unfinished_add (h, def->name, "save", NULL, err);
    rc = rc < 0 ? rc : target_pause (h, &t, err);
    rc = rc < 0 ? rc : save_memory (h, def, &t, dir, &plan, err);
    close_fd (t.pidfd);
    if (rc < 0) {
        recover_failed (h, def->name);
        return fail_prefix (err, "%s was not saved", def->name);
    }
    if (end_saved (h, def->name, dir, plan, err) < 0) {
        recover_failed (h, def->name);
        /* The next command cleans up the rest. */
        if (!saved_read (h, dir, NULL)) {
            return -err->code;
        }
        hvctl_warn ("%s is saved, but: %s", def->name, err->text);
        *err = (struct error){ 0 };
        return 0;
    }
    unfinished_end (h, def->name);
    return 0;
}
