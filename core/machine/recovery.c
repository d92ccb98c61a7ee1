/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/base/clock.h"
#include "core/base/interrupt.h"
#include "core/base/json.h"
#include "core/config/definition-find.h"
#include "core/config/definition-load.h"
#include "core/state/meant.h"
#include "core/state/state-run.h"
#include "core/state/state.h"
#include "core/state/unfinished.h"

#include "core/machine/recovery.h"

#include <errno.h>
#include <json-c/json.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"

struct recovery_finished {
    struct vec changes; /* struct finished * */
};

/* The time to wait for locks of a killed command, in milliseconds. */
#define LETTING_GO 400
#define LETTING_WAIT 20 /* The interval between two checks. */

/* An entry that needs no work: the others are left to a command that names the
 * VM or volume. */
#define LONG_OP "long"

const char *
recovery_text (const struct recovery *r, struct json_object *e, const char *key)
{
    return json_get_text (&r->h->arena, e, key);
}

struct json_object *
recovery_find (const struct recovery *r, const char *op)
{
    for (size_t i = 0; i < r->entries.n; i++) {
        const char *has = recovery_text (r, r->entries.p[i], "op");

        if (has && !strcmp (has, op)) {
            return r->entries.p[i];
        }
    }
    return NULL;
}

/* It has been written, renamed or removed since. */
static bool
is_other (const struct recovery *r)
{
    struct json_object *e = recovery_find (r, "define");
    const char *path = e ? recovery_text (r, e, "path") : NULL;

    return path && meant_other_text (r->h, path, recovery_text (r, e, "was"));
}

/* Will it fail whenever it is tried?  Otherwise a disk may be full, or a file
 * in use. */
static bool
is_final (int code)
{
    static const int codes[] = { ENOENT, ENOTSUP, EINVAL,   EEXIST,
                                 EPROTO, ENODEV,  ENOTEMPTY };

    for (size_t i = 0; i < ARRAY_SIZE (codes); i++) {
        if (code == codes[i]) {
            return true;
        }
    }
    return false;
}

/* A killed command releases one lock after another, and its child the last one:
 * so it is waited for, rather than giving up a moment too early. */
static int
obey (struct recovery *r, recovery_op *fn, struct json_object *e,
      struct error *err)
{
    int64_t end = now_ms () + (r->own ? 0 : LETTING_GO);
    int rc;

    for (;;) {
        r->may_wait = now_ms () < end;
        rc = fn (r, e, err);
        if (rc == 0 || err->code != EBUSY || !r->may_wait) {
            return rc;
        }
        *err = (struct error){ 0 };
        poll (NULL, 0, LETTING_WAIT);
    }
}

/* Has the change of another command taken as long as it may?  Every step of an
 * entry can be repeated. */
static bool
time_is_up (const struct recovery *r)
{
    return r->h->until && (r->left || now_ms () >= r->h->until);
}

int
recovery_load (struct recovery *r, const char *file, struct definition **def,
               struct error *err)
{
    int rc = file ? definition_load_file (r->h, r->key, file, def, err)
                  : definition_load (r->h, r->key, def, err);

    r->unreadable |= rc < 0 && err->exit_code == EXIT_CONFIG;
    return rc;
}

int
recovery_later (struct recovery *r, struct error *err)
{
    r->left = true;
    return fail (err, ETIMEDOUT,
                 "it would keep other commands waiting for too long");
}

static const struct recovery_step *
find_step (const struct recovery *r, const char *op)
{
    for (size_t i = 0; op && r->steps[i]; i++) {
        for (const struct recovery_step *step = r->steps[i]; step->op; step++) {
            if (!strcmp (op, step->op)) {
                return step;
            }
        }
    }
    return NULL;
}

static int
recover_one (struct recovery *r, struct json_object *e, struct error *err)
{
    const struct recovery_step *step =
        find_step (r, recovery_text (r, e, "op"));
    int64_t before = r->h->limit;
    int rc;

    if (!step) {
        return 0; /* Of a newer hvctl. */
    }
    r->h->limit = step->asks * r->limit;
    rc = obey (r, step->fn, e, err);
    r->h->limit = before;
    /* Or a hypervisor has not answered within the time limit of others. */
    if (time_is_up (r) || (rc < 0 && r->h->until && err->code == ETIMEDOUT)) {
        return recovery_later (r, err);
    }
    if (rc < 0 && step->once && !r->unreadable && is_final (err->code)) {
        hvctl_warn (
            "%s: %s: %s", recovery_shown (r->h, r->key),
            r->own ? "the unfinished change cannot be rolled back"
                   : "a change was interrupted, and could not be completed",
            err->text);
        *err = (struct error){ 0 };
        r->refused = true;
    } else if (!err->code && step->once && !r->own) {
        r->finished = true;
    }
    return -err->code;
}

/* Has the new definition replaced the old one?  That is the last step. */
static bool
is_over (const struct recovery *r)
{
    struct json_object *e = recovery_find (r, "define");
    const char *temporary = e ? recovery_text (r, e, "temporary") : NULL;

    return temporary && r->entries.n > 1 && access (temporary, F_OK) < 0
           && errno == ENOENT;
}

/* If the same command is given again, it reports that it is done. */
static void
note_finished (const struct recovery *r)
{
    struct arena *a = &r->h->arena;

    if (!r->h->finished) {
        r->h->finished = arena_alloc (a, sizeof *r->h->finished);
    }
    for (size_t i = 0; i < r->entries.n; i++) {
        struct json_object *e = r->entries.p[i];
        const struct recovery_step *step =
            find_step (r, recovery_text (r, e, "op"));
        struct finished *f;

        if (!step) {
            continue;
        }
        f = arena_alloc (a, sizeof *f);
        *f = (struct finished){ arena_dup (a, r->key), step->command,
                                recovery_text (r, e, "name"),
                                recovery_text (r, e, "snapshot") };
        vec_add (a, &r->h->finished->changes, f);
    }
}

/* In reverse order, as far as possible. */
static int
recover (struct recovery *r, struct error *err)
{
    struct error ignored = { 0 };
    struct undisturbed u;

    if (unfinished_read (r->h, r->key, &r->entries, err) < 0) {
        return -err->code;
    }
    if (r->h->until && recovery_find (r, LONG_OP)) {
        unfinished_free (&r->entries);
        return recovery_later (r, err);
    }
    r->own |= recovery_find (r, RECOVERY_BACK) != NULL;
    interrupt_block (&u);
    r->interrupted = u.interrupted;
    r->finished = !r->own && is_over (r);
    r->other = !r->finished && !r->own && is_other (r);
    r->refused = r->other;
    for (size_t i = r->finished ? 0 : r->entries.n; i-- > 0;) {
        if (recover_one (r, r->entries.p[i], err) < 0) {
            break;
        }
    }
    if (r->left) {
        unfinished_add (r->h, r->key, LONG_OP, NULL, &ignored);
    }
    interrupt_unblock (&u);
    if (!err->code && r->finished && !r->refused && !r->own) {
        note_finished (r);
    }
    unfinished_free (&r->entries);
    if (!err->code) {
        unfinished_end (r->h, r->key);
    }
    return -err->code;
}

const char *
recovery_what (const struct recovery *r)
{
    for (size_t i = 0; r->steps[i]; i++) {
        for (const struct recovery_step *step = r->steps[i]; step->op; step++) {
            struct json_object *e = recovery_find (r, step->op);
            const char *name = e ? recovery_text (r, e, "name") : NULL;

            if (e) {
                return name && !step->whole ? arena_format (
                           &r->h->arena, "%s %s", step->command, name)
                                            : step->command;
            }
        }
    }
    return "a change";
}

const char *
recovery_begun (struct hvctl *h, const struct recovery_step *const *steps,
                const char *key)
{
    struct recovery r = { .h = h, .steps = steps, .key = key };
    struct error ignored = { 0 };
    const char *what;

    unfinished_read (h, key, &r.entries, &ignored);
    what = recovery_what (&r);
    unfinished_free (&r.entries);
    return what;
}

static bool
is_same (const char *a, const char *b)
{
    return a && b ? !strcmp (a, b) : a == b;
}

bool
recovery_has_finished (const struct hvctl *h, const struct finished *what)
{
    for (size_t i = 0; h->finished && i < h->finished->changes.n; i++) {
        const struct finished *f = h->finished->changes.p[i];

        if (is_same (f->key, what->key) && is_same (f->command, what->command)
            && is_same (f->name, what->name)
            && is_same (f->snapshot, what->snapshot)) {
            return true;
        }
    }
    return false;
}

void
recovery_take_back (struct recovery *r)
{
    struct error err = { 0 }, ignored = { 0 };

    r->own = true;
    if (recover (r, &err) < 0) {
        unfinished_add (r->h, r->key, RECOVERY_BACK, NULL, &ignored);
        hvctl_warn (
            "%s: %s (the next command that makes a change rolls it back)",
            recovery_shown (r->h, r->key), err.text);
    }
}

const char *
recovery_shown (struct hvctl *h, const char *key)
{
    const char *at = strchr (key, '@');
    int len = at ? (int)(at - key) : 0;

    return !at ? key
           : at[1] == '@'
               ? arena_format (&h->arena, "%.*s", len, key)
               : arena_format (&h->arena, "%.*s/%s", len, key, at + 1);
}

int
recovery_settle (struct recovery *r, struct error *err)
{
    const char *what = recovery_begun (r->h, r->steps, r->key);
    struct vm_state s;

    state_read (r->h, r->key, &s);
    if ((s.run == RUN_UNKNOWN && state_unknown (r->h, &s, err) < 0)
        || recover (r, err) < 0) {
        return -err->code;
    }
    if (!r->refused) {
        hvctl_warn ("%s: '%s', which was interrupted, is now %s",
                    recovery_shown (r->h, r->key), what,
                    r->finished ? "completed" : "rolled back");
    }
    return 0;
}

int
recovery_now (struct hvctl *h, const struct recovery_step *const *steps,
              const char *key, struct error *err)
{
    struct recovery r = {
        .h = h, .steps = steps, .key = key, .limit = RECOVERY_LIMIT
    };
    const char *what;

    if (!unfinished_is (h, key)) {
        return 0;
    }
    what = recovery_begun (h, steps, key);
    return recovery_settle (&r, err) < 0
               ? fail_prefix (err,
                              "%s: '%s' was interrupted, and has to be %s "
                              "first",
                              recovery_shown (h, key), what,
                              r.own ? "rolled back" : "completed")
               : 0;
}
