/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/new-name.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/config/definition-load.h"
#include "core/config/definition.h"
#include "core/config/fleet.h"
#include "core/config/rewrite.h"
#include "core/state/state-run.h"
#include "core/state/state.h"

static int
check_empty (struct hvctl *h, const char *name, const char *dir,
             struct error *err)
{
    struct vec names = { 0 };

    file_names (&h->arena, dir, &names);
    return names.n ? fail (err, EEXIST,
                           "%s contains files of an earlier VM %s, such as "
                           "%s: remove them with 'hvctl rm %s', or give "
                           "another name",
                           dir, name, (const char *)names.p[0], name)
                   : 0;
}

int
new_name_check (struct hvctl *h, const char *name, struct error *err)
{
    const char *path = definition_path (h, name);
    const char *kept = rewrite_kept (h, path);
    const struct fleet *fleet;
    struct vm_state s;
    uint64_t index;

    if (file_is_there (path)) {
        return fail (err, EEXIST, "VM %s already exists: %s", name, path);
    }
    fleet = definition_fleet (h, name, &index);
    if (fleet) {
        return fail (err, EEXIST,
                     "VM %s already exists: it is one of fleet %s (%s): give "
                     "another name",
                     name, fleet->name,
                     fleet_where (&h->arena, fleet, "count"));
    }
    state_read (h, name, &s);
    if (s.run != RUN_STOPPED) {
        return fail_exit (err, EXIT_RUNNING, EBUSY,
                          "there is a VM %s without a definition, and it is "
                          "%s: give another name",
                          name, state_run_text (s.run));
    }
    if (access (kept, F_OK) == 0) {
        return fail (
            err, EEXIST,
            "%s is the edited text of an earlier VM %s: remove it with "
            "'hvctl rm %s', or give another name",
            kept, name, name);
    }
    return check_empty (h, name, state_keep_dir (h, name), err) < 0
                   || check_empty (h, name, state_log_dir (h, name), err) < 0
               ? -err->code
               : 0;
}
