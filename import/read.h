/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Readers of the files of other tools, one per syntax.  They get bytes from
 * anywhere, so they run in a program of their own, hvctl-import, which hvctl
 * confines, and which has no more than these bytes. */
#ifndef IMPORT_READ_H
#define IMPORT_READ_H

#include "import/tree.h"

struct reading {
    struct tree_budget budget;
    const char *text; /* Ends in a NUL after 'len' bytes. */
    size_t len;
};

/* Returns the tree of the text, or null, and the reason with its line. */
typedef struct tree *read_fn (struct reading *r, struct error *err);

read_fn read_json;  /* machina */
read_fn read_words; /* 5gdeploy: the words of a command line, as a list */
read_fn read_xml;   /* libvirt; an attribute is a member "@NAME" */
read_fn read_yaml;  /* balena; aliases and merge keys are resolved */
read_fn read_toml;  /* virshle */

/* Reads by the syntax of the tool, after checks that all of them need. */
struct tree *read_text (struct reading *r, const char *tool, struct error *err);

#endif /* IMPORT_READ_H */
