/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/new-name.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/base/file.h"
#include "core/base/name.h"
#include "core/config/definition.h"
#include "core/config/rewrite.h"
#include "core/machine/changing.h"
#include "core/state/state-run.h"
#include "core/state/state.h"

/* Two hvctls with the same two names must not wait for each other. */
int
new_name_lock (struct hvctl *h, const char *vm, const char *to, int locks[2],
               struct error *err)
{
    bool first = strcmp (vm, to) < 0;

    locks[0] = locks[1] = -1;
    if (name_validate ("VM", vm, err) < 0
        || name_validate ("VM", to, err) < 0) {
        return -err->code;
    }
    if (!strcmp (vm, to)) {
        return fail_exit (err, EXIT_USAGE, EINVAL,
                          "%s has this name already: give another one", vm);
    }
    return changing_lock (h, first ? vm : to, true, &locks[0], err) < 0
                   || changing_lock (h, first ? to : vm, true, &locks[1], err)
                          < 0
               ? -err->code
               : 0;
}

static int
check_empty (struct hvctl *h, const char *name, const char *dir,
             struct error *err)
{
    struct vec names = { 0 };

    file_names (&h->arena, dir, &names);
    return names.n ? fail (err, EEXIST,
                           "%s contains files of an earlier VM %s, such as "
                           "%s: remove that directory, or give another name",
                           dir, name, (const char *)names.p[0])
                   : 0;
}

int
new_name_check (struct hvctl *h, const char *name, struct error *err)
{
    const char *path = definition_path (h, name);
    const char *kept = rewrite_kept (h, path);
    struct vm_state s;

    if (faccessat (AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
        return fail (err, EEXIST, "VM %s already exists: %s", name, path);
    }
    state_read (h, name, &s);
    if (s.run != RUN_STOPPED) {
        return fail_exit (err, EXIT_RUNNING, EBUSY,
                          "there is a VM %s without a definition, and it is "
                          "%s: give another name",
                          name, state_run_text (s.run));
    }
    if (access (kept, F_OK) == 0) {
        return fail (err, EEXIST,
                     "%s is the edited text of an earlier VM %s: remove it, or "
                     "give another name",
                     kept, name);
    }
    return check_empty (h, name, state_keep_dir (h, name), err) < 0
                   || check_empty (h, name, state_log_dir (h, name), err) < 0
               ? -err->code
               : 0;
}
