/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/image-convert.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/machine/image-content.h"
#include "core/process/program.h"
#include "core/state/images.h"

#define STALLED 600000        /* ms, without any progress of qemu-img. */
#define NEARLY_FULL (1 << 20) /* Bytes left. */

static int
run (struct hvctl *h, const struct image_conversion *c, int fd,
     struct error *err)
{
    static const char *const groups[] = { "disk", "image", NULL };
    const char *const argv[] = { "qemu-img", "convert", "-p",  "-f",
                                 c->format,  "-O",      "raw", c->source,
                                 c->disk,    NULL };
    CLEANUP_CLOSE int nowhere = open ("/dev/null", O_WRONLY | O_CLOEXEC);
    struct image_growth growth = { h, fd };
    const struct program p = {
        .argv = argv,
        .timeout = STALLED,
        .groups = groups,
        .uid = (uid_t)h->probe_uid,
        .reads = (const char *const[]){ c->source, NULL },
        .writes = (const char *const[]){ c->disk, NULL },
        .output_fd = &nowhere,
        .moved = image_content_grown,
        .moved_data = &growth,
    };

    return nowhere < 0 ? fail (err, errno, "cannot open /dev/null: %m")
                       : program_run (&p, NULL, err);
}

/* qemu-img says it in several ways. */
static bool
is_full (const char *dir)
{
    struct statvfs fs;

    return statvfs (dir, &fs) == 0
           && (uint64_t)fs.f_bavail * fs.f_frsize < NEARLY_FULL;
}

int
image_convert (struct hvctl *h, const struct image_conversion *c,
               struct error *err)
{
    const char *dir = images_data_dir (h);
    CLEANUP_CLOSE int fd =
        open (c->disk, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0) {
        return fail (err, errno, "cannot create %s: %m", c->disk);
    }
    if (run (h, c, fd, err) == 0) {
        return 0;
    }
    return err->code == ENOENT
               ? fail_exit (err, EXIT_NOT_FOUND, ENOENT,
                            "qemu-img is missing: install qemu-utils (Debian, "
                            "Ubuntu), qemu-img (Fedora, Arch) or qemu-tools "
                            "(openSUSE)")
           : err->code == EINTR ? -EINTR
           : is_full (dir)
               ? fail (err, ENOSPC,
                       "the disk is full: %s has no "
                       "space left",
                       dir)
               : fail_prefix (err, "%s cannot be converted", c->file);
}
