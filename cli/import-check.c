/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "cli/import-check.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/spec.h"
#include "core/base/name.h"
#include "core/config/clash.h"
#include "core/config/definition-load.h"
#include "core/config/host.h"
#include "core/config/template-check.h"
#include "core/machine/new-name.h"
#include "core/plan/clash-others.h"
#include "core/plan/plan-make.h"
#include "core/plan/sections.h"
#include "import/draft-text.h"

/* Each has a lock, and a file in memory. */
#define MOST_VMS 256

#define MEMORY "/proc/self/fd/"

/* ---------------------------------------------------------- Their names */

/* Adds every name that a draft takes: its own, and those of its VMs. */
static int
add_names (struct import *im, const struct draft *d, struct vec *names,
           struct error *err)
{
    size_t first = names->n;

    vec_add (im->a, names, d->name);
    for (uint64_t i = 0; i < d->count; i++) {
        vec_add (im->a, names, arena_format (im->a, "%s-%" PRIu64, d->name, i));
    }
    for (size_t i = first; i < names->n; i++) {
        if (name_validate ("VM", names->p[i], err) < 0) {
            return fail_prefix (err, "%s:%d", d->from->file, d->from->line);
        }
    }
    return 0;
}

/* VMs of a fleet bear names that another VM, or another fleet, may have, too:
 * "t" of two VMs, and "t-1". */
static int
check_each_other (struct import *im, struct error *err)
{
    struct vec names = { 0 }, owners = { 0 };
    struct draft *const *vms = (struct draft *const *)im->vms.p;

    for (size_t i = 0; i < im->vms.n; i++) {
        size_t first = names.n;

        if (add_names (im, vms[i], &names, err) < 0) {
            return -err->code;
        }
        for (size_t k = first; k < names.n; k++) {
            vec_add (im->a, &owners, vms[i]);
            for (size_t o = 0; o < first; o++) {
                const struct draft *other = owners.p[o];

                if (strcmp (names.p[o], names.p[k]) != 0) {
                    continue;
                }
                return fail_exit (
                    err, EXIT_CONFIG, EEXIST,
                    "%s:%d: %s would be a VM of both %s and %s (%s:%d): give "
                    "one of them another name",
                    vms[i]->from->file, vms[i]->from->line,
                    (const char *)names.p[k], vms[i]->name, other->name,
                    other->from->file, other->from->line);
            }
        }
    }
    return 0;
}

int
import_check_new (struct cli *c, struct import *im, struct error *err)
{
    struct vec names = { 0 };

    for (size_t i = 0; i < im->vms.n; i++) {
        const struct draft *d = im->vms.p[i];
        size_t first = names.n;

        if (add_names (im, d, &names, err) < 0) {
            return -err->code;
        }
        for (size_t k = first; k < names.n; k++) {
            if (new_name_check (&c->h, names.p[k], err) < 0) {
                return fail_prefix (err, "%s:%d", d->from->file, d->from->line);
            }
        }
    }
    return 0;
}

/* Gives the only VM the name that the user has chosen, and checks all names. */
int
import_check_names (struct cli *c, struct import *im, struct error *err)
{
    const char *name = option_value (c, "name");
    uint64_t all = 0;

    if (!im->vms.n && !im->host.n) {
        return fail_exit (err, EXIT_CONFIG, ENOENT, "%s: there is no VM in it",
                          (const char *)c->args.p[0]);
    }
    for (size_t i = 0; i < im->vms.n; i++) {
        const struct draft *d = im->vms.p[i];

        all += d->count ? d->count : 1;
    }
    if (all > MOST_VMS) {
        return fail_exit (err, EXIT_CONFIG, E2BIG,
                          "there are %" PRIu64 " VMs in it: at most %d can be "
                          "imported at once",
                          all, MOST_VMS);
    }
    if (name && im->vms.n != 1) {
        return fail_exit (err, EXIT_USAGE, EINVAL,
                          "--name is for one VM, and there are %zu in it",
                          im->vms.n);
    }
    if (name && name_validate ("VM", name, err) < 0) {
        return -err->code;
    }
    if (name) {
        ((struct draft *)im->vms.p[0])->name = name;
    }
    return check_each_other (im, err) < 0 || import_check_new (c, im, err) < 0
               ? -err->code
               : 0;
}

/* ------------------------------------------------ Where a problem is from */

/* A text in memory, and what its lines were made of. */
struct in_memory {
    const char *path, *name; /* Of the VM, or null: conf.d. */
    const struct vec *lines; /* struct tree * */
};

/* Returns the place in the other tool's file of "PATH:LINE", and behind which
 * byte the text continues. */
static const char *
place_of (struct import *im, const struct in_memory *m, const char *at,
          bool begins, const char **rest)
{
    char *end = (char *)at + strlen (m->path);
    long line = *end == ':' ? strtol (end + 1, &end, 10) : 0;
    const struct tree *from =
        line > 0 && (size_t)line <= m->lines->n ? m->lines->p[line - 1] : NULL;

    *rest = end;
    return arena_format (
        im->a, "%s%s%s%s%s",
        from ? arena_format (im->a, "%s:%d", from->file, from->line) : "",
        from && begins ? ": " : "", begins || !from ? "new definition" : "",
        (begins || !from) && m->name ? " of " : "",
        (begins || !from) && m->name ? m->name : "");
}

/* Replaces the places in the error, which are lines of texts in memory. */
static void
show_places (struct import *im, const struct vec *memory, struct error *err)
{
    const char *text = arena_dup (im->a, err->text), *shown = "";

    while (*text) {
        const struct in_memory *m = NULL;
        const char *at = strstr (text, MEMORY);
        size_t len = at ? (size_t)(at - text) : strlen (text);

        shown = arena_format (im->a, "%s%.*s", shown, (int)len, text);
        text += len;
        for (size_t i = 0; *text && i < memory->n; i++) {
            const struct in_memory *one = memory->p[i];
            size_t n = strlen (one->path);

            m = !strncmp (text, one->path, n)
                        && !isdigit ((unsigned char)text[n])
                    ? one
                    : m;
        }
        if (m) {
            bool begins = !*shown || shown[strlen (shown) - 1] == '\n';

            shown = arena_format (im->a, "%s%s", shown,
                                  place_of (im, m, text, begins, &text));
        } else if (*text) {
            shown = arena_format (im->a, "%s%c", shown, *text++);
        }
    }
    snprintf (err->text, sizeof err->text, "%s", shown);
}

/* Adds a text that is to be read. */
static struct in_memory *
remember (struct import *im, struct vec *memory, const char *path,
          const char *name, const struct vec *lines)
{
    struct in_memory *m = arena_alloc (im->a, sizeof *m);

    *m = (struct in_memory){ path, name, lines };
    vec_add (im->a, memory, m);
    return m;
}

/* ------------------------------------------------- Checking the result */

/* Returns a path by which this process can read the text. */
static const char *
file_in_memory (struct cli *c, const char *text, struct error *err)
{
    int fd = memfd_create ("hvctl-import", MFD_CLOEXEC);
    size_t len = strlen (text);

    /* Root trusts what root alone can write. */
    if (fd < 0 || fchmod (fd, 0600) < 0
        || write (fd, text, len) != (ssize_t)len) {
        fail (err, errno ? errno : EIO, "cannot keep a text in memory: %m");
        return NULL;
    }
    return arena_format (&c->h.arena, MEMORY "%d", fd);
}

/* What is checked, and the texts in memory that it is read from. */
struct checking {
    struct cli *c;
    struct import *im;
    const char *tool;
    bool print;
    struct problems p;
    struct vec defs, *plans;
    struct vec memory; /* struct in_memory * */
};

/* The host's half first: the definitions refer to it. */
static int
check_host (struct checking *k, const struct vec *lines, const char *text,
            struct error *err)
{
    struct cli *c = k->c;
    struct problems p = { .arena = &c->h.arena };
    const char *path = file_in_memory (c, text, err);

    if (!path) {
        return -err->code;
    }
    remember (k->im, &k->memory, path, NULL, lines);
    if (host_add (&c->h, path, err) < 0) {
        return -err->code;
    }
    template_check_all (&c->h, sections_check_plugins, &p);
    return problem_fail (&p, err);
}

/* Reads and plans a VM.  What is only printed may be for another host, or for
 * disks that are still to be copied. */
static int
check_vm (struct checking *k, const char *name, const char *text,
          const struct vec *lines, struct error *err)
{
    struct cli *c = k->c;
    const char *path = file_in_memory (c, text, err);
    struct definition *def;
    struct plan *plan = NULL;

    if (!path) {
        return -err->code;
    }
    remember (k->im, &k->memory, path, name, lines);
    if (definition_load_file (&c->h, name, path, &def, err) < 0
        || (!k->print && plan_make (&c->h, def, PLAN_FULL, &plan, err) < 0)) {
        problem_add (&k->p, err->text);
        *err = (struct error){ 0 };
        return 0;
    }
    vec_add (&c->h.arena, &k->defs, def);
    if (plan) {
        vec_add (&c->h.arena, k->plans, plan);
    }
    return 0;
}

/* Checks a VM, or the members of a fleet, up to the first that is invalid: what
 * it is without 'count'. */
static int
check_draft (struct checking *k, const struct draft *d, struct error *err)
{
    struct vec *lines = arena_alloc (k->im->a, sizeof *lines);
    struct draft one = *d;
    size_t before = k->p.lines.n;
    const char *text;

    one.count = 0;
    text = draft_text (k->im, &one, k->tool, lines);
    for (uint64_t i = 0; i < (d->count ? d->count : 1); i++) {
        const char *name =
            d->count ? arena_format (k->im->a, "%s-%" PRIu64, d->name, i)
                     : d->name;

        if (k->p.lines.n == before
            && check_vm (k, name, text, lines, err) < 0) {
            return -err->code;
        }
    }
    return 0;
}

static int
check_drafts (struct checking *k, struct error *err)
{
    for (size_t i = 0; i < k->im->vms.n; i++) {
        if (check_draft (k, k->im->vms.p[i], err) < 0) {
            return -err->code;
        }
    }
    if (!k->print) {
        clash_new (&k->c->h, &k->defs, &k->p);
    } else if (k->defs.n > 1) {
        clash_definitions ((struct definition *const *)k->defs.p, k->defs.n,
                           &k->p);
    }
    return problem_fail (&k->p, err);
}

int
import_check (struct cli *c, struct import *im, const char *tool,
              struct vec *plans, struct error *err)
{
    struct checking k = { .c = c,
                          .im = im,
                          .tool = tool,
                          .print = has_option (c, "print")
                                   && !has_option (c, "dry-run"),
                          .p.arena = &c->h.arena,
                          .plans = plans };
    struct vec lines = { 0 };
    const char *host = draft_text_host (im, tool, &lines);

    if ((!host || check_host (&k, &lines, host, err) == 0)
        && check_drafts (&k, err) == 0) {
        return 0;
    }
    show_places (im, &k.memory, err);
    err->exit_code = EXIT_CONFIG;
    return -err->code;
}
