/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Files of the guest, by its agent. */
#ifndef CORE_AGENT_FILE_H
#define CORE_AGENT_FILE_H

#include <stdint.h>

#include "core/base/context.h"
#include "core/base/error.h"

/* The maximum of a file; larger ones are for scp. */
#define AGENT_FILE_MAX ((uint64_t)1 << 30)

/* Copy the guest's file to a descriptor, or what a descriptor provides to the
 * guest's file.  'what' names the other end. */
int agent_file_get (struct hvctl *h, const char *name, const char *path, int fd,
                    const char *what, struct error *err);
int agent_file_put (struct hvctl *h, const char *name, const char *path, int fd,
                    const char *what, struct error *err);

#endif /* CORE_AGENT_FILE_H */
