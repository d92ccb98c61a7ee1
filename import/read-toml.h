/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Between C and the one file in C++, which includes no other header of ours. */
#ifndef IMPORT_READ_TOML_H
#define IMPORT_READ_TOML_H

#include <stddef.h>

#define TOML_DEPTH 40

#ifdef __cplusplus
extern "C" {
#endif

struct tree;
struct toml_target;

/* In C++: returns the tree, or null after toml_wrong() or a failed
 * toml_add(). */
struct tree *toml_read (struct toml_target *to, const char *text, size_t len);

/* In C: adds a node of kind 'm' (map), 'l' (list) or 't' (text); fails. */
struct tree *toml_add (struct toml_target *to, struct tree *parent,
                       const char *key, int line, char kind, const char *text,
                       size_t len);
void toml_wrong (struct toml_target *to, int line, const char *what);

/* Does not return: toml_read() is over. */
void toml_give_up (void) __attribute__ ((noreturn));

#ifdef __cplusplus
}
#endif

#endif /* IMPORT_READ_TOML_H */
