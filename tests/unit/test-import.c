/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Nothing in another tool's file is lost in silence: each value of each example
 * makes a difference to what is written or listed, or is itself listed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/config/host.h"
#include "import/draft-note.h"
#include "import/draft-text.h"
#include "import/read.h"

/* Its fail() is not ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SEEDS "/tests/seeds/import/"
#define MOST_FILES 5 /* With a null. */

struct example {
    const char *tool;
    import_fn *fn;
    const char *files[MOST_FILES];
};

static const struct example examples[] = {
    { "5gdeploy", from_5gdeploy, { "readme.sh" } },
    { "5gdeploy", from_5gdeploy, { "forms.args" } },
    { "5gdeploy", from_5gdeploy, { "fixed.args" } },
    { "balena", from_balena, { "guests.x86_64.yml" } },
    { "balena", from_balena, { "guests.raid.yml" } },
    { "balena", from_balena, { "guests.odd.yml" } },
    { "libvirt", from_libvirt, { "arm.xml" } },
    { "libvirt", from_libvirt, { "bridged.xml" } },
    { "libvirt", from_libvirt, { "desk.xml" } },
    { "libvirt", from_libvirt, { "direct.xml" } },
    { "libvirt", from_libvirt, { "disks.xml" } },
    { "libvirt", from_libvirt, { "macvtap.xml" } },
    { "libvirt", from_libvirt, { "secure.xml" } },
    { "libvirt", from_libvirt, { "web.xml" } },
    { "machina",
      from_machina,
      { "machina.conf.json", "test-vm.conf.json", "vm1.conf.json" } },
    { "machina",
      from_machina,
      { "order.conf.json", "own.conf.json", "both.conf.json",
        "plain.conf.json" } },
    { "libvirt", from_libvirt, { "odd.xml" } },
    { "virshle", from_virshle, { "config.toml" } },
    { "virshle", from_virshle, { "odd.toml" } },
};

/* Values that have no meaning by themselves. */
static const struct {
    const char *tool, *key;
} references[] = {
    { "balena", "id" },     /* Brings -netdev and -device together. */
    { "libvirt", "@name" }, /* <driver name='qemu'> */
    { "libvirt", "@id" },   /* Of the running domain. */
};

/* One reading of an example. */
struct world {
    struct hvctl h;
    struct import im;
    struct tree *trees[MOST_FILES];
    size_t n;
    char *result; /* All that comes of it. */
};

static struct tree *
read_one (struct world *w, const struct example *e, const char *file)
{
    const char *path = arena_format (&w->h.arena, "%s" SEEDS "%s/%s",
                                     getenv ("abs_top_srcdir"), e->tool, file);
    struct reading r = { .budget = { .arena = &w->h.arena, .file = file } };
    struct error err = { 0 };
    size_t size;
    char *text = file_load (path, &size, &err);
    struct tree *t;

    assert_non_null (text);
    r.text = text;
    r.len = size;
    t = read_text (&r, e->tool, &err);
    free (text);
    if (!t && err.exit_code == EXIT_UNSUPPORTED) {
        return NULL;
    }
    assert_non_null (t);
    return t;
}

/* Returns whether this hvctl can read it. */
static bool
begin (struct world *w, const struct example *e)
{
    memset (w, 0, sizeof *w);
    w->h.host = arena_alloc (&w->h.arena, sizeof *w->h.host);
    w->h.host->file = "/hvctl.conf";
    w->im = (struct import){ .h = &w->h, .a = &w->h.arena, .dir = "/dir" };
    w->im.p.arena = &w->h.arena;
    for (; e->files[w->n]; w->n++) {
        w->trees[w->n] = read_one (w, e, e->files[w->n]);
        if (!w->trees[w->n]) {
            return false;
        }
    }
    return true;
}

static void
map (struct world *w, const struct example *e)
{
    size_t len;
    FILE *to = open_memstream (&w->result, &len);
    const char *host;

    assert_non_null (to);
    e->fn (&w->im, w->trees, w->n);
    for (size_t i = 0; i < w->im.p.lines.n; i++) {
        fprintf (to, "%s\n", (char *)w->im.p.lines.p[i]);
    }
    for (size_t i = 0; i < w->im.notes.n; i++) {
        const struct draft_note *n = w->im.notes.p[i];

        fprintf (to, "%d: %s: %s\n", n->node->line, n->key, n->reason);
    }
    for (size_t i = 0; i < w->im.vms.n; i++) {
        fputs (draft_text (&w->im, w->im.vms.p[i], e->tool, NULL), to);
    }
    host = draft_text_host (&w->im, e->tool, NULL);
    fputs (host ? host : "", to);
    fclose (to);
}

static void
end (struct world *w)
{
    free (w->result);
    arena_free (&w->h.arena);
}

/* A value, and what it is in. */
struct place {
    struct tree *node;
    const struct place *up;
};

/* Adds the leaves of a tree: struct place *. */
static void
walk (struct arena *a, struct vec *leaves, struct tree *t,
      const struct place *up)
{
    struct place *here = arena_alloc (a, sizeof *here);

    here->node = t;
    here->up = up;
    if (!t->kids.n) {
        vec_add (a, leaves, here);
    }
    for (size_t i = 0; i < t->kids.n; i++) {
        walk (a, leaves, t->kids.p[i], here);
    }
}

static void
walk_all (struct world *w, struct vec *leaves)
{
    for (size_t i = 0; i < w->n; i++) {
        walk (&w->h.arena, leaves, w->trees[i], NULL);
    }
}

/* Is it, or what it is in, listed as lost? */
static bool
is_listed (const struct world *w, const struct place *p)
{
    for (; p; p = p->up) {
        for (size_t i = 0; i < w->im.notes.n; i++) {
            const struct draft_note *n = w->im.notes.p[i];

            if (n->node == p->node && !n->changed) {
                return true;
            }
        }
    }
    return false;
}

static bool
is_reference (const struct example *e, const struct tree *t)
{
    if (!strcmp (e->tool, "5gdeploy") && strncmp (t->value, "--", 2) != 0) {
        return true; /* The command. */
    }
    for (size_t i = 0; i < ARRAY_SIZE (references); i++) {
        if (t->key && !strcmp (references[i].tool, e->tool)
            && !strcmp (references[i].key, t->key)) {
            return true;
        }
    }
    return false;
}

/* Changes a leaf, at its end or its beginning; returns whether that makes a
 * difference. */
static bool
matters (const struct example *e, const struct world *before, size_t number,
         bool at_end)
{
    struct vec leaves = { 0 };
    struct world w;
    struct tree *t;
    bool differs;

    assert_true (begin (&w, e));
    walk_all (&w, &leaves);
    t = ((struct place *)leaves.p[number])->node;
    if (t->value) {
        t->value = arena_format (&w.h.arena, at_end ? "%s-other" : "other-%s",
                                 t->value);
    } else {
        t->key = "another-key";
    }
    map (&w, e);
    differs = strcmp (w.result, before->result) != 0;
    end (&w);
    return differs;
}

/* Returns how many values of an example are lost. */
static size_t
count_lost (const struct example *e, size_t *tried)
{
    struct vec leaves = { 0 };
    struct world w;
    size_t lost = 0;

    if (begin (&w, e)) {
        walk_all (&w, &leaves);
        map (&w, e);
    }
    for (size_t i = 0; i < leaves.n; i++) {
        const struct place *p = leaves.p[i];
        const struct tree *t = p->node;

        if (is_listed (&w, p) || is_reference (e, t)) {
            continue;
        }
        ++*tried;
        if (!matters (e, &w, i, true) && !matters (e, &w, i, false)) {
            print_error ("%s:%d: %s = %s is lost in silence\n", t->file,
                         t->line, t->key ? t->key : "",
                         t->value ? t->value : "");
            lost++;
        }
    }
    end (&w);
    return lost;
}

static void
test_nothing_is_lost (void **state)
{
    size_t lost = 0, tried = 0;

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE (examples); i++) {
        lost += count_lost (&examples[i], &tried);
    }
    assert_true (tried > 50);
    assert_int_equal (lost, 0);
}

int
main (void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_nothing_is_lost),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
