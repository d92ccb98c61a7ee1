/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A change of a definition, by change.c and resize.c: begun, checked, saved,
 * told. */
#ifndef CLI_EDIT_H
#define CLI_EDIT_H

#include "cli/cli.h"
#include "core/change.h"

/* A definition that is being changed. */
struct edit {
    const char *name, *path, *temporary;
    const char *text; /* As it is now. */
    struct definition *before, *after;
    int lock; /* Until hvctl ends: two changes at once would lose one. */
};

/* Loads the definition, and keeps others from changing it. */
int edit_begin (struct cli *c, const char *name, struct edit *e,
                struct error *err);

/* Writes the new text beside the definition and checks it. */
int edit_check (struct cli *c, struct edit *e, const char *text,
                struct error *err);

/* Puts it in the definition's place. */
int edit_save (struct edit *e, struct error *err);

/* Says that it is done; 'online', what that means for the running guest. */
int edit_done (struct cli *c, const char *what, const char *online,
               enum change_way way);

/* The disk of that name, or null. */
const struct disk_def *edit_find_disk (const struct definition *def,
                                       const char *name);

#endif /* CLI_EDIT_H */
