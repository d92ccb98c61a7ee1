/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/image-unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/qcow2.h"
#include "core/config/host.h"
#include "core/machine/image-content.h"
#include "core/process/program.h"

#define STALLED 600000 /* ms, without a sign of life. */
#define MOST_OUTPUT 65536

bool
image_unpack_is (int fd)
{
#ifdef HAVE_ARCHIVE
    static const char *const packed[] = { "gzip", "bzip2", "xz",
                                          "zstd", "zip",   "tar" };
    const char *is = image_looks_like (fd);

    for (size_t i = 0; i < ARRAY_SIZE (packed); i++) {
        if (!strcmp (packed[i], is)) {
            return true;
        }
    }
#else
    (void)fd;
#endif
    return false;
}

/* The last line is the result. */
static int
read_result (int output, const char *name, struct error *err)
{
    CLEANUP_FREE char *text = xalloc (MOST_OUTPUT + 1);
    off_t size = lseek (output, 0, SEEK_END);
    off_t from = size > MOST_OUTPUT ? size - MOST_OUTPUT : 0;
    ssize_t n = pread (output, text, MOST_OUTPUT, from);
    char *last;

    text[n > 0 ? n : 0] = '\0';
    text[strcspn (text, "\n")] = *text ? '.' : '\0';
    last = strrchr (text, '\n');
    if (last) {
        *last = '\0'; /* Its end. */
    }
    last = strrchr (text, '\n');
    last = last ? last + 1 : text + strspn (text, ".");
    if (!strcmp (last, "ok")) {
        return 0;
    }
    return !strncmp (last, "error ", 6)
               ? fail_exit (err, EXIT_UNSUPPORTED,
                            strstr (last, strerror (ENOSPC)) ? ENOSPC : EINVAL,
                            "%s %s", name, last + 6)
               : fail (err, EIO, "%s: hvctl-unpack printed no result", name);
}

int
image_unpack (struct hvctl *h, const char *name, const char *from,
              const char *to, uint64_t limit, struct error *err)
{
#ifndef HVCTL_SANITIZE /* Whose own calls no filter knows. */
    static const char *const groups[] = { "disk", "image", NULL };
#endif
    char most[32];
    CLEANUP_CLOSE int fd =
        open (to, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    CLEANUP_CLOSE int output = memfd_create ("hvctl-unpack", MFD_CLOEXEC);
    struct image_growth growth = { h, fd };
    const struct program p = {
        .argv =
            (const char *const[]){ h->host->unpacker, from, to, most, NULL },
        .timeout = STALLED,
#ifndef HVCTL_SANITIZE
        .groups = groups,
#endif
        .uid = (uid_t)h->probe_uid,
        .reads = (const char *const[]){ from, NULL },
        .writes = (const char *const[]){ to, NULL },
        .output_fd = &output,
        .moved = image_content_grown,
        .moved_data = &growth,
    };

    snprintf (most, sizeof most, "%" PRIu64, limit);
    if (fd < 0 || output < 0) {
        return fail (err, errno, "cannot create %s: %m", to);
    }
    return program_run (&p, NULL, err) < 0
               ? fail_prefix (err, "%s cannot be unpacked", name)
               : read_result (output, name, err);
}
