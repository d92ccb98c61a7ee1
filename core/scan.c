/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* libconfuse counts the lines of comments twice (3.3), drops some characters,
 * keeps the first of two settings, and stops at a section that it does not
 * know.  So it gets a text without all that. */
#include "core/scan.h"

#include <stdlib.h>
#include <string.h>

#define MAX_ENTRIES 10000 /* libconfuse's time grows with the square. */

struct scan {
    struct problems *problems;
    const char *file;
    char *at;
    int line;
    const char *word; /* That the statement begins with, or null... */
    size_t word_len;
    char *statement; /* With its quote, ... */
    int word_line;   /* ...and where. */
    size_t n_words;
    bool after_equal, in_list;
    const struct section_kind *kinds;
    char *unknown; /* Where a section begins that there is not, or null. */
    bool broken;   /* What follows cannot be told apart. */
    size_t depth, n_sections, section; /* 0: in none. */
    int section_line;
    struct vec keys; /* struct scan_key * */
};

struct scan_key {
    size_t section;
    const char *key;
    int line;
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
                 "the comment that begins here does not end: '*/' is missing");
    }
}

/* A word or a string: a statement's first one, or its value. */
static void
scan_word (struct scan *s)
{
    size_t len = strcspn (s->at, " \t\r\n\"'#={}()+,*");
    char quote = *s->at;

    s->n_words = s->word ? s->n_words + 1 : 1;
    if (!s->word) {
        s->statement = s->at;
        s->word = s->at + !len;
        s->word_len = len ? len : strcspn (s->word, (char[]){ quote, '\0' });
        s->word_line = s->line;
    } else if (s->after_equal && !s->in_list) {
        s->word = NULL;
        s->after_equal = false;
    }
    if (len) {
        s->at += len;
        return;
    }
    for (s->at++; *s->at && *s->at != quote; s->at++) {
        s->at += *s->at == '\\' && s->at[1];
        s->line += *s->at == '\n';
    }
    s->at += *s->at != '\0';
}

/* libconfuse would stop at a section that it does not know, and say nothing of
 * what is behind it. */
static void
begin_section (struct arena *a, struct scan *s)
{
    const char *word = s->word ? arena_dup_n (a, s->word, s->word_len) : NULL;
    const char *near;

    s->section = ++s->n_sections;
    s->section_line = s->word ? s->word_line : s->line;
    for (const struct section_kind *k = s->kinds; k->kind; k++) {
        if (!word || s->n_words > 2 || !strcmp (word, k->kind)) {
            return;
        }
    }
    near = scan_nearest_kind (s->kinds, word);
    problem (s->problems, s->file, s->section_line,
             "there are no sections '%s' here%s%s%s", word,
             near ? ": did you mean '" : "", near ? near : "",
             near ? "'?" : "");
    s->unknown = s->statement;
}

/* Takes all of a section that there is not out of the text. */
static void
end_section (struct scan *s)
{
    s->section = 0;
    for (char *c = s->unknown; c && c <= s->at; c++) {
        *c = *c == '\n' ? '\n' : ' ';
    }
    s->unknown = NULL;
}

static void
scan_brace (struct arena *a, struct scan *s)
{
    if (*s->at == '{' && s->after_equal) {
        s->in_list = true;
        return;
    }
    if (*s->at == '{' && s->depth++ == 0) {
        begin_section (a, s);
    } else if (*s->at == '}' && s->in_list) {
        s->in_list = s->after_equal = false;
    } else if (*s->at == '}' && s->depth && --s->depth == 0) {
        end_section (s);
    }
    s->word = NULL;
}

static void
scan_equal (struct arena *a, struct scan *s)
{
    struct scan_key *k = arena_alloc (a, sizeof *k);

    if (s->word && !s->after_equal) {
        k->section = s->section;
        k->key = arena_dup_n (a, s->word, s->word_len);
        k->line = s->word_line;
        vec_add (a, &s->keys, k);
    }
    s->after_equal = true;
}

static int
compare_keys (const void *a, const void *b)
{
    const struct scan_key *x = *(const struct scan_key *const *)a;
    const struct scan_key *y = *(const struct scan_key *const *)b;
    int by_key = strcmp (x->key, y->key);

    return x->section != y->section ? (x->section > y->section) * 2 - 1
           : by_key                 ? by_key
                                    : x->line - y->line;
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
    return nearest (word, names);
}

enum scan_result
scan_text (struct arena *a, const char *file, char *text,
           const struct section_kind *kinds, struct problems *p)
{
    struct scan s = {
        .problems = p, .file = file, .at = text, .line = 1, .kinds = kinds
    };

    if (!strncmp (text, "\xef\xbb\xbf", 3)) {
        blank (&s, 3); /* A byte order mark. */
    }
    while (*s.at) {
        if (*s.at == '#'
            || (*s.at == '/' && (s.at[1] == '/' || s.at[1] == '*'))) {
            scan_comment (&s);
        } else if (!strchr (" \t\r\n={}()+,*", *s.at)) {
            scan_word (&s);
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
    if (s.keys.n + s.n_sections > MAX_ENTRIES) {
        problem (p, file, 0, "has more than %d keys and sections", MAX_ENTRIES);
        return SCAN_TOO_MUCH;
    }
    if (s.depth) {
        s.broken = true;
        problem (p, file, s.section_line,
                 "the section that begins here does not end: '}' is missing");
    }
    if (s.keys.n) {
        qsort (s.keys.p, s.keys.n, sizeof *s.keys.p, compare_keys);
    }
    for (size_t i = 1; i < s.keys.n; i++) {
        const struct scan_key *x = s.keys.p[i - 1], *y = s.keys.p[i];

        if (x->section == y->section && !strcmp (x->key, y->key)) {
            problem (p, file, y->line, "'%s' is set twice: also in line %d",
                     y->key, x->line);
        }
    }
    return s.broken ? SCAN_BROKEN : SCAN_WELL;
}
