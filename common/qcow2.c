/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The layout, and the limits, are those of QEMU's docs/interop/qcow2.txt and
 * block/qcow2.c: what is refused here QEMU would refuse, too, but for names
 * with control characters, which no honest image has. */
#include "common/qcow2.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"

enum {
    HEADER_V2 = 72,  /* Bytes of a version 2 header. */
    HEADER_V3 = 104, /* Bytes that a version 3 header has. */
    PROBE = 4096,    /* Nearly always holds all we need. */
    ISO9660_MAGIC = 32769,
    BACKING_FORMAT = 0xe2792aca, /* Types of header extensions. */
    DATA_FILE_NAME = 0x44415441,
};

enum result { GOOD, BAD, SHORT };

struct image {
    const uint8_t *data;
    size_t len;
    char *reason;
};

/* ------------------------------------------------------------- Bytes */

static uint32_t
be32 (const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8
           | p[3];
}

static uint64_t
be64 (const uint8_t *p)
{
    return (uint64_t)be32 (p) << 32 | be32 (p + 4);
}

static enum result __attribute__ ((format (printf, 2, 3)))
bad (const struct image *im, const char *fmt, ...)
{
    va_list args;

    va_start (args, fmt);
    vsnprintf (im->reason, QCOW2_REASON, fmt, args);
    va_end (args);
    return BAD;
}

/* Are the bytes from 'offset' on in the buffer?  Neither argument is
 * trusted. */
static enum result
have (const struct image *im, uint64_t offset, uint64_t len)
{
    if (offset > im->len || len > im->len - offset) {
        bad (im, "is truncated within its qcow2 header");
        return SHORT;
    }
    return GOOD;
}

static bool
is_text (const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)s[i] < ' ' || s[i] == 0x7f) {
            return false;
        }
    }
    return true;
}

/* ------------------------------------------------------------- Header */

static enum result
parse_extension (const struct image *im, uint32_t type, const char *data,
                 uint32_t len, struct qcow2_header *out)
{
    if (type == DATA_FILE_NAME) {
        out->data_file_name = true;
    } else if (type == BACKING_FORMAT) {
        if (len >= sizeof out->backing_format || !is_text (data, len)) {
            return bad (im, "has an invalid backing file format");
        }
        memcpy (out->backing_format, data, len);
        out->backing_format[len] = '\0';
    }
    return GOOD;
}

/* Extensions are type, length, data, padded to 8 bytes, until a type of 0 or
 * 'end': that of the first cluster, or the backing file's name. */
static enum result
parse_extensions (const struct image *im, uint64_t at, uint64_t end,
                  struct qcow2_header *out)
{
    while (end >= 8 && at <= end - 8) {
        uint32_t type, len;
        enum result r = have (im, at, 8);

        if (r != GOOD) {
            return r;
        }
        type = be32 (im->data + at);
        len = be32 (im->data + at + 4);
        if (!type) {
            break;
        }
        at += 8;
        if (len > end - at) {
            return bad (im, "has a header extension that is too long");
        }
        r = have (im, at, len);
        if (r == GOOD) {
            r = parse_extension (im, type, (const char *)im->data + at, len,
                                 out);
        }
        if (r != GOOD) {
            return r;
        }
        at += ((uint64_t)len + 7) & ~(uint64_t)7;
    }
    return GOOD;
}

static enum result
parse_backing (const struct image *im, uint64_t offset, uint32_t len,
               struct qcow2_header *out)
{
    const char *name;
    enum result r;

    if (!offset) {
        return GOOD;
    }
    if (offset > UINT64_C (1) << out->cluster_bits
        || len > (UINT64_C (1) << out->cluster_bits) - offset
        || len >= sizeof out->backing) {
        return bad (
            im,
            "has a backing file name that is too long or outside its header");
    }
    r = have (im, offset, len);
    if (r != GOOD) {
        return r;
    }
    name = (const char *)im->data + offset;
    if (!is_text (name, len)) {
        return bad (im, "has control characters in its backing file's name");
    }
    memcpy (out->backing, name, len);
    out->backing[len] = '\0';
    return GOOD;
}

/* Checks the numbers that are there in every version. */
static enum result
parse_fixed (const struct image *im, struct qcow2_header *out)
{
    const uint8_t *p = im->data;
    uint64_t per_l1, l1_size, mask;

    out->cluster_bits = be32 (p + 20);
    out->size = be64 (p + 24);
    out->crypt_method = be32 (p + 32);
    if (out->cluster_bits < 9 || out->cluster_bits > 21) {
        return bad (im, "has an invalid cluster size (2^%" PRIu32 " bytes)",
                    out->cluster_bits);
    }
    /* An entry of the L1 table is for a cluster of 8-byte entries, each of
     * them for a cluster; the table has at most 32 MiB. */
    mask = (UINT64_C (1) << out->cluster_bits) - 1;
    per_l1 = UINT64_C (1) << (2 * out->cluster_bits - 3);
    l1_size = be32 (p + 36);
    if (out->size > INT64_MAX || l1_size > (32u << 20) / 8
        || be64 (p + 40) & mask || be64 (p + 48) & mask
        || be64 (p + 40) > INT64_MAX || be64 (p + 48) > INT64_MAX) {
        return bad (im, "has invalid sizes in its qcow2 header");
    }
    if (out->version >= 3 && be64 (p + 72) & QCOW2_EXTENDED_L2) {
        per_l1 /= 2; /* Its entries have 16 bytes. */
    }
    if (out->size && (out->size - 1) / per_l1 >= l1_size) {
        return bad (im,
                    "has a table too short for its size of %" PRIu64 " bytes",
                    out->size);
    }
    return GOOD;
}

static enum result
parse_version (const struct image *im, struct qcow2_header *out,
               uint64_t *header_len)
{
    enum result r;

    *header_len = HEADER_V2;
    if (im->len < 4 || memcmp (im->data, "QFI\xfb", 4)) {
        return bad (im, "is not a qcow2 image");
    }
    r = have (im, 0, 8);
    if (r != GOOD) {
        return r;
    }
    out->version = be32 (im->data + 4);
    if (out->version < 2 || out->version > 3) {
        return bad (im,
                    "is a qcow image of version %" PRIu32
                    ", and only 2 and 3 are supported",
                    out->version);
    }
    r = have (im, 0, out->version == 2 ? HEADER_V2 : HEADER_V3);
    if (r != GOOD || out->version == 2) {
        return r;
    }
    out->incompatible = be64 (im->data + 72);
    out->autoclear = be64 (im->data + 88);
    *header_len = be32 (im->data + 100);
    if (be32 (im->data + 96) > 6) {
        return bad (im, "has invalid reference counts");
    }
    return GOOD;
}

static enum result
parse (const struct image *im, struct qcow2_header *out)
{
    uint64_t header_len = 0, end, backing;
    enum result r;

    memset (out, 0, sizeof *out);
    r = parse_version (im, out, &header_len);
    if (r == GOOD) {
        r = parse_fixed (im, out);
    }
    if (r != GOOD) {
        return r;
    }
    end = UINT64_C (1) << out->cluster_bits;
    if (header_len > end || (out->version == 3 && header_len < HEADER_V3)) {
        return bad (im, "has a qcow2 header of invalid length");
    }
    backing = be64 (im->data + 8);
    r = parse_backing (im, backing, be32 (im->data + 16), out);
    if (r != GOOD) {
        return r;
    }
    return parse_extensions (im, header_len, backing ? backing : end, out);
}

bool
qcow2_parse (const void *data, size_t len, struct qcow2_header *out,
             char reason[QCOW2_REASON])
{
    const struct image im = { data, len, reason };

    reason[0] = '\0';
    return parse (&im, out) == GOOD;
}

/* ------------------------------------------------------------- Files */

/* Reads as much as there is, up to 'len'; -1 on error. */
static ssize_t
read_at (int fd, void *buffer, size_t len, off_t offset)
{
    size_t done = 0;

    while (done < len) {
        ssize_t n =
            pread (fd, (char *)buffer + done, len - done, offset + (off_t)done);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return -1;
        }
        if (n == 0) {
            break;
        }
        done += (size_t)n;
    }
    return (ssize_t)done;
}

bool
qcow2_read (int fd, struct qcow2_header *out, char reason[QCOW2_REASON])
{
    uint8_t probe[PROBE];
    struct image im = { probe, 0, reason };
    CLEANUP_FREE uint8_t *cluster = NULL;
    enum result r;
    ssize_t n;

    reason[0] = '\0';
    n = read_at (fd, probe, sizeof probe, 0);
    if (n < 0) {
        snprintf (reason, QCOW2_REASON, "cannot be read: %s", strerror (errno));
        return false;
    }
    im.len = (size_t)n;
    r = parse (&im, out);
    /* All of the header is in the first cluster, which is at most 2 MiB. */
    if (r == SHORT && im.len == sizeof probe && out->cluster_bits > 12) {
        size_t size = (size_t)1 << out->cluster_bits;

        cluster = malloc (size);
        n = cluster ? read_at (fd, cluster, size, 0) : -1;
        if (n < 0) {
            snprintf (reason, QCOW2_REASON, "cannot be read: %s",
                      strerror (errno));
            return false;
        }
        im.data = cluster;
        im.len = (size_t)n;
        r = parse (&im, out);
    }
    return r == GOOD;
}

/* ------------------------------------------------------------- Magic */

#define MAGIC(offset, bytes, name)                                             \
    {                                                                          \
        (offset), sizeof (bytes) - 1, (bytes), (name)                          \
    }

static const struct {
    size_t offset, len;
    const char *bytes;
    const char *name;
} magics[] = {
    MAGIC (0, "QFI\xfb\0\0\0\1", "qcow"),
    MAGIC (0, "QFI\xfb", "qcow2"),
    MAGIC (0, "KDMV", "vmdk"),
    MAGIC (0, "COWD", "vmdk"),
    MAGIC (0, "# Disk DescriptorFile", "vmdk"),
    MAGIC (64, "\x7f\x10\xda\xbe", "vdi"),
    MAGIC (0, "vhdxfile", "vhdx"),
    MAGIC (0, "conectix", "vpc"),
    MAGIC (0, "QED\0", "qed"),
    MAGIC (0, "WithoutFreeSpace", "parallels"),
    MAGIC (0, "WithouFreSpacExt", "parallels"),
    MAGIC (0, "LUKS\xba\xbe", "luks"),
    MAGIC (0, "\x1f\x8b\x08", "gzip"),
    MAGIC (0, "BZh", "bzip2"),
    MAGIC (0,
           "\xfd"
           "7zXZ\0",
           "xz"),
    MAGIC (0, "\x28\xb5\x2f\xfd", "zstd"),
    MAGIC (0, "PK\3\4", "zip"),
    MAGIC (257, "ustar", "tar"),
    MAGIC (ISO9660_MAGIC, "CD001", "iso9660"),
};

const char *
bytes_look_like (const void *data, size_t len)
{
    for (size_t i = 0; i < ARRAY_SIZE (magics); i++) {
        if (magics[i].offset + magics[i].len <= len
            && !memcmp ((const char *)data + magics[i].offset, magics[i].bytes,
                        magics[i].len)) {
            return magics[i].name;
        }
    }
    return "raw";
}

const char *
image_looks_like (int fd)
{
    uint8_t start[ISO9660_MAGIC + 5];
    ssize_t n = read_at (fd, start, sizeof start, 0);

    return n < 0 ? "raw" : bytes_look_like (start, (size_t)n);
}
