/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "cli/select.h"

#include <errno.h>
#include <string.h>

#include "cli/identify.h"
#include "cli/select-labels.h"
#include "core/base/arena.h"
#include "core/base/output.h"
#include "core/config/definition-find.h"
#include "core/config/definition.h"
#include "core/state/state.h"

/* What options ask for: a VM has to match all of it. */
struct selection {
    struct cli *c;
    struct label_terms labels;
    struct identify identity;
    bool named; /* Only VMs that the user has named are looked at. */
    bool autostart;
    bool matches;               /* The definition that was looked at last. */
    size_t n_matches, labelled; /* But for --autostart. */
    struct vec live;            /* VMs that may run without a definition. */
    const char *unsure; /* VMs whose definitions are invalid, or null. */
};

static bool
is_given (const struct cli *c, const char *option)
{
    return may_have_option (c, option) && has_option (c, option);
}

bool
select_is_given (const struct cli *c)
{
    return is_given (c, "all") || is_given (c, "label")
           || is_given (c, "autostart") || is_given (c, "mac")
           || is_given (c, "ip") || is_given (c, "uuid");
}

static int
parse_options (struct selection *s)
{
    struct cli *c = s->c;
    struct error *err = &c->err;
    bool all = has_option (c, "all");

    /* A single argument is its snapshot. */
    s->named = c->args.n > (c->command->args == ARGS_VM_MORE);
    if (all && (s->named || has_option (c, "label"))) {
        return fail_exit (err, EXIT_USAGE, EINVAL,
                          s->named ? "--all stands for all VMs: leave out the "
                                     "names, or --all"
                                   : "--all and --label exclude each other");
    }
    s->autostart = is_given (c, "autostart");
    if (all && s->autostart) {
        return fail_exit (err, EXIT_USAGE, EINVAL,
                          "--all and --autostart exclude each other");
    }
    if (labels_parse (&c->h.arena, option_values (c, "label"), &s->labels, err)
            < 0
        || identify_parse (c, &s->identity, err) < 0) {
        return -err->code;
    }
    return all && identify_is_given (&s->identity) ? fail_exit (
               err, EXIT_USAGE, EINVAL, "--all excludes --mac, --ip and --uuid")
                                                   : 0;
}

/* All VMs; for commands that are to work whatever the configuration, also those
 * that run without a definition. */
static int
all_names (struct cli *c, struct vec *names)
{
    if (definition_names (&c->h, names, &c->err) < 0) {
        return -c->err.code;
    }
    if (c->command->flags & CMD_DESPITE) {
        struct vec live = { 0 };

        state_names (&c->h, &live);
        for (size_t i = 0; i < live.n; i++) {
            vec_add (&c->h.arena, names, live.p[i]);
        }
        vec_sort (names);
        vec_drop_doubles (&c->h.arena, names);
    }
    return 0;
}

static int
candidates (const struct selection *s, struct vec *names)
{
    struct vec args = s->c->args;

    if (s->c->command->args == ARGS_VM_MORE) {
        args.n = s->named;
    }
    return s->named ? expand_names (s->c, &args, names)
                    : all_names (s->c, names);
}

static void
look (void *data, const struct definition *def)
{
    struct selection *s = data;

    s->matches =
        labels_match (&s->labels, def) && identify_matches (&s->identity, def);
    s->labelled += s->matches;
    s->matches = s->matches && (!s->autostart || def->autostart);
}

/* No definition, or an invalid one. */
static void
pass_over (struct selection *s, const char *name, const struct error *err)
{
    struct cli *c = s->c;

    if (err->exit_code == EXIT_NOT_FOUND
        || (s->named && err->exit_code != EXIT_CONFIG)) {
        /* The command reports a name that does not exist; one that runs without
         * a definition has no labels. */
        if (s->named && !vec_has (&s->live, name)) {
            s->n_matches++;
            vec_add (&c->h.arena, &c->chosen, name);
        }
        return;
    }
    vec_add (&c->h.arena, &c->unsure, name);
    s->unsure = s->unsure
                    ? arena_format (&c->h.arena, "%s, %s", s->unsure, name)
                    : name;
    /* Such a VM is reported as one that has failed; by list in its own way. */
    if (c->command->run != cmd_list) {
        vec_add (&c->h.arena, &c->chosen, name);
    }
}

int
select_check (const struct cli *c, const char *name, struct error *err)
{
    return vec_has (&c->unsure, name)
               ? fail_exit (err, EXIT_CONFIG, EINVAL,
                            "%s is passed over: its definition is invalid, so "
                            "it is not known whether it matches ('hvctl "
                            "validate %s')",
                            name, name)
               : 0;
}

static void
filter (struct selection *s, const struct vec *names)
{
    struct cli *c = s->c;

    state_names (&c->h, &s->live);
    for (size_t i = 0; i < names->n; i++) {
        const char *name = names->p[i];
        struct error err = { 0 };

        s->matches = false;
        if (definition_look_anyhow (&c->h, name, look, s, &err) < 0
            && !s->matches) {
            pass_over (s, name, &err);
        }
        if (s->matches) {
            s->n_matches++;
            vec_add (&c->h.arena, &c->chosen, name);
        }
    }
}

static int
none_matches (struct selection *s)
{
    struct cli *c = s->c;
    bool named = s->named;

    if (s->labelled || (!s->labels.n && !identify_is_given (&s->identity))) {
        if (!c->json && !c->unsure.n) {
            err_out ("%s 'autostart = yes'\n",
                     named ? "None of these VMs has" : "No VM has");
        }
        return 0;
    }
    if (identify_is_given (&s->identity)) {
        identify_fail (&s->identity, s->labels.n > 0, named, &c->err);
    } else {
        labels_fail (&s->labels, named, &c->err);
    }
    return s->unsure
               ? fail_exit (&c->err, c->err.exit_code, c->err.code,
                            "%s; it is not known of %s", c->err.text, s->unsure)
               : -c->err.code;
}

/* Names of VMs are arguments from then on. */
static void
become_args (struct cli *c)
{
    struct vec args = { 0 };

    if (c->command->args != ARGS_VM_MORE) {
        c->args = c->chosen;
        return;
    }
    vec_add (&c->h.arena, &args, ""); /* In the place of NAME. */
    if (c->args.n) {
        vec_add (&c->h.arena, &args, c->args.p[c->args.n - 1]);
    }
    c->args = args;
}

int
select_vms (struct cli *c)
{
    struct selection s = { .c = c };
    struct vec names = { 0 };

    if (!select_is_given (c)) {
        return 0;
    }
    if (parse_options (&s) < 0 || candidates (&s, &names) < 0) {
        return -c->err.code;
    }
    /* They are for all VMs anyway, and for more. */
    if (has_option (c, "all")
        && (c->command->run == cmd_list || c->command->run == cmd_validate)) {
        return 0;
    }
    c->is_chosen = true;
    if (has_option (c, "all")) {
        c->chosen = names;
        if (!names.n && !c->json) {
            err_out ("There are no VMs.\n");
        }
    } else {
        filter (&s, &names);
        if (!s.n_matches && none_matches (&s) < 0) {
            return -c->err.code;
        }
    }
    become_args (c);
    return 0;
}
