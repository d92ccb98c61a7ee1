/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Compares the calls that were made with the table. */
#include "core/learn/learn-table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "core/learn/refused.h"
#include "core/provider/calls.h"
#include "core/sandbox/filter.h"
#include "core/sandbox/groups.h"
#include "core/sandbox/violation.h"
#include "core/state/diagnosis.h"

/* A rule, and which of its values were seen (the first bit, if it has no
 * list). */
struct entry {
    const struct call_group *group;
    const struct call_rule *rule;
    bool *used;
};

/* A reported call, with its first occurrence. */
struct told {
    const struct seen_call *seen;
    struct learn_call *call;
};

struct tally {
    struct vec entries; /* struct entry * */
    struct vec told;    /* struct told * */
    struct arena *arena;
};

struct tally *
learn_tally_new (struct arena *a)
{
    struct tally *t = arena_alloc (a, sizeof *t);

    t->arena = a;
    return t;
}

/* Calls that learning allows, too, are not recorded. */
static bool
is_seen (const struct call_rule *rule)
{
    static const char *const not [] = { "sendmsg", "exit", "exit_group",
                                        "rt_sigreturn", "restart_syscall" };

    for (size_t i = 0; i < ARRAY_SIZE (not ); i++) {
        if (!strcmp (rule->name, not [i])) {
            return false;
        }
    }
    return rule->nr >= 0 && rule->class <= CALL_STARTUP;
}

static bool
has_group (const struct tally *t, const struct call_group *group)
{
    for (size_t i = 0; i < t->entries.n; i++) {
        const struct entry *e = t->entries.p[i];

        if (e->group == group) {
            return true;
        }
    }
    return false;
}

static void
add_group (struct tally *t, const struct call_group *group)
{
    bool known = has_group (t, group);

    for (size_t i = 0; !known && i < group->n_rules; i++) {
        const struct call_rule *rule = &group->rules[i];
        struct entry *e;

        if (is_seen (rule)) {
            e = arena_alloc (t->arena, sizeof *e);
            e->group = group;
            e->rule = rule;
            e->used = arena_alloc (t->arena, rule->n_values + 1);
            vec_add (t->arena, &t->entries, e);
        }
    }
}

static void
mark (struct tally *t, const struct seen_call *s)
{
    for (size_t i = 0; i < t->entries.n; i++) {
        struct entry *e = t->entries.p[i];
        const struct call_rule *rule = e->rule;

        if (rule->nr != s->nr) {
            continue;
        }
        for (size_t k = 0; k < rule->n_values; k++) {
            if ((uint32_t)s->args[rule->arg] == rule->values[k]) {
                e->used[k] = true;
            }
        }
        if (!rule->n_values
            && (s->args[rule->arg] & rule->mask) == rule->value) {
            e->used[0] = true;
        }
    }
}

/* Are both calls the same to the rules that look at an argument?  Addresses and
 * descriptors differ from call to call, and are noise. */
static bool
looks_the_same (const struct call_group *group, const struct seen_call *a,
                const struct seen_call *b)
{
    for (size_t i = 0; group && i < group->n_rules; i++) {
        const struct call_rule *rule = &group->rules[i];

        if (rule->nr == a->nr && (rule->n_values || rule->mask)
            && (uint32_t)a->args[rule->arg] != (uint32_t)b->args[rule->arg]) {
            return false;
        }
    }
    return true;
}

/* The same call of the same thread is reported once, and counted. */
static struct learn_call *
find_told (const struct tally *t, const struct call_group *own,
           const struct seen_call *s)
{
    for (size_t i = 0; i < t->told.n; i++) {
        const struct told *told = t->told.p[i];
        bool same = diagnosis_same_call (told->seen, s)
                    && looks_the_same (own, told->seen, s);

        for (size_t k = 0; same && k < n_call_groups; k++) {
            same = looks_the_same (&call_groups[k], told->seen, s);
        }
        if (same) {
            return told->call;
        }
    }
    return NULL;
}

/* Splits "ioctl (16) in thread qemu; no group allows it". */
static void
describe (struct arena *a, const struct seen_call *s, struct learn_call *out)
{
    CLEANUP_FREE char *text = violation_of_call (s->nr, s->thread);
    char *in = strstr (text, " in thread "), *semicolon = strstr (text, "; ");

    out->call = arena_dup_n (a, text, in ? (size_t)(in - text) : strlen (text));
    out->groups = arena_dup (a, semicolon ? semicolon + 2 : "");
    out->family = groups_family (s->nr);
    out->thread = arena_dup (a, s->thread);
    out->arguments =
        arena_format (a,
                      "0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64
                      " 0x%" PRIx64 " 0x%" PRIx64 "%s%s",
                      s->args[0], s->args[1], s->args[2], s->args[3],
                      s->args[4], s->args[5], *s->path ? " " : "", s->path);
}

static void
judge (struct tally *t, const struct seen_call *s, const char *const *groups,
       const struct call_group *own, const char *machine, struct learn *out)
{
    bool sealed = *s->phase != 's';
    struct learn_call *call;
    struct told *told;

    mark (t, s);
    if (filter_lets (groups, own, s->nr, s->args, !sealed)) {
        return;
    }
    call = find_told (t, own, s);
    if (call) {
        call->times++;
        return;
    }
    call = arena_alloc (t->arena, sizeof *call);
    describe (t->arena, s, call);
    call->machine = machine;
    call->sealed = sealed;
    call->times = 1;
    call->startup = sealed && filter_lets (groups, own, s->nr, s->args, true);
    if (call->startup) {
        call->reviewed = refused_reviewed (s);
    }
    out->differences += !call->reviewed;
    vec_add (t->arena, &out->calls, call);
    told = arena_alloc (t->arena, sizeof *told);
    *told = (struct told){ s, call };
    vec_add (t->arena, &t->told, told);
}

void
learn_tally_add (struct hvctl *h, struct tally *t, const struct plan *plan,
                 const char *machine, const struct vec *seen, struct learn *out)
{
    static const char *const none[] = { NULL };
    const char *const *groups = plan->launch.groups.n
                                    ? (const char *const *)plan->launch.groups.p
                                    : none;
    const struct call_group *own =
        calls_group (t->arena, plan->hypervisor->name, &plan->launch.calls);

    add_group (t, groups_find ("base"));
    for (size_t i = 0; groups[i]; i++) {
        add_group (t, groups_find (groups[i]));
    }
    if (own) {
        add_group (t, own);
    }
    for (size_t i = 0; i < seen->n; i++) {
        judge (t, seen->p[i], groups, own, machine, out);
    }
}

void
learn_tally_unused (struct arena *a, const struct tally *t, struct learn *out)
{
    for (size_t i = 0; i < t->entries.n; i++) {
        const struct entry *e = t->entries.p[i];
        size_t n = e->rule->n_values ? e->rule->n_values : 1, used = 0;
        struct learn_unused *u;
        const char *values = NULL;

        for (size_t k = 0; k < n; k++) {
            used += e->used[k];
            if (!e->used[k] && e->rule->n_values) {
                values =
                    arena_format (a, "%s%s0x%" PRIx32, values ? values : "",
                                  values ? " " : "", e->rule->values[k]);
            }
        }
        if (used == n) {
            continue;
        }
        u = arena_alloc (a, sizeof *u);
        u->group = e->group->name;
        u->call = e->rule->name;
        u->values = used ? values : NULL;
        vec_add (a, &out->unused, u);
    }
}
