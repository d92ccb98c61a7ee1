/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The words of a command line, as a shell separates them: in a file that has
 * one argument per line, or the command as it was typed.  Nothing is expanded:
 * what a shell would replace is refused. */
#include "import/read.h"

#include <errno.h>
#include <string.h>

struct scanner {
    struct reading *r;
    const char *p;
    int line;
    char *word;
    size_t len;
    struct error *err;
};

static int
wrong (struct scanner *s, const char *what)
{
    return fail (s->err, EINVAL, "%s:%d: %s", s->r->budget.file, s->line, what);
}

static void
add_char (struct scanner *s)
{
    s->line += *s->p == '\n';
    s->word[s->len++] = *s->p++;
}

/* Reads what is between quotes. */
static int
read_quoted (struct scanner *s)
{
    char quote = *s->p++;
    int line = s->line;

    while (*s->p && *s->p != quote) {
        if (quote == '"' && strchr ("$`", *s->p)) {
            return wrong (s, "a shell would replace this: write its value");
        }
        if (quote == '"' && *s->p == '\\' && s->p[1]
            && strchr ("\"\\$`", s->p[1])) {
            s->p++;
        }
        add_char (s);
    }
    if (!*s->p) {
        s->line = line;
        return wrong (s, "a quotation has no end");
    }
    s->p++;
    return 0;
}

/* Reads a word; a backslash before the end of a line continues that. */
static int
read_word (struct scanner *s)
{
    while (*s->p && !strchr (" \t\r\n", *s->p)) {
        if (*s->p == '\'' || *s->p == '"') {
            if (read_quoted (s) < 0) {
                return -s->err->code;
            }
        } else if (strchr ("$`;&<>(){}*?|", *s->p)) {
            return wrong (s, "a shell would not take this as it is: put the "
                             "argument into quotes");
        } else if (*s->p == '\\' && s->p[1] == '\n') {
            s->p += 2;
            s->line++;
        } else {
            s->p += *s->p == '\\' && s->p[1];
            add_char (s);
        }
    }
    return 0;
}

/* Has the line an argument as a whole, without quotes?  "--vm=a | h(1) | …" */
static size_t
plain_line (const struct scanner *s)
{
    size_t len = strcspn (s->p, "\r\n");

    return !strncmp (s->p, "--", 2) && !memchr (s->p, '\'', len)
                   && !memchr (s->p, '"', len) && !memchr (s->p, '\\', len)
                   && strcspn (s->p, "|(") < len
               ? len
               : 0;
}

static void
skip_space (struct scanner *s)
{
    for (;;) {
        if (*s->p == '\n') {
            s->line++;
        } else if (*s->p == '\\' && s->p[1] == '\n') {
            s->p++;
            s->line++;
        } else if (*s->p == '#') {
            s->p += strcspn (s->p, "\n");
            continue;
        } else if (!*s->p || !strchr (" \t\r", *s->p)) {
            return;
        }
        s->p++;
    }
}

struct tree *
read_words (struct reading *r, struct error *err)
{
    struct scanner s = { r, r->text, 1, NULL, 0, err };
    struct tree *all =
        tree_add (&r->budget, NULL, NULL, 1, TREE_LIST, NULL, 0, err);

    s.word = arena_alloc (r->budget.arena, r->len + 1);
    for (skip_space (&s); all && *s.p; skip_space (&s)) {
        int line = s.line;
        size_t plain = plain_line (&s);

        s.len = 0;
        if (plain) {
            memcpy (s.word, s.p, plain);
            s.len = plain;
            s.p += plain;
        } else if (read_word (&s) < 0) {
            return NULL;
        }
        if (!tree_add (&r->budget, all, NULL, line, TREE_TEXT, s.word, s.len,
                       err)) {
            return NULL;
        }
    }
    return all;
}
