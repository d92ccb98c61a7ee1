/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Where programs are: never where an ordinary user's PATH points when root
 * runs them. */
#ifndef CORE_FIND_H
#define CORE_FIND_H

#include "core/base/error.h"

/* The fixed path: "/usr/local/sbin:…". */
extern const char find_path[];

/* Finds a program by name in the fixed path and stores a malloc'ed absolute
 * path. */
int find_program (const char *name, char **path, struct error *err);

#endif /* CORE_FIND_H */
