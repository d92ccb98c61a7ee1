/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* libconfuse → struct hv_options.
 *
 * No scalar key is declared to libconfuse: with CFGF_KEYSTRVAL it takes any,
 * as a string.  So one run can report every unknown key; libconfuse itself
 * would stop at the first.  Only sections and lists are declared.  The text is
 * scanned before, by scan.c, which knows the lines, too. */
#include "core/config/config.h"

#include <confuse.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/config/expand.h"
#include "core/config/scan.h"

/* libconfuse passes no pointer of ours to its error function, so this is the
 * current parse.  hvctl has one thread. */
static struct parse {
    const char *file; /* An untitled section's own is null. */
    struct arena *arena;
    struct problems *problems;
    const struct section_kind *kinds;
    struct scan_lines lines;
    bool failed;
} * current;

/* libconfuse's messages, as ours; "%s" is its one argument. */
static const struct {
    const char *theirs, *ours;
} messages[] = {
    { "found duplicate title '%s'",
      "there is already a section '%s': each needs a unique name" },
    { "missing equal sign after option '%s'",
      "'%s' is not followed by '=' and a value" },
    { "missing opening brace for section '%s'",
      "the '{' of section '%s' is missing" },
    { "missing title for section '%s'",
      "a section '%s' needs a name before its '{'" },
    { "attempt to append to non-list option '%s'",
      "'%s' is not a list, so it takes '=' instead of '+='" },
    { "unexpected token '%s'", "'%s' is not expected here" },
    { "unexpected closing brace", "'}' is not expected here: it closes no "
                                  "section" },
    { "invalid octal number '%s'",
      "'%s' is not a valid character: write \"\\\\\" for a backslash" },
    { "bad escape sequence '%s'",
      "'%s' is not a valid character: write \"\\\\\" for a backslash" },
};

/* "%s" in 'ours' is 'argument'. */
static const char *
put_argument (const char *ours, const char *argument)
{
    const char *at = strstr (ours, "%s");

    return at ? arena_format (current->arena, "%.*s%s%s", (int)(at - ours),
                              ours, argument, at + 2)
              : ours;
}

/* ", in disk root (line 2)", so that a brace that was forgotten is found. */
static const char *
where (const cfg_t *cfg)
{
    const char *title = cfg_title ((cfg_t *)cfg),
               *kind = cfg_name ((cfg_t *)cfg);
    size_t section = 0;
    int line;

    for (size_t in = 0; kind && !section && in <= current->lines.sections.n;
         in++) {
        section = scan_lines_section (&current->lines, in, kind, title);
    }
    line = section ? scan_lines_line (&current->lines, section, NULL) : 0;

    return line
               ? arena_format (current->arena,
                               " (in %s%s%s, which begins in "
                               "line %d)",
                               kind, title ? " " : "", title ? title : "", line)
               : "";
}

/* Explains a keyword without an equal sign, if a section was meant. */
static const char *
suggest_section (const char *key)
{
    const char *near = scan_nearest_kind (current->kinds, key);

    return !near ? ""
           : strcmp (near, key)
               ? arena_format (current->arena,
                               "; if it is a section, did you mean '%s'?", near)
               : "; if it is a section, the one before it lacks its '}'";
}

static void
on_error (cfg_t *cfg, const char *fmt, va_list args)
{
    const char *argument = "", *ours = NULL;
    int line = cfg->line;
    va_list copy;

    /* libconfuse 3.3 reports this for every key, and accepts the key. */
    if (!strcmp (fmt, "no such option '%s'")) {
        return;
    }
    /* The scan sees names before libconfuse removes their escapes. */
    if (strstr (fmt, "%s")) {
        va_copy (copy, args);
        argument = va_arg (copy, const char *);
        va_end (copy);
    }
    for (size_t i = 0; !ours && i < ARRAY_SIZE (messages); i++) {
        if (!strncmp (fmt, messages[i].theirs, strlen (messages[i].theirs))) {
            ours = put_argument (messages[i].ours, argument);
        }
    }
    if (!ours && current->lines.unfinished) {
        ours = arena_format (current->arena, "%s before the end of the file",
                             current->lines.unfinished);
        line = current->lines.unfinished_line;
    }
    current->failed = true;
    problem (current->problems, current->file, line, "%s%s%s",
             ours ? ours : arena_vformat (current->arena, fmt, args),
             where (cfg),
             strstr (fmt, "equal sign") ? suggest_section (argument) : "");
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
check_value (cfg_opt_t *opt, const struct setting *set)
{
    for (unsigned i = 0; set->list && i < cfg_opt_size (opt); i++) {
        if (!*cfg_opt_getnstr (opt, i)) {
            problem (current->problems, set->file, set->line,
                     "an entry of the list '%s' is empty", set->key);
        }
    }
    if (expand_has_control (set->value)) {
        problem (current->problems, set->file, set->line,
                 "'%s' contains a control character", set->key);
    }
}

static void
copy_setting (struct hv_options *s, size_t section, cfg_opt_t *opt)
{
    struct setting *to = &s->settings[s->n_settings];

    const char *key = cfg_opt_name (opt);
    int line = scan_lines_line (&current->lines, section, key);
    bool list = opt->flags & CFGF_LIST;

    /* An empty list is a value, a key that libconfuse only knows is none. */
    if (list ? !line : !cfg_opt_size (opt) || !cfg_opt_getnstr (opt, 0)) {
        return;
    }
    to->key = arena_dup (current->arena, key);
    to->value = list_value (opt);
    to->list = list;
    to->file = s->file;
    to->line = line;
    check_value (opt, to);
    if (expand_has (to->value)) {
        to->value = expand_whole (current->arena, to->value);
        to->written = expand_written (current->arena, to->value);
        to->pending = true;
    }
    s->n_settings++;
}

static struct hv_options *
copy_section (cfg_t *cfg, const char *kind, size_t section)
{
    struct hv_options *s = arena_alloc (current->arena, sizeof *s);

    s->file = current->file;
    s->own = true;
    s->kind = kind;
    s->name = arena_dup (current->arena, cfg_title (cfg));
    s->line =
        kind ? scan_lines_line (&current->lines, section, NULL) : cfg->line;
    s->settings =
        arena_alloc (current->arena, (cfg_num (cfg) + 1) * sizeof *s->settings);
    for (unsigned i = 0; i < cfg_num (cfg); i++) {
        cfg_opt_t *opt = cfg_getnopt (cfg, i);
        const char *name = cfg_opt_name (opt);

        if (opt->type != CFGT_SEC) {
            copy_setting (s, section, opt);
            continue;
        }
        for (unsigned k = 0; k < cfg_opt_size (opt); k++) {
            cfg_t *sub = cfg_opt_getnsec (opt, k);
            size_t inner = scan_lines_section (&current->lines, section, name,
                                               cfg_title (sub));

            /* An untitled section always exists.  A name with escapes is
             * another one for the scan: then there are no lines. */
            if (cfg_title (sub) || inner) {
                vec_add (current->arena, &s->sections,
                         copy_section (sub, arena_dup (current->arena, name),
                                       inner ? inner : SIZE_MAX));
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

static size_t
count_options (const struct section_kind *kinds, const struct section_kind *in)
{
    size_t n = in ? ARRAY_SIZE (in->lists) : 0;

    for (const struct section_kind *k = kinds; k && k->kind; k++) {
        n += *k->kind ? 1 : ARRAY_SIZE (k->lists);
    }
    return n;
}

/* The kinds of sections, and the lists, for libconfuse. */
static cfg_opt_t *
make_options (struct arena *a, const struct section_kind *kinds,
              const struct section_kind *in)
{
    cfg_opt_t *opts =
        arena_alloc (a, (count_options (kinds, in) + 1) * sizeof *opts);
    size_t n = in ? add_lists (in, opts) : 0;

    for (const struct section_kind *k = kinds; k && k->kind; k++) {
        if (!*k->kind) {
            n += add_lists (k, opts + n);
        } else if (k->titled) {
            opts[n++] = (cfg_opt_t)CFG_SEC (
                k->kind, make_options (a, k->inner, k),
                CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES | CFGF_KEYSTRVAL);
        } else {
            opts[n++] = (cfg_opt_t)CFG_SEC (
                k->kind, make_options (a, k->inner, k), CFGF_KEYSTRVAL);
        }
    }
    opts[n] = (cfg_opt_t)CFG_END ();
    return opts;
}

/* Made once for the many files of one kind. */
static const cfg_opt_t *
options_of (const struct section_kind *kinds)
{
    static const struct section_kind *made_for;
    static struct arena arena;
    static cfg_opt_t *options;

    if (made_for != kinds) {
        arena_free (&arena);
        options = make_options (&arena, kinds, NULL);
        made_for = kinds;
    }
    return options;
}

/* libconfuse makes copies of all kinds of sections, and of what is in them, for
 * each file, and searches them for each key: it gets those whose word is
 * somewhere in the text. */
static cfg_t *
make_grammar (const struct section_kind *kinds, const char *text)
{
    struct arena scratch = { 0 };
    const cfg_opt_t *all = options_of (kinds);
    cfg_opt_t *some;
    size_t n = 0;
    cfg_t *cfg;

    some = arena_alloc (&scratch,
                        (count_options (kinds, NULL) + 1) * sizeof *some);
    for (; all->name; all++) {
        if (all->type != CFGT_SEC || strstr (text, all->name)) {
            some[n++] = *all;
        }
    }
    some[n] = *all;
    cfg = cfg_init (some, CFGF_KEYSTRVAL);
    arena_free (&scratch);
    return cfg;
}

static bool
is_text (const char *path, const char *text, size_t size, struct problems *p)
{
    if (memchr (text, '\0', size)) {
        problem (p, path, 0, "is not a text file: it contains a NUL byte");
        return false;
    }
    if (expand_has (text)) {
        problem (p, path, 0,
                 "is not a text file: it contains a byte 1 or 2, which no text "
                 "has");
        return false;
    }
    return true;
}

/* Changes 'text'. */
static struct hv_options *
parse_text (struct arena *a, const char *path, char *text,
            const struct section_kind *kinds, struct problems *p)
{
    struct parse parse = { .arena = a, .problems = p, .kinds = kinds };
    struct hv_options *root = NULL;
    enum scan_result scanned;
    cfg_t *cfg;
    FILE *f;

    parse.file = arena_dup (a, path);
    scanned = scan_text (a, parse.file, text, kinds, &parse.lines, p);
    if (scanned == SCAN_TOO_MUCH) {
        return NULL;
    }
    parse.failed = scanned == SCAN_BROKEN;
    current = &parse;
    cfg = make_grammar (kinds, text);
    cfg_set_error_function (cfg, on_error);
    free (cfg->filename);
    cfg->filename = xstrdup (path);
    /* fmemopen() refuses an empty buffer. */
    f = *text ? fmemopen (text, strlen (text), "r") : NULL;
    if ((!f || cfg_parse_fp (cfg, f) == CFG_SUCCESS) && !parse.failed) {
        root = copy_section (cfg, NULL, 0);
    }
    if (f) {
        fclose (f);
    }
    cfg_free (cfg);
    current = NULL;
    return root;
}

struct hv_options *
config_parse (struct arena *a, const char *path,
              const struct section_kind *kinds, struct problems *p)
{
    struct error err = { 0 };
    size_t size = 0;
    CLEANUP_FREE char *text = file_load (path, &size, &err);

    if (!text) {
        problem (p, path, 0, "%s", err.text);
        return NULL;
    }
    return config_parse_loaded (a, path, text, size, kinds, p);
}

struct hv_options *
config_parse_loaded (struct arena *a, const char *path, char *text, size_t size,
                     const struct section_kind *kinds, struct problems *p)
{
    return is_text (path, text, size, p) ? parse_text (a, path, text, kinds, p)
                                         : NULL;
}

struct hv_options *
config_parse_text (struct arena *a, const char *text,
                   const struct section_kind *kinds, struct problems *p)
{
    CLEANUP_FREE char *copy = xstrdup (text);

    return parse_text (a, "(text)", copy, kinds, p);
}
