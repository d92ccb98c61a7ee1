/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/state/unfinished.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/if-any.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/config/config.h"
#include "core/config/host.h"
#include "core/provider/loader.h"
#include "core/state/journal.h"
#include "core/state/meant.h"

static const char *
changes_dir (struct hvctl *h)
{
    return arena_format (&h->arena, "%s/changes", h->host->state_dir);
}

static const char *
path_of (struct hvctl *h, const char *key)
{
    return arena_format (&h->arena, "%s/%s", changes_dir (h), key);
}

const char *
unfinished_volume_key (struct hvctl *h, const struct hv_volume *vol)
{
    return arena_format (&h->arena, "%s@%s", vol->pool, vol->name);
}

#define EDIT "@@edit"

const char *
unfinished_edit_key (struct hvctl *h, const char *vm)
{
    return arena_format (&h->arena, "%s" EDIT, vm);
}

bool
unfinished_is_edit (const char *key)
{
    return strstr (key, EDIT); /* No name has an @. */
}

/* The entry must survive a power failure if its step was begun. */
static int
sync_file (const char *path, struct error *err)
{
    CLEANUP_CLOSE int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

    return fd < 0 || fdatasync (fd) < 0
               ? fail (err, errno, "cannot write %s: %m", path)
               : 0;
}

int
unfinished_entry (struct hvctl *h, const char *key, struct json_object *entry,
                  struct error *err)
{
    const char *path = path_of (h, key);
    bool first = access (path, F_OK) < 0;

    if (file_make_dirs (h->host->state_dir, 0755, err) < 0
        || file_make_dirs (changes_dir (h), 0700, err) < 0) {
        json_object_put (entry);
        return -err->code;
    }
    if (journal_append (h, path, entry, err) == 0
        && sync_file (path, err) == 0) {
        return 0;
    }
    if (first) {
        unfinished_end (h, key); /* It is not even begun. */
    }
    return -err->code;
}

int
unfinished_add (struct hvctl *h, const char *key, const char *op,
                const char *name, struct error *err)
{
    struct json_object *o = json_object_new_object ();

    json_put_text (o, "op", op);
    json_put_text (o, "name", name);
    return unfinished_entry (h, key, o, err);
}

int
unfinished_definition (struct hvctl *h, const char *key, const char *temporary,
                       const char *path, const char *was, struct error *err)
{
    struct json_object *o = json_object_new_object ();

    json_put_text (o, "op", "define");
    json_put_text (o, "temporary", temporary);
    json_put_text (o, "path", path);
    json_put_text (o, "was", meant_text (h, was));
    return unfinished_entry (h, key, o, err);
}

struct json_object *
unfinished_new_volume (const char *op, const struct plugin *p,
                       const struct hv_volume *vol, const char *snapshot)
{
    struct json_object *o = journal_entry (op, p, vol->options);

    json_put_text (o, "name", vol->name);
    json_put_text (o, "pool", vol->pool);
    json_put_text (o, "format", vol->format);
    json_put_text (o, "snapshot", snapshot);
    json_put_number (o, "size", (int64_t)vol->size);
    return o;
}

int
unfinished_volume (struct hvctl *h, const char *key, const char *op,
                   const struct plugin *p, const struct hv_volume *vol,
                   const char *snapshot, struct error *err)
{
    return unfinished_entry (h, key,
                             unfinished_new_volume (op, p, vol, snapshot), err);
}

struct plugin *
unfinished_get_volume (struct hvctl *h, struct json_object *entry,
                       struct hv_volume *vol, struct error *err)
{
    const char *name = json_get_text (&h->arena, entry, "plugin");
    struct plugin *p = name ? loader_find (h, name) : NULL;

    *vol = (struct hv_volume){
        .name = json_get_text (&h->arena, entry, "name"),
        .pool = json_get_text (&h->arena, entry, "pool"),
        .format = json_get_text (&h->arena, entry, "format"),
        .size = (uint64_t)json_get_number (entry, "size"),
    };
    if (!name || !vol->name || !vol->pool) {
        fail (err, EINVAL, "the journal of a change is damaged");
        return NULL;
    }
    if (!p || !p->has_storage) {
        fail (err, ENOENT,
              "plugin %s is no longer installed: install it again to clean up",
              name);
        return NULL;
    }
    vol->options = journal_options (h, entry, p->storage.keys);
    ((struct hv_options *)vol->options)->kind = "pool";
    ((struct hv_options *)vol->options)->name = vol->pool;
    return p;
}

void
unfinished_end (struct hvctl *h, const char *key)
{
    if (unlink_if_any (path_of (h, key)) < 0
        && unlink_if_any (path_of (h, key)) < 0) {
        hvctl_debug (h, "%s: %s", path_of (h, key), strerror (errno));
    }
}

bool
unfinished_is (struct hvctl *h, const char *key)
{
    return access (path_of (h, key), F_OK) == 0;
}

int
unfinished_read (struct hvctl *h, const char *key, struct vec *entries,
                 struct error *err)
{
    struct vec lines = { 0 };

    if (journal_lines (h, path_of (h, key), &lines, err) < 0) {
        return -err->code;
    }
    for (size_t i = 0; i < lines.n; i++) {
        struct json_object *o = json_tokener_parse (lines.p[i]);

        if (json_object_is_type (o, json_type_object)) {
            vec_add (&h->arena, entries, o);
        } else {
            json_object_put (o);
        }
    }
    return 0;
}

void
unfinished_free (struct vec *entries)
{
    for (size_t i = 0; i < entries->n; i++) {
        json_object_put (entries->p[i]);
    }
    entries->n = 0;
}

void
unfinished_keys (struct hvctl *h, struct vec *keys)
{
    file_names (&h->arena, changes_dir (h), keys);
}
