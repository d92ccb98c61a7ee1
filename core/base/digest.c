/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* libgcrypt is opened when it is needed and not linked, like libsystemd in
 * core/machine/scope.c: most commands derive nothing, and to load it, and
 * libgpg-error, takes 0.17 ms of processor time and 25 system calls, of 650 for
 * a whole start.  The first hash takes 0.07 ms, others a thousandth of that.
 * (libgcrypt 1.10.1, medians of 400 runs, where an empty program takes
 * 0.94 ms.)  So packages have to name it as a dependency. */
#include "core/base/digest.h"

#include <dlfcn.h>
#include <errno.h>
#include <gcrypt.h>
#include <stdio.h>
#include <string.h>

#include "core/base/error.h"

#define LIBRARY "libgcrypt.so.20"

/* The functions of it that are used here. */
#define FUNCTIONS(X)                                                           \
    X (gcry_check_version)                                                     \
    X (gcry_control)                                                           \
    X (gcry_md_open)                                                           \
    X (gcry_md_write)                                                          \
    X (gcry_md_read)                                                           \
    X (gcry_md_extract)                                                        \
    X (gcry_md_close)                                                          \
    X (gcry_strerror)

#define MEMBER(name) __typeof__ (name) *name;
struct library {
    void *handle;
    FUNCTIONS (MEMBER)
};

/* Returns null, or the reason.  What is hashed is no secret: it needs no locked
 * memory, of which users have little. */
static const char *
load (struct library *l)
{
    l->handle = dlopen (LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!l->handle) {
        return xformat ("%s: install libgcrypt", dlerror ());
    }
#define FIND(name)                                                             \
    l->name = (__typeof__ (name) *)dlsym (l->handle, #name);                   \
    if (!l->name) {                                                            \
        return LIBRARY " has no function " #name;                              \
    }
    FUNCTIONS (FIND)
    l->gcry_check_version (NULL);
    l->gcry_control (GCRYCTL_DISABLE_SECMEM, 0);
    l->gcry_control (GCRYCTL_INITIALIZATION_FINISHED, 0);
    return NULL;
}

/* It stays loaded until the command ends. */
static const struct library *
library (const char **why)
{
    static struct library l;
    static const char *failed;

    if (!l.handle && !failed) {
        failed = load (&l);
    }
    *why = failed;
    return failed ? NULL : &l;
}

static int
digest (int algorithm, const struct digest_part *parts, size_t n, uint8_t *out,
        size_t size, const char **why)
{
    const struct library *l = library (why);
    gcry_md_hd_t md;
    gcry_error_t rc;

    if (!l) {
        return -ENOENT;
    }
    rc = l->gcry_md_open (&md, algorithm, 0);
    if (rc) {
        *why = l->gcry_strerror (rc);
        return -ENOTSUP;
    }
    for (size_t i = 0; i < n; i++) {
        l->gcry_md_write (md, parts[i].bytes, parts[i].n);
    }
    if (algorithm == GCRY_MD_SHAKE128) {
        rc = l->gcry_md_extract (md, algorithm, out, size);
    } else {
        memcpy (out, l->gcry_md_read (md, algorithm), size);
    }
    l->gcry_md_close (md);
    *why = rc ? l->gcry_strerror (rc) : NULL;
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

static int
begin (struct digest *d, int algorithm, size_t size, const char **why)
{
    const struct library *l = library (why);
    gcry_md_hd_t md;
    gcry_error_t rc;

    d->handle = NULL;
    d->size = size;
    if (!l) {
        return -ENOENT;
    }
    rc = l->gcry_md_open (&md, algorithm, 0);
    if (rc) {
        *why = l->gcry_strerror (rc);
        return -ENOTSUP;
    }
    d->handle = md;
    return 0;
}

int
digest_begin (struct digest *d, const char **why)
{
    return begin (d, GCRY_MD_SHA256, DIGEST_SHA256, why);
}

int
digest_begin_512 (struct digest *d, const char **why)
{
    return begin (d, GCRY_MD_SHA512, DIGEST_SHA512, why);
}

void
digest_add (struct digest *d, const void *bytes, size_t n)
{
    const char *why;

    library (&why)->gcry_md_write (d->handle, bytes, n);
}

void
digest_end (struct digest *d, char *hex)
{
    const char *why;
    const uint8_t *hash = library (&why)->gcry_md_read (d->handle, 0);

    for (size_t i = 0; i < d->size; i++) {
        snprintf (hex + 2 * i, 3, "%02x", hash[i]);
    }
    digest_drop (d);
}

void
digest_drop (struct digest *d)
{
    const char *why;

    if (d->handle) {
        library (&why)->gcry_md_close (d->handle);
        d->handle = NULL;
    }
}
