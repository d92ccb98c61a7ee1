/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/image-trust.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/base/armor.h"
#include "core/base/file.h"
#include "core/base/url.h"
#include "core/machine/image-fetch.h"
#include "core/machine/image-signature.h"
#include "core/state/images.h"

#define SUMS "sums"
#define SIGNATURE "signature"
#define SIGNED "signed"

struct search {
    struct hvctl *h;
    const struct image_claim *claim;
    struct image_trust *out;
    const char *unnamed; /* A file of checksums without this image. */
    const char *why;     /* A signature that says nothing. */
};

static const char *
temporary (const struct search *s, const char *what)
{
    return images_temporary (s->h, s->claim->name, what);
}

/* Downloads a small file, if it is there: servers also refuse what is not. */
static int
fetch (struct search *s, const char *url, const char *what, bool *found,
       struct error *err)
{
    const struct image_fetch f = { .name = s->claim->name,
                                   .url = url,
                                   .timeout = s->claim->timeout };
    int rc = image_fetch_small (s->h, &f, what, err);

    *found = rc == 0;
    if (rc < 0
        && (err->exit_code == EXIT_NOT_FOUND
            || err->exit_code == EXIT_DENIED)) {
        *err = (struct error){ 0 };
        return 0;
    }
    return rc;
}

/* Returns the text of a temporary file, malloc'ed, or null. */
static char *
text_of (struct search *s, const char *what)
{
    struct error ignored = { 0 };
    size_t size = 0;
    CLEANUP_FREE char *text = file_load (temporary (s, what), &size, &ignored);

    return text && strlen (text) == size ? steal (&text) : NULL;
}

static int
store (const char *path, const char *text, size_t size, struct error *err)
{
    CLEANUP_CLOSE int fd = open (
        path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

    errno = fd < 0 ? errno : ENOSPC;
    return fd < 0 || write (fd, text, size) != (ssize_t)size
               ? fail (err, errno, "cannot write %s: %m", path)
               : 0;
}

/* -------------------------------------------------------------- Signatures */

/* Takes over the result for 'url', which is signed in 'signature'. */
static int
judge (struct search *s, const char *url, const char *signature,
       const char *data, bool *good, struct error *err)
{
    struct image_signature is;

    *good = false;
    if (image_signature_verify (s->h, s->claim->name, s->claim->key,
                                temporary (s, signature), data, &is, err)
        < 0) {
        return fail_prefix (err, "the signature of %s cannot be verified", url);
    }
    if (is.is == IMAGE_SIGNATURE_BAD) {
        return fail_exit (err, EXIT_DENIED, EBADMSG,
                          "the signature of %s is bad: %s: do not use the "
                          "image, and tell its publisher",
                          url, is.why);
    }
    if (is.is == IMAGE_SIGNATURE_UNKNOWN) {
        s->why = is.why;
    }
    *good = is.is == IMAGE_SIGNATURE_GOOD;
    s->out->key = *good ? is.key : NULL;
    return 0;
}

/* The text and the signature in one file; only what is between the lines of
 * that form is signed. */
static int
judge_clear (struct search *s, const char *url, char **text, bool *good,
             struct error *err)
{
    const char *signature;
    char *text_signed = armor_signed (*text, &signature);

    *good = false;
    if (!text_signed) {
        return fail_exit (err, EXIT_DENIED, EBADMSG,
                          "%s is signed, but has more than what is signed",
                          url);
    }
    if (store (temporary (s, SIGNED), text_signed, strlen (text_signed), err)
            < 0
        || store (temporary (s, SIGNATURE), signature, strlen (signature), err)
               < 0
        || judge (s, url, SIGNATURE, temporary (s, SIGNED), good, err) < 0) {
        free (text_signed);
        return -err->code;
    }
    free (*text);
    *text = text_signed;
    return 0;
}

static int
judge_beside (struct search *s, const char *url, bool *good, struct error *err)
{
    static const char *const suffixes[] = { ".gpg", ".sign", ".asc", ".sig" };

    *good = false;
    for (size_t i = 0; i < ARRAY_SIZE (suffixes) && !*good; i++) {
        const char *at = arena_format (&s->h->arena, "%s%s", url, suffixes[i]);
        bool found;

        if (fetch (s, at, SIGNATURE, &found, err) < 0
            || (found
                && judge (s, url, SIGNATURE, temporary (s, SUMS), good, err)
                       < 0)) {
            return -err->code;
        }
        if (s->why) {
            break;
        }
    }
    return 0;
}

/* --------------------------------------------------------------- Checksums */

/* Is the checksum of the image in that file, and who says so? */
static int
look_into (struct search *s, const char *url, bool alone, struct error *err)
{
    const char *name = url_name (&s->h->arena, s->claim->file);
    CLEANUP_FREE char *text = NULL;
    struct image_sum sum;
    bool found, good;

    if (fetch (s, url, SUMS, &found, err) < 0) {
        return -err->code;
    }
    text = found ? text_of (s, SUMS) : NULL;
    if (!text) {
        return 0;
    }
    if ((!strncmp (text, "-----BEGIN PGP SIGNED", 21)
             ? judge_clear (s, url, &text, &good, err)
             : judge_beside (s, url, &good, err))
        < 0) {
        return -err->code;
    }
    if (!image_sums_find (text, name, &sum)
        && !(alone && image_sums_read (text, &sum))) {
        s->unnamed = s->unnamed ? s->unnamed : url;
        return 0;
    }
    s->out->sum = sum;
    s->out->source = url;
    s->out->verified = good                             ? "signature"
                       : !strncasecmp (url, "https", 5) ? "https"
                                                        : NULL;
    return 0;
}

/* The first one that has a checksum counts. */
static int
look_beside (struct search *s, struct error *err)
{
    struct arena *a = &s->h->arena;
    const char *image = s->claim->file;
    const char *own = url_name (a, image);
    const struct {
        const char *url;
        bool alone; /* It is for this image alone. */
    } places[] = {
        { url_beside (a, image, "SHA512SUMS"), false },
        { url_beside (a, image, "SHA256SUMS"), false },
        { url_beside (a, image, arena_format (a, "%s.sha512", own)), true },
        { url_beside (a, image, arena_format (a, "%s.sha256", own)), true },
    };

    for (size_t i = 0; i < ARRAY_SIZE (places) && !s->out->source; i++) {
        if (look_into (s, places[i].url, places[i].alone, err) < 0) {
            return -err->code;
        }
    }
    return 0;
}

static int
refuse (const struct search *s, struct error *err)
{
    const struct image_claim *claim = s->claim;
    CLEANUP_FREE char *what =
        s->out->source ? xformat ("%s came by http, %s", s->out->source,
                                  s->why ? s->why : "and is not signed")
        : s->unnamed   ? xformat ("%s does not name it", s->unnamed)
        : claim->sums  ? xformat ("there is no %s", claim->sums)
                       : xstrdup ("there is no SHA512SUMS or SHA256SUMS beside "
                                   "it");

    return fail_exit (err, EXIT_USAGE, EINVAL,
                      "nothing vouches for %s: %s; state the checksum that its "
                      "publisher gives, with --sha256, or accept it as it is, "
                      "with --unverified",
                      claim->file, what);
}

/* A key that has to be used is. */
static int
settle (struct search *s, struct error *err)
{
    const struct image_claim *claim = s->claim;
    struct image_trust *out = s->out;

    if (!out->verified) {
        return refuse (s, err);
    }
    if (strcmp (out->verified, "https") != 0) {
        return 0;
    }
    if (claim->key) {
        return fail_exit (err, EXIT_DENIED, EACCES,
                          "%s should be signed with key %s: %s", out->source,
                          claim->key, s->why ? s->why : "it is not signed");
    }
    if (s->why) {
        hvctl_warn ("%s: %s: that it came by https is all that vouches for it",
                    out->source, s->why);
    }
    return 0;
}

int
image_trust_find (struct hvctl *h, const struct image_claim *claim,
                  struct image_trust *out, struct error *err)
{
    struct search s = { .h = h, .claim = claim, .out = out };
    int rc;

    *out = (struct image_trust){ .verified = NULL };
    if (claim->unverified || claim->signature) {
        return 0;
    }
    if (claim->sha256) {
        out->verified = "sha256";
        memcpy (out->sum.hex, claim->sha256, strlen (claim->sha256) + 1);
        return 0;
    }
    rc = claim->sums ? look_into (&s, claim->sums, false, err)
                     : look_beside (&s, err);
    unlink (temporary (&s, SUMS));
    unlink (temporary (&s, SIGNATURE));
    unlink (temporary (&s, SIGNED));
    return rc < 0 ? rc : settle (&s, err);
}

/* --------------------------------------------------------------- The image */

static int
check_sum (const struct image_claim *claim, const struct image_trust *trust,
           const struct image_hashes *hashes, struct error *err)
{
    const char *wanted = trust->sum.hex;
    const char *is =
        strlen (wanted) == DIGEST_HEX - 1 ? hashes->sha256 : hashes->sha512;

    return !strcmp (wanted, is)
               ? 0
               : fail (err, EBADMSG,
                       "%s has the %s %s, not %s%s%s: it is damaged, or not "
                       "the file that the checksum is of",
                       claim->file, image_sums_kind (&trust->sum), is, wanted,
                       trust->source ? ", which is in " : "",
                       trust->source ? trust->source : "");
}

/* A binary one, or one in armor. */
static int
take_signature (struct search *s, const char *path, struct error *err)
{
    struct error why = { 0 };
    size_t size = 0;
    CLEANUP_FREE char *text = file_load (path, &size, &why);

    return text ? store (temporary (s, SIGNATURE), text, size, err)
                : fail (err, why.code, "%s %s", path, why.text);
}

/* Of the image itself. */
static int
check_signature (struct search *s, const char *path, struct error *err)
{
    const char *given = s->claim->signature;
    bool found = true, good = false;

    if (url_is_web (given) ? fetch (s, given, SIGNATURE, &found, err) < 0
                           : take_signature (s, given, err) < 0) {
        return -err->code;
    }
    if (!found) {
        return fail_exit (err, EXIT_NOT_FOUND, ENOENT,
                          "there is no signature at %s: check the address",
                          given);
    }
    if (judge (s, s->claim->file, SIGNATURE, path, &good, err) < 0) {
        return -err->code;
    }
    unlink (temporary (s, SIGNATURE));
    if (!good) {
        return fail_exit (err, EXIT_DENIED, EACCES,
                          "%s does not vouch for %s: %s", given, s->claim->file,
                          s->why ? s->why : "it is not a signature");
    }
    s->out->verified = "signature";
    s->out->source = given;
    return 0;
}

int
image_trust_check (struct hvctl *h, const struct image_claim *claim,
                   struct image_trust *trust, const struct image_hashes *hashes,
                   const char *path, struct error *err)
{
    struct search s = { .h = h, .claim = claim, .out = trust };

    if (*trust->sum.hex && check_sum (claim, trust, hashes, err) < 0) {
        return -err->code;
    }
    return claim->signature ? check_signature (&s, path, err) : 0;
}
