/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/image-content.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/base/interrupt.h"

#define BLOCK ((size_t)64 << 10)

static bool
is_zero (const uint8_t *block, size_t n)
{
    return block[0] == 0 && !memcmp (block, block + 1, n - 1);
}

static int
begin (int (*with) (struct digest *, const char **), struct digest *d,
       struct error *err)
{
    const char *why = NULL;

    return with (d, &why) < 0
               ? fail (err, ENOTSUP, "cannot compute a checksum: %s", why)
               : 0;
}

/* Reads a whole block: fewer bytes only at the end. */
static int
read_block (int fd, uint8_t *block, size_t n, uint64_t at, const char *name,
            struct error *err)
{
    size_t done = 0;

    while (done < n) {
        ssize_t part = pread (fd, block + done, n - done, (off_t)(at + done));

        if (interrupt_came) {
            return fail (err, EINTR, "interrupted");
        }
        if (part < 0 && errno != EINTR) {
            return fail (err, errno, "cannot read %s: %m", name);
        }
        if (part == 0) {
            return fail (err, EIO, "%s has become shorter while it was read",
                         name);
        }
        done += part > 0 ? (size_t)part : 0;
    }
    return 0;
}

static void
tell (struct hvctl *h, uint64_t done, uint64_t total)
{
    if (h->progress) {
        h->progress (h->progress_data, done, total);
    }
}

static int
copy_block (int to, const uint8_t *block, size_t n, uint64_t at,
            const char *name, struct error *err)
{
    errno = ENOSPC;
    return to >= 0 && !is_zero (block, n)
                   && pwrite (to, block, n, (off_t)at) != (ssize_t)n
               ? fail (err, errno, "cannot copy %s: %m", name)
               : 0;
}

/* Hashes a file, and copies it, unless 'to' is -1. */
static int
read_all (struct hvctl *h, int from, const char *name, int to, uint64_t size,
          struct digest digests[2], struct error *err)
{
    CLEANUP_FREE uint8_t *block = xalloc (BLOCK);

    for (uint64_t at = 0; at < size;) {
        size_t n = size - at < BLOCK ? (size_t)(size - at) : BLOCK;

        if (read_block (from, block, n, at, name, err) < 0
            || copy_block (to, block, n, at, name, err) < 0) {
            return -err->code;
        }
        for (int i = 0; i < 2 && digests[i].handle; i++) {
            digest_add (&digests[i], block, n);
        }
        at += n;
        tell (h, at, size);
    }
    return to >= 0 && ftruncate (to, (off_t)size) < 0
               ? fail (err, errno, "cannot copy %s: %m", name)
               : 0;
}

int
image_content_copy (struct hvctl *h, int from, const char *name, int to,
                    uint64_t size, struct image_hashes *hashes,
                    struct error *err)
{
    struct digest digests[2] = { { 0 }, { 0 } };

    hashes->sha512[0] = '\0';
    if (begin (digest_begin, &digests[0], err) < 0
        || (hashes->want_512 && begin (digest_begin_512, &digests[1], err) < 0)
        || read_all (h, from, name, to, size, digests, err) < 0) {
        digest_drop (&digests[0]);
        digest_drop (&digests[1]);
        return -err->code;
    }
    digest_end (&digests[0], hashes->sha256);
    if (hashes->want_512) {
        digest_end (&digests[1], hashes->sha512);
    }
    return 0;
}

int
image_content_sum (struct hvctl *h, int fd, const char *name, uint64_t size,
                   struct image_hashes *hashes, struct error *err)
{
    return image_content_copy (h, fd, name, -1, size, hashes, err);
}

/* As in a file: little-endian, whatever the host is. */
static void
add_number (struct digest *d, uint64_t number)
{
    uint8_t bytes[8];

    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(number >> 8 * i);
    }
    digest_add (d, bytes, sizeof bytes);
}

int
image_content_hash (struct hvctl *h, int fd, const char *name, uint64_t size,
                    char hex[DIGEST_HEX], struct error *err)
{
    CLEANUP_FREE uint8_t *block = xalloc (BLOCK);
    struct digest d = { 0 };

    if (begin (digest_begin, &d, err) < 0) {
        return -err->code;
    }
    for (uint64_t at = 0; at < size && !err->code;) {
        off_t data = lseek (fd, (off_t)at, SEEK_DATA);
        size_t n;

        if (data < 0 && errno == ENXIO) {
            break;
        }
        at = data > (off_t)at ? (uint64_t)data - (uint64_t)data % BLOCK : at;
        n = size - at < BLOCK ? (size_t)(size - at) : BLOCK;
        if (read_block (fd, block, n, at, name, err) == 0
            && !is_zero (block, n)) {
            add_number (&d, at / BLOCK);
            digest_add (&d, block, n);
        }
        at += n;
        tell (h, at, size);
    }
    if (err->code) {
        digest_drop (&d);
        return -err->code;
    }
    add_number (&d, size);
    digest_end (&d, hex);
    return 0;
}

void
image_content_grown (void *growth, uint64_t ignored)
{
    const struct image_growth *g = growth;
    struct stat st;

    (void)ignored;
    if (g->h->progress && fstat (g->fd, &st) == 0) {
        g->h->progress (g->h->progress_data, (uint64_t)st.st_blocks * 512, 0);
    }
}
