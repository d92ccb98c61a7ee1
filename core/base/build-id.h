/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Which build a program is, as its file tells. */
#ifndef CORE_BUILD_ID_H
#define CORE_BUILD_ID_H

#include "core/base/arena.h"

/* The build id that the linker wrote (NT_GNU_BUILD_ID), in hexadecimal; of a
 * file that has none, "sum-" and a hash of all of it.  Null: it cannot be
 * read. */
const char *build_id (struct arena *a, const char *path);

/* The C library that a program is loaded with, or null: it is static, or no
 * program. */
const char *build_id_library (struct arena *a, const char *path);

#endif /* CORE_BUILD_ID_H */
