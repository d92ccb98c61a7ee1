/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Finds a section in the text of a configuration, so that messages can give its
 * first line (libconfuse knows only the last), and so that it can be removed
 * with the user's comments and order kept. */
#include "core/config/textedit.h"

#include <ctype.h>
#include <string.h>

#include "common/cleanup.h"
#include "core/base/file.h"

/* A word or string of the text. */
struct token {
    const char *at;
    size_t len;
    int line;
};

struct scanner {
    const char *p;
    int line;
};

static void
skip_to (struct scanner *s, const char *end)
{
    for (; s->p < end && *s->p; s->p++) {
        s->line += *s->p == '\n';
    }
}

/* Skips blanks and the three kinds of comments. */
static void
skip_blank (struct scanner *s)
{
    for (;;) {
        const char *end;

        if (isspace ((unsigned char)*s->p)) {
            skip_to (s, s->p + 1);
        } else if (*s->p == '#' || (*s->p == '/' && s->p[1] == '/')) {
            skip_to (s, s->p + strcspn (s->p, "\n"));
        } else if (*s->p == '/' && s->p[1] == '*') {
            end = strstr (s->p + 2, "*/");
            skip_to (s, end ? end + 2 : s->p + strlen (s->p));
        } else {
            return;
        }
    }
}

/* Reads a word, a string without its quotes, or one other character. */
static bool
next_token (struct scanner *s, struct token *t)
{
    skip_blank (s);
    *t = (struct token){ s->p, 0, s->line };
    if (!*s->p) {
        return false;
    }
    if (*s->p == '"' || *s->p == '\'') {
        char quote = *s->p;
        const char *end = s->p + 1;

        while (*end && *end != quote) {
            end += *end == '\\' && end[1] ? 2 : 1;
        }
        t->at++;
        t->len = (size_t)(end - t->at);
        skip_to (s, *end ? end + 1 : end);
        return true;
    }
    t->len = strcspn (s->p, " \t\r\n\"'{}=+,()#");
    t->len += t->len == 0;
    skip_to (s, s->p + t->len);
    return true;
}

static bool
is_word (const struct token *t, const char *word)
{
    return strlen (word) == t->len && !memcmp (t->at, word, t->len);
}

bool
textedit_section (const char *text, const char *kind, const char *name,
                  struct section_place *out)
{
    struct scanner s = { text, 1 };
    struct token t, before = { 0 }, before2 = { 0 };
    int depth = 0;
    bool inside = false;

    while (next_token (&s, &t)) {
        if (is_word (&t, "{") && depth++ == 0) {
            const struct token *head = name ? &before2 : &before;

            inside = head->at && is_word (head, kind)
                     && (!name || is_word (&before, name));
            if (inside) {
                out->from = (size_t)(head->at - text);
                out->line = head->line;
            }
        } else if (is_word (&t, "}") && depth > 0 && --depth == 0 && inside) {
            out->to = (size_t)(s.p - text);
            return true;
        }
        before2 = before;
        before = t;
    }
    return false;
}

/* Is the scanner at the setting, in the section, that is looked for? */
struct search {
    const char *kind, *name, *key;
    int depth;
    bool inside;
};

static bool
is_in_place (const struct search *q)
{
    return q->kind ? q->inside && q->depth == 1 : q->depth == 0;
}

static void
follow_braces (struct search *q, const struct token *t,
               const struct token *last, const struct token *last2)
{
    if (is_word (t, "{") && q->depth++ == 0) {
        const struct token *head = q->name ? last2 : last;

        q->inside = q->kind && head->at && is_word (head, q->kind)
                    && (!q->name || is_word (last, q->name));
    } else if (is_word (t, "}") && q->depth > 0 && --q->depth == 0) {
        q->inside = false;
    }
}

bool
textedit_setting (const char *text, const char *kind, const char *name,
                  const char *key, struct section_place *out)
{
    struct search q = { kind, name, key, 0, false };
    struct scanner s = { text, 1 };
    struct token t, last = { 0 }, last2 = { 0 };

    while (next_token (&s, &t)) {
        if (is_word (&t, "=") && is_in_place (&q) && last.at
            && is_word (&last, key)) {
            skip_blank (&s);
            out->from = (size_t)(s.p - text);
            out->line = s.line;
            if (!next_token (&s, &t)) {
                return false;
            }
            out->to = (size_t)(s.p - text);
            return true;
        }
        follow_braces (&q, &t, &last, &last2);
        last2 = last;
        last = t;
    }
    return false;
}

int
textedit_section_line (const struct hv_options *s)
{
    CLEANUP_FREE char *text = s->kind && s->file ? file_read (s->file) : NULL;
    struct section_place place;

    return text && textedit_section (text, s->kind, s->name, &place)
               ? place.line
               : s->line;
}
