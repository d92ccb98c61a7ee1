/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/recover.h"

#include <errno.h>
#include <json-c/json.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/base/clock.h"
#include "core/base/interrupt.h"
#include "core/base/json.h"
#include "core/machine/recover-machine.h"
#include "core/machine/recover-volume.h"
#include "core/machine/remove.h"
#include "core/state/meant.h"
#include "core/state/state-lock.h"
#include "core/state/state-run.h"
#include "core/state/state.h"
#include "core/state/unfinished.h"

/* Of what a command that was killed holds, in milliseconds. */
#define LETTING_GO 400
#define LETTING_WAIT 20 /* Between two looks. */

/* An entry of which nothing has to be done: the others are left to who comes
 * for the VM or the volume. */
#define LONG_OP "long"

/* It is taken back, and that is still to be done, or nearly done. */
#define BACK_OP "back"

static const char *what_was_begun (const struct recovery *r);

const char *
recover_text (const struct recovery *r, struct json_object *e, const char *key)
{
    return json_get_text (&r->h->arena, e, key);
}

struct json_object *
recover_find (const struct recovery *r, const char *op)
{
    for (size_t i = 0; i < r->entries.n; i++) {
        const char *has = recover_text (r, r->entries.p[i], "op");

        if (has && !strcmp (has, op)) {
            return r->entries.p[i];
        }
    }
    return NULL;
}

/* Somebody has written, renamed or removed it since. */
static bool
is_other (const struct recovery *r)
{
    struct json_object *e = recover_find (r, "define");
    const char *path = e ? recover_text (r, e, "path") : NULL;

    return path && meant_other_text (r->h, path, recover_text (r, e, "was"));
}

/* What was attached is detached again; a disk that was enlarged stays so. */
static void
tell_of_other (const struct recovery *r, const char *path)
{
    bool undone = recover_find (r, "plug-disk") || recover_find (r, "plug-nic")
                  || recover_find (r, "new-volume");

    hvctl_warn ("%s: %s was interrupted, and %s %s since: %s, and the change "
                "is %s",
                r->key, what_was_begun (r), path,
                access (path, F_OK) == 0 ? "has been changed" : "has gone",
                access (path, F_OK) == 0 ? "it stays as it is"
                                         : "it is not made again",
                undone ? "taken back" : "given up");
}

/* What somebody has typed in 'hvctl edit' is not thrown away with it.  True if
 * there was something. */
static bool
keep_edited (struct recovery *r, struct json_object *e, const char *temporary,
             const char *path)
{
    const char *kept = arena_format (&r->h->arena, "%s.edited", path);

    if (!unfinished_is_edit (r->key) || (r->own && !r->interrupted)
        || access (temporary, F_OK) < 0
        || !meant_other_text (r->h, temporary, recover_text (r, e, "was"))
        || rename (temporary, kept) < 0) {
        return false;
    }
    hvctl_warn ("'hvctl edit' was interrupted: what was written is in %s, and "
                "%s is as it was",
                kept, path);
    return true;
}

/* The new definition takes its place, or goes. */
static int
recover_define (struct recovery *r, struct json_object *e, struct error *err)
{
    const char *temporary = recover_text (r, e, "temporary");
    const char *path = recover_text (r, e, "path");
    struct error ignored = { 0 };

    if (!temporary || !path) {
        return fail (err, EINVAL, "the journal of the change is damaged");
    }
    if (r->finished && !r->refused) {
        return rename (temporary, path) < 0 && errno != ENOENT
                   ? fail (err, errno, "cannot write %s: %m", path)
                   : 0;
    }
    /* From here on there is no new definition, as if it had taken its place:
     * who comes next is told.  A full disk is no reason to keep it. */
    if (r->entries.n > 1 && !recover_find (r, BACK_OP)) {
        unfinished_add (r->h, r->key, BACK_OP, NULL, &ignored);
    }
    if (!keep_edited (r, e, temporary, path) && unlink (temporary) < 0
        && errno != ENOENT) {
        return fail (err, errno, "cannot remove %s: %m", temporary);
    }
    if (r->other && r->entries.n > 1) {
        tell_of_other (r, path);
    }
    return 0;
}

static int
recover_rm (struct recovery *r, struct json_object *e, struct error *err)
{
    const char *name = recover_text (r, e, "name");

    r->finished = true;
    return remove_again (r->h, r->key, name && !strcmp (name, "disks"), e, err);
}

/* It only marks a beginning. */
static int
recover_nothing (struct recovery *r, struct json_object *e, struct error *err)
{
    (void)r;
    (void)e;
    (void)err;
    return 0;
}

/* In the order of what tells most: some changes begin alike. */
static const struct {
    const char *op;
    const char *command; /* That a person gave. */
    recover_op *fn;
    bool once; /* What cannot be finished stays as it is, and is told. */
    int asks;  /* The hypervisor: how many times as long as usual. */
} ops[] = {
    { "rm", "rm", recover_rm, true, 0 },
    { "save", "save", recover_save, false, 1 },
    { "revert", "snapshot revert", recover_revert, true, 0 },
    { "forget", "snapshot delete", recover_forget, true, 0 },
    { "snapshot", "snapshot create", recover_snapshot, true, 1 },
    { "memory", "snapshot create", recover_memory, false, 0 },
    { "pause", "snapshot create", recover_pause, false, 1 },
    { "begin", "snapshot create", recover_nothing, false, 0 },
    { "note", "snapshot create", recover_note, true, 0 },
    { "restore", "start", recover_restore, false, 0 },
    { "go", "start", recover_go, false, 0 },
    { "plug-disk", "attach-disk", recover_plug_disk, false, 1 },
    { "plug-nic", "attach-nic", recover_plug_nic, false, 1 },
    { "plugged-disk", "attach-disk", recover_plugged, false, 1 },
    { "plugged-nic", "attach-nic", recover_plugged, false, 1 },
    { "unplug-disk", "detach-disk", recover_unplug, false, 2 },
    { "unplug-nic", "detach-nic", recover_unplug, false, 2 },
    { "grow", "resize --disk", recover_grow, false, 1 },
    { "resize", "resize", recover_resize, false, 1 },
    { "new-volume", "making its disks", recover_new_volume, false, 0 },
    { "made", "making its disks", recover_nothing, false, 0 },
    { "define", "changing its definition", recover_define, false, 0 },
    { "volume-create", "volume create", recover_volume_create, false, 0 },
    { "volume-clone", "volume clone", recover_volume_clone, true, 0 },
    { "volume-resize", "volume resize", recover_volume_redo, true, 0 },
    { "volume-destroy", "volume rm", recover_volume_redo, true, 0 },
    { "volume-snapshot", "volume snapshot", recover_volume_redo, true, 0 },
    { "volume-revert", "volume revert", recover_volume_redo, true, 0 },
    { "volume-forget", "volume rm", recover_volume_redo, true, 0 },
    { "volume-promote", "volume promote", recover_volume_redo, true, 0 },
};

/* Will it fail whenever it is tried?  Else it may be that a disk is full, or
 * that something is in use. */
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

/* Who is killed lets go of one lock after another, and what it had started of
 * the last: it would be a pity to give up what is free a moment later. */
static int
obey (struct recovery *r, recover_op *fn, struct json_object *e,
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

/* Has another one's change taken as long as it may?  All that is done about an
 * entry can be done again. */
static bool
time_is_up (const struct recovery *r)
{
    return r->h->until && (r->left || now_ms () >= r->h->until);
}

int
recover_later (struct recovery *r, struct error *err)
{
    r->left = true;
    return fail (err, ETIMEDOUT, "it takes longer than others may wait");
}

static int
recover_one (struct recovery *r, struct json_object *e, struct error *err)
{
    const char *op = recover_text (r, e, "op");
    int64_t before = r->h->limit;
    int rc;

    for (size_t i = 0; op && i < ARRAY_SIZE (ops); i++) {
        if (strcmp (op, ops[i].op) != 0) {
            continue;
        }
        r->h->limit = ops[i].asks * r->limit;
        rc = obey (r, ops[i].fn, e, err);
        r->h->limit = before;
        /* Or a hypervisor has not answered within what others may wait. */
        if (time_is_up (r)
            || (rc < 0 && r->h->until && err->code == ETIMEDOUT)) {
            return recover_later (r, err);
        }
        if (rc < 0 && ops[i].once && is_final (err->code)) {
            hvctl_warn ("%s: %s: %s", r->key,
                        r->own ? "what was begun cannot be taken back"
                               : "a change was interrupted, and could not be "
                                 "finished",
                        err->text);
            *err = (struct error){ 0 };
            r->refused = true;
        } else if (!err->code && ops[i].once && !r->own) {
            r->finished = true;
        }
        return -err->code;
    }
    return 0; /* Of a newer hvctl. */
}

/* Has the new definition taken its place?  That is the last step. */
static bool
is_over (const struct recovery *r)
{
    struct json_object *e = recover_find (r, "define");
    const char *temporary = e ? recover_text (r, e, "temporary") : NULL;

    return temporary && r->entries.n > 1 && access (temporary, F_OK) < 0
           && errno == ENOENT;
}

/* Who gives the same command again is to be told that it is done. */
static void
note_finished (const struct recovery *r)
{
    struct arena *a = &r->h->arena;

    for (size_t i = 0; i < r->entries.n; i++) {
        struct json_object *e = r->entries.p[i];
        const char *op = recover_text (r, e, "op");

        for (size_t k = 0; op && k < ARRAY_SIZE (ops); k++) {
            struct finished *f;

            if (strcmp (op, ops[k].op) != 0) {
                continue;
            }
            f = arena_alloc (a, sizeof *f);
            *f = (struct finished){ arena_dup (a, r->key), ops[k].command,
                                    recover_text (r, e, "name"),
                                    recover_text (r, e, "snapshot") };
            vec_add (a, &r->h->finished, f);
        }
    }
}

/* The last first, as far as it goes. */
static int
recover (struct recovery *r, struct error *err)
{
    struct error ignored = { 0 };
    struct undisturbed u;

    if (unfinished_read (r->h, r->key, &r->entries, err) < 0) {
        return -err->code;
    }
    if (r->h->until && recover_find (r, LONG_OP)) {
        unfinished_free (&r->entries);
        return recover_later (r, err);
    }
    r->own |= recover_find (r, BACK_OP) != NULL;
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

static const char *
what_was_begun (const struct recovery *r)
{
    for (size_t i = 0; i < ARRAY_SIZE (ops); i++) {
        struct json_object *e = recover_find (r, ops[i].op);
        const char *name = e ? recover_text (r, e, "name") : NULL;

        if (e) {
            /* That of an rm is what goes with it. */
            return name && ops[i].fn != recover_rm ? arena_format (
                       &r->h->arena, "%s %s", ops[i].command, name)
                                                   : ops[i].command;
        }
    }
    return "a change";
}

const char *
recover_begun (struct hvctl *h, const char *key)
{
    struct recovery r = { .h = h, .key = key };
    struct error ignored = { 0 };
    const char *what;

    unfinished_read (h, key, &r.entries, &ignored);
    what = what_was_begun (&r);
    unfinished_free (&r.entries);
    return what;
}

const char *
recover_what (struct hvctl *h, const char *vm)
{
    const char *what = unfinished_is (h, vm) ? recover_begun (h, vm) : NULL;

    /* Who is at it may have come, or gone, meanwhile. */
    return what && !state_is_changing (h, vm) && unfinished_is (h, vm) ? what
                                                                       : NULL;
}

static bool
is_same (const char *a, const char *b)
{
    return a && b ? !strcmp (a, b) : a == b;
}

bool
recover_has_finished (const struct hvctl *h, const struct finished *what)
{
    for (size_t i = 0; i < h->finished.n; i++) {
        const struct finished *f = h->finished.p[i];

        if (is_same (f->key, what->key) && is_same (f->command, what->command)
            && is_same (f->name, what->name)
            && is_same (f->snapshot, what->snapshot)) {
            return true;
        }
    }
    return false;
}

void
recover_failed (struct hvctl *h, const char *key)
{
    struct recovery r = {
        .h = h, .key = key, .limit = RECOVER_LIMIT, .own = true
    };
    struct error err = { 0 }, ignored = { 0 };

    if (recover (&r, &err) < 0) {
        unfinished_add (h, key, BACK_OP, NULL, &ignored);
        hvctl_warn ("%s: %s (the next hvctl command takes it back)", key,
                    err.text);
    }
}

const char *
recover_shown (struct hvctl *h, const char *key)
{
    const char *at = strchr (key, '@');
    int len = at ? (int)(at - key) : 0;

    return !at ? key
           : at[1] == '@'
               ? arena_format (&h->arena, "%.*s", len, key)
               : arena_format (&h->arena, "%.*s/%s", len, key, at + 1);
}

int
recover_settle (struct recovery *r, struct error *err)
{
    const char *what = recover_begun (r->h, r->key);
    struct vm_state s;

    state_read (r->h, r->key, &s);
    if ((s.run == RUN_UNKNOWN && state_unknown (r->h, &s, err) < 0)
        || recover (r, err) < 0) {
        return -err->code;
    }
    if (!r->refused) {
        hvctl_warn ("%s: '%s', which was interrupted, is now %s",
                    recover_shown (r->h, r->key), what,
                    r->finished ? "finished" : "taken back");
    }
    return 0;
}

int
recover_now (struct hvctl *h, const char *key, struct error *err)
{
    struct recovery r = { .h = h, .key = key, .limit = RECOVER_LIMIT };
    const char *what;

    if (!unfinished_is (h, key)) {
        return 0;
    }
    what = recover_begun (h, key);
    return recover_settle (&r, err) < 0
               ? fail_prefix (err,
                              "%s: '%s' was interrupted, and has to be %s "
                              "first",
                              recover_shown (h, key), what,
                              r.own ? "taken back" : "finished")
               : 0;
}
