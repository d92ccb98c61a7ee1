/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* libconfuse → struct hv_options.
 *
 * No scalar key is declared to libconfuse: with CFGF_KEYSTRVAL it takes any,
 * as a string, and reports each through the error function the first time,
 * which is how we learn its line.  So one run can report every unknown key;
 * libconfuse itself would stop at the first.  Only sections and lists are
 * declared.  The text is scanned before: comments are blanked out, because
 * libconfuse 3.3 counts their lines twice. */
#include "core/config.h"

#include <confuse.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"

#define MAX_FILE (1 << 20)
#define MAX_ENTRIES 10000 /* libconfuse's time grows with the square. */
#define MAX_KINDS 8
#define MAX_LISTS 4

/* libconfuse gives its error function no pointer of ours: the parse that is
 * going on.  hvctl has one thread. */
static struct parse {
    const char *file; /* An untitled section's own is null. */
    struct arena *arena;
    struct problems *problems;
    const struct section_kind *kinds;
    struct vec lines; /* struct key_line * */
    const char *last_key;
    bool failed;
} * current;

struct key_line {
    const cfg_t *section;
    const char *key;
    int line;
};

/* A look at the text before libconfuse has it. */
struct scan {
    struct problems *problems;
    const char *file;
    char *at;
    int line;
    const char *word; /* That the statement begins with, or null... */
    size_t word_len;
    int word_line; /* ...and where. */
    bool after_equal, in_list;
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

    if (!s->word) {
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

static void
scan_brace (struct scan *s)
{
    if (*s->at == '{' && s->after_equal) {
        s->in_list = true;
        return;
    }
    if (*s->at == '{' && s->depth++ == 0) {
        s->section = ++s->n_sections;
        s->section_line = s->word ? s->word_line : s->line;
    } else if (*s->at == '}' && s->in_list) {
        s->in_list = s->after_equal = false;
    } else if (*s->at == '}' && s->depth && --s->depth == 0) {
        s->section = 0;
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

/* Replaces comments by blanks, and finds what libconfuse lets pass: sections
 * and comments without an end, keys that are set twice, characters that it
 * drops.  libconfuse reports the rest.  False if there is too much of it. */
static bool
scan (struct arena *a, const char *file, char *text, struct problems *p)
{
    struct scan s = { .problems = p, .file = file, .at = text, .line = 1 };

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
                scan_brace (&s);
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
        return false;
    }
    if (s.depth) {
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
    return true;
}

static void
note_key (const cfg_t *cfg, const char *key)
{
    struct key_line *k = arena_alloc (current->arena, sizeof *k);

    k->section = cfg;
    k->key = arena_dup (current->arena, key);
    k->line = cfg->line;
    current->last_key = k->key;
    vec_add (current->arena, &current->lines, k);
}

/* Says what libconfuse means by "missing equal sign after option 'foo'" when
 * foo is a section that we do not have. */
static const char *
suggest_section (const char *key)
{
    const char *names[MAX_KINDS + 1] = { NULL };
    size_t n = 0;
    const char *near;

    for (const struct section_kind *k = current->kinds; k->kind; k++) {
        if (*k->kind && n < MAX_KINDS) {
            names[n++] = k->kind;
        }
    }
    near = nearest (key, names);
    return near ? arena_format (
               current->arena, "; if it is a section, did you mean '%s'?", near)
                : "";
}

static void
on_error (cfg_t *cfg, const char *fmt, va_list args)
{
    const char *text;

    if (!strcmp (fmt, "no such option '%s'")) {
        note_key (cfg, va_arg (args, const char *));
        return;
    }
    text = arena_vformat (current->arena, fmt, args);
    current->failed = true;
    problem (current->problems, current->file, cfg->line, "%s%s", text,
             current->last_key && strstr (fmt, "equal sign")
                 ? suggest_section (current->last_key)
                 : "");
}

static int
line_of (const cfg_t *cfg, const char *key)
{
    for (size_t i = 0; i < current->lines.n; i++) {
        const struct key_line *k = current->lines.p[i];

        if (k->section == cfg && !strcmp (k->key, key)) {
            return k->line;
        }
    }
    return cfg->line;
}

/* "{a, b}" as "a,b". */
static const char *
list_value (cfg_opt_t *opt)
{
    size_t len = 1;
    char *value, *to;

    for (unsigned i = 0; i < cfg_opt_size (opt); i++) {
        len += strlen (cfg_opt_getnstr (opt, i)) + 1;
    }
    value = to = arena_alloc (current->arena, len);
    for (unsigned i = 0; i < cfg_opt_size (opt); i++) {
        if (i) {
            *to++ = ',';
        }
        to = stpcpy (to, cfg_opt_getnstr (opt, i));
    }
    return value;
}

static void
copy_setting (struct hv_options *s, cfg_t *cfg, cfg_opt_t *opt)
{
    struct setting *to = &s->settings[s->n_settings];

    if (cfg_opt_size (opt) == 0
        || (opt->type == CFGT_STR && !cfg_opt_getnstr (opt, 0))) {
        return;
    }
    to->key = arena_dup (current->arena, cfg_opt_name (opt));
    to->value = list_value (opt);
    to->line = line_of (cfg, to->key);
    s->n_settings++;
}

static struct hv_options *
copy_section (cfg_t *cfg, const char *kind)
{
    struct hv_options *s = arena_alloc (current->arena, sizeof *s);

    s->file = current->file;
    s->kind = kind;
    s->name = arena_dup (current->arena, cfg_title (cfg));
    s->line = cfg->line;
    s->settings =
        arena_alloc (current->arena, (cfg_num (cfg) + 1) * sizeof *s->settings);
    for (unsigned i = 0; i < cfg_num (cfg); i++) {
        cfg_opt_t *opt = cfg_getnopt (cfg, i);
        const char *name = cfg_opt_name (opt);

        if (opt->type != CFGT_SEC) {
            copy_setting (s, cfg, opt);
            continue;
        }
        for (unsigned k = 0; k < cfg_opt_size (opt); k++) {
            cfg_t *sub = cfg_opt_getnsec (opt, k);

            /* An untitled section always exists; unset, it has no line. */
            if (cfg_title (sub) || sub->line) {
                vec_add (current->arena, &s->sections,
                         copy_section (sub, arena_dup (current->arena, name)));
            }
        }
    }
    return s;
}

static size_t
add_lists (const struct section_kind *k, cfg_opt_t *opts)
{
    size_t n = 0;

    while (n < ARRAY_SIZE (k->lists) && k->lists[n]) {
        opts[n] = (cfg_opt_t)CFG_STR_LIST (k->lists[n], NULL, CFGF_NODEFAULT);
        n++;
    }
    return n;
}

/* Declares the kinds of sections, and the lists, to libconfuse. */
static cfg_t *
make_grammar (const struct section_kind *kinds)
{
    static cfg_opt_t none[] = { CFG_END () };
    cfg_opt_t opts[MAX_KINDS + MAX_LISTS + 1];
    cfg_opt_t inner[MAX_KINDS][ARRAY_SIZE (kinds->lists) + 1];
    size_t n = 0;

    for (const struct section_kind *k = kinds; k->kind; k++) {
        if (*k->kind && k->titled) {
            opts[n++] = (cfg_opt_t)CFG_SEC (
                k->kind, none,
                CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES | CFGF_KEYSTRVAL);
        } else if (*k->kind) {
            cfg_opt_t *lists = inner[k - kinds];

            lists[add_lists (k, lists)] = (cfg_opt_t)CFG_END ();
            opts[n++] = (cfg_opt_t)CFG_SEC (k->kind, lists, CFGF_KEYSTRVAL);
        } else {
            n += add_lists (k, opts + n);
        }
    }
    opts[n] = (cfg_opt_t)CFG_END ();
    return cfg_init (opts, CFGF_KEYSTRVAL);
}

static char *
read_file (const char *path, struct problems *p)
{
    CLEANUP_CLOSE int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    CLEANUP_FREE char *text = NULL;
    struct stat st;
    ssize_t n = 0;

    if (fd < 0 || fstat (fd, &st) < 0) {
        problem (p, path, 0, "cannot be read: %m");
        return NULL;
    }
    if (!S_ISREG (st.st_mode) || st.st_size > MAX_FILE) {
        problem (p, path, 0, "is not a file of at most 1 MiB");
        return NULL;
    }
    text = xalloc ((size_t)st.st_size + 1);
    n = read (fd, text, (size_t)st.st_size);
    if (n < 0) {
        problem (p, path, 0, "cannot be read: %m");
        return NULL;
    }
    if (memchr (text, '\0', (size_t)n)) {
        problem (p, path, 0, "is not text: it holds a NUL byte");
        return NULL;
    }
    return steal (&text);
}

struct hv_options *
config_parse (struct arena *a, const char *path,
              const struct section_kind *kinds, struct problems *p)
{
    struct parse parse = { .arena = a, .problems = p, .kinds = kinds };
    CLEANUP_FREE char *text = read_file (path, p);
    struct hv_options *root = NULL;
    size_t problems_before = p->lines.n;
    cfg_t *cfg;
    FILE *f;

    if (!text) {
        return NULL;
    }
    parse.file = arena_dup (a, path);
    if (!scan (a, path, text, p)) {
        return NULL;
    }
    current = &parse;
    cfg = make_grammar (kinds);
    cfg_set_error_function (cfg, on_error);
    free (cfg->filename);
    cfg->filename = xstrdup (path);
    /* fmemopen() refuses an empty buffer. */
    f = *text ? fmemopen (text, strlen (text), "r") : NULL;
    parse.failed = p->lines.n > problems_before;
    if ((!f || cfg_parse_fp (cfg, f) == CFG_SUCCESS) && !parse.failed) {
        root = copy_section (cfg, NULL);
    }
    if (f) {
        fclose (f);
    }
    cfg_free (cfg);
    current = NULL;
    return root;
}
