/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/base/flow.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
is_pending (const struct flow *f)
{
    return f->text_left || f->at < f->end;
}

struct pollfd
flow_waits (const struct flow *f)
{
    return is_pending (f) ? (struct pollfd){ .fd = f->to, .events = POLLOUT }
                          : (struct pollfd){ .fd = f->from, .events = POLLIN };
}

static bool
is_over (struct flow *f, bool reading)
{
    if (errno == EAGAIN || errno == EINTR) {
        return false;
    }
    f->error = errno;
    f->reading = reading;
    return true;
}

/* A pipe that blocks, which may be another program's, too, takes this much
 * when it takes anything: pipe(7). */
static size_t
limit (int fd, size_t len)
{
    int flags = fcntl (fd, F_GETFL);
    struct stat st;

    return len <= PIPE_BUF || flags & O_NONBLOCK
                   || (fstat (fd, &st) == 0 && S_ISREG (st.st_mode))
               ? len
               : PIPE_BUF;
}

static bool
give (struct flow *f)
{
    bool text = f->text_left;
    const char *p = text ? f->text : f->buffer + f->at;
    size_t len = text ? f->text_left : f->end - f->at;
    ssize_t n = write (f->to, p, limit (f->to, len));

    if (n < 0) {
        return !is_over (f, false);
    }
    if (text) {
        f->text += n;
        f->text_left -= (size_t)n;
    } else {
        f->at += (size_t)n;
        f->passed += (uint64_t)n;
    }
    return is_pending (f) || f->from >= 0;
}

static bool
take (struct flow *f)
{
    ssize_t n = f->from < 0 ? 0 : read (f->from, f->buffer, sizeof f->buffer);

    if (n < 0) {
        return !is_over (f, true);
    }
    f->at = 0;
    f->end = (size_t)n;
    return n > 0;
}

bool
flow_step (struct flow *f)
{
    return is_pending (f) ? give (f) : take (f);
}
