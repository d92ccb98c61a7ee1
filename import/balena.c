/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "import/balena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import/draft-note.h"

const char *
balena_value (struct import *im, const char *value)
{
    const struct {
        const char *name, *value;
    } vars[] = {
        { "{{guestId}}", im->fleet ? DRAFT_VAR "index" DRAFT_END : "0" },
        { "{{templateName}}", im->template },
    };
    char *text = NULL;
    const char *copy;
    size_t len, used;
    FILE *to = or_exit (open_memstream (&text, &len));

    /* Each occurrence: balenaVirt replaces the first only, which is a
     * mistake there. */
    for (; *value; value += used) {
        const char *add = NULL;

        used = 1;
        for (size_t i = 0; i < 2; i++) {
            if (!strncmp (value, vars[i].name, strlen (vars[i].name))) {
                used = strlen (vars[i].name);
                add = vars[i].value;
            }
        }
        if (add) {
            fputs (add, to);
        } else {
            fputc (*value, to);
        }
    }
    fclose (to);
    copy = arena_dup (im->a, text);
    free (text);
    return copy;
}

void
balena_split (struct import *im, struct tree *t, const char *implied)
{
    const char *text = t->kind == TREE_TEXT ? t->value : NULL;

    if (!text) {
        return;
    }
    t->kind = TREE_MAP;
    t->value = NULL;
    for (bool first = true; *text; first = false) {
        struct tree *kid = arena_alloc (im->a, sizeof *kid);
        char *part = arena_alloc (im->a, strlen (text) + 1), *equals;
        size_t len = 0;

        for (; *text && (*text != ',' || text[1] == ','); text++) {
            text += *text == ',';
            part[len++] = *text;
        }
        text += *text == ',';
        equals = strchr (part, '=');
        kid->file = t->file;
        kid->line = t->line;
        if (first && implied && !equals) {
            kid->key = implied;
            kid->value = part;
        } else {
            kid->value = equals ? equals + 1 : NULL;
            kid->key = equals
                           ? arena_dup_n (im->a, part, (size_t)(equals - part))
                           : part;
        }
        vec_add (im->a, &t->kids, kid);
    }
}

static bool
is (const struct tree *t, const char *key, const char *value)
{
    const struct tree *kid = tree_peek (t, key);

    return kid && kid->value && !strcmp (kid->value, value);
}

/* The hypervisor's plugin chooses the bus, and the order is that of the
 * file. */
static void
note_place (struct import *im, struct tree *t, const char *name, int number)
{
    struct tree *bus = tree_peek (t, "if"), *index = tree_peek (t, "index");
    const char *wanted = arena_format (im->a, "%d", number);

    if (bus && bus->value && strcmp (bus->value, "virtio") != 0) {
        draft_change (im, bus, "drive.if",
                      "%s was on bus %s, and the hypervisor's plugin chooses "
                      "the bus (virtio for disks): the guest needs the driver",
                      name, bus->value);
    }
    if (index && (!index->value || strcmp (index->value, wanted) != 0)) {
        draft_change (im, index, "drive.index",
                      "disks are in the order of the file: %s is number %d",
                      name, number);
    }
    tree_text (t, "if");
    tree_text (t, "index");
}

static bool
is_yes (struct tree *t, const char *key)
{
    const char *text = tree_text (t, key);

    return text && (!strcmp (text, "true") || !strcmp (text, "on"));
}

/* A flash memory is firmware: its code, or its variables. */
static void
add_flash (struct import *im, struct tree *t, struct balena *state)
{
    state->uefi = true;
    draft_note (im, t, "drive",
                "hvctl chooses UEFI firmware that fits, and the guest begins "
                "with fresh variables");
}

static void
add_drive (struct import *im, struct draft *d, struct tree *t,
           struct balena *state)
{
    const char *name = arena_format (im->a, "disk%d", state->disks);
    bool cdrom = is (t, "media", "cdrom");
    const char *file = tree_text (t, "file");
    const char *format = tree_text (t, "format");

    if (!file) {
        draft_note (im, t, "drive", "it has no 'file'");
        return;
    }
    if (!format && !cdrom) {
        draft_problem (im, t,
                       "a drive has no 'format', and the format of an image is "
                       "never guessed, because the guest could have written a "
                       "header that misleads: add format: raw or format: "
                       "qcow2");
        return;
    }
    note_place (im, t, name, state->disks++);
    t->used = true;
    if (cdrom || is (t, "media", "disk")) {
        tree_text (t, "media");
    }
    draft_set (im, d, "disk", name, cdrom ? "cdrom" : "image",
               draft_path (im, balena_value (im, file)));
    draft_set (im, d, "disk", name, "format", cdrom ? NULL : format);
    if (is_yes (t, "readonly") && !cdrom) {
        draft_set (im, d, "disk", name, "readonly", "yes");
    }
}

void
balena_drives (struct import *im, struct draft *d, struct tree *option,
               struct balena *state)
{
    bool list = option->kind == TREE_LIST;

    option->used = true;
    for (size_t i = 0; i < (list ? option->kids.n : 1); i++) {
        struct tree *t = list ? option->kids.p[i] : option;

        im->at = t;
        balena_split (im, t, NULL);
        if (t->kind != TREE_MAP) {
            draft_note (im, t, "drive", "it is no drive");
        } else if (is (t, "if", "pflash")) {
            add_flash (im, t, state);
        } else {
            add_drive (im, d, t, state);
        }
    }
}
