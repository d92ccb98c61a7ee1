/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What read-toml.cc calls, in C. */
#include <errno.h>
#include <setjmp.h>

#include "import/read-toml.h"
#include "import/read.h"

struct toml_target {
    struct reading *r;
    struct error *err;
};

struct tree *
toml_add (struct toml_target *to, struct tree *parent, const char *key,
          int line, char kind, const char *text, size_t len)
{
    return tree_add (&to->r->budget, parent, key, line,
                     kind == 'm'   ? TREE_MAP
                     : kind == 'l' ? TREE_LIST
                                   : TREE_TEXT,
                     text, len, to->err);
}

void
toml_wrong (struct toml_target *to, int line, const char *what)
{
    fail (to->err, EINVAL, "%s:%d: this is not TOML as virshle reads it: %s",
          to->r->budget.file, line, what);
}

/* The process has nothing else to do: what the parser has allocated may stay.
 */
static jmp_buf over;

void
toml_give_up (void)
{
    longjmp (over, 1);
}

struct tree *
read_toml (struct reading *r, struct error *err)
{
    struct toml_target to = { r, err };

    if (setjmp (over)) {
        fail (err, EINVAL,
              "%s:1: this is not TOML as virshle reads it: the "
              "parser cannot tell where",
              r->budget.file);
        return NULL;
    }
    return toml_read (&to, r->text, r->len);
}
