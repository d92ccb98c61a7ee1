/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/image-import.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/compat.h"
#include "common/foreign.h"
#include "common/size.h"
#include "core/base/file.h"
#include "core/base/interrupt.h"
#include "core/base/json.h"
#include "core/base/url.h"
#include "core/config/host.h"
#include "core/machine/image-content.h"
#include "core/machine/image-convert.h"
#include "core/machine/image-fetch.h"
#include "core/machine/image-trust.h"
#include "core/machine/image-unpack.h"
#include "core/state/unfinished.h"

/* The temporary files of an import: the copy, and the disk that is made of
 * it. */
static const char *const temporaries[] = { "source", "disk", "record",
                                           "unpacked", IMAGE_TRUST_FILES };
#define SOURCE temporaries[0]
#define DISK temporaries[1]
#define UNPACKED temporaries[3]

struct import {
    struct hvctl *h;
    const struct image_wish *wish;
    const char *source, *disk; /* Temporary files. */
    struct image_fetch fetch;  /* If it is downloaded. */
    struct foreign is;
    struct image_trust trust;
    struct image_hashes hashes;
    char content[DIGEST_HEX];
};

/* ----------------------------------------------------------------- The copy */

static int
inspect (struct import *im, int fd, struct error *err)
{
    char reason[FOREIGN_REASON];

    return foreign_read (fd, &im->is, reason)
               ? 0
               : fail_exit (err, EXIT_UNSUPPORTED, EINVAL, "%s %s",
                            im->wish->claim.file, reason);
}

/* Unpacks the copy, if that is packed: what is in it becomes the source. */
static int
unpack (struct import *im, int fd, struct error *err)
{
    const char *to = images_temporary (im->h, im->wish->claim.name, UNPACKED);
    CLEANUP_CLOSE int unpacked = -1;

    /* Nothing reads it before something vouches for it. */
    if (image_trust_check (im->h, &im->wish->claim, &im->trust, &im->hashes,
                           im->source, err)
        < 0) {
        return -err->code;
    }
    if (!image_unpack_is (fd)) {
        return inspect (im, fd, err);
    }
    if (image_unpack (im->h, im->wish->claim.file, im->source, to,
                      im->wish->limit, err)
        < 0) {
        return -err->code;
    }
    unpacked = open (to, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (unpacked < 0) {
        return fail (err, errno, "cannot open %s: %m", to);
    }
    unlink (im->source);
    im->source = to;
    return inspect (im, unpacked, err) < 0
               ? fail_prefix (err, "the image in it")
               : 0;
}

/* What is checked, and converted, is our copy: nobody can change it. */
static int
copy_source (struct import *im, int from, struct error *err)
{
    CLEANUP_CLOSE int to =
        open (im->source, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    struct stat st;

    if (to < 0 || fstat (from, &st) < 0) {
        return fail (err, errno, "cannot create %s: %m", im->source);
    }
    return image_content_copy (im->h, from, im->wish->claim.file, to,
                               (uint64_t)st.st_size, &im->hashes, err)
                       < 0
                   || unpack (im, to, err) < 0
               ? -err->code
               : 0;
}

static int
copy_file (struct import *im, struct error *err)
{
    const char *file = im->wish->claim.file;
    CLEANUP_CLOSE int from =
        open (file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (from < 0) {
        return fail (err, errno, "cannot open %s: %m", file);
    }
    /* It may be a large one, of a format that is refused. */
    return (!image_unpack_is (from) && inspect (im, from, err) < 0)
                   || copy_source (im, from, err) < 0
               ? -err->code
               : 0;
}

/* Here the download itself becomes our copy. */
static int
take_download (struct import *im, struct error *err)
{
    const char *path;
    CLEANUP_CLOSE int fd = -1;
    struct stat st;

    if (image_fetch (im->h, &im->fetch, &path, err) < 0) {
        return -err->code;
    }
    if (rename (path, im->source) < 0) {
        return fail (err, errno, "cannot rename %s: %m", path);
    }
    if (image_fetch_forget (im->h, im->wish->claim.name, err) < 0) {
        return -err->code;
    }
    fd = open (im->source, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 || fstat (fd, &st) < 0) {
        return fail (err, errno, "cannot open %s: %m", im->source);
    }
    return image_content_sum (im->h, fd, im->wish->claim.file,
                              (uint64_t)st.st_size, &im->hashes, err)
                       < 0
                   || unpack (im, fd, err) < 0
               ? -err->code
               : 0;
}

static int
make_disk (struct import *im, struct error *err)
{
    if (image_trust_find (im->h, &im->wish->claim, &im->trust, err) < 0) {
        return -err->code;
    }
    im->hashes.want_512 = strlen (im->trust.sum.hex) > DIGEST_HEX;
    if ((url_is_web (im->wish->claim.file) ? take_download (im, err)
                                           : copy_file (im, err))
        < 0) {
        return -err->code;
    }
    if (strcmp (im->is.format, "raw") != 0) {
        const struct image_conversion c = { im->wish->claim.file, im->source,
                                            im->is.format, im->disk };

        return image_convert (im->h, &c, err);
    }
    return rename (im->source, im->disk) < 0
               ? fail (err, errno, "cannot rename %s: %m", im->source)
               : 0;
}

/* From here on nobody writes to it. */
static int
seal_disk (struct import *im, struct error *err)
{
    CLEANUP_CLOSE int fd = open (im->disk, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    char is[32], states[32];
    struct stat st;

    if (fd < 0 || fstat (fd, &st) < 0) {
        return fail (err, errno, "cannot open %s: %m", im->disk);
    }
    if ((uint64_t)st.st_size != im->is.size) {
        return fail (err, EIO,
                     "%s states a size of %s, and qemu-img made a disk of %s "
                     "of it",
                     im->wish->claim.file,
                     format_size (im->is.size, states, sizeof states),
                     format_size ((uint64_t)st.st_size, is, sizeof is));
    }
    if (image_content_hash (im->h, fd, im->disk, im->is.size, im->content, err)
        < 0) {
        return -err->code;
    }
    return fchmod (fd, 0400) < 0 || fsync (fd) < 0
               ? fail (err, errno, "cannot write %s: %m", im->disk)
               : 0;
}

/* ------------------------------------------------------------ The new name */

static int
note_data (struct import *im, struct error *err)
{
    struct json_object *o = json_object_new_object ();

    json_put_text (o, "op", IMAGE_DATA);
    json_put_text (o, "sha256", im->hashes.sha256);
    return unfinished_entry (im->h, images_key (im->h, im->wish->claim.name), o,
                             err);
}

/* The contents of another image may be the same. */
static int
publish (struct import *im, struct image_record *out, struct error *err)
{
    const char *path = images_data_path (im->h, im->hashes.sha256);
    CLEANUP_CLOSE int lock = -1;

    *out = (struct image_record){
        .name = im->wish->claim.name,
        .sha256 = arena_dup (&im->h->arena, im->hashes.sha256),
        .content = arena_dup (&im->h->arena, im->content),
        .source = im->wish->claim.file,
        .format = im->is.format,
        .verified = im->trust.verified,
        .vouched_by = im->trust.source,
        .key = im->trust.key,
        .etag = im->fetch.etag,
        .modified = im->fetch.modified,
        .size = (int64_t)im->is.size,
        .imported = (int64_t)time (NULL),
        .path = path,
    };
    if (interrupt_came) {
        return fail (err, EINTR, "interrupted");
    }
    if (note_data (im, err) < 0 || images_lock (im->h, &lock, err) < 0) {
        return -err->code;
    }
    if (renameat2 (AT_FDCWD, im->disk, AT_FDCWD, path, RENAME_NOREPLACE) < 0
        && errno != EEXIST) {
        return fail (err, errno, "cannot rename %s to %s: %m", im->disk, path);
    }
    return images_add (im->h, out, err);
}

static int
remove_temporaries (struct hvctl *h, const char *name, struct error *err)
{
    for (size_t i = 0; i < ARRAY_SIZE (temporaries); i++) {
        const char *path = images_temporary (h, name, temporaries[i]);

        if (unlink (path) < 0 && errno != ENOENT) {
            return fail (err, errno, "cannot remove %s: %m", path);
        }
    }
    return 0;
}

/* --------------------------------------------------- Of a name that exists */

static int
exists (const struct image_wish *wish, const char *changed, struct error *err)
{
    return fail (err, EEXIST,
                 "image %s already exists%s: choose another name with "
                 "--name, or remove it with 'hvctl image rm %s'",
                 wish->claim.name, changed, wish->claim.name);
}

/* One that was downloaded from there may be up to date. */
static int
check_existing (struct hvctl *h, const struct image_wish *wish,
                struct image_result *result, struct error *err)
{
    const struct image_record *is = &result->image;
    struct image_fetch fetch = { .name = wish->claim.name,
                                 .url = wish->claim.file,
                                 .timeout = wish->claim.timeout };
    bool changed = true;

    if (!url_is_web (wish->claim.file)) {
        return exists (wish, "", err);
    }
    if (images_load (h, wish->claim.name, &result->image, err) < 0) {
        return -err->code;
    }
    if (strcmp (is->source, wish->claim.file) != 0
        || (!wish->claim.sha256 && !is->etag && !is->modified)) {
        return exists (wish, "", err);
    }
    fetch.etag = is->etag;
    fetch.modified = is->modified;
    if (wish->claim.sha256) {
        changed = strcmp (wish->claim.sha256, is->sha256) != 0;
    } else if (image_fetch_changed (h, &fetch, &changed, err) < 0) {
        return -err->code;
    }
    result->unchanged = !changed;
    return changed
               ? exists (wish, ", and is not what is at that address now", err)
               : 0;
}

/* ------------------------------------------------------------- The import */

static int
begin (struct hvctl *h, const struct image_wish *wish,
       struct image_result *result, struct error *err)
{
    const char *key = images_key (h, wish->claim.name);

    if (file_make_dirs (h->host->state_dir, 0755, err) < 0
        || unfinished_add (h, key, IMAGE_IMPORT, wish->claim.name, err) < 0) {
        return -err->code;
    }
    result->begun = true;
    if (file_make_dirs (images_names_dir (h), 0700, err) < 0
        || file_make_dirs (images_data_dir (h), 0700, err) < 0
        || remove_temporaries (h, wish->claim.name, err) < 0) {
        return -err->code;
    }
    image_fetch_tidy (h);
    return url_is_web (wish->claim.file)
               ? 0
               : image_fetch_forget (h, wish->claim.name, err);
}

int
image_import (struct hvctl *h, const struct image_wish *wish,
              struct image_result *result, struct error *err)
{
    struct import im = { .h = h,
                         .wish = wish,
                         .source =
                             images_temporary (h, wish->claim.name, SOURCE),
                         .disk = images_temporary (h, wish->claim.name, DISK),
                         .fetch = { .name = wish->claim.name,
                                    .url = wish->claim.file,
                                    .limit = wish->limit,
                                    .timeout = wish->claim.timeout } };

    *result = (struct image_result){ .begun = false };
    if (images_has (h, wish->claim.name)) {
        return check_existing (h, wish, result, err);
    }
    if (begin (h, wish, result, err) < 0 || make_disk (&im, err) < 0
        || seal_disk (&im, err) < 0 || publish (&im, &result->image, err) < 0
        || remove_temporaries (h, wish->claim.name, err) < 0) {
        return -err->code;
    }
    unfinished_end (h, images_key (h, wish->claim.name));
    return 0;
}

/* ------------------------------------------------------------- Recovery */

/* The record is written last. */
static bool
is_complete (struct recovery *r)
{
    struct json_object *e = recovery_find (r, IMAGE_IMPORT);
    const char *name = e ? recovery_text (r, e, "name") : NULL;

    return !r->own && name && images_has (r->h, name);
}

int
image_import_recover (struct recovery *r, struct json_object *e,
                      struct error *err)
{
    const char *name = recovery_text (r, e, "name");

    if (!name) {
        return fail (err, EINVAL, "the journal of the change is damaged");
    }
    r->finished = is_complete (r);
    return remove_temporaries (r->h, name, err);
}

int
image_import_recover_data (struct recovery *r, struct json_object *e,
                           struct error *err)
{
    const char *sha256 = recovery_text (r, e, "sha256");
    CLEANUP_CLOSE int lock = -1;

    if (!sha256 || strchr (sha256, '/')) {
        return fail (err, EINVAL, "the journal of the change is damaged");
    }
    return is_complete (r) ? 0
           : images_lock (r->h, &lock, err) < 0
               ? -err->code
               : images_drop_data (r->h, sha256, err);
}
