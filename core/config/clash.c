/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Resources that two VMs, or two parts of one, must not share.  Keys are
 * sorted, so that a thousand definitions take no time. */
#include "core/config/clash.h"

#include <stdlib.h>
#include <string.h>

#include "common/forward.h"
#include "common/mac.h"
#include "core/base/arena.h"
#include "core/base/vec.h"
#include "core/config/config.h"
#include "core/config/fleet.h"
#include "core/config/settings.h"

struct claim {
    const char *key; /* "MAC 52:54:…", "volume default/vm1-root" */
    const struct definition *def;
    const struct hv_options *section;
    const char *said_by; /* The key in it. */
    bool everywhere;     /* Not only within one VM. */
    const char *of_all;  /* What all keys that begin so are a part of, or null:
                          * a port of all addresses. */
    size_t order;
};

static bool
begins (const char *text, const char *with)
{
    return !strncmp (text, with, strlen (with));
}

static struct claim *
claim (struct problems *p, struct vec *claims, const struct definition *def,
       const struct hv_options *section, const char *said_by, const char *key)
{
    struct claim *c = arena_alloc (p->arena, sizeof *c);

    c->key = key;
    c->def = def;
    c->section = section;
    c->said_by = said_by;
    c->everywhere = true;
    c->order = claims->n;
    vec_add (p->arena, claims, c);
    return c;
}

static void
claim_ports (struct problems *p, struct vec *claims,
             const struct definition *def, const struct nic_def *n)
{
    const char *rules = n->forward;
    struct forward_rule rule;

    while (rules && forward_next (&rules, &rule)) {
        const char *port = arena_format (p->arena, "port %u (%s) of ",
                                         rule.from, rule.udp ? "udp" : "tcp");
        struct claim *c =
            claim (p, claims, def, n->section, "forward",
                   arena_format (p->arena, "%s%s", port, rule.address));

        c->of_all = forward_is_any (&rule) ? port : NULL;
    }
}

/* Two guests may have disks with one serial number that somebody chose. */
static void
claim_identity (struct problems *p, struct vec *claims,
                const struct definition *def, const struct disk_def *d)
{
    char text[WWN_TEXT];

    if (d->serial) {
        claim (p, claims, def, d->section, "serial",
               arena_format (p->arena, "serial number %s", d->serial));
        ((struct claim *)claims->p[claims->n - 1])->everywhere =
            !settings_is_set (d->section, "serial");
    }
    if (d->wwn) {
        claim (p, claims, def, d->section, "wwn",
               arena_format (p->arena, "WWN %s",
                             identity_format_wwn (d->wwn, text)));
    }
}

static bool
has_mac (const struct nic_def *n)
{
    const char *mac = settings_get (n->section, "mac");
    uint8_t ignored[6];

    return !settings_unknown (n->section) && mac_is_unicast (n->mac)
           && (!mac || parse_mac (mac, ignored));
}

static void
claim_all (struct problems *p, struct vec *claims, const struct definition *def)
{
    char text[MAC_TEXT];

    claim (p, claims, def, def->root, "uuid",
           arena_format (p->arena, "UUID %s", def->uuid));
    for (size_t i = 0; i < def->nics.n; i++) {
        const struct nic_def *n = def->nics.p[i];

        if (!has_mac (n)) {
            continue; /* That is reported already. */
        }
        claim (p, claims, def, n->section, n->address ? "address" : "mac",
               arena_format (p->arena, "MAC %s", format_mac (n->mac, text)));
        claim_ports (p, claims, def, n);
    }
    for (size_t i = 0; i < def->disks.n; i++) {
        const struct disk_def *d = def->disks.p[i];

        if (settings_unknown (d->section)) {
            continue;
        }
        claim_identity (p, claims, def, d);
        if (!d->readonly) {
            claim (p, claims, def, d->section, d->image ? "image" : "volume",
                   d->image ? arena_format (p->arena, "image %s", d->image)
                            : arena_format (p->arena, "volume %s/%s", d->pool,
                                            d->volume));
        }
    }
}

static int
compare (const void *a, const void *b)
{
    const struct claim *x = *(const struct claim *const *)a;
    const struct claim *y = *(const struct claim *const *)b;
    int by_key = strcmp (x->key, y->key);

    /* No address is sorted before 0.0.0.0. */
    return by_key ? by_key : (x->order > y->order) - (x->order < y->order);
}

/* Have the two members of a fleet it from the same line? */
static bool
is_of_fleet (struct arena *a, const struct claim *x, const struct claim *y)
{
    return x->def->fleet && x->def->fleet == y->def->fleet
           && !strcmp (settings_where (a, x->section, x->said_by),
                       settings_where (a, y->section, y->said_by));
}

/* Once, however many members there are: the text names none of them. */
static void
report_fleet (const struct claim *c, struct problems *p)
{
    struct problems one = { .arena = p->arena };
    const struct setting *set = settings_find (c->section, c->said_by);
    const char *name = c->section->name;

    problem (&one, set ? set->file : c->section->file,
             set ? set->line : c->section->line,
             "VMs of fleet %s would have the same '%s'%s%s%s (\"%s\"): use "
             "${index} or ${name} in it%s",
             c->def->fleet->name, c->said_by, name ? " of " : "",
             name ? c->section->kind : "",
             name ? arena_format (p->arena, " %s", name) : "",
             set ? set->written ? set->written : set->value : "",
             !strcmp (c->said_by, "image")     ? ", or set readonly = yes"
             : !strcmp (c->said_by, "forward") ? ""
                                               : ", or leave it out");
    problem_add_new (p, &one.lines);
}

/* A template does not tell which VM it is about, nor does a fleet. */
static void
report (const struct claim *a, const struct claim *b, struct problems *p)
{
    bool own =
        !b->def->fleet
        && !strcmp (settings_file (b->section, b->said_by), b->def->file);
    bool same = !strcmp (a->key, b->key);
    const char *remedy =
        settings_is_set (b->section, b->said_by)
            ? ""
            : arena_format (p->arena, " (it is derived: set '%s' here)",
                            b->said_by);

    settings_problem (
        p, b->section, b->said_by, "%s is used twice: %salso by %s%s%s at %s%s",
        b->key, own ? "" : arena_format (p->arena, "by %s, and ", b->def->name),
        a->def == b->def && a->section->name ? arena_format (
            p->arena, "%s %s", a->section->kind, a->section->name)
                                             : a->def->name,
        same ? "" : ", as ", same ? "" : a->key,
        settings_where (p->arena, a->section, a->said_by), remedy);
}

static bool
is_clash (const struct claim *a, const struct claim *b)
{
    return (a->of_all ? begins (b->key, a->of_all) : !strcmp (a->key, b->key))
           && (a->def == b->def || a->everywhere || b->everywhere);
}

static void
report_clash (const struct claim *a, const struct claim *b, struct problems *p)
{
    if (a->def != b->def && is_of_fleet (p->arena, a, b)) {
        report_fleet (b, p);
    } else if (a->order < b->order) {
        report (a, b, p);
    } else {
        report (b, a, p);
    }
}

void
clash_definitions (struct definition *const *defs, size_t n, struct problems *p)
{
    const struct claim *of_all = NULL;
    struct vec claims = { 0 };

    for (size_t i = 0; i < n; i++) {
        claim_all (p, &claims, defs[i]);
    }
    if (claims.n) {
        qsort (claims.p, claims.n, sizeof *claims.p, compare);
    }
    for (size_t i = 1; i < claims.n; i++) {
        const struct claim *a = claims.p[i - 1], *b = claims.p[i];

        of_all = a->of_all ? a : of_all;
        if (is_clash (a, b)) {
            report_clash (a, b, p);
        } else if (of_all && is_clash (of_all, b)) {
            report_clash (of_all, b, p);
        }
    }
}

static bool
section_varies (const struct hv_options *s)
{
    static const char *const keys[] = { "uuid",  "mac",  "address", "forward",
                                        "image", "pool", "volume",  "serial",
                                        "wwn",   NULL };

    for (const char *const *key = keys; *key; key++) {
        const struct setting *set = settings_find (s, *key);

        if (set && set->written) {
            return true;
        }
    }
    return false;
}

bool
clash_varies (const struct definition *def)
{
    for (size_t i = 0; i < def->root->sections.n; i++) {
        const struct hv_options *s = def->root->sections.p[i];

        if ((!strcmp (s->kind, "disk") || !strcmp (s->kind, "nic"))
            && section_varies (s)) {
            return true;
        }
    }
    return section_varies (def->root);
}
