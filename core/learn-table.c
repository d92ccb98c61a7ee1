/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What was called, against the table. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "core/calls.h"
#include "core/diagnosis.h"
#include "core/filter.h"
#include "core/learn.h"
#include "core/plan.h"
#include "core/violation.h"

/* A rule, and which of its values were seen (the first bit, if it has no
 * list). */
struct entry {
    const struct call_group *group;
    const struct call_rule *rule;
    bool *used;
};

struct tally {
    struct vec entries; /* struct entry * */
    struct vec calls;   /* struct seen_call *, of those in learn.calls */
    struct arena *arena;
};

struct tally *
tally_new (struct arena *a)
{
    struct tally *t = arena_alloc (a, sizeof *t);

    t->arena = a;
    return t;
}

/* Calls that are allowed in learning, too, are not seen. */
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

/* Not twice, though its threads have many numbers and its arguments
 * addresses; but each request of ioctl is another. */
static bool
is_known (const struct tally *t, const struct seen_call *s)
{
    for (size_t i = 0; i < t->calls.n; i++) {
        const struct seen_call *other = t->calls.p[i];

        if (same_call (other, s)
            && (uint32_t)other->args[1] == (uint32_t)s->args[1]) {
            return true;
        }
    }
    return false;
}

/* Splits "ioctl (16) in thread qemu; no group allows it". */
static void
describe (struct arena *a, const struct seen_call *s, struct learn_call *out)
{
    CLEANUP_FREE char *text = describe_call (s->nr, s->thread);
    char *in = strstr (text, " in thread "), *semicolon = strstr (text, "; ");

    out->call = arena_dup_n (a, text, in ? (size_t)(in - text) : strlen (text));
    out->groups = arena_dup (a, semicolon ? semicolon + 2 : "");
    out->thread = arena_dup (a, s->thread);
    out->arguments = arena_format (a,
                                   "0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64
                                   " 0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64,
                                   s->args[0], s->args[1], s->args[2],
                                   s->args[3], s->args[4], s->args[5]);
}

static void
judge (struct tally *t, const struct seen_call *s, const char *const *groups,
       const struct call_group *own, const char *machine, struct learn *out)
{
    bool sealed = *s->phase != 's';
    struct learn_call *call;

    mark (t, s);
    if (filter_lets (groups, own, s->nr, s->args, !sealed) || is_known (t, s)) {
        return;
    }
    vec_add (t->arena, &t->calls, (void *)s);
    call = arena_alloc (t->arena, sizeof *call);
    describe (t->arena, s, call);
    call->machine = machine;
    call->sealed = sealed;
    call->harmless = sealed && filter_lets (groups, own, s->nr, s->args, true);
    out->differences += !call->harmless;
    vec_add (t->arena, &out->calls, call);
}

void
tally_add (struct hvctl *h, struct tally *t, const struct plan *plan,
           const char *machine, const struct vec *seen, struct learn *out)
{
    static const char *const none[] = { NULL };
    const char *const *groups = plan->launch.groups.n
                                    ? (const char *const *)plan->launch.groups.p
                                    : none;
    const struct call_group *own =
        calls_group (t->arena, plan->hypervisor->name, &plan->launch.calls);

    add_group (t, find_call_group ("base"));
    for (size_t i = 0; groups[i]; i++) {
        add_group (t, find_call_group (groups[i]));
    }
    if (own) {
        add_group (t, own);
    }
    for (size_t i = 0; i < seen->n; i++) {
        judge (t, seen->p[i], groups, own, machine, out);
    }
}

void
tally_unused (struct arena *a, const struct tally *t, struct learn *out)
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
