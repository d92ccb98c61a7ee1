/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "import/draft-note.h"

#include <stdarg.h>
#include <string.h>

static void
add_note (struct import *im, const struct tree *node, bool changed,
          const char *key, const char *reason)
{
    struct draft_note *note;

    /* What several VMs share is read for each of them. */
    for (size_t i = 0; i < im->notes.n; i++) {
        note = im->notes.p[i];
        if (note->node == node && !strcmp (note->key, key)
            && !strcmp (note->reason, reason)) {
            return;
        }
    }
    note = arena_alloc (im->a, sizeof *note);
    note->node = node;
    note->changed = changed;
    note->key = key;
    note->reason = reason;
    vec_add (im->a, &im->notes, note);
}

void
draft_note (struct import *im, struct tree *node, const char *key,
            const char *fmt, ...)
{
    va_list args;

    va_start (args, fmt);
    add_note (im, node, false, key, arena_vformat (im->a, fmt, args));
    va_end (args);
    tree_use_all (node);
}

void
draft_change (struct import *im, const struct tree *node, const char *key,
              const char *fmt, ...)
{
    va_list args;

    va_start (args, fmt);
    add_note (im, node, true, key, arena_vformat (im->a, fmt, args));
    va_end (args);
}

struct unused {
    struct import *im;
    const char *const *reasons;
};

/* Is 'part' in the path, from one dot to another? */
static bool
has_part (const char *path, const char *part)
{
    size_t len = strlen (part);

    for (const char *p = path; (p = strstr (p, part)); p++) {
        if ((p == path || p[-1] == '.') && (!p[len] || p[len] == '.')) {
            return true;
        }
    }
    return false;
}

/* Whether hvctl has something of the kind is not known here. */
static void
tell_unused (void *data, const char *path, const struct tree *node)
{
    const struct unused *u = data;
    const char *reason = "'hvctl import' does not know it";

    for (const char *const *r = u->reasons; r[0]; r += 2) {
        if (has_part (path, r[0])) {
            reason = r[1];
            break;
        }
    }
    add_note (u->im, node, false, path, reason);
}

void
draft_note_unused (struct import *im, const struct tree *file,
                   const char *const *reasons)
{
    struct unused u = { im, reasons };

    tree_unused (im->a, file, "", tell_unused, &u);
}
