/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "import/machina.h"

#include <string.h>

#include "core/config/expand.h"
#include "core/config/host.h"
#include "import/draft-note.h"

#define LONGEST 4000 /* Of a path. */

struct tree *
machina_tag (const struct machina *m, const char *name)
{
    return m->host && name ? tree_peek (tree_peek (m->host, "tag"), name)
                           : NULL;
}

bool
machina_is_inline (const struct machina *m, const struct tree *tag)
{
    for (size_t i = 0; i < m->inlined.n; i++) {
        if (m->inlined.p[i] == tag) {
            return true;
        }
    }
    return false;
}

static bool
has_any (const struct tree *def)
{
    const struct tree *volumes = tree_peek (def, "volumes");
    const struct tree *connections = tree_peek (def, "connections");

    return (volumes && volumes->kids.n) || (connections && connections->kids.n);
}

/* Marks the tags of a machine, if one of them is marked, or if it has disks or
 * NICs of its own; returns whether that is new. */
static bool
mark_tags (struct machina *m, const struct tree *machine)
{
    const struct tree *tags = tree_peek (machine, "tags");
    bool all = has_any (machine), any = false;

    for (size_t i = 0; tags && i < tags->kids.n; i++) {
        const struct tree *name = tags->kids.p[i];

        all |= machina_is_inline (m, machina_tag (m, name->value));
    }
    for (size_t i = 0; all && tags && i < tags->kids.n; i++) {
        const struct tree *name = tags->kids.p[i];
        const struct tree *tag = machina_tag (m, name->value);

        if (tag && has_any (tag) && !machina_is_inline (m, tag)) {
            vec_add (m->im->a, &m->inlined, tag);
            any = true;
        }
    }
    return any;
}

void
machina_order (struct machina *m, struct tree *const *files, size_t n)
{
    bool again = true;

    while (again) {
        again = false;
        for (size_t i = 0; i < n; i++) {
            again |= files[i] != m->host && mark_tags (m, files[i]);
        }
    }
}

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

/* Returns a path or a pattern of a storage for a volume. */
static const char *
expand (struct machina *m, struct tree *storage, const char *key,
        const char *volume)
{
    const char *pattern = tree_text (storage, key);
    const char *text = "", *at, *end;

    while ((at = strstr (pattern, "${")) && (end = strchr (at, '}'))) {
        const char *name =
            arena_dup_n (m->im->a, at + 2, (size_t)(end - at - 2));

        if (!*variable (m, name, volume)) {
            draft_change (m->im, tree_peek (storage, key),
                          arena_format (m->im->a, "storage.%s", key),
                          "'%s' is no variable that can be carried over, and "
                          "is left out",
                          name);
        }
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
    dir = dir ? expand (m, storage, "path", volume) : "";
    pattern = pattern && *pattern
                  ? expand (m, storage, "pattern", volume)
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
    const struct tree *kid = tree_peek (t, key);
    const char *text = kid && kid->value ? kid->value : "";

    /* Anything else is listed. */
    if (!strcmp (text, "true") || !strcmp (text, "false")) {
        tree_take (t, key);
    }
    return !strcmp (text, "true");
}

/* The hypervisor's plugin chooses the bus. */
static void
note_bus (struct machina *m, const struct tree *v, const char *name,
          const char *type)
{
    if (!strncmp (type, "iso-", 4)) {
        draft_change (m->im, v, "volumes",
                      "CD-ROM drive %s was of type %s, and the hypervisor's "
                      "plugin chooses its bus",
                      name, type);
    } else if (strcmp (type, "raw-block") != 0) {
        draft_change (m->im, v, "volumes",
                      "disk %s was on a SCSI bus (%s), and the hypervisor's "
                      "plugin chooses the bus (virtio): the guest needs the "
                      "driver",
                      name, type);
    }
}

static bool
is_type (const char *type)
{
    static const char *const types[] = { "raw",      "raw-scsi", "raw-block",
                                         "iso-ahci", "iso-scsi", "iso-usb" };

    for (size_t i = 0; type && i < sizeof types / sizeof *types; i++) {
        if (!strcmp (type, types[i])) {
            return true;
        }
    }
    return false;
}

static bool
add_volume (struct machina *m, struct draft *d, struct tree *v, int boot)
{
    const char *name = tree_text (v, "name");
    const char *where = tree_text (v, "storage");
    struct tree *storage = of_host (m, "storage", where, v);
    const char *type = storage ? tree_text (storage, "type") : NULL;
    bool cdrom = type && !strncmp (type, "iso", 3);

    if (storage && !name) {
        draft_problem (m->im, v, "a volume has no name");
    }
    if (!storage || !name) {
        return false;
    }
    storage->used = true;
    if (!is_type (type)) {
        draft_note (m->im, v, "volumes",
                    "volume %s is of type '%s', and hvctl has raw disks and "
                    "CD-ROM images only",
                    name, type ? type : "");
        return false;
    }
    name = draft_name (m->im, v, "disk", name);
    note_bus (m, v, name, type);
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

/* Has the machine one of that name?  Then it counts, and machina ignores that
 * of the tag. */
static bool
is_hidden (struct machina *m, const struct draft *d, const char *kind,
           struct tree *t)
{
    const char *name = tree_text (t, "name");

    if (!name || !draft_has (d, kind, draft_name (m->im, NULL, kind, name))) {
        return false;
    }
    draft_note (m->im, t, kind,
                "%s has a %s %s already, which has precedence, as with machina",
                d->name, kind, name);
    return true;
}

int
machina_volumes (struct machina *m, struct draft *d, struct tree *def, int boot)
{
    struct tree *volumes = tree_take (def, "volumes");

    for (size_t i = 0; volumes && i < volumes->kids.n; i++) {
        struct tree *v = volumes->kids.p[i];

        m->im->at = v;
        v->used = true;
        boot += !is_hidden (m, d, "disk", v) && add_volume (m, d, v, boot);
    }
    return boot;
}

/* Returns the network of hvctl, or null.  Without the host's file it is one of
 * that name, which an earlier import may have defined. */
static const char *
network_of (struct machina *m, struct tree *c, const char *network)
{
    struct tree *net;
    const char *device;

    if (!m->host && network && host_network (m->im->h, network)) {
        return arena_dup (m->im->a, network);
    }
    net = of_host (m, "network", network, c);
    device = net ? tree_text (net, "device") : NULL;
    if (net && !device) {
        draft_problem (m->im, net, "network %s has no 'device'", network);
    }
    if (!device) {
        return NULL;
    }
    net->used = true;
    return draft_network (m->im, network, "bridge", "bridge", device, net);
}

void
machina_connections (struct machina *m, struct draft *d, struct tree *def)
{
    struct tree *all = tree_take (def, "connections");

    for (size_t i = 0; all && i < all->kids.n; i++) {
        struct tree *c = all->kids.p[i];
        const char *name = tree_text (c, "name");
        const char *network = tree_text (c, "network");

        m->im->at = c;
        c->used = true;
        if (!name) {
            draft_problem (m->im, c, "a connection has no name");
            continue;
        }
        if (is_hidden (m, d, "nic", c)) {
            continue;
        }
        name = draft_name (m->im, c, "nic", name);
        draft_set (m->im, d, "nic", name, "network",
                   network_of (m, c, network));
        draft_set (m->im, d, "nic", name, "mac", tree_text (c, "mac"));
    }
}
