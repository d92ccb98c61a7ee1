/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The VMs that have an image open, whatever became of the locks that their
 * hypervisors took: a compromised one can drop those.  It cannot drop what it
 * was given: that is noted before it gets it.  The kernel tells which of them
 * it still has, as an open file or as a mapping. */
#ifndef CORE_IMAGE_USERS_H
#define CORE_IMAGE_USERS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/context.h"
#include "core/base/error.h"

struct image_open {
    int fd;
    const char *path;
    bool writing; /* Only who writes it is in the way. */
    bool ignored; /* Nobody is. */
};

/* Notes that a VM gets the files that are open these, before it does. */
int image_users_note (struct hvctl *h, const char *vm,
                      const struct image_open images[], size_t n,
                      struct error *err);

/* Returns whether a VM other than 'self' that was given the file that is open
 * as 'fd' still has it; with 'writing', for writing. */
bool image_users_any (struct hvctl *h, const char *self, int fd, bool writing);

/* Returns the first of several that is in use so, or -1: the VMs are listed
 * once. */
int image_users_first (struct hvctl *h, const char *self,
                       const struct image_open images[], size_t n);

/* Returns the VMs that have it, or may have it, for a message: "VM a", "VMs a,
 * b"; null if it is no VM's. */
const char *image_users_names (struct hvctl *h, const char *self, int fd);

#endif /* CORE_IMAGE_USERS_H */
