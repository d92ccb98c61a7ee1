/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The plans of running VMs are searched as text first: to parse all of them
 * would take longer than a start. */
#include "core/machine/taken.h"

#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/forward.h"
#include "common/mac.h"
#include "core/base/arena.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/vec.h"
#include "core/config/settings.h"
#include "core/machine/running.h"
#include "core/state/state-changes.h"
#include "core/state/state-run.h"

/* What is wanted, and by whom. */
struct wanted {
    struct hvctl *h;
    const char *vm;
    const struct definition *def;       /* Null: only a NIC. */
    const struct plan_nic *const *nics; /* n of them */
    size_t n;
    struct vec words; /* char *: whoever has any of it has one of these. */
};

static void
list_words (struct wanted *w)
{
    struct arena *a = &w->h->arena;
    char mac[MAC_TEXT];

    if (w->def) {
        vec_add (a, &w->words, w->def->uuid);
    }
    for (size_t i = 0; i < w->n; i++) {
        const char *rules = w->nics[i]->nic.forward;
        struct forward_rule rule;

        vec_add (a, &w->words,
                 arena_dup (a, format_mac (w->nics[i]->nic.mac, mac)));
        while (rules && forward_next (&rules, &rule)) {
            vec_add (a, &w->words, arena_format (a, ":%u:", rule.from));
        }
    }
}

static bool
has_word (const struct wanted *w, const char *vm, const char *file)
{
    CLEANUP_FREE char *text = file_read_large (
        arena_format (&w->h->arena, "%s/%s", state_dir (w->h, vm), file));

    for (size_t i = 0; text && i < w->words.n; i++) {
        if (strstr (text, w->words.p[i])) {
            return true;
        }
    }
    return false;
}

static const char *
where (const struct wanted *w, const struct plan_nic *n, const char *key)
{
    return settings_where (&w->h->arena, n->def->section, key);
}

static int
check_mac (const struct wanted *w, const struct plan_nic *n,
           const struct vm_state *s, struct json_object *its, struct error *err)
{
    const char *key = n->def->address ? "address" : "mac";
    char mac[MAC_TEXT];

    format_mac (n->nic.mac, mac);
    return strcasecmp (json_member_text (its, "mac"), mac) != 0
               ? 0
               : fail_exit (err, EXIT_CONFIG, EADDRINUSE,
                            "%s: nic %s: MAC %s is that of nic %s of %s, which "
                            "is %s: set another '%s', or stop %s first",
                            where (w, n, key), n->def->name, mac,
                            json_member_text (its, "name"), s->name,
                            state_run_text (s->run), key, s->name);
}

static int
check_ports (const struct wanted *w, const struct plan_nic *n,
             const struct vm_state *s, struct json_object *its,
             struct error *err)
{
    const char *rules = n->nic.forward;
    struct forward_rule rule, other;

    while (rules && forward_next (&rules, &rule)) {
        const char *others = json_member_text (its, "forward");

        while (others && *others && forward_next (&others, &other)) {
            if (forward_overlap (&rule, &other)) {
                return fail_exit (
                    err, EXIT_CONFIG, EADDRINUSE,
                    "%s: nic %s: port %u (%s) of %s is forwarded to %s (nic "
                    "%s), which is %s: choose another port in 'forward', or "
                    "stop %s first",
                    where (w, n, "forward"), n->def->name, rule.from,
                    rule.udp ? "udp" : "tcp", rule.address, s->name,
                    json_member_text (its, "name"), state_run_text (s->run),
                    s->name);
            }
        }
    }
    return 0;
}

static int
check_nics (const struct wanted *w, const struct vm_state *s,
            struct json_object *nics, struct error *err)
{
    for (size_t i = 0; i < w->n; i++) {
        for (size_t k = 0; k < json_array_size (nics); k++) {
            struct json_object *its = json_object_array_get_idx (nics, k);

            if (check_mac (w, w->nics[i], s, its, err) < 0
                || check_ports (w, w->nics[i], s, its, err) < 0) {
                return -err->code;
            }
        }
    }
    return 0;
}

static int
check_uuid (const struct wanted *w, const struct vm_state *s,
            struct json_object *plan, struct error *err)
{
    return !w->def
                   || strcasecmp (json_member_text (plan, "uuid"), w->def->uuid)
                          != 0
               ? 0
               : fail_exit (
                   err, EXIT_CONFIG, EEXIST,
                   "%s: UUID %s is that of %s, which is %s: set another "
                   "'uuid', or stop %s first",
                   settings_where (&w->h->arena, w->def->root, "uuid"),
                   w->def->uuid, s->name, state_run_text (s->run), s->name);
}

/* Most have none of it.  One that was not cleaned up after has nothing. */
static int
check_vm (const struct wanted *w, const char *vm, struct error *err)
{
    struct running r;
    struct vm_state s;

    if (!has_word (w, vm, "plan") && !has_word (w, vm, "devices")) {
        return 0;
    }
    state_read (w->h, vm, &s);
    if (s.run < RUN_STARTING || !running_read (w->h, &s, &r)) {
        return 0;
    }
    if (check_uuid (w, &s, r.plan, err) == 0
        && check_nics (w, &s, json_member (r.plan, "nics", json_type_array),
                       err)
               == 0
        && state_is_changing (w->h, vm)) {
        check_nics (w, &s, json_member (r.plan, "claims", json_type_array),
                    err);
    }
    json_object_put (r.plan);
    return -err->code;
}

static int
check (struct wanted *w, struct error *err)
{
    struct vec names = { 0 };

    list_words (w);
    state_names (w->h, &names);
    for (size_t i = 0; w->words.n && i < names.n; i++) {
        if (strcmp (names.p[i], w->vm) != 0
            && check_vm (w, names.p[i], err) < 0) {
            return -err->code;
        }
    }
    return 0;
}

int
taken_check (struct hvctl *h, const struct plan *plan, struct error *err)
{
    struct wanted w = { .h = h,
                        .vm = plan->def->name,
                        .def = plan->def,
                        .nics = (const struct plan_nic *const *)plan->nics.p,
                        .n = plan->nics.n };

    return check (&w, err);
}

int
taken_claim_nic (struct hvctl *h, const char *vm, const struct plan_nic *n,
                 struct error *err)
{
    struct wanted w = { .h = h, .vm = vm, .nics = &n, .n = 1 };

    return running_claim_nic (h, vm, n, err) < 0 ? -err->code : check (&w, err);
}
