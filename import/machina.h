/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Volumes and connections of machina. */
#ifndef IMPORT_MACHINA_H
#define IMPORT_MACHINA_H

#include "import/draft.h"

struct machina {
    struct import *im;
    struct tree *host;  /* machina.conf.json, or null. */
    struct vec defs;    /* struct tree *: a machine, then its tags. */
    struct vec inlined; /* struct tree *, tags: see machina_order() */
};

/* Returns whether a variable can have that name: it is not hvctl's, like
 * "env.HOME", and no file may read those. */
bool machina_is_var (const char *name);

/* Returns the tag of that name, or null. */
struct tree *machina_tag (const struct machina *m, const char *name);

/* Decides which tags' disks and NICs are written into each machine that has the
 * tag, instead of into its template: those of templates come first, and
 * machina has the machine's own first.  The guest names them by their order. */
void machina_order (struct machina *m, struct tree *const *files, size_t n);
bool machina_is_inline (const struct machina *m, const struct tree *tag);

/* Adds the disks of a machine or a tag that the draft does not have; 'boot' is
 * the number of the first that is bootable.  Returns the next one. */
int machina_volumes (struct machina *m, struct draft *d, struct tree *def,
                     int boot);

/* Adds its NICs. */
void machina_connections (struct machina *m, struct draft *d, struct tree *def);

#endif /* IMPORT_MACHINA_H */
