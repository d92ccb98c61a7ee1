/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Settings of a section: their validity, and their values, wherever the
 * section came from. */
#ifndef CORE_SETTINGS_H
#define CORE_SETTINGS_H

#include <stdbool.h>

#include <hvctl/plugin.h>

#include "core/base/arena.h"
#include "core/config/config.h"
#include "core/config/problem.h"

/* Adds a problem for each setting that is not in 'keys' (which ends in a null
 * name; "*" allows all), is missing, or is not of its type; stores the
 * keys.  'also' is a second table or null. */
void settings_check (struct hv_options *s, const struct hv_key *keys,
                     struct problems *p);

/* Returns the setting, or null. */
struct setting *settings_find (const struct hv_options *s, const char *key);

/* Returns whether a value of the section could not be found out, since its
 * variables could not be replaced, or since this is only a part of it. */
bool settings_unknown (const struct hv_options *s);

/* Returns whether the section itself contains the key. */
bool settings_is_set (const struct hv_options *s, const char *key);

/* Returns the setting's value (absolute, if it is checked and a path), its
 * declared default, or null. */
const char *settings_get (const struct hv_options *s, const char *key);

/* Return the file and the line of a setting, or of the section if it is not set
 * or 'key' is null; both as "FILE:LINE". */
const char *settings_file (const struct hv_options *s, const char *key);
int settings_line (const struct hv_options *s, const char *key);
const char *settings_where (struct arena *a, const struct hv_options *s,
                            const char *key);

/* Returns "disk root: " for a section with a name, or "". */
const char *settings_section (struct arena *a, const struct hv_options *s);

/* Adds a problem at that place.  A value that was made of variables is added to
 * the message. */
void settings_problem (struct problems *p, const struct hv_options *s,
                       const char *key, const char *fmt, ...)
    __attribute__ ((format (printf, 4, 5)));

/* Returns 'path', which 'file' contains, made absolute: relative ones are
 * relative to the directory of the file. */
const char *settings_path (struct arena *a, const char *file, const char *path);

/* Returns whether 'value' is of 'type'.  If not, '*expected' is a phrase for
 * the user. */
bool settings_fits (enum hv_type type, const char *value,
                    const char **expected);

#endif /* CORE_SETTINGS_H */
