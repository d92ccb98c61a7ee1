/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A change of a definition, by change.c and resize.c: begun, checked, saved,
 * told. */
#ifndef CLI_EDIT_H
#define CLI_EDIT_H

#include "cli/cli.h"
#include "core/config/definition.h"
#include "core/machine/change.h"

/* A definition that is being changed. */
struct edit {
    const char *name, *path, *temporary;
    const char *text; /* As it is now. */
    const char *was;  /* What tells that it still is. */
    struct definition *before, *after;
    bool stays; /* What was done could not be undone. */
    int lock;   /* Until hvctl ends: two changes at once would lose one. */
};

/* Loads the definition, and keeps others from changing it.  If it succeeds,
 * edit_end() has to follow. */
int edit_begin (struct cli *c, const char *name, struct edit *e,
                struct error *err);

/* Writes the new text beside the definition and checks it. */
int edit_check (struct cli *c, struct edit *e, const char *text,
                struct error *err);

/* Puts it in the definition's place: the last step of the change. */
int edit_save (struct cli *c, struct edit *e, struct error *err);

/* The change is over: if 'rc' is negative, it is taken back.  Returns 'rc'. */
int edit_end (struct cli *c, struct edit *e, int rc, struct error *err);

/* Says that it is done; 'online', what that means for the running guest;
 * 'later', what is said instead if it has to stop first. */
struct edit_words {
    const char *what, *online, *later[2]; /* Before and after its name. */
};

int edit_done (struct cli *c, const struct edit_words *words,
               enum change_way way);

#endif /* CLI_EDIT_H */
