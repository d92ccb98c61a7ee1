/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Sections and settings in the text of a configuration. */
#ifndef CORE_TEXTEDIT_H
#define CORE_TEXTEDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/error.h"

/* The position of a section in the text of a file: from its kind to the end of
 * its closing brace, and its first line. */
struct section_place {
    size_t from, to;
    int line;
};

/* Finds the section 'kind' 'name' (null: an untitled one).  Returns false if
 * there is none. */
bool textedit_section (const char *text, const char *kind, const char *name,
                       struct section_place *out);

/* The same for the value of a setting in a section, or, with a null 'kind',
 * outside all sections. */
bool textedit_setting (const char *text, const char *kind, const char *name,
                       const char *key, struct section_place *out);

/* The text of a definition, changed.  What it means is read again, and
 * compared; the result is null if that is not what was intended, since the text
 * is written in a way that is not understood here.  A null text remains so:
 * several changes need only one textedit_fail().
 * set: with the setting changed or added, in its section, which is added if
 *     there is none; 'value' is as a file has it;
 * append: with sections at its end;
 * remove: without that setting, and without its line if that has nothing else
 *     but a comment; with a null 'key', without the section; null, too, if
 *     there is none. */
const char *textedit_set (struct arena *a, const char *text, const char *kind,
                          const char *name, const char *key, const char *value);
const char *textedit_append (struct arena *a, const char *text,
                             const char *sections);
const char *textedit_remove (struct arena *a, const char *text,
                             const char *kind, const char *name,
                             const char *key);

/* Returns the value of a setting as the text of a file has it, a list without
 * its comments and line breaks; that of a section in a template, or, with a
 * null 'template', of one in none; or null if it is not found. */
const char *textedit_written (struct arena *a, const char *text,
                              const char *template, const char *kind,
                              const char *name, const char *key);

/* Fails since the definition of 'vm', which is 'file', could not be changed. */
int textedit_fail (struct error *err, const char *file, const char *vm);

/* Returns a value in a form that is read back unchanged; with 'variables',
 * those in it remain such. */
const char *textedit_quote (struct arena *a, const char *value, bool variables);

#endif /* CORE_TEXTEDIT_H */
