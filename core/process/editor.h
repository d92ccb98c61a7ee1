/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The user's editor. */
#ifndef CORE_EDITOR_H
#define CORE_EDITOR_H

#include "core/base/error.h"

/* Runs the user's editor, which may have arguments and gets the terminal, on
 * a file.  Fails if its exit status is not 0. */
int editor_run (const char *editor, const char *path, struct error *err);

#endif /* CORE_EDITOR_H */
