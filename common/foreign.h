/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Reads the headers of disk images of any origin, before a program that would
 * follow them does: which format, which size, and whether its data, or a part
 * of it, is in another file.  Every byte is untrusted. */
#ifndef COMMON_FOREIGN_H
#define COMMON_FOREIGN_H

#include <stdbool.h>
#include <stdint.h>

#define FOREIGN_REASON 256 /* The size of a 'reason'. */

/* The largest disk; a header that states more is damaged. */
#define FOREIGN_MOST (UINT64_C (64) << 40)

struct foreign {
    const char *format; /* By QEMU's name: "raw", "qcow2", "vmdk", "vdi",
                         * "vhdx". */
    uint64_t size;      /* As the guest sees it. */
};

/* Returns false if it is no image that can be used alone, and stores the reason
 * in 'reason', as a text that follows "FILE ": "is empty".  Does not move the
 * file's position. */
bool foreign_read (int fd, struct foreign *out, char reason[FOREIGN_REASON]);

#endif /* COMMON_FOREIGN_H */
