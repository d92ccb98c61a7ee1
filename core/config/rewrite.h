/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Files of people, which are changed by putting another in their place. */
#ifndef CORE_REWRITE_H
#define CORE_REWRITE_H

#include "core/base/context.h"
#include "core/base/error.h"

/* The file that 'path' leads to, through links; 'path' if there is none. */
const char *rewrite_target (struct hvctl *h, const char *path);

/* Where its successor is written: ".NAME.new" beside it. */
const char *rewrite_temporary (struct hvctl *h, const char *path,
                               const char *name);

/* Writes 'text' to 'temporary', with the mode, owner, group and extended
 * attributes of 'path', if that is there. */
int rewrite_begin (const char *path, const char *temporary, const char *text,
                   struct error *err);

/* Lets it take the place of 'path', for good. */
int rewrite_end (struct hvctl *h, const char *temporary, const char *path,
                 struct error *err);

/* Puts what somebody has typed beside the file, which it is not to replace.
 * Returns where, or null. */
const char *rewrite_keep (struct hvctl *h, const char *temporary,
                          const char *path);

#endif /* CORE_REWRITE_H */
