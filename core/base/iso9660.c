/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* ECMA-119 with SUSP 1.12 and RRIP 1.09 (IEEE P1281, P1282), and Joliet: Linux
 * and the BSDs read the former's names, Windows the latter's.  Both directories
 * list the same data.
 *
 * libarchive writes such images, too, but with the time of day in them; and a
 * guest that is restored must find the disk that it had, byte by byte. */
#include "core/base/iso9660.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 2048

/* The image's blocks; 0 to 15 are for boot loaders. */
enum block {
    PRIMARY = 16,
    JOLIET,
    TERMINATOR,
    PRIMARY_PATHS_LITTLE,
    PRIMARY_PATHS_BIG,
    JOLIET_PATHS_LITTLE,
    JOLIET_PATHS_BIG,
    PRIMARY_ROOT,
    JOLIET_ROOT,
    DATA
};

#define PATHS_SIZE 10 /* A path table with nothing but the root. */
#define NAME_MAX_BYTES 32

static void
put_16 (unsigned char *to, unsigned value, bool big)
{
    to[big ? 1 : 0] = value & 0xff;
    to[big ? 0 : 1] = value >> 8 & 0xff;
}

static void
put_32 (unsigned char *to, size_t value, bool big)
{
    for (size_t i = 0; i < 4; i++) {
        to[big ? 3 - i : i] = value >> (8 * i) & 0xff;
    }
}

/* Most numbers are there twice, in both orders of bytes. */
static void
put_both_16 (unsigned char *to, unsigned value)
{
    put_16 (to, value, false);
    put_16 (to + 2, value, true);
}

static void
put_both_32 (unsigned char *to, size_t value)
{
    put_32 (to, value, false);
    put_32 (to + 4, value, true);
}

/* UCS-2 if 'wide'; ends in spaces. */
static void
put_text (unsigned char *to, size_t size, const char *text, bool wide)
{
    size_t len = strlen (text), step = wide ? 2 : 1;

    for (size_t i = 0; i + step <= size; i += step) {
        size_t k = i / step;

        to[i] = 0;
        to[i + step - 1] = k < len ? (unsigned char)text[k] : ' ';
    }
}

/* ------------------------------------------------------------ Directories */

static size_t
blocks (size_t size)
{
    return (size + BLOCK - 1) / BLOCK;
}

/* Appends a directory record and returns its length.  Its time is that of the
 * epoch; 'name' has 'len' bytes. */
static size_t
put_record (unsigned char *to, const void *name, size_t len, size_t block,
            size_t size, bool directory)
{
    static const unsigned char epoch[7] = { 70, 1, 1, 0, 0, 0, 0 };
    size_t all = 33 + len + (len % 2 ? 0 : 1);

    to[0] = (unsigned char)all;
    put_both_32 (to + 2, block);
    put_both_32 (to + 10, size);
    memcpy (to + 18, epoch, sizeof epoch);
    to[25] = directory ? 2 : 0;
    put_both_16 (to + 28, 1);
    to[32] = (unsigned char)len;
    memcpy (to + 33, name, len);
    return all;
}

/* Appends a field of SUSP to the record, and returns it. */
static unsigned char *
put_field (unsigned char *record, const char *signature, size_t len)
{
    unsigned char *to = record + record[0];

    memcpy (to, signature, 2);
    to[2] = (unsigned char)len;
    to[3] = 1;
    record[0] = (unsigned char)(record[0] + len);
    return to;
}

/* Only the superuser may read what is in it. */
static void
put_mode (unsigned char *record, bool directory)
{
    unsigned char *to = put_field (record, "PX", 36);

    put_both_32 (to + 4, directory ? 040500 : 0100400);
    put_both_32 (to + 12, directory ? 2 : 1);
}

static void
put_rock_ridge (unsigned char *record, const char *name, bool first)
{
    static const char extension[] = "RRIP_1991A";
    unsigned char *to;

    if (first) {
        to = put_field (record, "SP", 7);
        to[4] = 0xbe;
        to[5] = 0xef;
    }
    put_mode (record, !name);
    if (name) {
        to = put_field (record, "NM", 5 + strlen (name));
        memcpy (to + 5, name, strlen (name));
    }
    if (first) {
        to = put_field (record, "ER", 8 + sizeof extension - 1);
        to[4] = sizeof extension - 1;
        to[7] = 1;
        memcpy (to + 8, extension, sizeof extension - 1);
    }
    record[0] = (unsigned char)(record[0] + record[0] % 2);
}

/* A name for readers that know neither extension: up to eight capital letters
 * and digits. */
static size_t
short_name (const char *name, char out[12])
{
    size_t n = 0;

    for (; *name && n < 8; name++) {
        if (isalnum ((unsigned char)*name)) {
            out[n++] = (char)toupper ((unsigned char)*name);
        }
    }
    memcpy (out + n, ".;1", 4);
    return n + 3;
}

static size_t
put_file (unsigned char *to, const struct iso9660_file *f, size_t block,
          bool joliet)
{
    unsigned char wide[2 * NAME_MAX_BYTES];
    size_t len = strlen (f->name);
    char name[12];

    len = len > NAME_MAX_BYTES ? NAME_MAX_BYTES : len;
    if (joliet) {
        put_text (wide, 2 * len, f->name, true);
        put_record (to, wide, 2 * len, block, f->size, false);
    } else {
        put_record (to, name, short_name (f->name, name), block, f->size,
                    false);
        put_rock_ridge (to, f->name, false);
    }
    return to[0];
}

static void
put_directory (unsigned char *image, const struct iso9660_file *files, size_t n,
               bool joliet)
{
    size_t root = joliet ? JOLIET_ROOT : PRIMARY_ROOT, block = DATA;
    unsigned char *to = image + root * BLOCK;

    for (int parent = 0; parent < 2; parent++) {
        put_record (to, parent ? "\1" : "\0", 1, root, BLOCK, true);
        if (!joliet) {
            put_rock_ridge (to, NULL, !parent);
        }
        to += to[0];
    }
    for (size_t i = 0; i < n; i++) {
        to += put_file (to, &files[i], block, joliet);
        block += blocks (files[i].size);
    }
}

/* ------------------------------------------------------------ Descriptors */

static void
put_paths (unsigned char *image, bool joliet)
{
    size_t root = joliet ? JOLIET_ROOT : PRIMARY_ROOT;

    for (int big = 0; big < 2; big++) {
        size_t block =
            (joliet ? JOLIET_PATHS_LITTLE : PRIMARY_PATHS_LITTLE) + (size_t)big;
        unsigned char *to = image + block * BLOCK;

        to[0] = 1;
        put_32 (to + 2, root, big);
        put_16 (to + 6, 1, big);
    }
}

static void
put_head (unsigned char *to, unsigned char type)
{
    to[0] = type;
    memcpy (to + 1, "CD001", 5);
    to[6] = 1;
}

static void
put_descriptor (unsigned char *image, const char *label, size_t all,
                bool joliet)
{
    static const char time[] = "1970010100000000", none[] = "0000000000000000";
    size_t paths = joliet ? JOLIET_PATHS_LITTLE : PRIMARY_PATHS_LITTLE;
    unsigned char *to = image + (joliet ? JOLIET : PRIMARY) * BLOCK;

    put_head (to, joliet ? 2 : 1);
    put_text (to + 8, 32, "", joliet);
    put_text (to + 40, 32, label, joliet);
    put_both_32 (to + 80, all);
    if (joliet) {
        memcpy (to + 88, "%/E", 3); /* UCS-2, level 3. */
    }
    put_both_16 (to + 120, 1);
    put_both_16 (to + 124, 1);
    put_both_16 (to + 128, BLOCK);
    put_both_32 (to + 132, PATHS_SIZE);
    put_32 (to + 140, paths, false);
    put_32 (to + 148, paths + 1, true);
    put_record (to + 156, "\0", 1, joliet ? JOLIET_ROOT : PRIMARY_ROOT, BLOCK,
                true);
    put_text (to + 190, 4 * 128, "", joliet);
    put_text (to + 702, 3 * 37, "", joliet);
    memcpy (to + 813, time, 16);
    memcpy (to + 830, time, 16);
    memcpy (to + 847, none, 16);
    memcpy (to + 864, none, 16);
    to[881] = 1;
}

static int
by_name (const void *a, const void *b)
{
    return strcmp (((const struct iso9660_file *)a)->name,
                   ((const struct iso9660_file *)b)->name);
}

const unsigned char *
iso9660_make (struct arena *a, const char *label,
              const struct iso9660_file files[], size_t n, size_t *size)
{
    struct iso9660_file sorted[ISO9660_FILES] = { 0 };
    size_t all = DATA, block = DATA;
    unsigned char *image;

    n = n > ISO9660_FILES ? ISO9660_FILES : n;
    if (n) {
        memcpy (sorted, files, n * sizeof *files);
        qsort (sorted, n, sizeof *sorted, by_name);
    }
    for (size_t i = 0; i < n; i++) {
        all += blocks (sorted[i].size);
    }
    *size = all * BLOCK;
    image = arena_alloc (a, *size);
    for (int joliet = 0; joliet < 2; joliet++) {
        put_descriptor (image, label, all, joliet);
        put_paths (image, joliet);
        put_directory (image, sorted, n, joliet);
    }
    put_head (image + (size_t)TERMINATOR * BLOCK, 255);
    for (size_t i = 0; i < n; i++) {
        if (sorted[i].size) {
            memcpy (image + block * BLOCK, sorted[i].bytes, sorted[i].size);
        }
        block += blocks (sorted[i].size);
    }
    return image;
}
