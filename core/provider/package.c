/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/provider/package.h"

#include <string.h>

#include "core/base/name.h"
#include "core/provider/loaded.h"

static const char *const roles[] = { "net-", "storage-", "firmware-", "" };

/* Returns the part behind the prefix in the name of a plugin of that role, or
 * null. */
static const char *
word_of (const char *plugin, const char *prefix)
{
    if (!prefix) {
        return plugin;
    }
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
        size_t len = strlen (roles[i]);

        if (!strncmp (plugin, roles[i], len)) {
            return strcmp (roles[i], prefix) ? NULL : plugin + len;
        }
    }
    return NULL;
}

/* The plugins of this tree, as configure has them: "qemu=yes;net-ovs=no…". */
static void
add_known (struct hvctl *h, const char *prefix, struct vec *words)
{
    for (const char *all = HVCTL_PLUGINS_BUILT; *all;) {
        size_t len = strcspn (all, ";");
        const char *name = arena_dup_n (&h->arena, all, strcspn (all, "=;"));
        const char *word = word_of (name, prefix);

        if (word) {
            vec_add (&h->arena, words, word);
        }
        all += len + (all[len] == ';');
    }
}

const char *
package_hint (struct hvctl *h, const char *prefix, const char *word)
{
    struct vec words = { 0 };
    const char *near;

    add_known (h, prefix, &words);
    if (vec_has (&words, word)) {
        return arena_format (&h->arena, "install the package hvctl-plugin-%s%s",
                             prefix ? prefix : "", word);
    }
    for (size_t i = 0; i < h->plugins.n; i++) {
        const char *other =
            word_of (((const struct plugin *)h->plugins.p[i])->name, prefix);

        if (other && !vec_has (&words, other)) {
            vec_add (&h->arena, &words, other);
        }
    }
    near = words.n ? name_nearest (word, (const char *const *)words.p) : NULL;
    return near ? arena_format (&h->arena, "did you mean '%s'?", near)
                : "hvctl has no plugin of that name; 'hvctl doctor' lists them";
}
