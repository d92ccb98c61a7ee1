/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A guest that floods its serial port, or reboots for ever, would fill the
 * host's disk with what is logged of it.  So a log that has grown too long
 * takes the place of NAME.log.1, and begins anew.  Who writes it has it open,
 * for appending: it is copied and emptied, and what is written at that very
 * moment is lost. */

#include "supervisor/supervisor.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LOOK_EVERY 10 /* Seconds. */
#define MOST (16 << 20)

/* Written at an offset of its own, and bounded by what writes it. */
#define DIAGNOSIS "sandbox.log"

/* If there is no room for a copy, the log is emptied all the same. */
static void
begin_anew (int dir, const char *name, off_t size)
{
    char older[300];
    int from = openat (dir, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW), to;

    append (append (older, name), ".1");
    to = openat (dir, older,
                 O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    while (from >= 0 && to >= 0 && size > 0) {
        ssize_t n = sendfile (to, from, NULL, (size_t)size);

        if (n <= 0) {
            break;
        }
        size -= n;
    }
    if (from >= 0) {
        (void)!ftruncate (from, 0);
    }
    close_if (&from);
    close_if (&to);
}

static void
look_at (int dir, const char *name)
{
    size_t len = strlen (name);
    struct stat st;

    if (len > 4 && len < 256 && !strcmp (name + len - 4, ".log")
        && strcmp (name, DIAGNOSIS) != 0
        && fstatat (dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0
        && S_ISREG (st.st_mode) && st.st_size > MOST) {
        begin_anew (dir, name, st.st_size);
    }
}

int
logs_turn (void)
{
    static time_t next;
    struct timespec now;
    struct dirent *e;
    DIR *d;

    if (!s.logs) {
        return -1;
    }
    clock_gettime (CLOCK_MONOTONIC, &now);
    if (now.tv_sec >= next) {
        d = next ? opendir (s.logs) : NULL;
        while (d && (e = readdir (d))) {
            look_at (dirfd (d), e->d_name);
        }
        if (d) {
            closedir (d);
        }
        next = now.tv_sec + LOOK_EVERY;
    }
    return (int)(next - now.tv_sec) * 1000;
}
