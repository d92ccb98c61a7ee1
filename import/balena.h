/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Options of QEMU, as balenaVirt's templates have them, and its drives. */
#ifndef IMPORT_BALENA_H
#define IMPORT_BALENA_H

#include "import/draft.h"

#define BALENA_MOST 200 /* Guests of a template. */

/* What is known of a template so far. */
struct balena {
    bool uefi, kernel;
    int disks;
    struct vec nets;   /* struct balena_net *, see balena-net.c */
    struct vec fronts; /* struct tree *: what the guest sees of them. */
};

/* Returns a value with balenaVirt's variables as those of hvctl. */
const char *balena_value (struct import *im, const char *value);

/* Makes of a text such as "user,id=x" the map that YAML could have had instead;
 * 'implied' is the key of a first word without one, or null: the word itself is
 * the key. */
void balena_split (struct import *im, struct tree *t, const char *implied);

/* Adds the drives of an option, which may be a list. */
void balena_drives (struct import *im, struct draft *d, struct tree *option,
                    struct balena *state);

#endif /* IMPORT_BALENA_H */
