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

/* Returns whether the section itself contains the key. */
bool settings_is_set (const struct hv_options *s, const char *key);

/* Returns the setting's value (absolute, if it is checked and a path), its
 * declared default, or null. */
const char *settings_get (const struct hv_options *s, const char *key);

/* Returns the line of a setting, or of the section if it is not set. */
int settings_line (const struct hv_options *s, const char *key);

/* Returns 'path', which 'file' contains, made absolute: relative ones are
 * relative to the directory of the file. */
const char *settings_path (struct arena *a, const char *file, const char *path);

/* Returns whether 'value' is of 'type'.  If not, '*expected' is a phrase for
 * the user. */
bool settings_fits (enum hv_type type, const char *value,
                    const char **expected);

#endif /* CORE_SETTINGS_H */
