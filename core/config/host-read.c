/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/config/host-read.h"

#include <errno.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/file.h"
#include "core/base/vec.h"
#include "core/config/host.h"
#include "core/config/keys.h"
#include "core/config/settings.h"

/* Keys of these sections are checked later, by the plugins; "type" is a key of
 * hvctl. */
const struct section_kind host_read_kinds[] = {
    { "", false, { "plugin_dir", "hypervisors" }, NULL },
    { "network", true, { NULL }, NULL },
    { "pool", true, { NULL }, NULL },
    { "image", true, { NULL }, NULL },
    { "plugin", true, { NULL }, NULL },
    { "template", true, { NULL }, definition_kinds },
    { "defaults", false, { NULL }, NULL },
    { "vars", false, { NULL }, NULL },
    { "sandbox", false, { "deny_groups", "deny_calls" }, NULL },
    { NULL, false, { NULL }, NULL },
};

/* No file overrides another: then their order would decide, and a mistake
 * could hide. */
static void
add_settings (struct arena *a, struct hv_options *to,
              const struct hv_options *s, struct problems *p)
{
    struct setting *all =
        arena_alloc (a, (to->n_settings + s->n_settings + 1) * sizeof *all);

    if (to->n_settings) {
        memcpy (all, to->settings, to->n_settings * sizeof *all);
    }
    to->settings = all;
    for (size_t i = 0; i < s->n_settings; i++) {
        const struct setting *set = &s->settings[i];
        const struct setting *first = settings_find (to, set->key);

        if (first) {
            problem (p, set->file, set->line,
                     "'%s' is set twice: first in %s:%d", set->key, first->file,
                     first->line);
        } else {
            to->settings[to->n_settings++] = *set;
        }
    }
}

static struct hv_options *
find_same (const struct hv_options *root, const struct hv_options *s)
{
    for (size_t i = 0; i < root->sections.n; i++) {
        struct hv_options *to = root->sections.p[i];

        if (!strcmp (to->kind, s->kind)
            && (!s->name || !strcmp (to->name, s->name))) {
            return to;
        }
    }
    return NULL;
}

static void
add_file (struct arena *a, struct hv_options *root, const struct hv_options *s,
          struct problems *p)
{
    /* A command that cannot read this file would look for VMs elsewhere. */
    for (size_t i = 0; i < s->n_settings; i++) {
        problem (p, s->settings[i].file, s->settings[i].line,
                 "'%s' is outside of all sections: move it to %s",
                 s->settings[i].key, root->file);
    }
    for (size_t i = 0; i < s->sections.n; i++) {
        const struct hv_options *section = s->sections.p[i];
        struct hv_options *first = find_same (root, section);

        if (!first) {
            vec_add (a, &root->sections, section);
        } else if (section->name) {
            problem (
                p, section->file, section->line,
                "there is already a %s '%s', in %s:%d: each needs a unique "
                "name",
                section->kind, section->name, first->file, first->line);
        } else {
            add_settings (a, first, section, p);
        }
    }
}

static bool
is_conf (const char *name)
{
    size_t len = strlen (name);

    return len > 5 && !strcmp (name + len - 5, ".conf");
}

static void
read_conf_dir (struct hvctl *h, struct hv_options *root, struct problems *p)
{
    struct host *host = h->host;
    struct vec names = { 0 };
    int r = file_names (&h->arena, host->conf_dir, &names);

    if (r < 0 && r != -ENOENT && r != -ENOTDIR) {
        problem (p, host->conf_dir, 0, "cannot be read: %s", strerror (-r));
    }
    for (size_t i = 0; r >= 0 && i < names.n; i++) {
        const char *path = arena_format (&h->arena, "%s/%s", host->conf_dir,
                                         (const char *)names.p[i]);
        const struct hv_options *s;

        if (!is_conf (names.p[i])) {
            continue;
        }
        vec_add (&h->arena, &host->conf_files, path);
        s = config_parse (&h->arena, path, host_read_kinds, p);
        if (s) {
            add_file (&h->arena, root, s, p);
        }
    }
}

struct hv_options *
host_read (struct hvctl *h, struct problems *p, struct problems *in_dir)
{
    struct host *host = h->host;
    const char *slash = strrchr (host->file, '/');
    struct hv_options *root;

    host->conf_dir =
        arena_format (&h->arena, "%.*sconf.d",
                      (int)(slash ? slash + 1 - host->file : 0), host->file);
    if (host->found) {
        root = config_parse (&h->arena, host->file, host_read_kinds, p);
    } else {
        root = arena_alloc (&h->arena, sizeof *root);
        root->file = host->file;
    }
    if (root) {
        read_conf_dir (h, root, in_dir);
    }
    return root;
}

struct hv_options *
host_read_file (struct hvctl *h, const char *path, struct problems *p)
{
    return config_parse (&h->arena, path, host_read_kinds, p);
}

struct hv_options *
host_read_section (const struct hv_options *root, const char *kind)
{
    for (size_t i = 0; i < root->sections.n; i++) {
        struct hv_options *s = root->sections.p[i];

        if (!strcmp (s->kind, kind)) {
            return s;
        }
    }
    return NULL;
}
