/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Searching for programs: for root, never in directories of an ordinary user's
 * PATH. */
#ifndef CORE_FIND_H
#define CORE_FIND_H

#include "core/base/error.h"

/* The fixed path: "/usr/local/sbin:…". */
extern const char find_path[];

/* Finds a program by name in the fixed path and stores its absolute path,
 * malloc'ed. */
int find_program (const char *name, char **path, struct error *err);

#endif /* CORE_FIND_H */
