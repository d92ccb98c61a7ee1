/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "import/machina.h"

#include <string.h>

#include "core/config/expand.h"
#include "import/draft-note.h"

#define LONGEST 4000 /* Of a path. */

/* Returns the member 'name' of a section of the host's file, or null and a
 * problem. */
static struct tree *
of_host (struct machina *m, const char *section, const char *name,
         const struct tree *t)
{
    struct tree *all = m->host ? tree_peek (m->host, section) : NULL;
    struct tree *one = name ? tree_peek (all, name) : NULL;

    if (!one) {
        draft_problem (
            m->im, t, "there is no %s '%s'%s", section, name ? name : "",
            m->host ? "" : ": give the host's machina.conf.json, too");
    }
    return one;
}

/* Has a machine or a tag of this file the variable? */
static bool
is_var (const struct machina *m, const char *name)
{
    const struct tree *tags = m->host ? tree_peek (m->host, "tag") : NULL;

    for (size_t i = 0; i < m->defs.n; i++) {
        const struct tree *def = m->defs.p[i];

        if (tree_peek (tree_peek (def, "vars"), name)) {
            return true;
        }
    }
    for (size_t i = 0; tags && i < tags->kids.n; i++) {
        const struct tree *def = tags->kids.p[i];

        if (tree_peek (tree_peek (def, "vars"), name)) {
            return true;
        }
    }
    return false;
}

bool
machina_is_var (const char *name)
{
    return expand_is_name (name) && !strchr (name, '.')
           && strcmp (name, "name") != 0 && strcmp (name, "index") != 0
           && strcmp (name, "uuid") != 0;
}

/* Returns the variable of a pattern as hvctl has it; "": machina has none of
 * that name either. */
static const char *
variable (struct machina *m, const char *name, const char *volume)
{
    return !strcmp (name, "volume")         ? volume
           : !strcmp (name, "machine-name") ? DRAFT_VAR "name" DRAFT_END
           : !strcmp (name, "machine-id")   ? DRAFT_VAR "uuid" DRAFT_END
           : machina_is_var (name) && is_var (m, name)
               ? arena_format (m->im->a, DRAFT_VAR "%s" DRAFT_END, name)
               : "";
}

static const char *
expand (struct machina *m, const char *pattern, const char *volume)
{
    const char *text = "", *at, *end;

    while ((at = strstr (pattern, "${")) && (end = strchr (at, '}'))) {
        const char *name =
            arena_dup_n (m->im->a, at + 2, (size_t)(end - at - 2));

        text = arena_format (m->im->a, "%s%.*s%s", text, (int)(at - pattern),
                             pattern, variable (m, name, volume));
        pattern = end + 1;
    }
    return arena_format (m->im->a, "%s%s", text, pattern);
}

/* Returns where a volume is: without a pattern, "PATH/VOLUME.TYPE". */
static const char *
path_of (struct machina *m, struct tree *storage, const char *volume,
         const char *type)
{
    const char *dir = tree_text (storage, "path");
    const char *pattern = tree_text (storage, "pattern");
    size_t len = dir ? strlen (dir) : 0;

    if (len + (pattern ? strlen (pattern) : 0) > LONGEST) {
        draft_problem (m->im, storage, "the path of the storage is too long");
        return "/";
    }
    dir = dir ? expand (m, dir, volume) : "";
    pattern = pattern && *pattern
                  ? expand (m, pattern, volume)
                  : arena_format (m->im->a, "%s.%s", volume, type);
    return draft_path (
        m->im,
        arena_format (m->im->a, "%s%s%s", dir,
                      len && dir[strlen (dir) - 1] != '/' ? "/" : "", pattern));
}

static void
add_identity (struct machina *m, struct draft *d, struct tree *v,
              const char *name, bool cdrom)
{
    const char *serial = tree_text (v, "serial");

    if (serial && strlen (serial) > 20) {
        draft_note (m->im, tree_peek (v, "serial"), "volumes.serial",
                    "a serial number has at most 20 bytes");
    } else {
        draft_set (m->im, d, "disk", name, "serial", serial);
    }
    if (tree_peek (v, "wwn") && !cdrom) {
        draft_note (m->im, tree_peek (v, "wwn"), "volumes.wwn",
                    "only a CD-ROM drive has a World Wide Name");
    } else {
        draft_set (m->im, d, "disk", name, "wwn", tree_text (v, "wwn"));
    }
}

static bool
is_true (struct tree *t, const char *key)
{
    const char *text = tree_text (t, key);

    return text && !strcmp (text, "true");
}

static bool
add_volume (struct machina *m, struct draft *d, struct tree *v, int boot)
{
    const char *name = tree_text (v, "name");
    const char *where = tree_text (v, "storage");
    struct tree *storage = of_host (m, "storage", where, v);
    const char *type = storage ? tree_text (storage, "type") : NULL;
    bool cdrom = type && !strncmp (type, "iso", 3);

    if (!storage || !name) {
        return false;
    }
    storage->used = true;
    if (!type || (strncmp (type, "raw", 3) != 0 && !cdrom)) {
        draft_note (m->im, v, "volumes",
                    "volume %s is of type '%s', and hvctl has raw disks and "
                    "CD-ROM images only",
                    name, type ? type : "");
        return false;
    }
    name = draft_name (m->im, v, "disk", name);
    draft_set (m->im, d, "disk", name, cdrom ? "cdrom" : "image",
               path_of (m, storage, name, type));
    if (!cdrom) {
        draft_set (m->im, d, "disk", name, "format", "raw");
    }
    if (is_true (storage, "readonly") && !cdrom) {
        draft_set (m->im, d, "disk", name, "readonly", "yes");
    }
    add_identity (m, d, v, name, cdrom);
    if (is_true (v, "bootable")) {
        draft_set (m->im, d, "disk", name, "boot",
                   arena_format (m->im->a, "%d", boot));
        return true;
    }
    return false;
}

void
machina_volumes (struct machina *m, struct draft *d, struct tree *def, int boot)
{
    struct tree *volumes = tree_take (def, "volumes");

    for (size_t i = 0; volumes && i < volumes->kids.n; i++) {
        struct tree *v = volumes->kids.p[i];

        v->used = true;
        boot += add_volume (m, d, v, boot);
    }
}

void
machina_connections (struct machina *m, struct draft *d, struct tree *def)
{
    struct tree *all = tree_take (def, "connections");

    for (size_t i = 0; all && i < all->kids.n; i++) {
        struct tree *c = all->kids.p[i];
        const char *name = tree_text (c, "name");
        const char *network = tree_text (c, "network");
        struct tree *net = of_host (m, "network", network, c);
        const char *device = net ? tree_text (net, "device") : NULL;

        c->used = true;
        if (!net || !name) {
            continue;
        }
        if (!device) {
            draft_problem (m->im, net, "network %s has no 'device'", network);
            continue;
        }
        net->used = true;
        name = draft_name (m->im, c, "nic", name);
        draft_set (
            m->im, d, "nic", name, "network",
            draft_network (m->im, network, "bridge", "bridge", device, net));
        draft_set (m->im, d, "nic", name, "mac", tree_text (c, "mac"));
    }
}
