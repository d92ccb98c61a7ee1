/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Finds a section or a setting in the text of a configuration, so that it can
 * be changed or removed with the user's comments and order kept. */
#include "core/config/textedit.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "core/config/textedit-check.h"

/* A word or string of the text. */
struct token {
    const char *at;
    size_t len;
    int line;
    bool quoted;
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
    *t = (struct token){ s->p, 0, s->line, false };
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
        t->quoted = true;
        skip_to (s, *end ? end + 1 : end);
        return true;
    }
    t->len = s->p[0] == '$' && s->p[1] == '{'
                 ? strcspn (s->p, "}\n") + 1
                 : strcspn (s->p, " \t\r\n\"'{}=+,()#");
    t->len += t->len == 0;
    skip_to (s, s->p + t->len);
    return true;
}

static bool
is_word (const struct token *t, const char *word)
{
    return strlen (word) == t->len && !memcmp (t->at, word, t->len);
}

/* A brace in quotes is text, whereas keys and names may be quoted. */
static bool
is_sign (const struct token *t, const char *sign)
{
    return !t->quoted && is_word (t, sign);
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
        if (is_sign (&t, "{") && depth++ == 0) {
            const struct token *head = name ? &before2 : &before;

            inside = head->at && is_word (head, kind)
                     && (!name || is_word (&before, name));
            if (inside) {
                out->from = (size_t)(head->at - text);
                out->line = head->line;
            }
        } else if (is_sign (&t, "}") && depth > 0 && --depth == 0 && inside) {
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
    if (is_sign (t, "{") && q->depth++ == 0) {
        const struct token *head = q->name ? last2 : last;

        q->inside = q->kind && head->at && is_word (head, q->kind)
                    && (!q->name || is_word (last, q->name));
    } else if (is_sign (t, "}") && q->depth > 0 && --q->depth == 0) {
        q->inside = false;
    }
}

/* A word, or a list. */
static bool
skip_value (struct scanner *s)
{
    struct token t;
    bool good = next_token (s, &t);

    if (good && is_sign (&t, "{")) {
        while (good && !is_sign (&t, "}")) {
            good = next_token (s, &t);
        }
    }
    return good;
}

bool
textedit_setting (const char *text, const char *kind, const char *name,
                  const char *key, struct section_place *out)
{
    struct search q = { kind, name, key, 0, false };
    struct scanner s = { text, 1 };
    struct token t, last = { 0 }, last2 = { 0 };

    while (next_token (&s, &t)) {
        if (is_sign (&t, "=") && is_in_place (&q) && last.at
            && is_word (&last, key)) {
            skip_blank (&s);
            out->from = (size_t)(s.p - text);
            out->line = s.line;
            if (!skip_value (&s)) {
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

/* Behind a comment at the top, unless it belongs to what follows. */
static size_t
end_of_comment (const char *text)
{
    size_t end = 0;

    while (text[end] == '#') {
        end += strcspn (text + end, "\n");
        end += text[end] == '\n';
    }
    return !text[end] || text[end] == '\n' ? end : 0;
}

/* Behind the last setting outside all sections, or at the top. */
static size_t
end_of_settings (const char *text)
{
    struct scanner s = { text, 1 };
    struct token t;
    size_t end = end_of_comment (text);
    int depth = 0;

    while (next_token (&s, &t)) {
        if (is_sign (&t, "=") && depth == 0 && skip_value (&s)) {
            end = (size_t)(s.p - text);
            end += strcspn (text + end, "\n");
            end += text[end] == '\n';
        }
        depth += is_sign (&t, "{") - is_sign (&t, "}");
    }
    return end;
}

/* Adds a setting before the closing brace of a section. */
static const char *
add_inside (struct arena *a, const char *text, size_t brace, const char *key,
            const char *value)
{
    size_t at = brace;

    while (at && strchr (" \t", text[at - 1])) {
        at--;
    }
    return at && text[at - 1] == '\n'
               ? arena_format (a, "%.*s    %s = %s\n%s", (int)at, text, key,
                               value, text + at)
               : arena_format (a, "%.*s %s = %s %s", (int)at, text, key, value,
                               text + brace);
}

/* A text that has nothing but the setting. */
static const char *
only (struct arena *a, const char *kind, const char *name, const char *key,
      const char *value)
{
    return kind ? arena_format (a, "%s%s%s {\n    %s = %s\n}\n", kind,
                                name ? " " : "", name ? name : "", key, value)
                : arena_format (a, "%s = %s\n", key, value);
}

static const char *
set (struct arena *a, const char *text, const char *kind, const char *name,
     const char *key, const char *value)
{
    struct section_place at;
    size_t len = strlen (text);

    if (textedit_setting (text, kind, name, key, &at)) {
        return arena_format (a, "%.*s%s%s", (int)at.from, text, value,
                             text + at.to);
    }
    if (kind && textedit_section (text, kind, name, &at)) {
        return add_inside (a, text, at.to - 1, key, value);
    }
    len = kind ? len : end_of_settings (text);
    return arena_format (
        a, "%.*s%s%s%s", (int)len, text,
        len && text[len - 1] != '\n' ? "\n" : "", kind ? "\n" : "",
        arena_format (a, "%s%s", only (a, kind, name, key, value), text + len));
}

const char *
textedit_set (struct arena *a, const char *text, const char *kind,
              const char *name, const char *key, const char *value)
{
    const char *after = text ? set (a, text, kind, name, key, value) : NULL;

    return after
                   && textedit_check_set (
                       a, text, only (a, kind, name, key, value), after)
               ? after
               : NULL;
}

const char *
textedit_append (struct arena *a, const char *text, const char *sections)
{
    const char *after = text ? arena_format (a, "%s%s", text, sections) : NULL;

    return after && textedit_check_appended (a, text, sections, after) ? after
                                                                       : NULL;
}

/* Moves back over blanks, and stores whether a line begins there. */
static size_t
skip_back (const char *text, size_t at, const char *blanks, bool *begins)
{
    while (at && strchr (blanks, text[at - 1])) {
        at--;
    }
    *begins = !at || text[at - 1] == '\n';
    return at;
}

/* Returns the end of the line, after blanks and a comment; or 'at' if it has
 * anything else. */
static size_t
end_of_line (const char *text, size_t at)
{
    size_t end = at + strspn (text + at, " \t");

    if (text[end] == '#' || !strncmp (text + end, "//", 2)) {
        end += strcspn (text + end, "\n");
    }
    return text[end] == '\n' ? end + 1 : text[end] ? at : end;
}

static const char *
without_setting (struct arena *a, const char *text, const char *kind,
                 const char *name, const char *key)
{
    size_t len = strlen (key), from, line, end;
    struct section_place at;
    bool begins;

    if (!textedit_setting (text, kind, name, key, &at)) {
        return NULL;
    }
    from = skip_back (text, at.from, " \t\r\n", &begins);
    from = from && text[from - 1] == '=' ? from - 1 : from;
    from = skip_back (text, from, " \t\r\n", &begins);
    /* Otherwise there is a comment between them: then nothing is touched. */
    if (from < len || memcmp (text + from - len, key, len) != 0) {
        return NULL;
    }
    from -= len;
    line = skip_back (text, from, " \t", &begins);
    end = end_of_line (text, at.to);
    if (begins && end > at.to) {
        from = line;
    } else {
        end = at.to + strspn (text + at.to, " \t");
    }
    return arena_format (a, "%.*s%s", (int)from, text, text + end);
}

/* And without the blank line before it. */
static const char *
without_section (struct arena *a, const char *text, const char *kind,
                 const char *name)
{
    struct section_place at;

    if (!textedit_section (text, kind, name, &at)) {
        return NULL;
    }
    at.to += text[at.to] == '\n';
    while (at.from > 1 && text[at.from - 1] == '\n'
           && text[at.from - 2] == '\n') {
        at.from--;
    }
    return arena_format (a, "%.*s%s", (int)at.from, text, text + at.to);
}

const char *
textedit_remove (struct arena *a, const char *text, const char *kind,
                 const char *name, const char *key)
{
    const char *after = !text ? NULL
                        : key ? without_setting (a, text, kind, name, key)
                              : without_section (a, text, kind, name);

    return after && textedit_check_removed (a, text, kind, name, key, after)
               ? after
               : NULL;
}

/* The text within the braces of a template. */
static const char *
inside (struct arena *a, const char *text, const char *template)
{
    struct section_place at;
    struct scanner s;
    struct token t;

    if (!textedit_section (text, "template", template, &at)) {
        return NULL;
    }
    s = (struct scanner){ text + at.from, at.line };
    while (next_token (&s, &t) && !is_sign (&t, "{")) {
        continue;
    }
    return arena_dup_n (a, s.p, (size_t)(text + at.to - 1 - s.p));
}

const char *
textedit_written (struct arena *a, const char *text, const char *template,
                  const char *kind, const char *name, const char *key)
{
    struct section_place at;
    const char *list = "{";
    struct scanner s;
    struct token t;

    text = template ? inside (a, text, template) : text;
    if (!text || !textedit_setting (text, kind, name, key, &at)) {
        return NULL;
    }
    if (text[at.from] != '{') {
        return arena_dup_n (a, text + at.from, at.to - at.from);
    }
    /* It may have several lines, with comments. */
    s = (struct scanner){ text + at.from + 1, at.line };
    while (next_token (&s, &t) && !is_sign (&t, "}")) {
        list = is_sign (&t, ",")
                   ? arena_format (a, "%s,", list)
                   : arena_format (a, "%s %.*s", list,
                                   (int)(t.len + (t.quoted ? 2 : 0)),
                                   t.at - (t.quoted ? 1 : 0));
    }
    return arena_format (a, "%s }", list);
}

int
textedit_fail (struct error *err, const char *file, const char *vm)
{
    return fail_exit (err, EXIT_CONFIG, EINVAL,
                      "cannot find where %s has what is to be changed, so "
                      "nothing is changed: use hvctl edit %s",
                      file, vm);
}

const char *
textedit_quote (struct arena *a, const char *value, bool variables)
{
    char *quoted, *to;

    if (*value
        && !value[strspn (value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP"
                                 "QRSTUVWXYZ0123456789_.-")]) {
        return value;
    }
    quoted = to = arena_alloc (a, strlen (value) * 2 + 3);
    *to++ = '"';
    for (; *value; value++) {
        if (strchr (variables ? "\"\\" : "\"\\$", *value)) {
            *to++ = '\\';
        }
        *to++ = *value;
    }
    *to = '"';
    return quoted;
}
