/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The hypervisor, or the supervisor, accepts one client, and a second one would
 * wait forever in silence.  So each client locks a file in the run directory.
 * It is a POSIX lock: the kernel tells which process has it, and releases it
 * when that process exits in any way. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/console.h"
#include "common/cleanup.h"
#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/interrupt.h"
#include "core/state/state.h"

#define LEAVE_TIMEOUT 5000 /* ms, the time for the other client to leave. */

static int lock_fd = -1; /* Open while we are attached. */

static const char *
describe (struct cli *c, pid_t pid)
{
    const char *proc = arena_format (&c->h.arena, "/proc/%d", (int)pid);
    char tty[64];
    struct stat st;
    const struct passwd *user;
    ssize_t n = readlink (arena_format (&c->h.arena, "%s/fd/0", proc), tty,
                          sizeof tty - 1);

    if (stat (proc, &st) < 0) {
        return arena_format (&c->h.arena, "process %d", (int)pid);
    }
    user = getpwuid (st.st_uid);
    tty[n > 0 ? n : 0] = '\0';
    return arena_format (
        &c->h.arena, "process %d (%s%s%s)", (int)pid,
        user ? user->pw_name
             : arena_format (&c->h.arena, "user %d", (int)st.st_uid),
        !strncmp (tty, "/dev/", 5) ? ", " : "",
        !strncmp (tty, "/dev/", 5) ? tty : "");
}

/* The holder of the lock: 0 if there is none, -1 if it is invisible to us. */
static pid_t
holder (void)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

    return fcntl (lock_fd, F_GETLK, &lock) < 0 ? -1
           : lock.l_type == F_UNLCK            ? 0
           : lock.l_pid > 0                    ? lock.l_pid
                                               : -1;
}

/* Records who takes over, and asks the holder to leave; a stopped one is
 * continued for that. */
static void
ask_to_leave (pid_t pid)
{
    char self[32];
    int n = snprintf (self, sizeof self, "%d\n", (int)getpid ());

    if (ftruncate (lock_fd, 0) == 0 && pwrite (lock_fd, self, (size_t)n, 0) == n
        && pid > 0) {
        kill (pid, SIGTERM);
        kill (pid, SIGCONT);
    }
}

int
console_take (struct cli *c, const char *name, bool force)
{
    const char *path =
        arena_format (&c->h.arena, "%s/attached", state_dir (&c->h, name));
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    int64_t until = now_ms () + LEAVE_TIMEOUT;
    bool asked = false;

    lock_fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock_fd < 0) {
        return fail (&c->err, errno, "cannot open %s: %m", path);
    }
    while (fcntl (lock_fd, F_SETLK, &lock) < 0) {
        int why = errno;
        pid_t pid = holder ();
        const char *who = pid > 0 ? describe (c, pid) : "another process";

        if (why != EAGAIN && why != EACCES) {
            errno = why;
            return fail (&c->err, why, "cannot lock %s: %m", path);
        }
        if (!force && pid) {
            return fail (&c->err, EBUSY,
                         "the console of %s is in use by %s: 'hvctl console "
                         "--force %s' takes it over",
                         name, who, name);
        }
        if (!asked && pid) {
            ask_to_leave (pid);
            asked = true;
        }
        if (now_ms () > until || interrupt_came) {
            return fail (&c->err, ETIMEDOUT,
                         "the console of %s is in use by %s, which does not "
                         "release it: terminate that process",
                         name, who);
        }
        poll (NULL, 0, 20);
    }
    return ftruncate (lock_fd, 0) < 0
               ? fail (&c->err, errno, "cannot write %s: %m", path)
               : 0;
}

const char *
console_taker (struct cli *c)
{
    char text[32] = "";
    int pid = 0;

    if (lock_fd >= 0 && pread (lock_fd, text, sizeof text - 1, 0) > 0) {
        pid = atoi (text);
    }
    return pid > 0 ? describe (c, pid) : NULL;
}
