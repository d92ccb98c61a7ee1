/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Ends as another program, which gets the user's terminal and environment. */
#ifndef CORE_BECOME_H
#define CORE_BECOME_H

#include "core/base/error.h"

/* Executes a program of $PATH; returns only if that fails.  'package' is what
 * it comes with, for the message. */
int become (char *const argv[], const char *package, struct error *err);

#endif /* CORE_BECOME_H */
