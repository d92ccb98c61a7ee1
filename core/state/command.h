/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Command lines of hvctl itself. */
#ifndef CORE_COMMAND_H
#define CORE_COMMAND_H

#include <stdbool.h>

#include "core/base/context.h"

/* Returns the argv of "hvctl -c CONF COMMAND NAME", with this program's
 * path. */
const char *const *command_own (struct hvctl *h, const char *command,
                                const char *name);

/* Returns that of "hvctl release", with --tell if 'tells'. */
const char *const *command_release (struct hvctl *h, const char *name,
                                    bool tells);

#endif /* CORE_COMMAND_H */
