/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/image-keys.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/base/armor.h"
#include "core/base/file.h"
#include "core/base/trust.h"
#include "core/config/host.h"

static const char *const suffixes[] = { "", ".gpg", ".pgp", ".asc" };

/* Keyrings of distributions, for what they sign themselves.  Not all of
 * /usr/share/keyrings: other publishers install theirs there, too, to sign
 * packages. */
static const char *const distributions[] = {
    "/usr/share/keyrings/ubuntu-cloudimage-keyring.gpg",
    "/usr/share/keyrings/debian-role-keys.gpg",
    "/usr/share/keyrings/debian-role-keys.pgp",
};
static const char *const distribution_dirs[] = {
    "/usr/share/keyrings",
    "/usr/share/distribution-gpg-keys/fedora",
    "/usr/share/distribution-gpg-keys/alpine",
    "/etc/pki/rpm-gpg",
};

bool
image_keys_is_fingerprint (const char *key)
{
    size_t n = strlen (key);

    return (n == 40 || n == 64) && strspn (key, "0123456789abcdefABCDEF") == n;
}

/* Writes the keys of a file, which may have armor. */
static int
add (const char *path, int to, struct error *err)
{
    struct error why = { 0 };
    size_t size = 0;
    CLEANUP_FREE char *text = file_load (path, &size, &why);
    CLEANUP_FREE uint8_t *keys = NULL;

    if (!text) {
        return fail (err, why.code, "%s %s", path, why.text);
    }
    if (armor_is (text)) {
        keys = armor_decode (text, &size);
    } else if ((uint8_t)text[0] & 0x80) {
        keys = (uint8_t *)steal (&text); /* Packets (RFC 9580, 4.2). */
    }
    if (!keys || !size) {
        return fail_exit (err, EXIT_CONFIG, EINVAL,
                          "%s is not a keyring of OpenPGP: export the keys "
                          "with 'gpg --export', or remove the file",
                          path);
    }
    errno = ENOSPC;
    return write (to, keys, size) == (ssize_t)size
               ? 0
               : fail (err, errno, "cannot write the keys: %m");
}

static int
add_dir (struct hvctl *h, const char *dir, int to, struct error *err)
{
    struct vec names = { 0 };

    if (file_names (&h->arena, dir, &names) < 0) {
        return 0;
    }
    if (trust_path (dir, err) < 0) {
        return -err->code;
    }
    for (size_t i = 0; i < names.n; i++) {
        const char *path =
            arena_format (&h->arena, "%s/%s", dir, (char *)names.p[i]);

        if (add (path, to, err) < 0) {
            return -err->code;
        }
    }
    return 0;
}

/* Returns the path of a keyring by its name, with or without its suffix. */
static const char *
find (struct hvctl *h, const char *dir, const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE (suffixes); i++) {
        const char *path =
            arena_format (&h->arena, "%s/%s%s", dir, name, suffixes[i]);

        if (file_is_there (path)) {
            return path;
        }
    }
    return NULL;
}

/* One keyring, and no other key. */
static int
add_named (struct hvctl *h, const char *name, int to, const char **from,
           struct error *err)
{
    const char *path = find (h, h->host->image_keys, name);

    for (size_t i = 0; i < ARRAY_SIZE (distribution_dirs) && !path; i++) {
        path = find (h, distribution_dirs[i], name);
    }
    if (!path) {
        *from = arena_format (&h->arena,
                              "keyring '%s', which is missing: put it into %s",
                              name, h->host->image_keys);
        return 0;
    }
    *from = path;
    return add (path, to, err);
}

static int
add_all (struct hvctl *h, int to, const char **from, struct error *err)
{
    *from = arena_format (&h->arena,
                          "the keyrings in %s, and those of "
                          "distributions",
                          h->host->image_keys);
    for (size_t i = 0; i < ARRAY_SIZE (distributions); i++) {
        if (file_is_there (distributions[i])
            && add (distributions[i], to, err) < 0) {
            return -err->code;
        }
    }
    return add_dir (h, h->host->image_keys, to, err);
}

/* gpgv asks by access(2) whether it may read a keyring, which is checked in the
 * jail, for its own user. */
int
image_keys_write (struct hvctl *h, const char *key, const char *path,
                  const char **from, struct error *err)
{
    CLEANUP_CLOSE int to = open (
        path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (to < 0 || fchmod (to, 0644) < 0) {
        return fail (err, errno, "cannot create %s: %m", path);
    }
    return key && !image_keys_is_fingerprint (key)
               ? add_named (h, key, to, from, err)
               : add_all (h, to, from, err);
}
