/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Reads the header of a qcow2 image, and detects image formats by their magic.
 *
 * hvctl reads an image with this before any other program does: the
 * header may name other files of the host (CVE-2024-4467, CVE-2024-32498,
 * CVE-2026-24708), and qemu-img would follow it.  Every byte is untrusted. */
#ifndef COMMON_QCOW2_H
#define COMMON_QCOW2_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QCOW2_REASON 160 /* The size of a 'reason'. */

/* Bits of 'incompatible'. */
#define QCOW2_DIRTY (1u << 0) /* Reference counts may be off: harmless. */
#define QCOW2_CORRUPT (1u << 1)
#define QCOW2_DATA_FILE (1u << 2) /* The data is in another file. */
#define QCOW2_COMPRESSION (1u << 3)
#define QCOW2_EXTENDED_L2 (1u << 4)
#define QCOW2_KNOWN 0x1fu

/* Bits of 'autoclear': a program that does not support one must clear it
 * when it writes. */
#define QCOW2_BITMAPS (1u << 0)

struct qcow2_header {
    uint32_t version;      /* 2 or 3. */
    uint32_t cluster_bits; /* 9 to 21. */
    uint64_t size;         /* As the guest sees it. */
    uint32_t crypt_method; /* 0: not encrypted. */
    uint64_t incompatible, autoclear;
    bool data_file_name;     /* An extension names an external data file,
                              * whatever 'incompatible' says. */
    char backing[1024];      /* As it is in the header; "" for none. */
    char backing_format[16]; /* "" if the header does not tell. */
};

/* Reads the header in the first 'len' bytes of an image.  Returns false if they
 * are not a header, and stores the reason in 'reason', as a text that follows
 * "FILE ": "is not a qcow2 image". */
bool qcow2_parse (const void *data, size_t len, struct qcow2_header *out,
                  char reason[QCOW2_REASON]);

/* The same, from a file.  Does not move the file's position. */
bool qcow2_read (int fd, struct qcow2_header *out, char reason[QCOW2_REASON]);

/* Returns the format that the first bytes of an image look like, by QEMU's
 * names: "qcow2", "qcow", "vmdk", "vdi", "vhdx", "vpc", "qed", "parallels",
 * "luks"; or "iso9660"; or its packing: "gzip", "bzip2", "xz", "zstd", "zip",
 * "tar"; otherwise "raw".  A guest can make its raw disk look like any of
 * these, so this is for messages and for files that a person gives to hvctl,
 * and never decides how an existing disk is opened. */
const char *bytes_look_like (const void *data, size_t len);
const char *image_looks_like (int fd);

#endif /* COMMON_QCOW2_H */
