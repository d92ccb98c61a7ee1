/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Drives and networks of balenaVirt's templates, as options of QEMU. */
#ifndef IMPORT_BALENA_H
#define IMPORT_BALENA_H

#include "import/draft.h"

#define BALENA_MOST 200 /* Guests of a template. */

/* What is known of a template so far. */
struct balena {
    bool uefi, kernel;
    int disks, nics;
};

/* Returns a value with balenaVirt's variables as those of hvctl. */
const char *balena_value (struct import *im, const char *value);

/* Adds the drives, or the networks, of an option, which may be a list. */
void balena_drives (struct import *im, struct draft *d, struct tree *option,
                    struct balena *state);
void balena_nets (struct import *im, struct draft *d, struct tree *option,
                  struct balena *state);

#endif /* IMPORT_BALENA_H */
