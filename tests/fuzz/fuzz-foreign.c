/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Fuzzes the reader of the headers of images from elsewhere.  Input that begins
 * with "regi" is the region table of a vhdx image, and what is behind it. */
#include "tests/fuzz/fuzz.h"

#include "common/foreign.h"

#define REGIONS (192 * 1024)

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t len)
{
    static int fd = -1;
    bool vhdx = len > 4 && !memcmp (data, "regi", 4);
    char reason[FOREIGN_REASON];
    struct foreign is = { 0 };

    fd = fd < 0 ? memfd_create ("fuzz-foreign", MFD_CLOEXEC) : fd;
    MUST (fd >= 0 && ftruncate (fd, 0) == 0);
    MUST (!vhdx || pwrite (fd, "vhdxfile", 8, 0) == 8);
    MUST (pwrite (fd, data, len, vhdx ? REGIONS : 0) == (ssize_t)len);
    if (foreign_read (fd, &is, reason)) {
        MUST (is.format && is.size > 0 && is.size <= FOREIGN_MOST);
    } else {
        MUST (reason[0]);
        fuzz_check_text (reason, sizeof reason);
    }
    return 0;
}
