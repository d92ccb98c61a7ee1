/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/clone-variables.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "common/if-any.h"
#include "core/base/file.h"
#include "core/state/state.h"
#include "core/state/unfinished.h"

static const char *
path_of (struct hvctl *h, const char *vm)
{
    return arena_format (&h->arena, "%s/vars.fd", state_keep_dir (h, vm));
}

static const char *
temporary_of (struct hvctl *h, const char *vm)
{
    return arena_format (&h->arena, "%s.new", path_of (h, vm));
}

int
clone_variables_copy (struct hvctl *h, const char *vm, const char *to,
                      struct error *err)
{
    const char *from = path_of (h, vm);

    if (access (from, F_OK) < 0 && errno == ENOENT) {
        return 0;
    }
    if (unfinished_add (h, to, "clone-variables", NULL, err) < 0
        || file_make_dirs (state_keep_dir (h, to), 0700, err) < 0
        || file_copy (from, temporary_of (h, to), err) < 0) {
        return fail_prefix (err, "firmware variables");
    }
    return rename (temporary_of (h, to), path_of (h, to)) < 0
               ? fail (err, errno, "cannot write %s: %m", path_of (h, to))
               : 0;
}

int
clone_variables_remove (struct hvctl *h, const char *to, struct error *err)
{
    if (unlink_if_any (temporary_of (h, to)) < 0
        || unlink_if_any (path_of (h, to)) < 0) {
        return fail (err, errno, "cannot remove %s: %m", path_of (h, to));
    }
    rmdir (state_keep_dir (h, to));
    return 0;
}
