/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Escapes in double quotes; for scan.c. */
#ifndef CORE_SCAN_ESCAPE_H
#define CORE_SCAN_ESCAPE_H

#include <stddef.h>

/* Returns the length of the escape at 'at', where a backslash is; '*byte' is
 * what it stands for, or negative if that is the character itself. */
size_t scan_escape_read (const char *at, int *byte);

#endif /* CORE_SCAN_ESCAPE_H */
