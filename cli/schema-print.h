/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The documents that 'hvctl schema' knows. */
#ifndef CLI_SCHEMA_PRINT_H
#define CLI_SCHEMA_PRINT_H

#include <stddef.h>

/* Returns the name of the n-th, from 0, or null behind the last. */
const char *schema_nth (size_t n);

#endif /* CLI_SCHEMA_PRINT_H */
