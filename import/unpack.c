/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* hvctl-unpack SOURCE TARGET LIMIT: writes the disk image that is in SOURCE, a
 * compressed file or an archive, to TARGET, which exists and is empty, but no
 * more than LIMIT bytes.  Holes stay holes.  Prints a dot now and then, and at
 * the end a line: "ok", or "error" and the reason.  Run by hvctl, in a jail,
 * where it can open these two files and nothing else. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/qcow2.h"
#include "common/size.h"
#include "core/base/error.h"
#include "core/base/output.h"

#define BLOCK ((size_t)64 << 10)
#define DOT (UINT64_C (32) << 20) /* Bytes between two of them. */
#define MOST_MEMBERS 10000

struct unpacking {
    struct archive *archive;
    int to;
    uint64_t limit, dotted;
    bool found;
    char name[256]; /* Of the image, for messages. */
};

static bool refuse (const char *fmt, ...)
    __attribute__ ((format (printf, 1, 2)));

static bool
refuse (const char *fmt, ...)
{
    char text[1024];
    va_list args;

    va_start (args, fmt);
    vsnprintf (text, sizeof text, fmt, args);
    va_end (args);
    for (char *p = text; *p; p++) {
        *p = (unsigned char)*p < ' ' || *p == 0x7f ? '?' : *p;
    }
    out ("\nerror %s\n", text);
    return false;
}

static bool
refuse_archive (const struct unpacking *u)
{
    const char *why = archive_error_string (u->archive);

    return refuse ("cannot be unpacked: %s", why ? why : "it is damaged");
}

static bool
is_zero (const uint8_t *block, size_t n)
{
    return block[0] == 0 && !memcmp (block, block + 1, n - 1);
}

static bool
write_block (struct unpacking *u, const uint8_t *data, size_t n, uint64_t at)
{
    for (size_t done = 0; done < n;) {
        size_t part = n - done < BLOCK ? n - done : BLOCK;

        errno = ENOSPC;
        if (!is_zero (data + done, part)
            && pwrite (u->to, data + done, part, (off_t)(at + done))
                   != (ssize_t)part) {
            return refuse ("cannot be unpacked: %s", strerror (errno));
        }
        done += part;
    }
    return true;
}

/* Writes the contents of the current member. */
static bool
write_image (struct unpacking *u)
{
    struct error ignored = { 0 };
    char most[32];
    const void *data;
    la_int64_t at;
    uint64_t end = 0;
    size_t n;
    int rc;

    while ((rc = archive_read_data_block (u->archive, &data, &n, &at))
           == ARCHIVE_OK) {
        if (at < 0 || (uint64_t)at > u->limit || n > u->limit - (uint64_t)at) {
            return refuse ("is larger than %s when it is unpacked "
                           "(--max-size allows more)",
                           format_size (u->limit, most, sizeof most));
        }
        if (!write_block (u, data, n, (uint64_t)at)) {
            return false;
        }
        end = (uint64_t)at + n > end ? (uint64_t)at + n : end;
        if (end - u->dotted >= DOT) {
            u->dotted = end;
            out (".");
            output_flush (&ignored); /* It shows that we are alive. */
        }
    }
    if (rc != ARCHIVE_EOF) {
        return refuse_archive (u);
    }
    return ftruncate (u->to, (off_t)end) == 0
           || refuse ("cannot be unpacked: %s", strerror (errno));
}

/* Would it be outside of a directory that it was unpacked to?  We create no
 * files, but whoever made that is up to something. */
static bool
is_outside (const char *name)
{
    for (const char *p = name; *p; p += strcspn (p, "/"), p += *p == '/') {
        if (!strncmp (p, "..", 2) && (!p[2] || p[2] == '/')) {
            return true;
        }
    }
    return *name == '/';
}

static bool
is_image (const char *name)
{
    static const char *const suffixes[] = { ".raw", ".img",  ".qcow2",
                                            ".vdi", ".vmdk", ".vhdx" };
    size_t len = strlen (name);

    for (size_t i = 0; i < ARRAY_SIZE (suffixes); i++) {
        size_t end = strlen (suffixes[i]);

        if (len > end && !strcmp (name + len - end, suffixes[i])) {
            return true;
        }
    }
    return false;
}

static bool
take_member (struct unpacking *u, struct archive_entry *entry)
{
    const char *name = archive_entry_pathname (entry);
    bool alone = archive_format (u->archive) == ARCHIVE_FORMAT_RAW;

    if (!alone && (!name || is_outside (name))) {
        return refuse ("is an archive with a member outside of it, '%s'",
                       name ? name : "?");
    }
    if (!alone
        && (archive_entry_filetype (entry) != AE_IFREG || !is_image (name)
            || archive_entry_hardlink (entry))) {
        return true;
    }
    if (u->found) {
        return refuse ("has several disk images (%s, %s): unpack it, and "
                       "import the one that you want",
                       u->name, name);
    }
    u->found = true;
    snprintf (u->name, sizeof u->name, "%s", alone ? "" : name);
    return write_image (u);
}

static bool
unpack (struct unpacking *u)
{
    struct archive_entry *entry;
    int rc;

    for (size_t i = 0;
         (rc = archive_read_next_header (u->archive, &entry)) == ARCHIVE_OK;
         i++) {
        if (i == MOST_MEMBERS) {
            return refuse ("is an archive with too many members");
        }
        if (archive_entry_is_encrypted (entry)) {
            return refuse ("is encrypted, which hvctl does not support");
        }
        if (!take_member (u, entry)) {
            return false;
        }
    }
    if (rc != ARCHIVE_EOF) {
        return refuse_archive (u);
    }
    return u->found
           || refuse ("has no disk image in it: a file whose name ends in "
                      ".raw, .img, .qcow2, .vmdk, .vdi or .vhdx");
}

/* Compressions that images come in, and no others; none of these runs a
 * program.  A header may ask for memory: liblzma is told at most 1 GiB by
 * libarchive, and libzstd allows 128 MiB by itself. */
static bool
open_archive (struct unpacking *u, int from, int (*format) (struct archive *))
{
    struct archive *a = u->archive = archive_read_new ();

    if (!a) {
        return refuse ("cannot be unpacked: out of memory");
    }
    archive_read_support_filter_gzip (a);
    archive_read_support_filter_bzip2 (a);
    archive_read_support_filter_xz (a);
    archive_read_support_filter_zstd (a);
    format (a);
    return (lseek (from, 0, SEEK_SET) == 0
            && archive_read_open_fd (a, from, 1 << 18) == ARCHIVE_OK)
           || refuse_archive (u);
}

static void
close_archive (struct unpacking *u)
{
    if (u->archive) {
        archive_read_free (u->archive);
        u->archive = NULL;
    }
}

/* Stores the format of what is compressed.  libarchive would take a disk that
 * begins with zeros for an empty tar file. */
static bool
find_format (struct unpacking *u, int from, int (**format) (struct archive *))
{
    struct archive_entry *entry;
    uint8_t start[2 * 512];
    const char *is;
    la_ssize_t n;

    if (!open_archive (u, from, archive_read_support_format_raw)) {
        return false;
    }
    n = archive_read_next_header (u->archive, &entry) == ARCHIVE_OK
            ? archive_read_data (u->archive, start, sizeof start)
            : -1;
    if (n < 0) {
        return refuse_archive (u);
    }
    is = bytes_look_like (start, (size_t)n);
    *format = !strcmp (is, "tar")   ? archive_read_support_format_tar
              : !strcmp (is, "zip") ? archive_read_support_format_zip
                                    : archive_read_support_format_raw;
    close_archive (u);
    return true;
}

int
main (int argc, char **argv)
{
    int (*format) (struct archive *) = NULL;
    struct unpacking u = { .to = -1 };
    struct error err = { 0 };
    CLEANUP_CLOSE int from = -1;
    bool good;

    output_begin ();
    if (argc != 4 || !parse_size (argv[3], &u.limit)) {
        return EXIT_USAGE; /* It is run by hvctl alone. */
    }
    from = open (argv[1], O_RDONLY | O_CLOEXEC);
    u.to = open (argv[2], O_WRONLY | O_CLOEXEC);
    if (from < 0 || u.to < 0) {
        good = refuse ("cannot be opened: %s", strerror (errno));
    } else {
        good = find_format (&u, from, &format)
               && open_archive (&u, from, format) && unpack (&u);
    }
    close_archive (&u);
    close_fd (u.to);
    if (good) {
        out ("\nok\n");
    }
    return output_end (&err) < 0 ? EXIT_ERROR : EXIT_OK;
}
