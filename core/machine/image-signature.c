/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/image-signature.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/base/file.h"
#include "core/config/host.h"
#include "core/machine/image-keys.h"
#include "core/process/program.h"
#include "core/state/images.h"

#define LIMIT 600000 /* ms; of a whole image, perhaps. */
#define MOST_STATUS 65536

struct check {
    struct hvctl *h;
    const char *keyring, *signature, *data;
    const char *key;  /* That has to be it, or null. */
    const char *from; /* The keys' places. */
    char status[MOST_STATUS];
    struct image_signature *out;
};

/* Runs the program; stores what it printed, also if it fails. */
static int
run (struct check *c, const char *const *argv, struct error *err)
{
#ifndef HVCTL_SANITIZE /* Whose own calls no filter knows. */
    static const char *const groups[] = { "base", NULL };
#endif
    CLEANUP_CLOSE int output = memfd_create ("hvctl-signature", MFD_CLOEXEC);
    const struct program p = {
        .argv = argv,
        .timeout = LIMIT,
#ifndef HVCTL_SANITIZE
        .groups = groups,
#endif
        .uid = (uid_t)c->h->probe_uid,
        .reads =
            (const char *const[]){ c->keyring, c->signature, c->data, NULL },
        .output_fd = &output,
    };
    ssize_t n;

    if (output < 0) {
        return fail (err, errno, "cannot create a temporary file: %m");
    }
    program_run (&p, NULL, err);
    n = pread (output, c->status, sizeof c->status - 1, 0);
    c->status[n > 0 ? n : 0] = '\0';
    return -err->code;
}

/* Returns the N-th word of the status line of that kind, or null. */
static const char *
word (struct check *c, const char *kind, int n)
{
    CLEANUP_FREE char *start = xformat ("[GNUPG:] %s ", kind);
    const char *p = c->status;

    while (p && strncmp (p, start, strlen (start)) != 0) {
        p = strchr (p, '\n');
        p = p ? p + 1 : NULL;
    }
    for (p = p ? p + strlen (start) : NULL; p && n > 0; n--) {
        p += strcspn (p, " \n");
        p = *p == ' ' ? p + 1 : NULL;
    }
    return p && strcspn (p, " \n")
               ? arena_dup_n (&c->h->arena, p, strcspn (p, " \n"))
               : NULL;
}

static bool
is_key (const struct check *c, const char *fingerprint)
{
    return !c->key || !image_keys_is_fingerprint (c->key)
           || (fingerprint && !strcasecmp (c->key, fingerprint));
}

static void
unknown (struct check *c, const char *key)
{
    c->out->is = IMAGE_SIGNATURE_UNKNOWN;
    c->out->key = key;
    c->out->why = arena_format (&c->h->arena,
                                "it is signed with key %s, which "
                                "is not in %s",
                                key ? key : "of another kind", c->from);
}

static void
good (struct check *c, const char *signer, const char *primary)
{
    if (!is_key (c, signer) && !is_key (c, primary)) {
        c->out->is = IMAGE_SIGNATURE_BAD;
        c->out->why =
            arena_format (&c->h->arena, "it is signed with key %s, not with %s",
                          primary ? primary : signer, c->key);
        return;
    }
    c->out->is = IMAGE_SIGNATURE_GOOD;
    c->out->key = primary ? primary : signer;
}

static void
bad (struct check *c, const char *why)
{
    c->out->is = IMAGE_SIGNATURE_BAD;
    c->out->why = why;
}

/* What gpgv says on its status descriptor (doc/DETAILS of GnuPG).  One bad
 * signature spoils any number of good ones. */
static void
judge_gpgv (struct check *c)
{
    const char *missing = word (c, "NO_PUBKEY", 0);

    if (word (c, "BADSIG", 0)) {
        bad (c, "the signature is not of this file");
    } else if (word (c, "REVKEYSIG", 0)) {
        bad (c, "its key has been revoked");
    } else if (word (c, "EXPKEYSIG", 0) || word (c, "EXPSIG", 0)) {
        bad (c, "the signature, or its key, has expired");
    } else if (word (c, "GOODSIG", 0) && word (c, "VALIDSIG", 0)) {
        good (c, word (c, "VALIDSIG", 0), word (c, "VALIDSIG", 9));
    } else if (missing || word (c, "ERRSIG", 0)) {
        unknown (c, missing ? missing : word (c, "ERRSIG", 0));
    }
}

static int
try_gpgv (struct check *c, struct error *err)
{
    const char *const argv[] = { "gpgv",       "--status-fd", "1",
                                 "--keyring",  c->keyring,    "--",
                                 c->signature, c->data,       NULL };

    if (run (c, argv, err) < 0 && err->code == ENOENT) {
        return -ENOENT;
    }
    judge_gpgv (c);
    return c->out->is != IMAGE_SIGNATURE_NONE || word (c, "NODATA", 0)
               ? 0
               : -err->code;
}

/* sqv prints the fingerprints of good ones, and says what is wrong. */
static int
try_sqv (struct check *c, struct error *err)
{
    const char *const argv[] = { "sqv",        "--keyring", c->keyring,
                                 c->signature, c->data,     NULL };
    size_t n;

    if (run (c, argv, err) < 0) {
        const char *missing = strstr (err->text, "Missing key ");

        if (err->code != EIO) {
            return -err->code;
        }
        if (missing) {
            missing += strlen ("Missing key ");
            unknown (c, arena_dup_n (&c->h->arena, missing,
                                     strcspn (missing, ", ;")));
        } else if (strstr (err->text, "Verifying signature")
                   || strstr (err->text, "manipulated")) {
            bad (c, "the signature is not of this file, or its key is not "
                    "valid");
        }
        return 0;
    }
    n = strcspn (c->status, "\n");
    good (c, arena_dup_n (&c->h->arena, c->status, n), NULL);
    return 0;
}

int
image_signature_verify (struct hvctl *h, const char *name, const char *key,
                        const char *signature, const char *data,
                        struct image_signature *out, struct error *err)
{
    CLEANUP_FREE struct check *c = xalloc (sizeof *c);
    struct error why = { 0 };
    int rc;

    *out = (struct image_signature){ .is = IMAGE_SIGNATURE_NONE };
    *c = (struct check){ .h = h,
                         .keyring = images_temporary (h, name, "keys"),
                         .signature = signature,
                         .data = data,
                         .key = key,
                         .out = out };
    if (image_keys_write (h, key, c->keyring, &c->from, err) < 0) {
        return -err->code;
    }
    rc = try_gpgv (c, &why);
    if (rc == -ENOENT) {
        why = (struct error){ 0 };
        rc = try_sqv (c, &why);
    }
    unlink (c->keyring);
    if (rc == -ENOENT) {
        out->is = IMAGE_SIGNATURE_UNKNOWN;
        out->why = "its signature cannot be verified without gpgv or sqv: "
                   "install one of them";
        return 0;
    }
    if (rc < 0) {
        *err = why;
    }
    return rc;
}
