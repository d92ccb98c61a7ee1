/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Pausing and resuming a guest. */
#ifndef CORE_PAUSE_H
#define CORE_PAUSE_H

#include <stdbool.h>

#include "core/base/context.h"
#include "core/base/error.h"

int pause_vm (struct hvctl *h, const char *name, bool resume,
              struct error *err);

#endif /* CORE_PAUSE_H */
