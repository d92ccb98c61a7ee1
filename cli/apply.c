/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* diff, apply: what differs between VMs and their definitions, and the changes
 * that can be made now. */
#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "cli/apply-shown.h"
#include "cli/apply-steps.h"
#include "cli/crowd.h"
#include "cli/select.h"
#include "cli/tell.h"
#include "common/cleanup.h"
#include "common/member.h"
#include "core/base/interrupt.h"
#include "core/base/name.h"
#include "core/base/output.h"
#include "core/config/fleet.h"
#include "core/machine/changing-volume.h"
#include "core/machine/changing.h"
#include "core/machine/diff.h"
#include "core/machine/leftover.h"

/* ---------------------------------------------------------------- Lines */

/* "from 1G to 2G" */
static const char *
change_text (struct arena *a, const struct diff_line *l)
{
    const char *value = l->to ? l->to : l->from;

    return l->when == DIFF_LEFT     ? "no longer defined"
           : l->step == STEP_REMOVE ? arena_format (a, "removed (%s)", l->from)
           : l->step == STEP_CREATE ? arena_format (a, "created (%s)", l->to)
           : l->from && l->to
               ? arena_format (a, "from %s to %s", l->from, l->to)
           : !value          ? (l->key ? "changed" : "removed")
           : l->key && l->to ? arena_format (a, "set to %s", l->to)
           : l->key          ? arena_format (a, "no longer set (%s)", l->from)
           : l->to           ? arena_format (a, "added (%s)", l->to)
                             : arena_format (a, "removed (%s)", l->from);
}

static void
print_line (struct cli *c, const char *vm, const struct diff_line *l)
{
    const char *when = l->when == DIFF_LEFT ? l->why : diff_when_text (l->when);
    bool why = l->why && l->when != DIFF_LEFT;

    out ("%s: %s: %s; %s%s%s%s%s%s\n", vm, l->what,
         change_text (&c->h.arena, l), when, why ? ": " : "", why ? l->why : "",
         l->where ? " (" : "", l->where ? l->where : "", l->where ? ")" : "");
}

static struct json_object *
line_json (const struct diff_line *l)
{
    struct json_object *o = json_object_new_object ();

    json_put_text_or_null (o, "item", l->item);
    json_put_text_or_null (o, "section", l->of);
    json_put_text_or_null (o, "key", l->key);
    json_put_text_or_null (o, "from", l->from);
    json_put_text_or_null (o, "to", l->to);
    json_put_text_or_null (o, "when", diff_when_text (l->when));
    json_put_text_or_null (o, "why", l->why);
    json_put_text_or_null (o, "where", l->where);
    return o;
}

/* The VMs that were named, with what is left of others of their fleets; or
 * all. */
static int
find_names (struct cli *c, struct vec *names)
{
    if (!c->args.n && !c->is_chosen) {
        return diff_names (&c->h, names, &c->err);
    }
    if (expand_names (c, &c->args, names) < 0) {
        return -c->err.code;
    }
    for (size_t i = 0; i < c->args.n && !c->is_chosen; i++) {
        const struct fleet *f = fleet_find (&c->h, c->args.p[i]);

        if (f) {
            leftover_of_fleet (&c->h, f, names);
        }
    }
    return 0;
}

/* ------------------------------------------------------------------ diff */

static int
each_diff (struct cli *c, const char *name, struct json_object *result,
           struct error *err)
{
    struct json_object *all = json_object_new_array ();
    struct diff d;
    int rc = diff_vm (&c->h, name, &d, err);

    json_object_object_add (result, "changes", all);
    for (size_t i = 0; rc == 0 && i < d.lines.n; i++) {
        json_object_array_add (all, line_json (d.lines.p[i]));
        if (!c->json) {
            print_line (c, name, d.lines.p[i]);
        }
    }
    return rc;
}

int
cmd_diff (struct cli *c)
{
    struct vec names = { 0 };

    return find_names (c, &names) < 0 ? report (c)
                                      : for_vms (c, each_diff, &names);
}

/* ----------------------------------------------------------------- apply */

/* The differences, and whether the VM is to be started. */
static int
look (struct cli *c, const char *name, struct diff *d, struct error *err)
{
    struct diff_line *l;

    if (diff_vm (&c->h, name, d, err) < 0) {
        return -err->code;
    }
    l = d->lines.n ? d->lines.p[0] : NULL;
    if (has_option (c, "remove") && d->left && d->left->fleet && !d->running) {
        l->when = DIFF_NOW;
        l->step = STEP_REMOVE;
        l->what = l->item = "leftovers";
        l->key = l->why = NULL;
        l->from = leftover_text (&c->h, d->left);
    }
    if (has_option (c, "start") && d->def && d->def->autostart && !d->running) {
        l = diff_add (&c->h, d, NULL, "state");
        l->from = "stopped";
        l->to = "running";
        l->step = STEP_START;
    }
    return 0;
}

/* Fails if the definition cannot be met. */
static int
check_possible (const char *name, const struct diff *d, struct error *err)
{
    const struct diff_line *l = diff_first (d, DIFF_IMPOSSIBLE);

    return l ? fail_exit (err, EXIT_CONFIG, EINVAL, "%s: %s: impossible: %s",
                          name, l->what, l->why)
             : 0;
}

static void
add_results (const struct diff *d, struct json_object *all)
{
    for (size_t i = 0; i < d->lines.n; i++) {
        const struct diff_line *l = d->lines.p[i];
        struct json_object *o = line_json (l);

        json_put_text_or_null (o, "result", l->result);
        json_object_array_add (all, o);
    }
}

/* The differences are looked for again, now that nobody else changes the VM;
 * only those that were shown are made. */
static int
apply_locked (struct cli *c, const char *name, struct diff *d,
              struct error *err)
{
    CLEANUP_CLOSE int lock = -1;
    int rc;

    if (changing_lock (&c->h, name, true, &lock, err) < 0
        || look (c, name, d, err) < 0) {
        return -err->code;
    }
    apply_shown_restrict (c, name, d);
    rc = apply_steps (c, name, d, err);
    changing_let_go (&c->h);
    return rc;
}

static int
each_apply (struct cli *c, const char *name, struct json_object *result,
            struct error *err)
{
    struct json_object *all = json_object_new_array ();
    struct diff d = { 0 };
    int rc = apply_locked (c, name, &d, err);

    if (rc == 0) {
        rc = apply_start (c, name, &d, err);
    }
    add_results (&d, all);
    json_object_object_add (result, "changes", all);
    return rc < 0 ? fail_prefix (err, "%s", name)
           : apply_shown_check (name, &d, err) < 0
               ? -err->code
               : check_possible (name, &d, err);
}

static int
each_check (struct cli *c, const char *name, struct json_object *result,
            struct error *err)
{
    struct json_object *all = json_object_new_array ();
    struct diff d = { 0 };

    json_object_object_add (result, "changes", all);
    if (look (c, name, &d, err) < 0) {
        return -err->code;
    }
    add_results (&d, all);
    if (diff_count (&d, DIFF_NOW)) {
        c->down = true;
    }
    for (size_t i = 0; !c->json && i < d.lines.n; i++) {
        print_line (c, name, d.lines.p[i]);
    }
    return check_possible (name, &d, err);
}

/* Prints the differences; 'todo' gets the names of VMs that are not as their
 * definitions are.  Returns the exit code. */
static int
show_all (struct cli *c, const struct vec *names, struct vec *todo,
          size_t *changes)
{
    struct told told = { 0 };
    int code = EXIT_OK;

    *changes = 0;
    for (size_t i = 0; i < names->n && !interrupt_came; i++) {
        const char *name = names->p[i];
        struct error err = { 0 };
        struct diff d;

        if (name_check (name, &err) < 0 || select_check (c, name, &err) < 0
            || look (c, name, &d, &err) < 0) {
            tell_text (c, &told, name, err.text);
            code = code ? code : exit_code_of (&err);
            continue;
        }
        for (size_t k = 0; k < d.lines.n; k++) {
            print_line (c, name, d.lines.p[k]);
        }
        *changes += diff_count (&d, DIFF_NOW);
        if (diff_count (&d, DIFF_NOW) || diff_count (&d, DIFF_IMPOSSIBLE)) {
            vec_add (&c->h.arena, todo, name);
            apply_shown_add (c, name, &d);
        }
        changing_let_go (&c->h);
    }
    tell_same (c, &told);
    return code;
}

static int
carry_out (struct cli *c, const struct vec *names)
{
    const struct handling how = {
        each_apply, "be changed",
        "changing", true,
        false,      has_option (c, "start") ? TURNS_UP : TURNS_NONE
    };

    return for_these_vms (c, &how, names);
}

/* A person sees the differences, and is asked. */
static int
ask_and_apply (struct cli *c, const struct vec *names)
{
    struct vec todo = { 0 };
    struct error lost = { 0 };
    size_t changes;
    int code = show_all (c, names, &todo, &changes), rc;

    if (interrupt_came) {
        fail_exit (&c->err, EXIT_INTERRUPTED, EINTR,
                   "interrupted; nothing is changed");
        return report (c);
    }
    if (!changes && !code && !todo.n) {
        out ("nothing to do\n");
    }
    if (changes && !has_option (c, "yes")) {
        output_flush (&lost);
        if (!confirm ("Apply these changes?")) {
            fail_exit (&c->err, EXIT_USAGE, ECANCELED, "nothing is changed: %s",
                       why_unconfirmed ());
            return report (c);
        }
    }
    rc = todo.n ? carry_out (c, &todo) : EXIT_OK;
    return code ? code : rc;
}

static int
check_options (struct cli *c)
{
    size_t ignored;

    if (jobs_option (c, &ignored, &c->err) < 0) {
        return -c->err.code;
    }
    if (has_option (c, "check")
        && (has_option (c, "yes") || has_option (c, "jobs"))) {
        return fail_exit (&c->err, EXIT_USAGE, EINVAL,
                          "--check changes nothing: leave out --%s",
                          has_option (c, "yes") ? "yes" : "jobs");
    }
    return c->json && !has_option (c, "yes") && !has_option (c, "check")
               ? fail_exit (&c->err, EXIT_USAGE, EINVAL,
                            "-o json leaves no room for a question: add "
                            "--yes, or --check")
               : 0;
}

int
cmd_apply (struct cli *c)
{
    struct vec names = { 0 };
    int code;

    if (check_options (c) < 0 || find_names (c, &names) < 0) {
        return report (c);
    }
    if (has_option (c, "check")) {
        code = for_vms (c, each_check, &names);
        return (code == EXIT_OK || code == EXIT_CONFIG) && c->down
                   ? EXIT_DIFFERENT
                   : code;
    }
    return c->json ? carry_out (c, &names) : ask_and_apply (c, &names);
}
