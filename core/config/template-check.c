/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/config/template-check.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/base/vec.h"
#include "core/config/host.h"
#include "core/config/template.h"
#include "core/config/variable.h"

/* Checks change it, and VMs use the template itself. */
static struct hv_options *
copy_section (struct arena *a, const struct hv_options *s)
{
    struct hv_options *copy = arena_alloc (a, sizeof *copy);

    *copy = *s;
    copy->part = true;
    copy->settings =
        arena_alloc (a, (s->n_settings + 1) * sizeof *copy->settings);
    for (size_t i = 0; i < s->n_settings; i++) {
        copy->settings[i] = s->settings[i];
    }
    copy->sections = (struct vec){ 0 };
    for (size_t i = 0; i < s->sections.n; i++) {
        vec_add (a, &copy->sections, copy_section (a, s->sections.p[i]));
    }
    return copy;
}

/* As the definition of a VM that says no more. */
static void
check_values (struct hvctl *h, const struct hv_options *template,
              template_plugins_fn *check_plugins, struct problems *p)
{
    struct definition def = { .name = template->name, .file = template->file };

    def.root = copy_section (p->arena, template);
    def.root->kind = def.root->name = NULL; /* Its keys are the top level's. */
    variable_try (def.root, p);
    definition_interpret (h, &def, p);
    check_plugins (h, &def, p);
}

/* Of a VM that uses the template it may have been told: with more words. */
static bool
is_told (const struct problems *p, const char *text)
{
    for (size_t i = 0; i < p->lines.n; i++) {
        if (strstr (p->lines.p[i], text)) {
            return true;
        }
    }
    return false;
}

void
template_check_all (struct hvctl *h, template_plugins_fn *check_plugins,
                    struct problems *p)
{
    const struct vec *all = &h->host->templates;

    for (size_t i = 0; i < all->n; i++) {
        struct problems here = { .arena = p->arena };

        check_values (h, all->p[i], check_plugins, &here);
        template_check_uses (h, all->p[i], &here);
        for (size_t k = 0; k < here.lines.n; k++) {
            if (!is_told (p, here.lines.p[k])) {
                vec_add (p->arena, &p->lines, here.lines.p[k]);
            }
        }
    }
}
