/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/config/template.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/base/name.h"
#include "core/base/vec.h"
#include "core/config/host.h"
#include "core/config/keys.h"
#include "core/config/settings.h"

#define MAX_TEMPLATES 64

/* The layers of one definition. */
struct merge {
    struct hvctl *h;
    struct problems *p;
    const struct fleet *fleet;
    struct vec layers; /* struct hv_options *: the first one wins. */
    struct vec order;  /* The same, each behind the templates that it uses. */
    struct vec open;   /* The templates in whose lists we are. */
};

static bool
is_in (const struct vec *all, const struct hv_options *s)
{
    for (size_t i = 0; i < all->n; i++) {
        if (all->p[i] == s) {
            return true;
        }
    }
    return false;
}

static void
no_such_template (const struct merge *m, const struct setting *by,
                  const char *name)
{
    struct arena *a = m->p->arena;
    const char *all = "", *near;
    struct vec names = { 0 };

    for (size_t i = 0; i < m->h->host->templates.n; i++) {
        const struct hv_options *t = m->h->host->templates.p[i];

        vec_add (a, &names, t->name);
        all = strlen (all) > 200
                  ? all
                  : arena_format (a, "%s%s%s", all, i ? ", " : "", t->name);
    }
    near = names.n ? name_nearest (name, (const char *const *)names.p) : NULL;
    problem (m->p, by->file, by->line,
             near      ? "there is no template '%s': did you mean '%s'?"
             : names.n ? "there is no template '%s': there are %s"
                       : "there is no template '%s': there are none; they are "
                         "sections of hvctl.conf, or of a file in conf.d%s",
             name, near ? near : all);
}

/* "a -> b -> a" */
static void
report_cycle (const struct merge *m, const struct setting *by,
              const struct hv_options *t)
{
    const char *chain = "";
    bool inside = false;

    for (size_t i = 0; i < m->open.n; i++) {
        const struct hv_options *o = m->open.p[i];

        inside = inside || o == t;
        chain = inside ? arena_format (m->p->arena, "%s%s -> ", chain, o->name)
                       : chain;
    }
    problem (m->p, by->file, by->line,
             "template %s uses itself: %s%s; remove one of them from "
             "'templates'",
             t->name, chain, t->name);
}

static const char *
template_name (const struct hv_options *layer)
{
    return layer->kind && !strcmp (layer->kind, "template") ? layer->name
                                                            : NULL;
}

static void collect (struct merge *m, struct hv_options *layer);

static void
collect_one (struct merge *m, const struct setting *by, const char *name)
{
    struct hv_options *t = (struct hv_options *)host_template (m->h, name);

    if (!t) {
        no_such_template (m, by, name);
    } else if (is_in (&m->open, t)) {
        report_cycle (m, by, t);
    } else if (is_in (&m->layers, t)) {
        return; /* By way of another one. */
    } else if (m->layers.n > MAX_TEMPLATES) {
        problem (m->p, by->file, by->line, "more than %d templates are used",
                 MAX_TEMPLATES);
    } else {
        vec_add (m->p->arena, &m->open, t);
        collect (m, t);
        m->open.p[--m->open.n] = NULL;
    }
}

/* Adds the templates that a layer names, and those that they use. */
static void
collect_templates (struct merge *m, const struct hv_options *layer)
{
    const struct setting *set = settings_find (layer, "templates");
    const char *list = set ? set->value : "";
    struct vec names = { 0 };

    if (set && set->pending) {
        problem (m->p, set->file, set->line,
                 "templates = \"%s\" contains a variable, but templates have "
                 "variables themselves: name the templates",
                 set->written);
        list = "";
    }
    while (*list) {
        const char *name;
        size_t len;

        list += strspn (list, ", ");
        len = strcspn (list, ", ");
        name = arena_dup_n (m->p->arena, list, len);
        if (vec_has (&names, name)) {
            problem (m->p, set->file, set->line,
                     "template '%s' is named twice in 'templates'", name);
        } else if (len) {
            vec_add (m->p->arena, &names, name);
            collect_one (m, set, name);
        }
        list += len;
    }
}

/* A template's number of VMs would be that of every fleet that uses it. */
static void
refuse_fleet_keys (struct merge *m, const struct hv_options *template)
{
    for (size_t i = 0; i < template->n_settings; i++) {
        const struct setting *set = &template->settings[i];

        if (fleet_has_key (set->key)) {
            problem (m->p, set->file, set->line,
                     "a template cannot have '%s': it belongs into the "
                     "definition of the fleet",
                     set->key);
        }
    }
}

/* Adds a template, behind those that it uses. */
static void
collect (struct merge *m, struct hv_options *layer)
{
    vec_add (m->p->arena, &m->layers, layer);
    refuse_fleet_keys (m, layer);
    collect_templates (m, layer);
    vec_add (m->p->arena, &m->order, layer);
}

/* Adds the definition, that of its fleet, and the templates of the first of
 * them that names any: 'templates' is a key, and is overridden like others. */
static void
collect_own (struct merge *m, struct hv_options *own)
{
    struct hv_options *fleet = m->fleet ? m->fleet->root : NULL;

    vec_add (m->p->arena, &m->layers, own);
    if (fleet) {
        vec_add (m->p->arena, &m->layers, fleet);
    }
    collect_templates (m, fleet && !settings_is_set (own, "templates") ? fleet
                                                                       : own);
    if (fleet) {
        vec_add (m->p->arena, &m->order, fleet);
    }
    vec_add (m->p->arena, &m->order, own);
}

static const char *
fleet_name (const struct merge *m, const struct hv_options *layer)
{
    return m->fleet && layer == m->fleet->root ? m->fleet->name : NULL;
}

/* Adds the settings that 'to' does not have; others are hidden by it. */
static void
merge_settings (struct merge *m, struct hv_options *to,
                const struct hv_options *s, const struct hv_options *layer)
{
    for (size_t i = 0; i < s->n_settings; i++) {
        struct setting *copy = arena_alloc (m->p->arena, sizeof *copy);
        struct setting *over = settings_find (to, s->settings[i].key);

        *copy = s->settings[i];
        copy->from = template_name (layer);
        copy->fleet = fleet_name (m, layer);
        if (s == layer
            && (fleet_has_key (copy->key)
                || (copy->from && !strcmp (copy->key, "templates")))) {
            continue;
        }
        if (!over) {
            to->settings[to->n_settings++] = *copy;
            continue;
        }
        while (over->hides) {
            over = (struct setting *)over->hides;
        }
        over->hides = copy;
    }
}

static struct hv_options *
find_same (const struct hv_options *root, const struct hv_options *s)
{
    for (size_t i = 0; i < root->sections.n; i++) {
        struct hv_options *to = root->sections.p[i];

        if (!strcmp (to->kind, s->kind)
            && (s->name ? !strcmp (to->name, s->name) : !to->name)) {
            return to;
        }
    }
    return NULL;
}

/* An empty section for each kind and name that a layer has, with room for all
 * of its settings. */
static void
add_sections (struct merge *m, struct hv_options *root,
              const struct hv_options *layer)
{
    for (size_t i = 0; i < layer->sections.n; i++) {
        const struct hv_options *s = layer->sections.p[i];
        struct hv_options *to = find_same (root, s);

        if (!to) {
            to = arena_alloc (m->p->arena, sizeof *to);
            to->kind = s->kind;
            to->name = s->name;
            vec_add (m->p->arena, &root->sections, to);
        }
        to->n_settings += s->n_settings;
    }
}

static void
merge_layer (struct merge *m, struct hv_options *root,
             const struct hv_options *layer)
{
    const char *fleet = fleet_name (m, layer);
    const char *from = template_name (layer);

    merge_settings (m, root, layer, layer);
    for (size_t i = 0; i < layer->sections.n; i++) {
        const struct hv_options *s = layer->sections.p[i];
        struct hv_options *to = find_same (root, s);

        if (!to->file) {
            to->file = s->file;
            to->line = s->line;
        }
        to->own = to->own || layer == m->layers.p[0];
        to->fleet = to->fleet ? to->fleet : fleet;
        to->from = to->from ? to->from : from;
        if ((from || fleet) && !to->from_file) {
            to->from_file = s->file;
            to->from_line = s->line;
        }
        merge_settings (m, to, s, layer);
    }
}

static void
make_room (struct merge *m, struct hv_options *s)
{
    s->settings =
        arena_alloc (m->p->arena, (s->n_settings + 1) * sizeof *s->settings);
    s->n_settings = 0;
}

/* The host's variables, as a layer with nothing else. */
static void
add_host_vars (struct merge *m)
{
    struct hv_options *layer;

    if (m->h->host->vars) {
        layer = arena_alloc (m->p->arena, sizeof *layer);
        vec_add (m->p->arena, &layer->sections, m->h->host->vars);
        vec_add (m->p->arena, &m->layers, layer);
        vec_add (m->p->arena, &m->order, layer);
    }
}

struct hv_options *
template_merge (struct hvctl *h, struct hv_options *own,
                const struct fleet *fleet, struct problems *p)
{
    struct merge m = { .h = h, .p = p, .fleet = fleet };
    struct hv_options *root;

    collect_own (&m, own);
    add_host_vars (&m);
    if (m.layers.n == 1) {
        return own;
    }
    root = arena_alloc (p->arena, sizeof *root);
    *root = *own;
    root->sections = (struct vec){ 0 };
    root->n_settings = 0;
    for (size_t i = 0; i < m.order.n; i++) {
        const struct hv_options *layer = m.order.p[i];

        root->n_settings += layer->n_settings;
        add_sections (&m, root, layer);
    }
    make_room (&m, root);
    for (size_t i = 0; i < root->sections.n; i++) {
        make_room (&m, root->sections.p[i]);
    }
    for (size_t i = 0; i < m.layers.n; i++) {
        merge_layer (&m, root, m.layers.p[i]);
    }
    return root;
}

void
template_check_uses (struct hvctl *h, struct hv_options *template,
                     struct problems *p)
{
    struct merge m = { .h = h, .p = p };

    vec_add (p->arena, &m.open, template);
    collect (&m, template);
}
