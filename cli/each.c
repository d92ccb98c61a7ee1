/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The VMs that a command is for, one after another; crowd.c: several at
 * once. */
#include <errno.h>
#include <fnmatch.h>
#include <json-c/json.h>
#include <string.h>

#include "cli/crowd.h"
#include "cli/document.h"
#include "cli/identify.h"
#include "cli/select.h"
#include "cli/tell.h"
#include "common/member.h"
#include "core/base/interrupt.h"
#include "core/base/name.h"
#include "core/base/output.h"
#include "core/config/definition-find.h"
#include "core/config/fleet.h"
#include "core/state/state-run.h"

bool
name_is_pattern (const char *s)
{
    return strpbrk (s, "*?[") != NULL;
}

/* Adds the VMs that match the pattern, or the pattern itself. */
static void
add_matching (struct cli *c, const char *pattern, const struct vec *all,
              struct vec *names)
{
    size_t before = names->n;

    for (size_t i = 0; i < all->n; i++) {
        if (fnmatch (pattern, all->p[i], 0) == 0) {
            vec_add (&c->h.arena, names, all->p[i]);
        }
    }
    if (names->n == before) {
        vec_add (&c->h.arena, names, pattern);
    }
}

/* A VM that was started before there was a fleet of its name. */
static bool
runs (struct cli *c, const char *name)
{
    struct vm_state s;

    state_read (&c->h, name, &s);
    return s.run != RUN_STOPPED;
}

/* Adds the members of a fleet, or the name of a VM. */
static void
add_named (struct cli *c, const char *name, struct vec *names)
{
    const struct fleet *f = fleet_find (&c->h, name);

    if (!f || !f->valid || runs (c, name)) {
        vec_add (&c->h.arena, names, name);
    }
    if (f) {
        fleet_members (&c->h.arena, f, names);
    }
}

int
expand_names (struct cli *c, const struct vec *args, struct vec *names)
{
    struct vec all = { 0 };
    bool loaded = false;

    for (size_t i = 0; i < args->n; i++) {
        const char *arg = args->p[i];

        if (!name_is_pattern (arg)) {
            add_named (c, arg, names);
            continue;
        }
        if (!loaded && definition_names (&c->h, &all, &c->err) < 0) {
            return -c->err.code;
        }
        loaded = true;
        add_matching (c, arg, &all, names);
    }
    vec_drop_doubles (&c->h.arena, names);
    return 0;
}

int
name_check (const char *name, struct error *err)
{
    if (name_is_pattern (name)) {
        return fail_exit (err, EXIT_NOT_FOUND, ENOENT, "no VM matches '%s'",
                          name);
    }
    /* A colon cannot be in a name. */
    return strchr (name, ':') && identify_form (name)
               ? fail_exit (err, EXIT_NOT_FOUND, ENOENT,
                            "no VM has the MAC address %s", name)
               : name_validate ("VM", name, err);
}

int
refuse_fleet (struct cli *c)
{
    bool one = c->command->args == ARGS_VM || c->command->args == ARGS_VM_MORE;
    const struct fleet *f =
        one && c->args.n && !(c->command->flags & (CMD_FLEET | CMD_HIDDEN))
            ? fleet_find (&c->h, c->args.p[0])
            : NULL;

    if (!f || runs (c, f->name)) {
        return 0;
    }
    /* Its VMs cannot be, either. */
    return f->valid && !strcmp (c->command->name, "rename")
               ? fail_exit (&c->err, EXIT_UNSUPPORTED, ENOTSUP,
                            "%s is a fleet, and neither it nor its VMs can be "
                            "renamed: clone one of them under another name "
                            "with 'hvctl clone %s NEW'",
                            f->name, fleet_member (&c->h.arena, f, 0))
               : fleet_refuse (&c->h, f, &c->err);
}

int
do_for_vm (struct cli *c, each_fn *each, const char *name,
           struct json_object *one)
{
    struct error err = { 0 };

    json_put_text_or_null (one, "name", name);
    if (is_finished (c, name, one)) {
        return EXIT_OK;
    }
    if (select_check (c, name, &err) < 0 || name_check (name, &err) < 0
        || each (c, name, one, &err) < 0) {
        /* Another hvctl was changing it at first: the change was completed only
         * now. */
        if (is_finished (c, name, one)) {
            return EXIT_OK;
        }
        json_object_object_add (one, "error", error_json (&err));
        return exit_code_of (&err);
    }
    return EXIT_OK;
}

/* The VMs from the 'begun'th on have not been touched. */
static void
tell_not_begun (struct cli *c, const struct vec *names, size_t begun,
                struct json_object *all)
{
    const char *list = NULL;

    for (size_t i = begun; i < names->n; i++) {
        const char *name = names->p[i];
        struct json_object *one = json_object_new_object ();
        struct error err = { 0 };

        fail (&err, EINTR, "%s: interrupted before its turn came", name);
        json_put_text_or_null (one, "name", name);
        json_object_object_add (one, "error", error_json (&err));
        json_object_array_add (all, one);
        list = list ? arena_format (&c->h.arena, "%s, %s", list, name) : name;
    }
    if (list && !c->json) {
        hvctl_warn ("interrupted before the turn of %s came", list);
    }
}

int
print_vms (struct cli *c, const struct vec *names, size_t begun, int code,
           struct json_object *all)
{
    tell_not_begun (c, names, begun, all);
    if (c->json) {
        document_print (c, all);
    } else {
        json_object_put (all);
    }
    /* VMs that were done before the signal came are done. */
    return begun < names->n && !code ? EXIT_INTERRUPTED : code;
}

int
for_vms (struct cli *c, each_fn *each, const struct vec *names)
{
    struct json_object *all = json_object_new_array ();
    struct told told = { 0 };
    int code = EXIT_OK;
    size_t i = 0;

    for (; i < names->n && !interrupt_came; i++) {
        struct json_object *one = json_object_new_object ();
        int failed = do_for_vm (c, each, names->p[i], one);

        code = code ? code : failed;
        tell_error (c, &told, names->p[i], one);
        json_object_array_add (all, one);
    }
    tell_same (c, &told);
    return print_vms (c, names, i, code, all);
}

int
for_each_vm (struct cli *c, each_fn *each)
{
    struct vec names = { 0 };

    return expand_names (c, &c->args, &names) < 0 ? report (c)
                                                  : for_vms (c, each, &names);
}
