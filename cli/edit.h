/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A change of a definition, by change.c and resize.c: begun, checked, saved,
 * reported. */
#ifndef CLI_EDIT_H
#define CLI_EDIT_H

#include "cli/cli.h"
#include "core/config/definition.h"
#include "core/machine/change.h"
#include "core/machine/new-name-lock.h"

/* A definition that is being changed. */
struct edit {
    const char *name, *path, *temporary;
    const char *text; /* Its current text. */
    const char *was;  /* A digest of the old text. */
    struct definition *before, *after;
    bool stays;                  /* The change could not be rolled back. */
    struct new_name_locks locks; /* Two changes at once would lose one. */
};

/* Loads the definition, and keeps others from changing it.  If it succeeds,
 * edit_end() must follow. */
int edit_begin (struct cli *c, const char *name, struct edit *e,
                struct error *err);

/* Writes the new text beside the definition and checks it. */
int edit_check (struct cli *c, struct edit *e, const char *text,
                struct error *err);

/* Replaces the definition: the last step of the change. */
int edit_save (struct cli *c, struct edit *e, struct error *err);

/* Ends the change: if 'rc' is negative, it is rolled back.  Returns 'rc'. */
int edit_end (struct cli *c, struct edit *e, int rc, struct error *err);

/* Reports that it is done; 'online', what that means for the running guest;
 * 'later', what is reported instead if it has to stop first. */
struct edit_words {
    const char *what, *online, *later[2]; /* Before and after its name. */
};

int edit_done (struct cli *c, const struct edit_words *words,
               enum change_way way);

#endif /* CLI_EDIT_H */
