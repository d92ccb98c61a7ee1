/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* image list, info, rm and verify. */
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/document.h"
#include "cli/image-store.h"
#include "cli/progress.h"
#include "common/cleanup.h"
#include "common/member.h"
#include "common/size.h"
#include "core/base/json.h"
#include "core/base/name.h"
#include "core/base/output.h"
#include "core/machine/changing.h"
#include "core/machine/image-content.h"
#include "core/machine/image-fetch.h"
#include "core/machine/image-remove.h"
#include "core/machine/recover.h"
#include "core/state/images.h"

/* ----------------------------------------------------------- list, info */
struct json_object *
image_store_json (const struct image_record *image)
{
    struct json_object *o = json_object_new_object ();

    json_put_text_or_null (o, "name", image->name);
    json_put_number (o, "size", image->size);
    json_put_text_or_null (o, "format", image->format);
    json_put_text_or_null (o, "verified", image->verified);
    json_put_text_or_null (o, "vouched_by", image->vouched_by);
    json_put_text_or_null (o, "key", image->key);
    json_put_text_or_null (o, "sha256", image->sha256);
    json_put_text_or_null (o, "source", image->source);
    json_put_number (o, "imported", image->imported);
    json_put_text_or_null (o, "path", image->path);
    return o;
}

const char *
image_store_voucher (struct cli *c, const struct image_record *image)
{
    struct arena *a = &c->h.arena;

    if (!image->verified) {
        return "not verified";
    }
    if (!strcmp (image->verified, "signature") && image->vouched_by) {
        return arena_format (a, "verified by %s, signed with key %s",
                             image->vouched_by, image->key ? image->key : "?");
    }
    if (!strcmp (image->verified, "https") && image->vouched_by) {
        return arena_format (a,
                             "as %s says, which came by https and has no "
                             "signature that could be verified",
                             image->vouched_by);
    }
    return "its SHA-256 is as stated";
}

static uint64_t
allocated (const struct image_record *image)
{
    struct stat st;

    return stat (image->path, &st) == 0 ? (uint64_t)st.st_blocks * 512 : 0;
}

static int
list_image (struct cli *c, struct table *t, const char *name)
{
    struct image_record image;
    struct error err = { 0 };

    if (images_load (&c->h, name, &image, &err) < 0) {
        return table_error (t, &err);
    }
    table_row (t, (const char *[]){ name, table_size (c, (uint64_t)image.size),
                                    table_size (c, allocated (&image)),
                                    image.verified ? image.verified
                                    : c->json      ? NULL
                                                   : "no",
                                    table_time (c, image.imported),
                                    image.sha256, image.source });
    return EXIT_OK;
}

int
cmd_image_list (struct cli *c)
{
    static const char *const for_people[] = { "name",      "size",
                                              "allocated", "verified",
                                              "imported",  NULL };
    static const char *const keys[] = { "name",     "#size",     "#allocated",
                                        "verified", "#imported", "sha256",
                                        "source",   NULL };
    struct table *t = table_new (c, c->json ? keys : for_people);
    struct vec names = { 0 };
    int code = EXIT_OK;

    images_names (&c->h, &names);
    for (size_t i = 0; i < names.n; i++) {
        int one = list_image (c, t, names.p[i]);

        code = code ? code : one;
    }
    table_print (t);
    return code;
}

static void
print_info (struct cli *c, const struct image_record *image,
            const struct vec *users)
{
    char size[32], used[32];

    out ("name:      %s\n", image->name);
    out ("size:      %s (%s allocated)\n",
         format_size ((uint64_t)image->size, size, sizeof size),
         format_size (allocated (image), used, sizeof used));
    out ("from:      %s (%s)\n", image->source, image->format);
    out ("imported:  %s\n",
         arena_time (&c->h.arena, ARENA_TIME, image->imported));
    out ("sha256:    %s\n", image->sha256);
    out ("verified:  %s\n", image_store_voucher (c, image));
    out ("path:      %s\n", image->path);
    out ("disks:     %s\n",
         users->n ? name_list (&c->h.arena, users, 100) : "-");
}

int
cmd_image_info (struct cli *c)
{
    struct image_record image;
    struct vec users = { 0 };
    struct json_object *o;

    if (c->args.n != 1) {
        return usage_error (c);
    }
    if (images_load (&c->h, c->args.p[0], &image, &c->err) < 0) {
        return report (c);
    }
    image_remove_users (&c->h, &image, &users);
    if (!c->json) {
        print_info (c, &image, &users);
        return EXIT_OK;
    }
    o = image_store_json (&image);
    json_put_number (o, "allocated", (int64_t)allocated (&image));
    json_object_object_add (o, "disks", json_texts (&users));
    document_print (c, o);
    return EXIT_OK;
}

/* ------------------------------------------------------------------- rm */

/* A damaged record has no users that could be found. */
static int
check_unused (struct cli *c, const char *name)
{
    struct image_record image;
    struct vec users = { 0 };

    if (images_load (&c->h, name, &image, &c->err) < 0) {
        if (c->err.exit_code == EXIT_NOT_FOUND || !images_has (&c->h, name)) {
            return -c->err.code;
        }
        c->err = (struct error){ 0 };
        return 0;
    }
    image_remove_users (&c->h, &image, &users);
    return users.n ? fail_exit (&c->err, EXIT_RUNNING, EBUSY,
                                "image %s is needed: %s %s made on it "
                                "('hvctl volume promote' makes one "
                                "independent of it)",
                                name, name_list (&c->h.arena, &users, 5),
                                users.n > 1 ? "were" : "was")
                   : 0;
}

static int
tell_deleted (struct cli *c, const char *name, const char *what)
{
    struct json_object *o = json_object_new_object ();

    if (!c->json) {
        json_object_put (o);
        out ("%simage %s is deleted\n", what, name);
        return EXIT_OK;
    }
    json_put_text_or_null (o, "name", name);
    json_put_text_or_null (o, "done", "deleted");
    document_print (c, o);
    return EXIT_OK;
}

/* Of an image that is not there yet: what an interrupted import has left. */
static int
rm_download (struct cli *c, const char *name)
{
    CLEANUP_CLOSE int lock = -1;

    return changing_lock (&c->h, images_key (&c->h, name), true, &lock, &c->err)
                       < 0
                   || image_fetch_forget (&c->h, name, &c->err) < 0
               ? report (c)
               : tell_deleted (c, name, "the incomplete download of ");
}

int
cmd_image_rm (struct cli *c)
{
    const char *name = c->args.n == 1 ? c->args.p[0] : NULL;
    CLEANUP_CLOSE int lock = -1;

    if (!name) {
        return usage_error (c);
    }
    if (name_validate ("image", name, &c->err) < 0) {
        return report (c);
    }
    if (!images_has (&c->h, name) && image_fetch_has (&c->h, name)) {
        return rm_download (c, name);
    }
    if (check_unused (c, name) < 0) {
        return report (c);
    }
    if (!has_option (c, "yes") && !confirm ("Delete image %s?", name)) {
        fail_exit (&c->err, EXIT_USAGE, ECANCELED, "image %s is kept: %s", name,
                   why_unconfirmed ());
        return report (c);
    }
    /* The user takes time to answer, so it is checked once more. */
    if (changing_lock (&c->h, images_key (&c->h, name), true, &lock, &c->err)
            < 0
        || check_unused (c, name) < 0) {
        return report (c);
    }
    if (image_remove (&c->h, name, &c->err) < 0) {
        recover_failed (&c->h, images_key (&c->h, name));
        return report (c);
    }
    return tell_deleted (c, name, "");
}

/* --------------------------------------------------------------- verify */

static int
verify (struct cli *c, const char *name, struct error *err)
{
    struct image_record image;
    CLEANUP_CLOSE int fd = -1;
    char content[DIGEST_HEX];
    struct stat st;

    if (images_load (&c->h, name, &image, err) < 0) {
        return -err->code;
    }
    fd = open (image.path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 || fstat (fd, &st) < 0) {
        return fail (err, EIO, "cannot open %s: %s", image.path,
                     strerror (errno));
    }
    if (st.st_size == image.size
        && image_content_hash (&c->h, fd, image.path, (uint64_t)image.size,
                               content, err)
               < 0) {
        return -err->code;
    }
    return st.st_size == image.size && !strcmp (content, image.content)
               ? 0
               : fail (err, EBADMSG,
                       "%s has been changed since it was imported: disks that "
                       "were made on it read other data than they should",
                       image.path);
}

int
cmd_image_verify (struct cli *c)
{
    static const char *const keys[] = { "name", "?good", "error", NULL };
    struct table *t = table_new (c, keys);
    struct progress progress;
    struct vec names = { 0 };
    int code = EXIT_OK;

    if (!c->args.n) {
        images_names (&c->h, &names);
    }
    for (size_t i = 0; i < (c->args.n ? c->args.n : names.n); i++) {
        const char *name = c->args.n ? c->args.p[i] : names.p[i];
        struct error err = { 0 };

        progress_begin (c, &progress, 0);
        verify (c, name, &err);
        progress_end (c, &progress);
        if (err.code == EINTR) {
            c->err = err;
            return report (c);
        }
        table_row (t, (const char *[]){ name, err.code ? "no" : "yes",
                                        err.code
                                            ? arena_dup (&c->h.arena, err.text)
                                            : NULL });
        code = code ? code : exit_code_of (&err);
    }
    table_print (t);
    return code;
}
