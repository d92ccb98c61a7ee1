/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/image-import.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
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
#include "core/machine/image-fetch.h"
#include "core/machine/image-unpack.h"
#include "core/process/program.h"
#include "core/state/unfinished.h"

#define STALLED 600000        /* ms, without any progress of qemu-img. */
#define NEARLY_FULL (1 << 20) /* Bytes left. */

/* The temporary files of an import: the copy, and the disk that is made of
 * it. */
static const char *const temporaries[] = { "source", "disk", "record",
                                           "unpacked" };
#define SOURCE temporaries[0]
#define DISK temporaries[1]
#define UNPACKED temporaries[3]

struct import {
    struct hvctl *h;
    const struct image_wish *wish;
    const char *source, *disk; /* Temporary files. */
    struct image_fetch fetch;  /* If it is downloaded. */
    struct foreign is;
    char sha256[DIGEST_HEX], content[DIGEST_HEX];
};

/* --------------------------------------------------------- The conversion */

static int
run_convert (struct import *im, int fd, struct error *err)
{
    static const char *const groups[] = { "disk", "image", NULL };
    const char *const argv[] = { "qemu-img",    "convert", "-p",  "-f",
                                 im->is.format, "-O",      "raw", im->source,
                                 im->disk,      NULL };
    CLEANUP_CLOSE int nowhere = open ("/dev/null", O_WRONLY | O_CLOEXEC);
    struct image_growth growth = { im->h, fd };
    const struct program p = {
        .argv = argv,
        .timeout = STALLED,
        .groups = groups,
        .uid = (uid_t)im->h->probe_uid,
        .reads = (const char *const[]){ im->source, NULL },
        .writes = (const char *const[]){ im->disk, NULL },
        .output_fd = &nowhere,
        .moved = image_content_grown,
        .moved_data = &growth,
    };

    return nowhere < 0 ? fail (err, errno, "cannot open /dev/null: %m")
                       : program_run (&p, NULL, err);
}

/* qemu-img says it in several ways. */
static bool
is_full (const char *dir)
{
    struct statvfs fs;

    return statvfs (dir, &fs) == 0
           && (uint64_t)fs.f_bavail * fs.f_frsize < NEARLY_FULL;
}

static int
convert (struct import *im, struct error *err)
{
    const char *dir = images_data_dir (im->h);
    CLEANUP_CLOSE int fd =
        open (im->disk, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0) {
        return fail (err, errno, "cannot create %s: %m", im->disk);
    }
    if (run_convert (im, fd, err) == 0) {
        return 0;
    }
    return err->code == ENOENT
               ? fail_exit (err, EXIT_NOT_FOUND, ENOENT,
                            "qemu-img is missing: install qemu-utils (Debian, "
                            "Ubuntu), qemu-img (Fedora, Arch) or qemu-tools "
                            "(openSUSE)")
           : err->code == EINTR ? -EINTR
           : is_full (dir)
               ? fail (err, ENOSPC,
                       "the disk is full: %s has no "
                       "space left",
                       dir)
               : fail_prefix (err, "%s cannot be converted", im->wish->file);
}

/* ----------------------------------------------------------------- The copy */

static int
inspect (struct import *im, int fd, struct error *err)
{
    char reason[FOREIGN_REASON];

    return foreign_read (fd, &im->is, reason)
               ? 0
               : fail_exit (err, EXIT_UNSUPPORTED, EINVAL, "%s %s",
                            im->wish->file, reason);
}

static int
check_sum (const struct import *im, struct error *err)
{
    const char *wanted = im->wish->sha256;

    return !wanted || !strcmp (wanted, im->sha256)
               ? 0
               : fail (err, EBADMSG,
                       "%s has the SHA-256 %s, not %s: it is damaged, or not "
                       "the file that the checksum is of",
                       im->wish->file, im->sha256, wanted);
}

/* Unpacks the copy, if that is packed: what is in it becomes the source. */
static int
unpack (struct import *im, int fd, struct error *err)
{
    const char *to = images_temporary (im->h, im->wish->name, UNPACKED);
    CLEANUP_CLOSE int unpacked = -1;

    if (!image_unpack_is (fd)) {
        return inspect (im, fd, err);
    }
    if (image_unpack (im->h, im->wish->file, im->source, to, im->wish->limit,
                      err)
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
    return image_content_copy (im->h, from, im->wish->file, to,
                               (uint64_t)st.st_size, im->sha256, err)
                       < 0
                   || check_sum (im, err) < 0 || unpack (im, to, err) < 0
               ? -err->code
               : 0;
}

static int
copy_file (struct import *im, struct error *err)
{
    const char *file = im->wish->file;
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
    struct error ignored = { 0 };
    CLEANUP_CLOSE int fd = -1;
    struct stat st;

    if (image_fetch (im->h, &im->fetch, &path, err) < 0) {
        return -err->code;
    }
    if (rename (path, im->source) < 0) {
        return fail (err, errno, "cannot rename %s: %m", path);
    }
    image_fetch_forget (im->h, im->wish->name, &ignored);
    fd = open (im->source, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 || fstat (fd, &st) < 0) {
        return fail (err, errno, "cannot open %s: %m", im->source);
    }
    return image_content_sum (im->h, fd, im->wish->file, (uint64_t)st.st_size,
                              im->sha256, err)
                       < 0
                   || check_sum (im, err) < 0 || unpack (im, fd, err) < 0
               ? -err->code
               : 0;
}

static int
make_disk (struct import *im, struct error *err)
{
    if ((url_is_web (im->wish->file) ? take_download (im, err)
                                     : copy_file (im, err))
        < 0) {
        return -err->code;
    }
    if (strcmp (im->is.format, "raw") != 0) {
        return convert (im, err);
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
                     im->wish->file,
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
    json_put_text (o, "sha256", im->sha256);
    return unfinished_entry (im->h, images_key (im->h, im->wish->name), o, err);
}

/* The contents of another image may be the same. */
static int
publish (struct import *im, struct image_record *out, struct error *err)
{
    const char *path = images_data_path (im->h, im->sha256);
    CLEANUP_CLOSE int lock = -1;

    *out = (struct image_record){
        .name = im->wish->name,
        .sha256 = arena_dup (&im->h->arena, im->sha256),
        .content = arena_dup (&im->h->arena, im->content),
        .source = im->wish->file,
        .format = im->is.format,
        .verified = im->wish->sha256 ? "sha256" : NULL,
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
                 wish->name, changed, wish->name);
}

/* One that was downloaded from there may be up to date. */
static int
check_existing (struct hvctl *h, const struct image_wish *wish,
                struct image_result *result, struct error *err)
{
    const struct image_record *is = &result->image;
    struct image_fetch fetch = { .name = wish->name,
                                 .url = wish->file,
                                 .timeout = wish->timeout };
    bool changed = true;

    if (!url_is_web (wish->file)) {
        return exists (wish, "", err);
    }
    if (images_load (h, wish->name, &result->image, err) < 0) {
        return -err->code;
    }
    if (strcmp (is->source, wish->file) != 0
        || (!wish->sha256 && !is->etag && !is->modified)) {
        return exists (wish, "", err);
    }
    fetch.etag = is->etag;
    fetch.modified = is->modified;
    if (wish->sha256) {
        changed = strcmp (wish->sha256, is->sha256) != 0;
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
    const char *key = images_key (h, wish->name);

    if (file_make_dirs (h->host->state_dir, 0755, err) < 0
        || unfinished_add (h, key, IMAGE_IMPORT, wish->name, err) < 0) {
        return -err->code;
    }
    result->begun = true;
    if (file_make_dirs (images_names_dir (h), 0700, err) < 0
        || file_make_dirs (images_data_dir (h), 0700, err) < 0
        || remove_temporaries (h, wish->name, err) < 0) {
        return -err->code;
    }
    image_fetch_tidy (h);
    return url_is_web (wish->file) ? 0
                                   : image_fetch_forget (h, wish->name, err);
}

int
image_import (struct hvctl *h, const struct image_wish *wish,
              struct image_result *result, struct error *err)
{
    struct import im = { .h = h,
                         .wish = wish,
                         .source = images_temporary (h, wish->name, SOURCE),
                         .disk = images_temporary (h, wish->name, DISK),
                         .fetch = { .name = wish->name,
                                    .url = wish->file,
                                    .limit = wish->limit,
                                    .timeout = wish->timeout } };

    *result = (struct image_result){ .begun = false };
    if (images_has (h, wish->name)) {
        return check_existing (h, wish, result, err);
    }
    if (begin (h, wish, result, err) < 0 || make_disk (&im, err) < 0
        || seal_disk (&im, err) < 0 || publish (&im, &result->image, err) < 0
        || remove_temporaries (h, wish->name, err) < 0) {
        return -err->code;
    }
    unfinished_end (h, images_key (h, wish->name));
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
