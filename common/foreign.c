/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "common/foreign.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/qcow2.h"

#define SECTOR 512

struct image {
    int fd;
    uint64_t length;
    struct foreign *out;
    char *reason;
};

static bool
refuse (const struct image *im, const char *why)
{
    snprintf (im->reason, FOREIGN_REASON, "%s", why);
    return false;
}

static uint64_t
little (const uint8_t *p, size_t n)
{
    uint64_t value = 0;

    while (n-- > 0) {
        value = value << 8 | p[n];
    }
    return value;
}

/* Reads exactly that much. */
static bool
read_exactly (const struct image *im, uint64_t at, void *buffer, size_t n)
{
    if (at > im->length || im->length - at < n
        || pread (im->fd, buffer, n, (off_t)at) != (ssize_t)n) {
        return refuse (im, "is truncated: its header is not complete");
    }
    return true;
}

static bool
finish (const struct image *im, const char *format, uint64_t size)
{
    if (size == 0) {
        return refuse (im, "is a disk without a size");
    }
    if (size > FOREIGN_MOST) {
        return refuse (im, "states a size of more than 64T: its header is "
                           "damaged");
    }
    *im->out = (struct foreign){ format, size };
    return true;
}

/* ------------------------------------------------------------------ raw */

static bool
read_raw (const struct image *im)
{
    if (im->length % SECTOR) {
        return refuse (im, "is no disk image that is known, or truncated: its "
                           "length is not a multiple of 512 bytes");
    }
    return finish (im, "raw", im->length);
}

/* ---------------------------------------------------------------- qcow2 */

static bool
read_qcow2 (const struct image *im)
{
    char reason[QCOW2_REASON];
    struct qcow2_header header;

    if (!qcow2_read (im->fd, &header, reason)) {
        return refuse (im, reason);
    }
    if (header.backing[0]) {
        snprintf (im->reason, FOREIGN_REASON,
                  "has a backing file, %.100s, without which it is not "
                  "complete: flatten it where that is, with 'qemu-img convert "
                  "-O qcow2'",
                  header.backing);
        return false;
    }
    if (header.incompatible & QCOW2_DATA_FILE || header.data_file_name) {
        return refuse (im, "keeps its data in another file, named in its "
                           "header, which hvctl does not open");
    }
    if (header.crypt_method) {
        return refuse (im, "is encrypted, which hvctl does not support");
    }
    if (header.incompatible & QCOW2_CORRUPT) {
        return refuse (im, "is marked corrupt");
    }
    if (header.incompatible & ~(uint64_t)QCOW2_KNOWN) {
        return refuse (im, "has features that this hvctl does not know");
    }
    return finish (im, "qcow2", header.size);
}

/* ----------------------------------------------------------------- vmdk */

/* VMware's "Virtual Disk Format 5.0"; block/vmdk.c of QEMU, which looks for the
 * parent in these bytes, wherever the header says that the descriptor is. */
#define VMDK_DESCRIPTOR SECTOR
#define VMDK_DESCRIPTOR_SIZE ((size_t)20 * SECTOR)

static const char elsewhere[] =
    "is a vmdk image whose data is in other files: export it as one file "
    "(monolithicSparse or streamOptimized)";

static bool
check_descriptor (const struct image *im, uint64_t at, size_t size,
                  bool createtype)
{
    CLEANUP_FREE char *text = calloc (1, size + 1);
    uint64_t there = im->length > at ? im->length - at : 0;

    if (!text) {
        return refuse (im, "cannot be read: out of memory");
    }
    if (!read_exactly (im, at, text, there < size ? (size_t)there : size)) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        text[i] = text[i] ? text[i] : '\n'; /* QEMU reads behind a NUL, too. */
    }
    if (strstr (text, "parentFileNameHint")) {
        return refuse (im, "has a parent image, without which it is not "
                           "complete: flatten it where that is");
    }
    if (createtype && !strstr (text, "createType=\"monolithicSparse\"")
        && !strstr (text, "createType=\"streamOptimized\"")) {
        return refuse (im, elsewhere);
    }
    return true;
}

static bool
read_vmdk (const struct image *im)
{
    uint64_t capacity, at, sectors;
    uint8_t head[SECTOR];

    if (!read_exactly (im, 0, head, 4)) {
        return false;
    }
    if (memcmp (head, "KDMV", 4) != 0) {
        return refuse (im, elsewhere);
    }
    if (!read_exactly (im, 0, head, sizeof head)) {
        return false;
    }
    capacity = little (head + 12, 8);
    at = little (head + 28, 8);
    sectors = little (head + 36, 8);
    /* Without a capacity, QEMU takes the extents from the descriptor. */
    if (capacity == 0 || capacity > FOREIGN_MOST / SECTOR) {
        return refuse (im, "is a vmdk image without a valid size");
    }
    if (at == 0 || at > im->length / SECTOR || sectors == 0 || sectors > 2048) {
        return refuse (im, "is a vmdk image without a descriptor");
    }
    return check_descriptor (im, at * SECTOR, (size_t)sectors * SECTOR, true)
           && check_descriptor (im, VMDK_DESCRIPTOR, VMDK_DESCRIPTOR_SIZE,
                                false)
           && finish (im, "vmdk", capacity * SECTOR);
}

/* ------------------------------------------------------------------ vdi */

/* VirtualBox's VDICore.h; block/vdi.c of QEMU. */
static bool
read_vdi (const struct image *im)
{
    static const uint8_t none[16];
    uint8_t head[SECTOR];
    uint64_t type;

    if (!read_exactly (im, 0, head, sizeof head)) {
        return false;
    }
    type = little (head + 76, 4);
    if (little (head + 68, 4) != 0x00010001) {
        return refuse (im, "is a vdi image of an unknown version");
    }
    if (memcmp (head + 424, none, sizeof none) != 0
        || memcmp (head + 440, none, sizeof none) != 0
        || (type != 1 && type != 2)) {
        return refuse (im, "is a vdi image that depends on another one: "
                           "clone it in VirtualBox, which makes it complete");
    }
    return finish (im, "vdi", little (head + 368, 8));
}

/* ----------------------------------------------------------------- vhdx */

/* [MS-VHDX] 2.2.3, 2.6; a region's entry is GUID, offset, length, flags, a
 * metadata item's GUID, offset, length, flags.  The first region table is
 * used, like in block/vhdx.c of QEMU. */
#define VHDX_REGIONS (192 * 1024)
#define VHDX_ENTRY 32
#define VHDX_MOST_ENTRIES 2047
#define VHDX_HAS_PARENT 2

static const uint8_t vhdx_metadata[16] = { 0x06, 0xa2, 0x7c, 0x8b, 0x90, 0x47,
                                           0x9a, 0x4b, 0xb8, 0xfe, 0x57, 0x5f,
                                           0x05, 0x0f, 0x88, 0x6e };
static const uint8_t vhdx_parameters[16] = { 0x37, 0x67, 0xa1, 0xca, 0x36, 0xfa,
                                             0x43, 0x4d, 0xb3, 0xb6, 0x33, 0xf0,
                                             0xaa, 0x44, 0xe7, 0x6b };
static const uint8_t vhdx_size[16] = { 0x24, 0x42, 0xa5, 0x2f, 0x1b, 0xcd,
                                       0x76, 0x48, 0xb2, 0x11, 0x5d, 0xbe,
                                       0xd8, 0x3b, 0xf4, 0xb8 };

/* Stores the number that the table's entry of 'guid' has behind it. */
static bool
find_entry (const struct image *im, uint64_t first, uint64_t n,
            const uint8_t *guid, size_t width, uint64_t *out)
{
    uint8_t entry[VHDX_ENTRY];

    for (uint64_t i = 0; i < n; i++) {
        if (!read_exactly (im, first + i * VHDX_ENTRY, entry, sizeof entry)) {
            return false;
        }
        if (!memcmp (entry, guid, 16)) {
            *out = little (entry + 16, width);
            return true;
        }
    }
    return refuse (im, "is a vhdx image whose metadata is damaged");
}

static bool
read_vhdx (const struct image *im)
{
    uint64_t region, n, parameters, size;
    uint8_t head[32], item[8];

    if (!read_exactly (im, VHDX_REGIONS, head, sizeof head)) {
        return false;
    }
    n = little (head + 8, 4);
    if (memcmp (head, "regi", 4) != 0 || n > VHDX_MOST_ENTRIES) {
        return refuse (im, "is a vhdx image whose region table is damaged");
    }
    if (!find_entry (im, VHDX_REGIONS + 16, n, vhdx_metadata, 8, &region)
        || !read_exactly (im, region, head, sizeof head)) {
        return false;
    }
    n = little (head + 10, 2);
    if (memcmp (head, "metadata", 8) != 0 || n > VHDX_MOST_ENTRIES) {
        return refuse (im, "is a vhdx image whose metadata is damaged");
    }
    if (!find_entry (im, region + 32, n, vhdx_parameters, 4, &parameters)
        || !find_entry (im, region + 32, n, vhdx_size, 4, &size)
        || !read_exactly (im, region + parameters, item, sizeof item)) {
        return false;
    }
    if (little (item + 4, 4) & VHDX_HAS_PARENT) {
        return refuse (im, "has a parent image, without which it is not "
                           "complete: merge it where that is");
    }
    return read_exactly (im, region + size, item, sizeof item)
           && finish (im, "vhdx", little (item, 8));
}

/* ----------------------------------------------------------- The others */

static bool
refuse_other (const struct image *im, const char *is)
{
    static const struct {
        const char *is, *why;
    } others[] = {
        { "gzip", "is compressed: unpack it first (gzip -d)" },
        { "bzip2", "is compressed: unpack it first (bzip2 -d)" },
        { "xz", "is compressed: unpack it first (xz -d)" },
        { "zstd", "is compressed: unpack it first (zstd -d)" },
        { "zip", "is an archive: unpack it first (unzip)" },
        { "tar", "is an archive: unpack it first (tar -x)" },
        { "iso9660", "is a CD-ROM image, which needs no import: name its path "
                     "as the 'cdrom' of a disk" },
        { "luks", "is encrypted, which hvctl does not support" },
    };

    for (size_t i = 0; i < ARRAY_SIZE (others); i++) {
        if (!strcmp (others[i].is, is)) {
            return refuse (im, others[i].why);
        }
    }
    snprintf (im->reason, FOREIGN_REASON,
              "has format '%s', which is not imported: convert it with "
              "'qemu-img convert -f %s -O qcow2' if you trust it",
              is, is);
    return false;
}

bool
foreign_read (int fd, struct foreign *out, char reason[FOREIGN_REASON])
{
    static const struct {
        const char *format;
        bool (*read) (const struct image *im);
    } readers[] = {
        { "raw", read_raw }, { "qcow2", read_qcow2 }, { "vmdk", read_vmdk },
        { "vdi", read_vdi }, { "vhdx", read_vhdx },
    };
    struct image im = { fd, 0, out, reason };
    const char *is;
    struct stat st;

    reason[0] = '\0';
    if (fstat (fd, &st) < 0) {
        snprintf (reason, FOREIGN_REASON, "cannot be read: %s",
                  strerror (errno));
        return false;
    }
    if (!S_ISREG (st.st_mode)) {
        return refuse (&im, "is not a regular file");
    }
    im.length = (uint64_t)st.st_size;
    if (im.length == 0) {
        return refuse (&im, "is empty");
    }
    is = image_looks_like (fd);
    for (size_t i = 0; i < ARRAY_SIZE (readers); i++) {
        if (!strcmp (readers[i].format, is)) {
            return readers[i].read (&im);
        }
    }
    return refuse_other (&im, is);
}
