/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* volume send, receive: a snapshot as a stream of bytes, in a file or a pipe,
 * with a progress bar
 * at the terminal. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/document.h"
#include "cli/progress.h"
#include "cli/volume.h"
#include "common/cleanup.h"
#include "common/member.h"
#include "common/size.h"
#include "core/base/error.h"
#include "core/base/name.h"
#include "core/base/output.h"
#include "core/machine/recover.h"
#include "core/provider/storage.h"
#include "core/state/unfinished.h"

/* Prints one line, on a stream that is not in use. */
static int
say (struct cli *c, const struct volume_arg *v, const char *what,
     void (*to) (const char *, ...), const struct progress *p)
{
    char a[16], b[16];

    if (to == out && c->json) {
        struct json_object *o = json_object_new_object ();

        json_put_text_or_null (o, "pool", v->vol.pool);
        json_put_text_or_null (o, "name", v->vol.name);
        json_put_text_or_null (o, "done", what);
        json_put_number (o, "bytes", (int64_t)p->done);
        document_print (c, o);
    } else if (to) {
        to ("volume %s/%s%s%s is %s: %s, %s/s\n", v->vol.pool, v->vol.name,
            v->snapshot ? "@" : "", v->snapshot ? v->snapshot : "", what,
            format_amount ((double)p->done, a), progress_rate (p, b));
    }
    return EXIT_OK;
}

/* ----------------------------------------------------------------- Send */

static bool
is_standard (const char *file)
{
    return !file || !strcmp (file, "-");
}

static int
open_output (struct cli *c, const char *file, int *fd)
{
    if (!is_standard (file)) {
        *fd = open (file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        return *fd < 0 ? fail (&c->err, errno, "cannot create %s: %m", file)
                       : 0;
    }
    if (isatty (STDOUT_FILENO)) {
        return fail_exit (&c->err, EXIT_USAGE, EINVAL,
                          "refusing to write a stream to a terminal: name a "
                          "file, or redirect standard output");
    }
    *fd = fcntl (STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    return *fd < 0
               ? fail (&c->err, errno, "cannot write to standard output: %m")
               : 0;
}

int
cmd_volume_send (struct cli *c)
{
    const char *file = c->args.n > 1 ? c->args.p[1] : NULL;
    const char *from = option_value (c, "from");
    CLEANUP_CLOSE int fd = -1;
    struct progress progress;
    struct volume_arg v;
    int rc;

    if (volume_arg (c, 0, &v) < 0 || volume_needs_snapshot (c, &v) < 0
        || (from && name_validate ("snapshot", from, &c->err) < 0)
        || open_output (c, file, &fd) < 0) {
        return report (c);
    }
    progress_begin (c, &progress, 0);
    rc = storage_send (v.plugin, &v.vol, v.snapshot, from, fd, &c->err);
    volume_near (c, &v, rc);
    progress_end (c, &progress);
    if (rc == 0 && !is_standard (file) && fsync (fd) < 0) {
        rc = fail (&c->err, errno, "cannot write %s: %m", file);
    }
    if (rc < 0) {
        if (!is_standard (file)) {
            unlink (file);
        }
        return report (c);
    }
    return say (c, &v, "sent",
                !is_standard (file) ? out
                : progress.terminal ? err_out
                                    : NULL,
                &progress);
}

/* -------------------------------------------------------------- Receive */

/* Stores how much there is, or 0. */
static int
open_input (struct cli *c, const char *file, int *fd, uint64_t *total)
{
    struct stat st;
    off_t at;

    if (is_standard (file) && isatty (STDIN_FILENO)) {
        return fail_exit (&c->err, EXIT_USAGE, EINVAL,
                          "refusing to read a stream from a terminal: name a "
                          "file, or redirect standard input");
    }
    *fd = is_standard (file) ? fcntl (STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                             : open (file, O_RDONLY | O_CLOEXEC);
    if (*fd < 0 || fstat (*fd, &st) < 0) {
        return fail (&c->err, errno, "cannot open %s: %m",
                     is_standard (file) ? "standard input" : file);
    }
    at = S_ISREG (st.st_mode) ? lseek (*fd, 0, SEEK_CUR) : 0;
    *total = S_ISREG (st.st_mode) && at >= 0 && at < st.st_size
                 ? (uint64_t)(st.st_size - at)
                 : 0;
    return 0;
}

int
cmd_volume_receive (struct cli *c)
{
    const char *file = c->args.n > 1 ? c->args.p[0] : NULL;
    CLEANUP_CLOSE int fd = -1;
    struct progress progress;
    struct volume_arg v;
    uint64_t total = 0;
    const char *key;
    int rc;

    if (volume_arg (c, c->args.n - 1, &v) < 0
        || open_input (c, file, &fd, &total) < 0) {
        return report (c);
    }
    if (volume_begin_new (c, &v) < 0) {
        return report (c);
    }
    progress_begin (c, &progress, total);
    rc = storage_receive (v.plugin, &v.vol, v.snapshot, fd, &c->err);
    progress_end (c, &progress);
    key = unfinished_volume_key (&c->h, &v.vol);
    if (rc < 0 && unfinished_is (&c->h, key)) {
        recover_failed (&c->h, key);
    } else {
        unfinished_end (&c->h, key);
    }
    return rc < 0 ? report (c) : say (c, &v, "received", out, &progress);
}
