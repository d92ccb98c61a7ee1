/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Small things that start, stop and the commands share. */
#ifndef CORE_COMMAND_H
#define CORE_COMMAND_H

#include <stdbool.h>

#include "core/base/context.h"

/* The argv of "hvctl -c CONF COMMAND NAME", by this program's own path. */
const char *const *command_own (struct hvctl *h, const char *command,
                                const char *name);

/* That of "hvctl release", which may have to tell how the VM ended. */
const char *const *command_release (struct hvctl *h, const char *name,
                                    bool tells);

#endif /* CORE_COMMAND_H */
