/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Fuzzes the files of other tools, from their bytes to the text of definitions.
 * The first line names the tool. */
#include "tests/fuzz/fuzz.h"

#include <json-c/json.h>

#include "core/base/error.h"
#include "core/hvctl.h"
#include "core/config/host.h"
#include "import/draft-note.h"
#include "import/draft-text.h"
#include "import/read.h"

/* A parser that gives up frees nothing; see import/read-toml-tree.c. */
void __lsan_disable (void) __attribute__ ((weak));
void __lsan_enable (void) __attribute__ ((weak));

static struct tree *
read_it (struct reading *r, const char *tool, struct error *err)
{
    struct tree *t;

    if (__lsan_disable) {
        __lsan_disable ();
    }
    t = read_text (r, tool, err);
    if (__lsan_enable) {
        __lsan_enable ();
    }
    return t;
}

static const struct {
    const char *tool;
    import_fn *fn;
} tools[] = {
    { "5gdeploy\n", from_5gdeploy }, { "balena\n", from_balena },
    { "libvirt\n", from_libvirt },   { "machina\n", from_machina },
    { "virshle\n", from_virshle },
};

/* Through JSON, as from the program that reads it. */
static struct tree *
pass_on (struct arena *a, const struct tree *t)
{
    struct tree_budget budget = { .arena = a, .file = "in" };
    struct json_object *o = tree_to_json (t);
    struct error err = { 0 };
    struct tree *copy = tree_from_json (&budget, o, &err);

    json_object_put (o);
    MUST (copy && copy->kids.n == t->kids.n && copy->kind == t->kind);
    return copy;
}

/* The only variables are those that a mapping has written: no file gets at the
 * environment, however its bytes are escaped. */
static void
check_variables (const char *text)
{
    for (const char *p = text; p && (p = strstr (p, "${")); p += 2) {
        MUST ((p > text && p[-1] == '\\') || strncmp (p, "${env", 5) != 0);
    }
    for (; text && *text; text++) {
        MUST ((unsigned char)*text >= ' ' || strchr ("\t\n\r", *text));
    }
}

/* Each problem and each note has a place; each draft becomes text. */
static void
check_import (struct import *im)
{
    for (size_t i = 0; i < im->notes.n; i++) {
        const struct draft_note *n = im->notes.p[i];

        MUST (n->node->file && n->node->line > 0 && n->key && *n->reason);
    }
    for (size_t i = 0; i < im->vms.n && i < 8; i++) {
        const struct draft *d = im->vms.p[i];

        MUST (*d->name && strlen (d->name) < 128);
        check_variables (draft_text (im, d, "x", NULL));
    }
    check_variables (draft_text_host (im, "x", NULL));
}

static void
try_tool (size_t tool, const char *text, size_t len)
{
    static char name[16];
    struct hvctl h = { 0 };
    struct import im = { .h = &h, .a = &h.arena, .dir = "/dir" };
    struct reading r = { .budget = { .arena = &h.arena, .file = "in" },
                         .text = text,
                         .len = len };
    struct error err = { 0 };
    struct tree *t;

    h.host = arena_alloc (&h.arena, sizeof *h.host);
    h.host->file = "/hvctl.conf";
    im.p.arena = &h.arena;
    snprintf (name, sizeof name, "%.*s", (int)strcspn (tools[tool].tool, "\n"),
              tools[tool].tool);
    t = read_it (&r, name, &err);
    if (t) {
        t = pass_on (&h.arena, t);
        tools[tool].fn (&im, &t, 1);
        check_import (&im);
    } else {
        MUST (err.code && err.text[0]);
    }
    arena_free (&h.arena);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < sizeof tools / sizeof *tools; i++) {
        size_t line = strlen (tools[i].tool);

        if (len >= line && !memcmp (data, tools[i].tool, line)) {
            char *text = malloc (len - line + 1);

            MUST (text);
            memcpy (text, data + line, len - line);
            text[len - line] = '\0';
            try_tool (i, text, len - line);
            free (text);
        }
    }
    return 0;
}
