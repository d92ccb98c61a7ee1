/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Options such as --disk root:10G, as text of a definition. */
#ifndef CLI_SPEC_H
#define CLI_SPEC_H

#include "cli/cli.h"
#include "core/config/definition.h"

/* The text of a definition that is being built. */
struct text {
    struct cli *c;
    const char *s;
};

void text_add (struct text *t, const char *fmt, ...)
    __attribute__ ((format (printf, 2, 3)));

/* Returns a value in a form that is read back unchanged, with its variables. */
const char *text_quote (struct cli *c, const char *value);

/* Adds the section for a --disk or --nic. */
int text_add_disk (struct text *t, const char *spec, struct error *err);
int text_add_nic (struct text *t, const char *spec, struct error *err);

/* Adds a --template, and changes the text by a --set. */
int text_add_templates (struct text *t, const struct vec *names,
                        struct error *err);
int text_set (struct text *t, const char *spec, struct error *err);

int check_printable (const char *option, const char *value, struct error *err);
/* Stores whether 'value', of the key 'image', is the name of an image, not the
 * path of a file: one with 'sized' always is.  Fails if it may be both. */
int is_image_name (struct cli *c, const char *value, bool sized, bool *is,
                   struct error *err);

const char *absolute_path (struct cli *c, const char *path);

/* Creates the volumes for which the definition has a size, a backing or an
 * image that they are made on, as a
 * step of the change to 'vm': see unfinished.h. */
int make_volumes (struct cli *c, const char *vm,
                  const struct disk_def *const disks[], size_t n,
                  struct error *err);

/* The same for existing definitions: the change consists of nothing else. */
int make_unmade (struct cli *c, const char *name, const struct vec *unmade,
                 struct error *err);

/* Fails if the image is obviously not of that format, or not accessible. */
int check_backing (const char *path, const char *format, struct error *err);
int image_format (const char *path, const char **format, struct error *err);

/* Warns of everything that the VM now shares with others, in the words of
 * 'validate'. */
void warn_of_clashes (struct cli *c, const char *name);

/* Warns if a valid definition has changed since its VM was saved. */
void warn_if_lost (struct cli *c, struct definition *def);

/* Makes errors refer to the definition, not to its temporary file. */
void name_definition (struct cli *c, const char *temporary, const char *name,
                      struct error *err);

#endif /* CLI_SPEC_H */
