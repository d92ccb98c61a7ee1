/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Sections and settings in the text of a configuration. */
#ifndef CORE_TEXTEDIT_H
#define CORE_TEXTEDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/config/config.h"

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

/* Returns the first line of a section; reads the file again, since only
 * messages need it. */
int textedit_section_line (const struct hv_options *s);

#endif /* CORE_TEXTEDIT_H */
