/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* image import: from a file, or from a web server. */
#include <ctype.h>
#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "cli/document.h"
#include "cli/image-store.h"
#include "cli/progress.h"
#include "cli/spec.h"
#include "common/cleanup.h"
#include "common/member.h"
#include "common/size.h"
#include "core/base/digest.h"
#include "core/base/file.h"
#include "core/base/name.h"
#include "core/base/output.h"
#include "core/base/url.h"
#include "core/config/known-image.h"
#include "core/machine/changing.h"
#include "core/machine/image-fetch.h"
#include "core/machine/image-import.h"
#include "core/machine/image-unpack.h"
#include "core/machine/recover.h"
#include "core/state/images.h"

/* Removes the first of the suffixes that the name ends in. */
static void
cut (char *name, const char *const suffixes[])
{
    for (; *suffixes; suffixes++) {
        size_t len = strlen (name), end = strlen (*suffixes);

        if (len > end && !strcmp (name + len - end, *suffixes)) {
            name[len - end] = '\0';
            return;
        }
    }
}

/* Returns the name for an image without one: that of its file, without what
 * says its format. */
static const char *
default_name (struct cli *c, const char *file)
{
    static const char *const packed[] = { ".gz",  ".bz2", ".xz",  ".zst",
                                          ".zip", ".tgz", ".txz", NULL };
    static const char *const tar[] = { ".tar", NULL };
    static const char *const formats[] = { ".qcow2", ".raw",   ".img",
                                           ".vmdk",  ".vdi",   ".vhdx",
                                           ".disk",  ".image", NULL };
    char *name = arena_dup (&c->h.arena, url_name (&c->h.arena, file));

    cut (name, packed);
    cut (name, tar);
    cut (name, formats);
    return name;
}

static int
read_sum (struct cli *c, const char *given, struct image_claim *claim)
{
    char *hash = arena_dup (&c->h.arena, given);

    for (char *p = hash; *p; p++) {
        *p = (char)tolower ((unsigned char)*p);
    }
    claim->sha256 = hash;
    return strlen (hash) != DIGEST_HEX - 1
                   || strspn (hash, "0123456789abcdef") != DIGEST_HEX - 1
               ? fail_exit (&c->err, EXIT_USAGE, EINVAL,
                            "--sha256 %s is not a SHA-256 checksum: it has 64 "
                            "hexadecimal digits",
                            given)
               : 0;
}

static int
read_signature (struct cli *c, const char *given, struct image_claim *claim)
{
    if (!url_is (given)) {
        claim->signature = absolute_path (c, given);
        return 0;
    }
    if (url_check (given, &c->err) < 0) {
        return -c->err.code;
    }
    claim->signature =
        url_is_web (given) ? given : url_path (&c->h.arena, given);
    return 0;
}

static int
read_claim (struct cli *c, struct image_claim *claim)
{
    const char *sum = option_value (c, "sha256");
    const char *signature = option_value (c, "signature");

    claim->unverified = has_option (c, "unverified");
    if ((sum != NULL) + (signature != NULL) + claim->unverified > 1) {
        return fail_exit (&c->err, EXIT_USAGE, EINVAL,
                          "--sha256, --signature and --unverified exclude each "
                          "other");
    }
    return sum         ? read_sum (c, sum, claim)
           : signature ? read_signature (c, signature, claim)
                       : 0;
}

/* Nothing is trusted by accident: for a file, somebody has to say something;
 * beside a URL, there may be checksums. */
static int
check_claim (struct cli *c, const struct image_claim *claim)
{
    return claim->sha256 || claim->signature || claim->unverified
                   || url_is_web (claim->file)
               ? 0
               : fail_exit (&c->err, EXIT_USAGE, EINVAL,
                            "nothing vouches for %s: state the checksum that "
                            "its publisher gives, with --sha256, or accept it "
                            "as it is, with --unverified",
                            claim->file);
}

static int
read_limits (struct cli *c, struct image_wish *wish)
{
    const char *size = option_value (c, "max-size");
    const char *time = option_value (c, "timeout");

    wish->claim.timeout = IMAGE_FETCH_TIME;
    if (!parse_size (size ? size : IMAGE_UNPACK_MOST, &wish->limit)
        || !wish->limit || wish->limit > INT64_MAX) {
        return fail_exit (&c->err, EXIT_USAGE, EINVAL,
                          "--max-size %s is not a size such as 10G", size);
    }
    if (time && !url_is_web (wish->claim.file)) {
        return fail_exit (&c->err, EXIT_USAGE, EINVAL,
                          "--timeout is for downloads: leave it out");
    }
    if (time
        && (!parse_duration (time, &wish->claim.timeout)
            || wish->claim.timeout < 1000)) {
        return fail_exit (&c->err, EXIT_USAGE, EINVAL,
                          "--timeout %s is not a duration of at least a "
                          "second, such as 90s",
                          time);
    }
    return 0;
}

/* Fails for a word that is neither a file nor the name of an image. */
static int
no_such (struct cli *c, const char *word)
{
    struct vec names = { 0 };

    if (known_image_names (&c->h, &names, &c->err) < 0) {
        return -c->err.code;
    }
    return fail_exit (
        &c->err, EXIT_NOT_FOUND, ENOENT,
        "there is neither a file '%s' nor a known image of that "
        "name (known: %s)%s",
        word, names.n ? name_list (&c->h.arena, &names, 30) : "none",
        names.n ? name_suggest (&c->h.arena, word, (const char *const *)names.p)
                : "");
}

/* What vouches for it is what the section says, unless the user does. */
static void
take_known (struct image_claim *claim, const struct known_image *known)
{
    claim->file = known->url;
    claim->name = known->name;
    if (!claim->sha256 && !claim->signature && !claim->unverified) {
        claim->sha256 = known->sha256;
        claim->sums = known->sums;
        claim->key = known->key;
    }
}

static int
read_source (struct cli *c, struct image_claim *claim)
{
    const char *given = c->args.p[0];
    struct known_image known;

    if (url_is (given)) {
        claim->file =
            url_is_web (given) ? given : url_path (&c->h.arena, given);
        return url_check (given, &c->err);
    }
    claim->file = absolute_path (c, given);
    if (strchr (given, '/')) {
        return 0;
    }
    if (known_image_find (&c->h, given, &known, &c->err)) {
        take_known (claim, &known);
        return 0;
    }
    return c->err.code                   ? -c->err.code
           : file_is_there (claim->file) ? 0
                                         : no_such (c, given);
}

static int
read_name (struct cli *c, struct image_wish *wish)
{
    const char *given = option_value (c, "name");

    wish->claim.name = given ? given : wish->claim.name;
    if (!wish->claim.name) {
        wish->claim.name = default_name (c, wish->claim.file);
        if (name_validate ("image", wish->claim.name, &c->err) < 0) {
            return fail_exit (&c->err, EXIT_USAGE, EINVAL,
                              "%s: choose a name with --name", c->err.text);
        }
    }
    return name_validate ("image", wish->claim.name, &c->err);
}

static int
read_wish (struct cli *c, struct image_wish *wish)
{
    *wish = (struct image_wish){ .limit = 0 };
    return read_claim (c, &wish->claim) < 0 || read_source (c, &wish->claim) < 0
                   || read_name (c, wish) < 0
                   || check_claim (c, &wish->claim) < 0
                   || read_limits (c, wish) < 0
               ? -c->err.code
               : 0;
}

static void
tell (struct cli *c, const struct image_result *result)
{
    const struct image_record *image = &result->image;
    struct json_object *o;
    char size[32];

    if (c->json) {
        o = image_store_json (image);
        json_put_flag (o, "unchanged", result->unchanged);
        document_print (c, o);
    } else if (result->unchanged) {
        out ("image %s is up to date\n", image->name);
    } else {
        out ("image %s is imported: %s, %s\n", image->name,
             format_size ((uint64_t)image->size, size, sizeof size),
             image_store_voucher (c, image));
    }
}

int
cmd_image_import (struct cli *c)
{
    struct image_result result;
    struct progress progress;
    struct image_wish wish;
    CLEANUP_CLOSE int lock = -1;

    if (c->args.n != 1) {
        return usage_error (c);
    }
    if (read_wish (c, &wish) < 0
        || changing_lock (&c->h, images_key (&c->h, wish.claim.name), true,
                          &lock, &c->err)
               < 0) {
        return report (c);
    }
    progress_begin (c, &progress, 0);
    image_import (&c->h, &wish, &result, &c->err);
    progress_end (c, &progress);
    if (c->err.code) {
        if (result.begun) {
            recover_failed (&c->h, images_key (&c->h, wish.claim.name));
        }
        return report (c);
    }
    tell (c, &result);
    return EXIT_OK;
}
