/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The VMs that have an image open, whatever became of the locks that their
 * hypervisors took: a compromised one can drop those.  It cannot drop what it
 * was given: the images of its plan, and those that were noted when it got them
 * later.  The kernel tells which of them it still has, as an open file or as a
 * mapping. */
#ifndef CORE_IMAGE_USERS_H
#define CORE_IMAGE_USERS_H

#include <stdbool.h>

#include "core/base/context.h"
#include "core/base/error.h"

/* Notes that a VM that runs gets the file, before it does. */
int image_users_note (struct hvctl *h, const char *vm, const char *path,
                      struct error *err);

/* Returns whether a VM other than 'self' that was given the file 'path', which
 * is open as 'fd', still has it; with 'writing', for writing. */
bool image_users_any (struct hvctl *h, const char *self, const char *path,
                      int fd, bool writing);

/* Returns the VMs that have it, for a message: "VM a", "VMs a, b"; null if it
 * is no VM's. */
const char *image_users_names (struct hvctl *h, const char *self,
                               const char *path, int fd);

#endif /* CORE_IMAGE_USERS_H */
