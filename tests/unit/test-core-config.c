/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The parser: what is read, on which line it is, and that everything that is
 * wrong is reported in one go. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/kit/core-world.h"
#include "core/base/arena.h"
#include "core/base/name.h"
#include "core/base/vec.h"
#include "core/config/config.h"
#include "core/config/problem.h"
#include "core/config/settings.h"
#include "core/config/textedit.h"

static struct world w;
static struct arena arena;
static struct problems problems;

static const struct section_kind inner[] = {
    { "", false, { "names" }, NULL },
    { "disk", true, { NULL }, NULL },
    { "vars", false, { NULL }, NULL },
    { NULL, false, { NULL }, NULL },
};

static const struct section_kind kinds[] = {
    { "", false, { "names" }, NULL },
    { "disk", true, { NULL }, NULL },
    { "nic", true, { NULL }, NULL },
    { "template", true, { NULL }, inner },
    { "defaults", false, { NULL }, NULL },
    { NULL, false, { NULL }, NULL },
};

static const struct hv_key keys[] = {
    { "memory", HV_SIZE, NULL, "memory = 1G", true },
    { "cpus", HV_UINT, "1", "processors", false },
    { "rng", HV_BOOL, "yes", "random numbers", false },
    { "timeout", HV_DURATION, "60s", "a time", false },
    { "mac", HV_MAC, NULL, "an address", false },
    { "kernel", HV_STRING, NULL, "a kernel", false },
    { "names", HV_STRING, NULL, "a list", false },
    { NULL, HV_STRING, NULL, NULL, false },
};

static int
begin (void **state)
{
    world_begin (&w);
    problems = (struct problems){ .arena = &arena };
    return 0;
}

static int
end (void **state)
{
    world_end (&w);
    arena_free (&arena);
    return 0;
}

static struct hv_options *
parse (const char *text)
{
    struct hv_options *root;

    problems.lines = (struct vec){ 0 };
    root = config_parse (&arena, world_file (&w, "x.conf", text), kinds,
                         &problems);
    /* Something is returned in spite of some problems: it is never used. */
    return problems.lines.n ? NULL : root;
}

/* All problems in one string. */
static const char *
trouble (void)
{
    const char *all = "";

    for (size_t i = 0; i < problems.lines.n; i++) {
        all = arena_format (&arena, "%s%s\n", all,
                            (const char *)problems.lines.p[i]);
    }
    return all;
}

static struct hv_options *
parse_well (const char *text)
{
    struct hv_options *root = parse (text);

    if (!root || problems.lines.n) {
        fail_msg ("%s: %s", text, trouble ());
    }
    return root;
}

static const struct hv_options *
section (const struct hv_options *root, size_t i)
{
    assert_true (i < root->sections.n);
    return root->sections.p[i];
}

static void
test_values (void **state)
{
    const struct hv_options *root =
        parse_well ("memory = 1G\n"
                    "kernel = \"/with space/and \\\"quotes\\\"\"\n"
                    "cpu = 'single'\n"
                    "names = {a, \"b c\", d}\n"
                    "disk root { size = 10G }\n"
                    "disk \"data\" { size = 1.5G readonly = yes }\n"
                    "nic lan {\n    network = user\n}\n"
                    "defaults { x = 1 }\n");

    assert_string_equal (settings_get (root, "memory"), "1G");
    assert_string_equal (settings_get (root, "kernel"),
                         "/with space/and \"quotes\"");
    assert_string_equal (settings_get (root, "cpu"), "single");
    assert_string_equal (settings_get (root, "names"), "a,b c,d");
    assert_null (settings_get (root, "nothing"));
    assert_int_equal (root->sections.n, 4);
    assert_string_equal (section (root, 0)->kind, "disk");
    assert_string_equal (section (root, 0)->name, "root");
    assert_string_equal (settings_get (section (root, 1), "size"), "1.5G");
    assert_string_equal (section (root, 1)->name, "data");
    assert_string_equal (section (root, 2)->kind, "nic");
    assert_string_equal (section (root, 3)->kind, "defaults");
}

/* libconfuse 3.3 counts the lines of comments twice, if one lets it. */
static void
test_lines (void **state)
{
    const struct hv_options *root =
        parse_well ("# a comment\n"                        /* 1 */
                    "one = 1 # behind\n"                   /* 2 */
                    "// another kind\n"                    /* 3 */
                    "two = 2 // behind\n"                  /* 4 */
                    "/* a third\n"                         /* 5 */
                    "   of two lines */ three = 3\n"       /* 6 */
                    "four = \"# no // comment /* here\"\n" /* 7 */
                    "five = '# nor \" here'\n"             /* 8 */
                    "six = \"two\n"                        /* 9 */
                    "lines\"\n"                            /* 10 */
                    "disk root {\n"                        /* 11 */
                    "    # inside\n"                       /* 12 */
                    "    seven = 7\n"                      /* 13 */
                    "\n"                                   /* 14 */
                    "    eight = 8\n"                      /* 15 */
                    "}\n"                                  /* 16 */
                    "nic lan\n"                            /* 17 */
                    "{ nine = 9 }\n"                       /* 18 */
                    "ten\n"                                /* 19 */
                    "=\n"                                  /* 20 */
                    "10\n"                                 /* 21 */
                    "/**/eleven = 11\n");                  /* 22 */
    const struct hv_options *disk = section (root, 0);
    const struct hv_options *nic = section (root, 1);

    assert_int_equal (settings_line (root, "one"), 2);
    assert_int_equal (settings_line (root, "two"), 4);
    assert_int_equal (settings_line (root, "three"), 6);
    assert_int_equal (settings_line (root, "four"), 7);
    assert_string_equal (settings_get (root, "four"),
                         "# no // comment /* here");
    assert_int_equal (settings_line (root, "five"), 8);
    assert_string_equal (settings_get (root, "five"), "# nor \" here");
    assert_int_equal (settings_line (root, "six"), 9);
    assert_string_equal (settings_get (root, "six"), "two\nlines");
    assert_int_equal (settings_line (disk, "seven"), 13);
    assert_int_equal (settings_line (disk, "eight"), 15);
    assert_int_equal (settings_line (nic, "nine"), 18);
    assert_int_equal (settings_line (root, "ten"), 19);
    assert_int_equal (settings_line (root, "eleven"), 22);
    /* Where a section begins is what a message points at. */
    assert_int_equal (disk->line, 11);
    assert_int_equal (nic->line, 17);
}

/* Two sections with the same key on different lines. */
static void
test_lines_per_section (void **state)
{
    const struct hv_options *root = parse_well ("disk a {\n  size = 1G\n}\n"
                                                "disk b {\n\n  size = 2G\n}\n"
                                                "size = 3G\n");

    assert_int_equal (settings_line (section (root, 0), "size"), 2);
    assert_int_equal (settings_line (section (root, 1), "size"), 6);
    assert_int_equal (settings_line (root, "size"), 8);
}

static void
test_unquoted_paths (void **state)
{
    const struct hv_options *root =
        parse_well ("kernel = /boot//vmlinuz\nother = http://x/y?z\n"
                    "third = a//b // comment\nfourth = /\n");

    assert_string_equal (settings_get (root, "kernel"), "/boot//vmlinuz");
    assert_string_equal (settings_get (root, "other"), "http://x/y?z");
    assert_string_equal (settings_get (root, "third"), "a//b");
    assert_string_equal (settings_get (root, "fourth"), "/");
    /* libconfuse drops these characters, and says nothing. */
    assert_null (parse ("memory = 1G\nkernel = /srv/*.iso\n"));
    assert_contains (trouble (), "x.conf:2: a value with '*' needs quotes");
    assert_null (parse ("append = a+\n"));
    assert_contains (trouble (), "x.conf:1: a value with '+' needs quotes");
    root = parse_well ("append = \"a*+b\"\n");
    assert_string_equal (settings_get (root, "append"), "a*+b");
}

static void
test_check_all_at_once (void **state)
{
    struct hv_options *root = parse_well ("memry = 1G\n"
                                          "cpus = many\n"
                                          "rng = perhaps\n"
                                          "timeout = soon\n"
                                          "mac = 52:54\n"
                                          "kernal = x\n"
                                          "zzzzzzzzz = 1\n"
                                          "time = 1\n"
                                          "ti = 1\n");
    struct error err = { 0 };

    settings_check (root, keys, &problems);
    assert_int_equal (problems.lines.n, 10);
    assert_true (problem_fail (&problems, &err) < 0);
    assert_contains (err.text, "x.conf:1: unknown key 'memry': did you mean "
                               "'memory'?");
    assert_contains (err.text, "x.conf:2: cpus = \"many\" is not a whole "
                               "number");
    assert_contains (err.text, "x.conf:3: rng = \"perhaps\" is not yes or no");
    assert_contains (err.text, "x.conf:4: timeout = \"soon\" is not a "
                               "duration");
    assert_contains (err.text, "x.conf:5: mac = \"52:54\" is not a MAC");
    assert_contains (err.text, "x.conf:6: unknown key 'kernal': did you mean "
                               "'kernel'?");
    assert_contains (err.text, "x.conf:7: unknown key 'zzzzzzzzz'");
    assert_lacks (err.text, "zzzzzzzzz': did");
    /* The beginning of one; two letters are that of too many. */
    assert_contains (err.text, "x.conf:8: unknown key 'time': did you mean "
                               "'timeout'?");
    assert_lacks (err.text, "'ti': did");
    assert_contains (err.text, "'memory' is missing");
}

/* However many they are, none vanishes without a word. */
static void
test_many_problems (void **state)
{
    const char *text = "memory = 1G\n";
    struct hv_options *root;
    struct error err = { 0 };

    for (int i = 0; i < 300; i++) {
        text = arena_format (&arena, "%sunknown_key_%d = 1\n", text, i);
    }
    root = parse_well (text);
    settings_check (root, keys, &problems);
    assert_int_equal (problems.lines.n, 300);
    problem_fail (&problems, &err);
    assert_true (strlen (err.text) < sizeof err.text);
    assert_contains (err.text, "x.conf:2: ");
    assert_contains (err.text, " more");
}

static void
test_syntax_errors (void **state)
{
    static const struct {
        const char *text, *expected;
    } cases[] = {
        { "garbage {{{\n", "x.conf:1: " },
        { "memory\n", "x.conf:" },
        { "memory = \n", "x.conf:" },
        { "memory = 1G\n= 3\n", "x.conf:2: " },
        { "memory = \"1G\n", "x.conf:" },
        { "disk root { size = 1G\n", "x.conf:" },
        { "disk { size = 1G }\n", "x.conf:1: " },
        { "memory = 1G\n}\n", "x.conf:2: " },
        { "disc root { size = 1G }\n", "did you mean 'disk'" },
        { "/* without end", "x.conf:" },
        { "disk a { size = 1G }\nnic b { }\ndisk a { size = 2G }\n",
          "x.conf:3: " },
        { "memory = { 1, 2 }\n", "x.conf:1: " },
        { "memory += 1\n", "x.conf:1: " },
        { "disk a { disk b { } }\n", "x.conf:1: " },
        { "include(\"/etc/passwd\")\n", "x.conf:1: " },
        { "func(a)\n", "x.conf:1: " },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hv_options *root = parse (cases[i].text);

        if (root || !strstr (trouble (), cases[i].expected)) {
            fail_msg ("%s: %s: %s", cases[i].text, root ? "taken" : "refused",
                      trouble ());
        }
    }
}

/* The second of two would be heeded and the first ignored, silently. */
static void
test_duplicate_key (void **state)
{
    assert_null (parse ("memory = 1G\ncpus = 2\nmemory = 2G\n"));
    assert_contains (trouble (), "x.conf:3: ");
    assert_contains (trouble (), "memory");
    assert_null (parse ("disk a {\n size = 1G\n size = 2G\n}\n"));
    assert_contains (trouble (), "x.conf:3: ");
    parse_well ("disk a { size = 1G }\ndisk b { size = 1G }\nsize = 1G\n");
}

/* libconfuse leaves them alone; which text is one is known from the marks. */
static void
test_variables (void **state)
{
    struct hv_options *root;

    setenv ("word", "of the environment", 1);
    root = parse_well ("a = \"<${word}>\"\n"
                       "b = '${word}'\n"
                       "c = \"\\${word} $word $\"\n"
                       "d = \"$${word}\"\n"
                       "e = ${word + 1} # comment\n"
                       "names = { ${word}, \"x${word}\", c }\n"
                       "disk d { size = ${word} }\n");
    assert_string_equal (settings_find (root, "a")->written, "<${word}>");
    assert_true (settings_find (root, "a")->pending);
    assert_string_equal (settings_get (root, "b"), "${word}");
    assert_false (settings_find (root, "b")->pending);
    assert_string_equal (settings_get (root, "c"), "${word} $word $");
    assert_null (settings_find (root, "c")->written);
    assert_string_equal (settings_find (root, "d")->written, "$${word}");
    assert_string_equal (settings_find (root, "e")->written, "${word + 1}");
    assert_string_equal (settings_find (root, "names")->written,
                         "${word},x${word},c");
    assert_string_equal (settings_find (section (root, 0), "size")->written,
                         "${word}");
    assert_null (parse ("a = \"\1\"\n"));
    assert_contains (trouble (), "a byte 1 or 2");
    assert_null (parse ("a = ${b}c\nd = e${f}\n"));
    assert_contains (trouble (), "x.conf:1: ");
    assert_contains (trouble (), "x.conf:2: ");
    assert_null (parse ("${a} = 1\n"));
    assert_contains (trouble (), "x.conf:1: a variable cannot be used here");
}

/* Sections in a section of a file. */
static void
test_nested (void **state)
{
    const struct hv_options *root =
        parse_well ("template a {\n"                    /* 1 */
                    "    memory = 1G\n"                 /* 2 */
                    "    names = { x, y }\n"            /* 3 */
                    "    disk root {\n"                 /* 4 */
                    "        size = 1G }\n"             /* 5 */
                    "    vars { x = 1 }\n"              /* 6 */
                    "    disk data { size = 2G }\n"     /* 7 */
                    "}\n"                               /* 8 */
                    "template b { disk root { size =\n" /* 9 */
                    "3G } }\n"                          /* 10 */
                    "disk root { size = 4G }\n");       /* 11 */
    const struct hv_options *a = section (root, 1);
    const struct hv_options *b = section (root, 2);

    assert_string_equal (section (root, 0)->kind, "disk");
    assert_int_equal (settings_line (section (root, 0), "size"), 11);
    assert_string_equal (a->name, "a");
    assert_int_equal (settings_line (a, "memory"), 2);
    assert_string_equal (settings_get (a, "names"), "x,y");
    assert_int_equal (a->sections.n, 3);
    assert_int_equal (section (a, 0)->line, 4);
    assert_int_equal (settings_line (section (a, 0), "size"), 5);
    assert_string_equal (section (a, 1)->name, "data");
    assert_string_equal (section (a, 2)->kind, "vars");
    assert_int_equal (section (b, 0)->line, 9);
    assert_string_equal (settings_get (section (b, 0), "size"), "3G");

    assert_null (parse ("template a {\n nic x { }\n disk y { }\n disk y { }\n"
                        " memory = 1\n memory = 2\n}\n"
                        "disk y { }\n"));
    assert_contains (trouble (), "x.conf:2: a section 'nic' is not allowed");
    assert_contains (trouble (), "x.conf:4: there is already a disk 'y', in "
                                 "line 3");
    assert_contains (trouble (), "x.conf:6: 'memory' is set twice");
    assert_lacks (trouble (), "x.conf:8");
    assert_null (parse ("template a {\n disk x {\n size = 1\n}\n"));
    assert_contains (trouble (), "x.conf:1: unterminated section");
}

static void
test_odd_files (void **state)
{
    static char big[(1 << 20) + 2];
    struct hv_options *root;
    FILE *f;

    root = parse_well ("");
    assert_int_equal (root->n_settings, 0);
    root = parse_well ("\n\n  \n");
    assert_int_equal (root->n_settings, 0);
    root = parse_well ("# only a comment");
    assert_int_equal (root->n_settings, 0);
    root = parse_well ("memory = 1G");
    assert_string_equal (settings_get (root, "memory"), "1G");
    root = parse_well ("memory = 1G\r\ncpus = 2\r\n");
    assert_string_equal (settings_get (root, "memory"), "1G");
    root = parse_well ("\xef\xbb\xbfmemory = 1G\n");
    assert_string_equal (settings_get (root, "memory"), "1G");

    f = fopen (world_path (&w, "x.conf"), "w");
    fwrite ("memory = 1G\n\0cpus = 2\n", 1, 22, f);
    fclose (f);
    assert_null (
        config_parse (&arena, world_path (&w, "x.conf"), kinds, &problems));
    assert_contains (trouble (),
                     "x.conf: is not a text file: it contains a NUL byte");

    memset (big, '#', sizeof big - 1);
    assert_null (parse (big));
    assert_contains (trouble (), "at most 1 MiB");
    big[1 << 20] = '\0';
    assert_non_null (parse (big));

    problems.lines = (struct vec){ 0 };
    assert_null (
        config_parse (&arena, world_path (&w, "none.conf"), kinds, &problems));
    assert_contains (trouble (), "none.conf: cannot be read: No such file");
    problems.lines = (struct vec){ 0 };
    assert_null (config_parse (&arena, w.dir, kinds, &problems));
    assert_contains (trouble (), "is not a file");
}

/* Opening one waits for a writer: no command of ours may wait for ever. */
static void
test_fifo (void **state)
{
    assert_int_equal (mkfifo (world_path (&w, "fifo.conf"), 0600), 0);
    assert_null (
        config_parse (&arena, world_path (&w, "fifo.conf"), kinds, &problems));
    assert_contains (trouble (), "is not a file");
}

/* Its time would grow with the square of them. */
static void
test_too_many (void **state)
{
    static char text[400000];
    char *to = text;

    for (int i = 0; i < 10001; i++) {
        to += sprintf (to, "key%d = %d\n", i, i);
    }
    assert_null (parse (text));
    assert_contains (trouble (), "more than 10000 keys and sections");
    to = text;
    for (int i = 0; i < 10001; i++) {
        to += sprintf (to, "disk d%d { }\n", i);
    }
    assert_null (parse (text));
    assert_contains (trouble (), "more than 10000 keys and sections");
}

static void
test_nearest (void **state)
{
    static const char *const words[] = { "memory", "cpus", "machine",
                                         "firmware", NULL };
    static char endless[500];

    memset (endless, 'm', sizeof endless - 1);
    assert_string_equal (name_nearest ("memroy", words), "memory");
    assert_string_equal (name_nearest ("cpu", words), "cpus");
    assert_string_equal (name_nearest ("Machine", words), "machine");
    assert_string_equal (name_nearest ("memory", words), "memory");
    assert_null (name_nearest ("bridge", words));
    assert_null (name_nearest (endless, words));
    assert_null (name_nearest ("x", (const char *const[]){ NULL }));
    assert_null (name_nearest ("x", (const char *const[]){ endless, NULL }));
}

static void
test_get (void **state)
{
    struct hv_options *root = parse_well ("memory = 2G\n");

    settings_check (root, keys, &problems);
    assert_int_equal (problems.lines.n, 0);
    assert_string_equal (settings_get (root, "memory"), "2G");
    assert_string_equal (settings_get (root, "cpus"), "1");
    assert_null (settings_get (root, "kernel"));
    assert_null (settings_get (NULL, "kernel"));
    assert_int_equal (settings_line (root, "cpus"), root->line);
}

#define CASE(test) cmocka_unit_test_setup_teardown (test, begin, end)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        CASE (test_values),
        CASE (test_lines),
        CASE (test_lines_per_section),
        CASE (test_unquoted_paths),
        CASE (test_check_all_at_once),
        CASE (test_many_problems),
        CASE (test_syntax_errors),
        CASE (test_duplicate_key),
        CASE (test_variables),
        CASE (test_nested),
        CASE (test_odd_files),
        CASE (test_fifo),
        CASE (test_too_many),
        CASE (test_nearest),
        CASE (test_get),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
