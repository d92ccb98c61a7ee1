/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* rename, clone. */
#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "cli/document.h"
#include "cli/progress.h"
#include "cli/spec.h"
#include "common/cleanup.h"
#include "common/member.h"
#include "core/base/json.h"
#include "core/base/name.h"
#include "core/base/output.h"
#include "core/base/vec.h"
#include "core/config/definition.h"
#include "core/config/identity.h"
#include "core/machine/clone.h"
#include "core/machine/new-name-lock.h"
#include "core/machine/recover.h"
#include "core/machine/rename.h"

/* Locks both names. */
static int
lock_both (struct cli *c, const char *vm, const char *to,
           struct new_name_locks *l, struct error *err)
{
    const char *const names[] = { vm, to };

    if (name_validate ("VM", vm, err) < 0
        || name_validate ("VM", to, err) < 0) {
        return -err->code;
    }
    return strcmp (vm, to)
               ? new_name_lock (&c->h, names, ARRAY_SIZE (names), l, err)
               : fail_exit (err, EXIT_USAGE, EINVAL,
                            "%s has this name already: give another one", vm);
}

static int
rename_one (struct cli *c, const char *vm, const char *to, struct vec *kept,
            struct error *err)
{
    NEW_NAME_CLEANUP struct new_name_locks locks = { 0 };
    bool begun = false;

    if (lock_both (c, vm, to, &locks, err) < 0
        || rename_vm (&c->h, vm, to, kept, &begun, err) < 0) {
        if (begun) {
            recover_failed (&c->h, vm);
        }
        return -err->code;
    }
    return 0;
}

int
cmd_rename (struct cli *c)
{
    const char *vm = c->args.p[0], *to = c->args.p[1];
    struct vec kept = { 0 };

    if (rename_one (c, vm, to, &kept, &c->err) < 0) {
        return report (c);
    }
    if (c->json) {
        struct json_object *o = json_object_new_object ();

        json_put_text_or_null (o, "name", to);
        json_put_text_or_null (o, "was", vm);
        json_put_text_or_null (o, "definition", definition_path (&c->h, to));
        json_object_object_add (o, "kept", json_texts (&kept));
        document_print (c, o);
        return EXIT_OK;
    }
    out ("%s is renamed to %s, and defined in %s\n", vm, to,
         definition_path (&c->h, to));
    for (size_t i = 0; i < kept.n; i++) {
        out ("as before: %s\n", (const char *)kept.p[i]);
    }
    return EXIT_OK;
}

static int
clone_one (struct cli *c, const struct clone_wish *wish,
           struct clone_result *result, struct error *err)
{
    NEW_NAME_CLEANUP struct new_name_locks locks = { 0 };
    struct progress progress;
    bool begun = false;

    if (lock_both (c, wish->vm, wish->to, &locks, err) < 0) {
        return -err->code;
    }
    progress_begin (c, &progress, 0);
    clone_vm (&c->h, wish, result, &begun, err);
    progress_end (c, &progress);
    if (err->code && begun) {
        recover_failed (&c->h, wish->to);
    }
    return -err->code;
}

static void
print_clone (struct cli *c, const struct clone_wish *wish,
             const struct clone_result *r)
{
    out ("%s is cloned to %s, and defined in %s\n", wish->vm, wish->to,
         definition_path (&c->h, wish->to));
    for (size_t i = 0; i < r->changed.n; i++) {
        out ("its definition differs: %s\n", (const char *)r->changed.p[i]);
    }
    if (r->snapshot) {
        out ("its disks need the snapshot '%s' of %s\n", r->snapshot, wish->vm);
    }
}

int
cmd_clone (struct cli *c)
{
    struct clone_wish wish = { .vm = c->args.p[0],
                               .to = c->args.p[1],
                               .uuid = identity_random_uuid (&c->h.arena),
                               .snapshot = option_value (c, "snapshot"),
                               .full = has_option (c, "full") };
    struct clone_result result = { 0 };
    struct json_object *o;

    if (clone_one (c, &wish, &result, &c->err) < 0) {
        return report (c);
    }
    for (size_t i = 0; i < result.same.n; i++) {
        hvctl_warn ("%s", (const char *)result.same.p[i]);
    }
    warn_of_clashes (c, wish.to);
    if (!c->json) {
        print_clone (c, &wish, &result);
        return EXIT_OK;
    }
    o = json_object_new_object ();
    json_put_text_or_null (o, "name", wish.to);
    json_put_text_or_null (o, "from", wish.vm);
    json_put_text_or_null (o, "definition", definition_path (&c->h, wish.to));
    json_object_object_add (o, "volumes", json_texts (&result.volumes));
    json_object_object_add (o, "changed", json_texts (&result.changed));
    json_object_object_add (o, "same", json_texts (&result.same));
    json_put_text_or_null (o, "snapshot", result.snapshot);
    document_print (c, o);
    return EXIT_OK;
}
