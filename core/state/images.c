/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/state/images.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/compat.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/name.h"
#include "core/config/host.h"
#include "core/state/state-changes.h"

#define HEX 64 /* The length of a SHA-256. */

const char *
images_names_dir (struct hvctl *h)
{
    return arena_format (&h->arena, "%s/images/names", h->host->state_dir);
}

const char *
images_data_dir (struct hvctl *h)
{
    return arena_format (&h->arena, "%s/images/data", h->host->state_dir);
}

const char *
images_data_path (struct hvctl *h, const char *sha256)
{
    return arena_format (&h->arena, "%s/%s.raw", images_data_dir (h), sha256);
}

const char *
images_temporary (struct hvctl *h, const char *name, const char *what)
{
    return arena_format (&h->arena, "%s/.%s.%s", images_data_dir (h), name,
                         what);
}

const char *
images_key (struct hvctl *h, const char *name)
{
    return arena_format (&h->arena, "%s@@image", name);
}

static const char *
record_path (struct hvctl *h, const char *name)
{
    return arena_format (&h->arena, "%s/%s", images_names_dir (h), name);
}

int
images_lock (struct hvctl *h, int *lock, struct error *err)
{
    /* No name of an image is empty. */
    return state_lock_changes (h, images_key (h, ""), true, lock, err);
}

void
images_names (struct hvctl *h, struct vec *names)
{
    file_names (&h->arena, images_names_dir (h), names);
}

bool
images_has (struct hvctl *h, const char *name)
{
    struct error ignored = { 0 };

    return name_validate ("image", name, &ignored) == 0
           && access (record_path (h, name), F_OK) == 0;
}

static int
no_such (struct hvctl *h, const char *name, struct error *err)
{
    struct vec names = { 0 };

    images_names (h, &names);
    return fail_exit (
        err, EXIT_NOT_FOUND, ENOENT,
        "there is no image '%s' (hvctl image list lists them, and hvctl image "
        "import adds one)%s",
        name, name_suggest_of (&h->arena, name, &names));
}

static bool
is_hash (const char *text)
{
    return text && strlen (text) == HEX
           && strspn (text, "0123456789abcdef") == HEX;
}

int
images_load (struct hvctl *h, const char *name, struct image_record *out,
             struct error *err)
{
    struct json_object *o;
    bool good;

    if (name_validate ("image", name, err) < 0) {
        return -err->code;
    }
    if (!images_has (h, name)) {
        return no_such (h, name, err);
    }
    o = json_read (record_path (h, name));
    *out = (struct image_record){
        .name = name,
        .sha256 = json_get_text (&h->arena, o, "sha256"),
        .content = json_get_text (&h->arena, o, "content"),
        .source = json_get_text (&h->arena, o, "source"),
        .format = json_get_text (&h->arena, o, "format"),
        .verified = json_get_text (&h->arena, o, "verified"),
        .vouched_by = json_get_text (&h->arena, o, "vouched_by"),
        .key = json_get_text (&h->arena, o, "key"),
        .etag = json_get_text (&h->arena, o, "etag"),
        .modified = json_get_text (&h->arena, o, "modified"),
        .size = json_get_number (o, "size"),
        .imported = json_get_number (o, "imported"),
    };
    json_object_put (o);
    good = is_hash (out->sha256) && is_hash (out->content) && out->source
           && out->format && out->size > 0;
    if (!good) {
        return fail (err, EIO,
                     "%s, the record of image %s, is damaged: remove the "
                     "image with 'hvctl image rm %s', and import it again",
                     record_path (h, name), name, name);
    }
    out->path = images_data_path (h, out->sha256);
    return 0;
}

static int
write_record (const char *path, struct json_object *o, struct error *err)
{
    const char *text = json_object_to_json_string_ext (
        o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
    CLEANUP_CLOSE int fd = open (
        path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    ssize_t size = (ssize_t)strlen (text);

    errno = fd < 0 ? errno : ENOSPC;
    return fd < 0 || write (fd, text, (size_t)size) != size || fsync (fd) < 0
               ? fail (err, errno, "cannot write %s: %m", path)
               : 0;
}

int
images_add (struct hvctl *h, const struct image_record *image,
            struct error *err)
{
    const char *temporary = images_temporary (h, image->name, "record");
    const char *path = record_path (h, image->name);
    struct json_object *o = json_object_new_object ();

    json_put_text (o, "sha256", image->sha256);
    json_put_text (o, "content", image->content);
    json_put_text (o, "source", image->source);
    json_put_text (o, "format", image->format);
    json_put_text (o, "verified", image->verified);
    json_put_text (o, "vouched_by", image->vouched_by);
    json_put_text (o, "key", image->key);
    json_put_text (o, "etag", image->etag);
    json_put_text (o, "modified", image->modified);
    json_put_number (o, "size", image->size);
    json_put_number (o, "imported", image->imported);
    write_record (temporary, o, err);
    json_object_put (o);
    if (err->code == 0
        && renameat2 (AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE)
               < 0) {
        fail (err, errno, "cannot write %s: %m", path);
    }
    return -err->code;
}

/* Has the record these contents?  A damaged one may have any. */
static bool
shares (struct hvctl *h, const char *name, const char *sha256)
{
    struct json_object *o = json_read (record_path (h, name));
    const char *has = json_get_text (&h->arena, o, "sha256");

    json_object_put (o);
    return !has || !strcmp (has, sha256);
}

int
images_forget (struct hvctl *h, const char *name, struct error *err)
{
    const char *path = record_path (h, name);

    return unlink (path) < 0 && errno != ENOENT
               ? fail (err, errno, "cannot remove %s: %m", path)
               : 0;
}

int
images_drop_data (struct hvctl *h, const char *sha256, struct error *err)
{
    const char *path = images_data_path (h, sha256);
    struct vec names = { 0 };

    images_names (h, &names);
    for (size_t i = 0; i < names.n; i++) {
        if (shares (h, names.p[i], sha256)) {
            return 0;
        }
    }
    return unlink (path) < 0 && errno != ENOENT
               ? fail (err, errno, "cannot remove %s: %m", path)
               : 0;
}
