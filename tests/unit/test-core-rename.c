/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The texts of definitions of renamed and cloned VMs: what is written out, what
 * is left out, and that all else stays as a person wrote it. */
#include <stdio.h>
#include <string.h>

#include "tests/kit/core-world.h"
#include "core/base/arena.h"
#include "core/base/file.h"
#include "core/base/vec.h"
#include "core/config/clone-text.h"
#include "core/config/definition-find.h"
#include "core/config/rename-text.h"
#include "core/config/textedit.h"

static struct world w;

static int
begin (void **state)
{
    (void)state;
    world_begin (&w);
    assert_int_equal (world_open (&w, "template t { disk more { volume = x } "
                                      "nic two { forward = "
                                      "tcp:127.0.0.1:1:2 } }\n"),
                      0);
    return file_make_dirs (world_path (&w, "vm.d"), 0700, &w.err);
}

static int
end (void **state)
{
    (void)state;
    world_end (&w);
    return 0;
}

static struct definition *
load (const char *name, const char *text)
{
    struct definition *def = world_define (&w, name, text);

    if (!def) {
        fail_msg ("%s: %s: %s", name, text, w.err.text);
    }
    return def;
}

/* ------------------------------------------------------------- Removing */

static void
test_remove (void **state)
{
    static const struct {
        const char *text, *kind, *name, *key, *after;
    } cases[] = {
        { "a = 1\nb = 2\nc = 3\n", NULL, NULL, "b", "a = 1\nc = 3\n" },
        { "a = 1\n  b = 2 # why\nc = 3\n", NULL, NULL, "b", "a = 1\nc = 3\n" },
        { "b=2", NULL, NULL, "b", "" },
        { "nic n { mac = 1 mtu = 2 }", "nic", "n", "mac", "nic n { mtu = 2 }" },
        { "nic n { mtu = 2 mac = \"1\" }", "nic", "n", "mac",
          "nic n { mtu = 2 }" },
        { "nic n {\n    mac = 1\n}\nmac = 3\n", "nic", "n", "mac",
          "nic n {\n}\nmac = 3\n" },
        { "nic m { mac = 1 }\nnic n {\n\tmac\n =\n1 // x\n}\n", "nic", "n",
          "mac", "nic m { mac = 1 }\nnic n {\n}\n" },
        { "t = {a, b} x = 1\n", NULL, NULL, "t", "x = 1\n" },
        /* Not there; or with a comment that would be lost. */
        { "# b = 2\nc = \"b = 2\"\n", NULL, NULL, "b", NULL },
        { "nic n { mtu = 1 }", "nic", "n", "mac", NULL },
        { "b /* b */ = 2\n", NULL, NULL, "b", NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *after =
            textedit_remove (&w.arena, cases[i].text, cases[i].kind,
                             cases[i].name, cases[i].key);

        if (!cases[i].after) {
            assert_null (after);
        } else {
            assert_non_null (after);
            assert_string_equal (after, cases[i].after);
        }
    }
}

/* ------------------------------------------------------------- Renaming */

/* Returns the text of 'web' under the name 'www'; stores what was kept. */
static const char *
renamed (const char *text, struct vec *kept)
{
    struct definition *was = load ("web", text);
    const char *next = text;

    for (int i = 0; i < 3; i++) {
        struct definition *now = load ("www", next);
        const char *last = next;

        next = rename_text (&w.arena, last, was, now, kept);
        if (next == last) {
            assert_string_equal (now->uuid, was->uuid);
            for (size_t k = 0; k < was->nics.n; k++) {
                const struct nic_def *a = was->nics.p[k], *b = now->nics.p[k];

                assert_memory_equal (a->mac, b->mac, 6);
            }
            return next;
        }
    }
    fail_msg ("there is no end of it: %s", next);
    return NULL;
}

static void
test_rename (void **state)
{
    struct vec kept = { 0 };
    const char *text;

    (void)state;
    text =
        renamed ("templates = t\n"
                 "memory = 1G # much\n"
                 "kernel = \"/boot/${name}\"\n"
                 "append = \"host=${name}\"\n"
                 "vars { where = \"${name}-x\" }\n"
                 "disk root { size = 1G } # system\n"
                 "disk own { volume = mine }\n"
                 "disk other { volume = \"${where}\" serial = \"${name}\" }\n"
                 "disk cd { cdrom = \"/iso/${name}.iso\" }\n"
                 "nic lan { }\n",
                 &kept);
    assert_contains (text, "memory = 1G # much\nkernel = \"/boot/web\"\n");
    assert_contains (text, "append = \"host=${name}\"\n");
    assert_contains (text, "vars { where = \"${name}-x\" }\n");
    assert_contains (text, "disk root { size = 1G volume = web-root } # sys");
    assert_contains (text, "disk own { volume = mine }\n");
    assert_contains (text, "disk other { volume = web-x serial = web }\n");
    assert_contains (text, "disk cd { cdrom = \"/iso/web.iso\" }\n");
    assert_contains (text, "nic lan { }\n");
    assert_int_equal (kept.n, 6);
    assert_contains (kept.p[0], "uuid = ");

    /* What is written needs nothing more. */
    kept = (struct vec){ 0 };
    assert_string_equal (renamed (text, &kept), text);
    assert_int_equal (kept.n, 0);
}

static void
test_heading (void **state)
{
    static const char made[] = "# web, created by hvctl on 2026-01-02\nx = 1\n";

    (void)state;
    assert_string_equal (rename_heading (&w.arena, made, "web", "www", NULL),
                         "# www, created by hvctl on 2026-01-02\nx = 1\n");
    assert_string_equal (
        rename_heading (&w.arena, made, "web", "www", "a clone"),
        "# www, a clone\nx = 1\n");
    /* A person's own. */
    for (const char *const *text = (const char *const[]){ "# web, our server\n",
                                                          "# webs, created by "
                                                          "hvctl on 1\n",
                                                          "x = 1\n", "", NULL };
         *text; text++) {
        assert_ptr_equal (rename_heading (&w.arena, *text, "web", "www", NULL),
                          *text);
    }
}

/* -------------------------------------------------------------- Cloning */

static const char *
cloned (const char *text, struct vec *changed, struct vec *same)
{
    struct definition *from = load ("web", text);
    const char *next = textedit_set (&w.arena, text, NULL, NULL, "uuid",
                                     "99999999-2222-4333-8444-555555555555");
    struct vec kept = { 0 };

    for (int i = 0; i < 3; i++) {
        struct definition *now = load ("www", next);
        const char *last = next;

        next = clone_text (&w.arena, last, from, now, &kept);
        if (next == last) {
            clone_text_compare (&w.arena, from, now, changed, same);
            return next;
        }
    }
    fail_msg ("there is no end of it: %s", next);
    return NULL;
}

static void
test_clone (void **state)
{
    struct vec changed = { 0 }, same = { 0 };
    const char *text;

    (void)state;
    text = cloned ("memory = 1G\n"
                   "templates = t\n"
                   "uuid = 11111111-2222-4333-8444-555555555555\n"
                   "disk root { size = 1G serial = A }\n"
                   "disk own { volume = mine }\n"
                   "disk var { volume = \"${name}-1\" }\n"
                   "disk ro { readonly = yes }\n"
                   "disk cd { cdrom = \"/a.iso\" }\n"
                   "nic lan {\n    mac = 52:54:00:00:00:01 # ours\n"
                   "    forward = tcp:127.0.0.1:22:22\n}\n",
                   &changed, &same);
    assert_contains (text, "uuid = 99999999-2222-4333-8444-555555555555\n");
    assert_contains (text, "disk root { size = 1G }\n");
    assert_contains (text, "disk own { }\n");
    assert_contains (text, "disk var { volume = \"${name}-1\" }\n");
    assert_contains (text, "disk ro { readonly = yes volume = web-ro }\n");
    assert_contains (text, "disk cd { cdrom = \"/a.iso\" }\n");
    assert_contains (text, "nic lan {\n}\n");
    /* The template's volume is written to by one of them only. */
    assert_contains (text, "disk more {\n    volume = www-more\n}\n");
    assert_int_equal (changed.n, 7);
    assert_int_equal (same.n, 1);
    assert_contains (same.p[0], "nic two: forward = tcp:127.0.0.1:1:2 is a");
    for (size_t i = 0; i < changed.n; i++) {
        if (strstr (changed.p[i], "mac")) {
            assert_contains (changed.p[i],
                             "vm.d/web.conf:10: nic lan: without mac = 52:54:");
        }
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (test_remove, begin, end),
        cmocka_unit_test_setup_teardown (test_rename, begin, end),
        cmocka_unit_test_setup_teardown (test_heading, begin, end),
        cmocka_unit_test_setup_teardown (test_clone, begin, end),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
