/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Reads a configuration file into a tree of sections and settings, all
 * strings with their lines; host.c and definition.c give them meaning.
 * config.c is the only file that knows libconfuse. */
#ifndef CORE_CONFIG_H
#define CORE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include <hvctl/plugin.h>

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/vec.h"

struct setting {
    const char *key, *value;
    int line;
    const char *path; /* 'value' made absolute, if it is an HV_PATH. */
};

/* A section; a file is one with a null kind.  Plugins see one as struct
 * hv_options. */
struct hv_options {
    const char *file;
    const char *kind, *name; /* "disk", "root" */
    int line;
    struct setting *settings;
    size_t n_settings;
    struct vec sections;       /* struct hv_options * */
    const struct hv_key *keys; /* What may be in it, once that is known. */
};

/* Everything that is wrong, so that one run shows it all. */
struct problems {
    struct arena *arena;
    struct vec lines; /* char *: "FILE:LINE: what is wrong" */
};

void problem (struct problems *p, const char *file, int line, const char *fmt,
              ...) __attribute__ ((format (printf, 4, 5)));

/* Stores all problems as one error, if there are any: returns 0 or not. */
int problems_fail (struct problems *p, struct error *err);
void problems_sort (struct problems *p);

/* The section kinds that a file may have; ended by a null kind. */
struct section_kind {
    const char *kind;
    bool titled;          /* kind NAME { … }, any number of them. */
    const char *lists[3]; /* Its keys that take {a, b}, if untitled; top
                           * level: kind is "". */
};

/* Parses 'path'.  Null with a problem added if it can not be read.  What can be
 * read in spite of a problem is returned, so that others are found, too. */
struct hv_options *config_parse (struct arena *a, const char *path,
                                 const struct section_kind *kinds,
                                 struct problems *p);

/* Where a section is in the text of a file: from its kind to behind its
 * brace, and its first line. */
struct section_place {
    size_t from, to;
    int line;
};

/* Finds the section 'kind' 'name' (null: an untitled one).  False if there is
 * none. */
bool section_find (const char *text, const char *kind, const char *name,
                   struct section_place *out);

/* The same for the value of a setting in a section, or, with a null 'kind',
 * outside of all. */
bool setting_find (const char *text, const char *kind, const char *name,
                   const char *key, struct section_place *out);

/* Adds a problem for each setting that is not in 'keys' (which ends in a null
 * name; "*" allows all), is missing, or is not of its type; remembers the
 * keys.  'also' is a second table or null. */
void config_check (struct hv_options *s, const struct hv_key *keys,
                   struct problems *p);

/* Does the section itself say it? */
bool config_is_set (const struct hv_options *s, const char *key);

/* The setting's value (absolute, if it is checked and a path), its declared
 * default, or null. */
const char *config_get (const struct hv_options *s, const char *key);

/* The first line of a section; reads the file again, since only messages need
 * it. */
int section_line (const struct hv_options *s);

/* The line of a setting, or of the section if it is not set. */
int config_line (const struct hv_options *s, const char *key);

/* 'path', which 'file' has, made absolute: relative ones are relative to the
 * directory of the file. */
const char *config_path (struct arena *a, const char *file, const char *path);

/* Is 'value' of 'type'?  If not, '*expected' is a phrase for the user. */
bool value_is (enum hv_type type, const char *value, const char **expected);

#endif /* CORE_CONFIG_H */
