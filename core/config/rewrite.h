/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Files written by people, which are changed by replacing them. */
#ifndef CORE_REWRITE_H
#define CORE_REWRITE_H

#include "core/base/context.h"
#include "core/base/error.h"

/* Returns the file that 'path' refers to, through links, or 'path' itself. */
const char *rewrite_target (struct hvctl *h, const char *path);

/* Returns the path for its replacement: ".NAME.new" beside it. */
const char *rewrite_temporary (struct hvctl *h, const char *path,
                               const char *name);

/* Writes 'text' to 'temporary', with the mode, owner, group and extended
 * attributes of 'path', if that exists. */
int rewrite_begin (const char *path, const char *temporary, const char *text,
                   struct error *err);

/* Renames it to 'path', and flushes that to disk. */
int rewrite_end (struct hvctl *h, const char *temporary, const char *path,
                 struct error *err);

/* The same for a new file: fails with EEXIST if there is one of that name. */
int rewrite_publish (struct hvctl *h, const char *temporary, const char *path,
                     struct error *err);

/* Replaces the path of the temporary file in a message about it. */
void rewrite_show (struct hvctl *h, const char *temporary, const char *shown,
                   struct error *err);

/* Returns where such text is kept: "FILE.edited". */
#define REWRITE_KEPT ".edited"
const char *rewrite_kept (struct hvctl *h, const char *path);

/* Keeps text that somebody has typed beside the file, without replacing that.
 * Returns its path, or null. */
const char *rewrite_keep (struct hvctl *h, const char *temporary,
                          const char *path);

#endif /* CORE_REWRITE_H */
