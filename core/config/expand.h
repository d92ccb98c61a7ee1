/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* "${…}" in values: the language of references and integers.  The meaning of
 * the names is variable.c's. */
#ifndef CORE_EXPAND_H
#define CORE_EXPAND_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"

/* In place of the '$' of "${" in a value: scan.c sets it, so that libconfuse
 * leaves the reference alone, and that "\${", and all that is in single quotes,
 * is none.  Two of them are a '$'.  EXPAND_WHOLE begins a value that is one
 * reference without braces. */
#define EXPAND_MARK '\1'
#define EXPAND_WHOLE '\2'

#define EXPAND_MAX 65536 /* Bytes of a value: variables can be multiplied. */

/* A value that is being expanded. */
struct expand {
    struct arena *arena;

    /* Returns the value of the variable, or null: then '*why' is the reason, or
     * remains null if it has been reported already. */
    const char *(*lookup) (void *data, const char *name, const char **why);
    void *data;

    /* Go on after a variable that is unknown without a reason, to find mistakes
     * behind it; the value is null nevertheless. */
    bool partial;

    /* After a failure: the reason, or null if it has been reported; the
     * character of the value, from 1 on. */
    const char *why;
    size_t at;
};

/* Returns the value with all references replaced, or null. */
const char *expand_text (struct expand *e, const char *marked);

/* Returns whether the text has a mark. */
bool expand_has (const char *text);

/* Return whether a byte is a control character other than a tab or the end of a
 * line, and whether a text has one that is no mark. */
bool expand_is_control (int byte);
bool expand_has_control (const char *text);

/* Returns the value with braces instead of EXPAND_WHOLE. */
const char *expand_whole (struct arena *a, const char *marked);

/* Returns the value as the user has written it. */
const char *expand_written (struct arena *a, const char *marked);

/* Returns whether 'name' can be the name of a variable. */
bool expand_is_name (const char *name);

#endif /* CORE_EXPAND_H */
