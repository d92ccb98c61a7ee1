/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Volumes and connections of machina. */
#ifndef IMPORT_MACHINA_H
#define IMPORT_MACHINA_H

#include "import/draft.h"

struct machina {
    struct import *im;
    struct tree *host; /* machina.conf.json, or null. */
    struct vec defs;   /* struct tree *: a machine, then its tags. */
};

/* Returns whether a variable can have that name: it is not hvctl's, like
 * "env.HOME", and no file may read those. */
bool machina_is_var (const char *name);

/* Adds the disks of a machine or a tag; 'boot' is the number of the first that
 * is bootable. */
void machina_volumes (struct machina *m, struct draft *d, struct tree *def,
                      int boot);

/* Adds its NICs. */
void machina_connections (struct machina *m, struct draft *d, struct tree *def);

#endif /* IMPORT_MACHINA_H */
