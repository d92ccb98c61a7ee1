/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The identity of a program's build, according to its file. */
#ifndef CORE_BUILD_ID_H
#define CORE_BUILD_ID_H

#include "core/base/arena.h"

/* Returns the build ID that the linker wrote (NT_GNU_BUILD_ID), in hexadecimal;
 * for a file without one, "sum-" and a hash of its contents.  Null if it cannot
 * be read. */
const char *build_id (struct arena *a, const char *path);

/* Returns the C library that a program is loaded with, or null: it is static,
 * or not a program. */
const char *build_id_library (struct arena *a, const char *path);

#endif /* CORE_BUILD_ID_H */
