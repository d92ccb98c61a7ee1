/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Reads a configuration file into a tree of sections and settings, all of them
 * strings with their lines; host.c and definition.c give them meaning.
 * Only config.c uses libconfuse. */
#ifndef CORE_CONFIG_H
#define CORE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include <hvctl/plugin.h>

#include "core/base/arena.h"
#include "core/base/vec.h"
#include "core/config/problem.h"

struct setting {
    const char *key, *value;
    const char *file; /* Null: built in. */
    int line;
    const char *path; /* 'value' made absolute, if it is an HV_PATH. */
    bool list;        /* 'value' is "a,b", or empty. */

    /* A value with variables: its text, or null.  Until variable.c has replaced
     * them it is 'pending', then the value may remain 'unknown'. */
    const char *written;
    bool pending, busy, unknown;

    const char *from;  /* The template that has it; null: the file itself... */
    const char *fleet; /* ...or that of this fleet. */
    const struct setting *hides; /* The next template's, or null. */
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
    const struct hv_key *keys; /* Its valid keys, once they are known. */
    bool own;                  /* The file itself has it. */
    bool part;                 /* Of a section: a VM has the rest of it. */
    const char *fleet;         /* The fleet whose file has it, or null. */
    const char *from;          /* The first template that has it, or null... */
    const char *from_file;     /* ...and where. */
    int from_line;
};

/* The section kinds that a file may have; ended by a null kind. */
struct section_kind {
    const char *kind;
    bool titled; /* kind NAME { … }, any number of them. */
    const char
        *lists[3]; /* Its keys that take {a, b}; top level: kind is "". */
    const struct section_kind *inner; /* Those in it, or null. */
};

/* Parses 'path'.  Returns null and adds a problem if it cannot be read.  A file
 * with problems is returned as far as it can be read, so that others are found,
 * too. */
struct hv_options *config_parse (struct arena *a, const char *path,
                                 const struct section_kind *kinds,
                                 struct problems *p);

/* The same for the contents of 'path', of 'size' bytes; changes them. */
struct hv_options *config_parse_loaded (struct arena *a, const char *path,
                                        char *text, size_t size,
                                        const struct section_kind *kinds,
                                        struct problems *p);

/* The same for the text of a file that does not exist yet. */
struct hv_options *config_parse_text (struct arena *a, const char *text,
                                      const struct section_kind *kinds,
                                      struct problems *p);

#endif /* CORE_CONFIG_H */
