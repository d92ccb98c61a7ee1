/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* libconfuse counts the lines of comments twice (3.3), drops some characters,
 * keeps the first of two settings, and stops at a section that it does not
 * know.  So it gets a text without all that. */
#include "core/config/scan.h"

#include <string.h>

#include "core/base/name.h"
#include "core/config/expand.h"
#include "core/config/scan-escape.h"
#include "core/config/scan-list.h"

#define MAX_DEPTH 2 /* A section in one of templates. */

struct scan {
    struct problems *problems;
    const char *file;
    char *at;
    int line;
    const char *word; /* That the statement begins with, or null... */
    size_t word_len;
    const char *title; /* The word behind it, or null. */
    size_t title_len;
    char *statement; /* With its quote, ... */
    int word_line;   /* ...and where. */
    size_t n_words;
    bool after_equal, in_list;
    /* By depth: the kinds of sections that may begin there, or null; that of
     * the section, or null; and the section that it is in; 0: in none. */
    const struct section_kind *kinds[MAX_DEPTH + 1], *in[MAX_DEPTH + 1];
    size_t sections[MAX_DEPTH + 1];
    char *unknown; /* The start of a section of an unknown kind, or null... */
    size_t unknown_depth; /* ...and the depth in it. */
    bool broken;          /* The rest of the text cannot be parsed. */
    size_t depth;
    struct scan_lines *lines;
};

static void
blank (struct scan *s, size_t n)
{
    for (; n; n--, s->at++) {
        s->line += *s->at == '\n';
        *s->at = *s->at == '\n' ? '\n' : ' ';
    }
}

static void
scan_comment (struct scan *s)
{
    int line = s->line;
    char *end;

    if (*s->at == '#' || s->at[1] == '/') {
        blank (s, strcspn (s->at, "\n"));
        return;
    }
    end = strstr (s->at + 2, "*/");
    blank (s, end ? (size_t)(end + 2 - s->at) : strlen (s->at));
    if (!end) {
        s->broken = true;
        problem (s->problems, s->file, line,
                 "unterminated comment: '*/' is missing");
    }
}

/* Marks a reference to a variable for expand.c, so that libconfuse does not
 * replace it by a variable of the environment.  The text keeps its length. */
static void
mark_variable (struct scan *s)
{
    if (s->at[0] != '$' || s->at[s->at[1] == '$' ? 2 : 1] != '{') {
        return;
    }
    if (!s->after_equal) {
        s->broken = true;
        problem (s->problems, s->file, s->line,
                 "a variable cannot be used here: only values have them, not "
                 "keys or names of sections");
    }
    if (s->at[1] == '$') {
        *s->at++ = EXPAND_MARK; /* "$${": no variable. */
    }
    *s->at = EXPAND_MARK;
}

/* So that libconfuse finds nothing more to say about it. */
static void
overwrite (struct scan *s, size_t n)
{
    for (; n; n--) {
        *s->at++ = 'x';
    }
}

/* Checks for "web-${index}" behind its '$'. */
static void
refuse_unquoted (struct scan *s)
{
    size_t len = strcspn (s->at, "}\"\n");

    if (s->at[-1] == '$' && *s->at == '{') {
        s->broken = true;
        problem (s->problems, s->file, s->line,
                 "a value that contains a variable needs quotes");
        s->at--;
        overwrite (s, len + 1 + (s->at[len + 1] == '}'));
    }
}

/* A value that is one variable needs no quotes: it gets some, and another
 * mark. */
static void
quote_variable (struct scan *s)
{
    size_t len = strcspn (s->at, "},\"\n");
    const char *next = s->at + len + (s->at[len] == '}');

    if (s->at[len] != '}'
        || (!strchr (" \t\r\n,}#", *next)
            && (*next != '/' || !strchr ("/*", next[1])))) {
        s->broken = true;
        problem (s->problems, s->file, s->line,
                 s->at[len] == '}'
                     ? "a value that contains a variable needs quotes"
                     : "'}' is missing at the end of the variable");
        overwrite (s, len + (s->at[len] == '}'));
        return;
    }
    mark_variable (s);
    s->at[0] = s->at[len] = '"';
    s->at[1] = EXPAND_WHOLE;
    s->at += len + 1;
}

/* A control character would end the value, or be taken for a mark.  A name with
 * escapes would be another one for us than for libconfuse. */
static void
scan_escape (struct scan *s, char quote)
{
    int byte = -1;
    size_t len = quote == '"' ? scan_escape_read (s->at, &byte) : 2;

    if (!s->after_equal) {
        s->broken = true;
        problem (s->problems, s->file, s->line,
                 "an escape cannot be used here: only values have them, not "
                 "keys or names of sections");
    } else if (quote == '"' && byte >= 0 && expand_is_control (byte)) {
        problem (s->problems, s->file, s->line,
                 "'%.*s' is a control character, which a value cannot contain",
                 (int)len, s->at);
        overwrite (s, len);
        s->at -= len;
    }
    s->at++;
}

static void
scan_string (struct arena *a, struct scan *s, char quote)
{
    int line = s->line;

    for (s->at++; *s->at && *s->at != quote; s->at++) {
        if (quote == '"') {
            mark_variable (s);
        }
        if (*s->at == '\\' && s->at[1]) {
            scan_escape (s, quote);
        }
        s->line += *s->at == '\n';
    }
    if (*s->at) {
        s->at++;
    } else {
        s->lines->unfinished =
            arena_format (a, "the quote %c is not closed", quote);
        s->lines->unfinished_line = line;
    }
}

/* A word or a string: a statement's first one, or its value. */
static void
scan_word (struct arena *a, struct scan *s)
{
    bool variable = s->at[0] == '$' && s->at[1] == '{';
    size_t len = strcspn (s->at, " \t\r\n\"'#={}()+,*");
    char quote = *s->at;

    s->n_words = s->word ? s->n_words + 1 : 1;
    if (!s->word) {
        s->statement = s->at;
        s->word = s->at + !len;
        s->word_len = len ? len : strcspn (s->word, (char[]){ quote, '\0' });
        s->word_line = s->line;
        s->title = NULL;
    } else if (s->after_equal && !s->in_list) {
        s->word = NULL;
    } else if (!s->title) {
        s->title = s->at + !len;
        s->title_len = len ? len : strcspn (s->title, (char[]){ quote, '\0' });
    }
    if (variable) {
        quote_variable (s);
    } else if (len) {
        s->at += len;
        refuse_unquoted (s);
    } else {
        scan_string (a, s, quote);
    }
    s->after_equal = s->after_equal && s->word;
}

/* libconfuse knows the name, but not of what it is. */
static bool
is_twice (struct scan *s, const struct scan_section *section)
{
    const struct scan_section *above = scan_lines_above (s->lines, section);

    if (above) {
        s->broken = true;
        problem (
            s->problems, s->file, section->line,
            section->title
                ? "there is already a %s '%s', in line %d: each needs a unique "
                  "name"
                : "there is already a section %s%s, in line %d: merge the two",
            section->kind, section->title ? section->title : "", above->line);
    }
    return above != NULL;
}

static struct scan_section *
add_section (struct arena *a, struct scan *s)
{
    const char *word = s->word ? arena_dup_n (a, s->word, s->word_len) : NULL;
    struct scan_section *section = arena_alloc (a, sizeof *section);

    section->kind = word;
    section->title =
        word && s->title ? arena_dup_n (a, s->title, s->title_len) : NULL;
    section->line = s->word ? s->word_line : s->line;
    section->parent = s->sections[s->depth - 1];
    vec_add (a, &s->lines->sections, section);
    s->sections[s->depth] = s->lines->sections.n;
    s->kinds[s->depth] = s->in[s->depth] = NULL;
    return section;
}

static void
begin_unknown (struct scan *s)
{
    s->unknown = s->statement;
    s->unknown_depth = s->depth;
}

/* libconfuse would stop at a section of an unknown kind or with a duplicate
 * name, and report nothing that follows it. */
static void
begin_section (struct arena *a, struct scan *s)
{
    const struct section_kind *kinds = s->kinds[s->depth - 1];
    const struct scan_section *section = add_section (a, s);
    const char *near;

    for (const struct section_kind *k = kinds; k->kind; k++) {
        if (!section->kind || s->n_words > 2) {
            return;
        }
        if (!strcmp (section->kind, k->kind)) {
            s->kinds[s->depth] = k->inner;
            s->in[s->depth] = k;
            if (k->titled == (section->title != NULL)
                && is_twice (s, section)) {
                begin_unknown (s);
            }
            return;
        }
    }
    near = scan_nearest_kind (kinds, section->kind);
    problem (s->problems, s->file, section->line,
             "a section '%s' is not allowed here%s%s%s", section->kind,
             near ? ": did you mean '" : "", near ? near : "",
             near ? "'?" : "");
    begin_unknown (s);
}

/* Removes a section of an unknown kind from the text. */
static void
end_section (struct scan *s)
{
    if (s->unknown && s->depth < s->unknown_depth) {
        for (char *c = s->unknown; c <= s->at; c++) {
            *c = *c == '\n' ? '\n' : ' ';
        }
        s->unknown = NULL;
    }
}

/* libconfuse would say only that the brace is not expected. */
static void
check_list (struct arena *a, struct scan *s)
{
    size_t depth = s->depth < MAX_DEPTH ? s->depth : MAX_DEPTH;
    const char *key = s->word ? arena_dup_n (a, s->word, s->word_len) : "";
    const char *wrong = s->unknown || (depth && !s->in[depth])
                            ? NULL
                            : scan_list_wrong (a, s->kinds[0], s->kinds[depth],
                                               s->in[depth], key);

    if (wrong) {
        s->broken = true;
        problem (s->problems, s->file, s->word_line, "%s", wrong);
    }
}

static void
scan_brace (struct arena *a, struct scan *s)
{
    if (*s->at == '{' && s->after_equal) {
        if (!s->in_list) {
            check_list (a, s);
        }
        s->in_list = true;
        return;
    }
    if (*s->at == '{') {
        s->depth++;
        if (s->depth <= MAX_DEPTH && s->kinds[s->depth - 1] && !s->unknown) {
            begin_section (a, s);
        } else if (s->depth <= MAX_DEPTH) {
            s->sections[s->depth] = s->sections[s->depth - 1];
            s->kinds[s->depth] = s->in[s->depth] = NULL;
        }
    } else if (s->in_list) {
        s->in_list = s->after_equal = false;
    } else if (s->depth) {
        s->depth--;
        end_section (s);
    }
    s->word = NULL;
}

static void
scan_equal (struct arena *a, struct scan *s)
{
    struct scan_key *k = arena_alloc (a, sizeof *k);

    if (s->word && !s->after_equal) {
        k->section = s->sections[s->depth < MAX_DEPTH ? s->depth : MAX_DEPTH];
        k->key = arena_dup_n (a, s->word, s->word_len);
        k->line = s->word_line;
        vec_add (a, &s->lines->keys, k);
    }
    s->after_equal = true;
}

const char *
scan_nearest_kind (const struct section_kind *kinds, const char *word)
{
    const char *names[MAX_KINDS + 1] = { NULL };
    size_t n = 0;

    for (const struct section_kind *k = kinds; k->kind; k++) {
        if (*k->kind && n < MAX_KINDS) {
            names[n++] = k->kind;
        }
    }
    return name_nearest (word, names);
}

/* Describes the statement that the text ends in. */
static void
note_unfinished (struct arena *a, const struct scan *s)
{
    const char *word;

    if (s->lines->unfinished || !s->word) {
        return;
    }
    word = arena_dup_n (a, s->word, s->word_len);
    s->lines->unfinished =
        s->after_equal
            ? arena_format (a, "'%s' has no value", word)
            : arena_format (a, "'%s' is followed by neither '=' nor '{'", word);
    s->lines->unfinished_line = s->word_line;
}

/* The section that the text ends in. */
static void
complain_of_end (const struct scan *s)
{
    size_t depth = s->depth < MAX_DEPTH ? s->depth : MAX_DEPTH;
    const struct scan_section *open =
        s->lines->sections.p[s->sections[depth] - 1];

    problem (s->problems, s->file, open->line,
             "unterminated section%s%s%s%s: '}' is missing",
             open->kind ? " " : "", open->kind ? open->kind : "",
             open->title ? " " : "", open->title ? open->title : "");
}

enum scan_result
scan_text (struct arena *a, const char *file, char *text,
           const struct section_kind *kinds, struct scan_lines *lines,
           struct problems *p)
{
    struct scan s = { .problems = p,
                      .file = file,
                      .at = text,
                      .line = 1,
                      .kinds = { kinds },
                      .lines = lines };

    if (!strncmp (text, "\xef\xbb\xbf", 3)) {
        blank (&s, 3); /* A byte order mark. */
    }
    while (*s.at) {
        if (*s.at == '#'
            || (*s.at == '/' && (s.at[1] == '/' || s.at[1] == '*'))) {
            scan_comment (&s);
        } else if (!strchr (" \t\r\n={}()+,*", *s.at)) {
            scan_word (a, &s);
        } else {
            if (*s.at == '{' || *s.at == '}') {
                scan_brace (a, &s);
            } else if (*s.at == '=') {
                scan_equal (a, &s);
            } else if (*s.at == '*' || (*s.at == '+' && s.at[1] != '=')) {
                problem (p, file, s.line, "a value with '%c' needs quotes",
                         *s.at);
            }
            s.line += *s.at == '\n';
            s.at++;
        }
    }
    note_unfinished (a, &s);
    if (s.lines->keys.n + s.lines->sections.n > SCAN_MAX_ENTRIES) {
        problem (p, file, 0, "has more than %d keys and sections",
                 SCAN_MAX_ENTRIES);
        return SCAN_TOO_MUCH;
    }
    if (s.depth) {
        s.broken = true;
        complain_of_end (&s);
    }
    scan_lines_sort (s.lines, file, p);
    return s.broken ? SCAN_BROKEN : SCAN_WELL;
}
