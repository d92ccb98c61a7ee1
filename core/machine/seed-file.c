/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/seed-file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/base/file.h"
#include "core/config/cloud-init.h"
#include "core/plan/seed.h"
#include "core/state/journal.h"

static bool
is_ours (const struct plan *plan)
{
    return plan->seed && !plan->def->cloud_init->seed;
}

/* It may contain the hash of a password. */
static int
write_image (const char *path, const struct plan_seed *s, struct error *err)
{
    CLEANUP_CLOSE int fd =
        open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    ssize_t n;

    for (size_t done = 0; fd >= 0 && done < s->size; done += (size_t)n) {
        errno = ENOSPC;
        n = write (fd, s->image + done, s->size - done);
        if (n <= 0) {
            return fail (err, errno, "cannot write %s: %m", path);
        }
    }
    return fd < 0 ? fail (err, errno, "cannot write %s: %m", path) : 0;
}

int
seed_file_write (struct hvctl *h, const struct plan *plan, struct error *err)
{
    const struct plan_seed *s = plan->seed;
    const char *path;

    if (!is_ours (plan)) {
        return 0;
    }
    path = s->layer.path;
    if (journal_file (h, plan->def->name, path, err) < 0) {
        return -err->code;
    }
    unlink (path);
    return s->saved ? file_copy (s->saved, path, err)
                    : write_image (path, s, err);
}

int
seed_file_keep (struct hvctl *h, const struct plan *plan, const char *dir,
                struct error *err)
{
    return is_ours (plan) ? file_copy (plan->seed->layer.path,
                                       seed_saved (&h->arena, dir), err)
                          : 0;
}
