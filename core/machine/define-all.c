/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/define-all.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/compat.h"
#include "common/if-any.h"
#include "core/base/file.h"
#include "core/base/interrupt.h"
#include "core/base/json.h"
#include "core/config/rewrite.h"
#include "core/state/unfinished.h"

const char *
define_all_key (struct hvctl *h, const char *name)
{
    return arena_format (&h->arena, "%s@@import", name);
}

/* Returns the directory of a path. */
static const char *
directory (struct hvctl *h, const char *path)
{
    const char *slash = strrchr (path, '/');

    return arena_format (&h->arena, "%.*s", (int)(slash ? slash - path : 0),
                         path);
}

/* Writes a file under its temporary name. */
static int
prepare (struct hvctl *h, const char *key, const struct define_file *f,
         struct error *err)
{
    const char *temporary = rewrite_temporary (h, f->path, f->name);
    struct json_object *o = json_object_new_object ();

    json_put_text (o, "op", DEFINE_ALL_FILE);
    json_put_text (o, "name", f->name);
    json_put_text (o, "temporary", temporary);
    json_put_text (o, "path", f->path);
    return unfinished_entry (h, key, o, err) < 0
                   || file_make_dirs (directory (h, f->path), 0755, err) < 0
                   || rewrite_begin (f->path, temporary, f->text, err) < 0
               ? -err->code
               : 0;
}

static int
publish (const char *temporary, const char *path, struct error *err)
{
    return renameat2 (AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE) < 0
               ? fail (err, errno,
                       errno == EEXIST ? "%s already exists"
                                       : "cannot write %s: %m",
                       path)
               : 0;
}

int
define_all (struct hvctl *h, const char *key, const struct define_file *files,
            size_t n, struct error *err)
{
    for (size_t i = 0; i < n && !err->code; i++) {
        if (interrupt_came) {
            fail (err, EINTR, "interrupted");
        } else {
            prepare (h, key, &files[i], err);
        }
    }
    if (!err->code) {
        unfinished_add (h, key, DEFINE_ALL_READY, NULL, err);
    }
    for (size_t i = 0; i < n && !err->code; i++) {
        publish (rewrite_temporary (h, files[i].path, files[i].name),
                 files[i].path, err);
    }
    if (!err->code) {
        unfinished_end (h, key);
    }
    return -err->code;
}

/* Of those that were ready, one without its temporary file has got its name:
 * it is removed again. */
static int
take_back (struct recovery *r, const char *temporary, const char *path,
           struct error *err)
{
    bool ready = recovery_find (r, DEFINE_ALL_READY);

    if (ready && !recovery_find (r, RECOVERY_BACK)
        && unfinished_add (r->h, r->key, RECOVERY_BACK, NULL, err) < 0) {
        return -err->code;
    }
    if (unlink (temporary) == 0) {
        return 0;
    }
    return fail_if_any (temporary) < 0
               ? fail (err, errno, "cannot remove %s: %m", temporary)
           : ready && unlink_if_any (path) < 0
               ? fail (err, errno, "cannot remove %s: %m", path)
               : 0;
}

int
define_all_file (struct recovery *r, struct json_object *e, struct error *err)
{
    const char *temporary = recovery_text (r, e, "temporary");
    const char *path = recovery_text (r, e, "path");

    if (!temporary || !path) {
        return fail (err, EINVAL, "the journal of the change is damaged");
    }
    if (r->own || !r->finished) {
        return take_back (r, temporary, path, err);
    }
    if (access (temporary, F_OK) < 0 || publish (temporary, path, err) == 0) {
        return 0;
    }
    if (err->code != EEXIST) {
        return -err->code;
    }
    /* Somebody has written it by hand: that stays. */
    hvctl_warn ("%s: 'import' was interrupted, and %s has been written since: "
                "it is left alone",
                recovery_shown (r->h, r->key), path);
    *err = (struct error){ 0 };
    return unlink (temporary) < 0
               ? fail (err, errno, "cannot remove %s: %m", temporary)
               : 0;
}

int
define_all_ready (struct recovery *r, struct json_object *e, struct error *err)
{
    (void)e;
    (void)err;
    r->finished = true;
    return 0;
}
