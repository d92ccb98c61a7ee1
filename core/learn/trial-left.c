/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Removes what a trial left behind whose hvctl was killed: its directory, and a
 * machine that may still be running.  A trial keeps its directory locked, so
 * one that is not locked is orphaned. */
#include "core/learn/trial-left.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/base/context.h"
#include "core/hvctl.h"
#include "core/machine/stop.h"
#include "core/state/state-run.h"
#include "core/state/state.h"

#define RANDOM_LENGTH 6

static const char *
place (void)
{
    const char *dir = getenv ("TMPDIR");

    return dir && *dir == '/' ? dir : "/tmp";
}

/* Returns a descriptor with the lock; -1 if somebody has it, or the directory
 * is not ours, or does not exist. */
static int
lock (const char *dir, int how)
{
    CLEANUP_CLOSE int fd =
        open (dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    struct stat st;

    return fd >= 0 && fstat (fd, &st) == 0 && st.st_uid == geteuid ()
                   && flock (fd, how) == 0 && fstat (fd, &st) == 0
                   && st.st_nlink > 0
               ? steal_fd (&fd)
               : -1;
}

/* Another hvctl that looks for left-overs may have it, and remove it. */
int
trial_make_dir (struct trial *t, struct error *err)
{
    do {
        t->dir = arena_format (t->out, "%s/hvctl-%s.XXXXXX", place (), t->name);
        if (!mkdtemp (t->dir)) {
            return fail (err, errno, "cannot create %s: %m", t->dir);
        }
        t->lock = lock (t->dir, LOCK_EX);
    } while (t->lock < 0 && access (t->dir, F_OK) < 0);
    return 0;
}

/* Returns false if there is a machine that cannot be stopped. */
static bool
end_machines (struct trial *t)
{
    struct vec names = { 0 };

    state_names (&t->h, &names);
    for (size_t i = 0; i < names.n; i++) {
        struct error err = { 0 };
        enum stop_way way;

        t->name = names.p[i];
        state_read (&t->h, t->name, &t->state);
        if (stop_kill (&t->h, t->name, &way, &err) < 0) {
            hvctl_warn ("%s was left behind by a killed hvctl, and cannot be "
                        "removed: %s",
                        t->dir, err.text);
            return false;
        }
        trial_await_release (t);
    }
    return true;
}

static void
remove_left (struct trial *t)
{
    const char *conf = arena_format (t->out, "%s/hvctl.conf", t->dir);
    struct error ignored = { 0 };
    bool opened =
        access (conf, F_OK) == 0 && hvctl_open (&t->h, conf, &ignored) == 0;

    t->h.changes = true;
    if (!opened || end_machines (t)) {
        trial_close (t);
        return;
    }
    hvctl_close (&t->h);
    close_fd (t->lock);
}

static bool
is_trial (const char *name)
{
    static const char *const begins[] = { "hvctl-doctor.", "hvctl-learn." };

    for (size_t i = 0; i < ARRAY_SIZE (begins); i++) {
        size_t len = strlen (begins[i]);

        if (!strncmp (name, begins[i], len)
            && strlen (name) == len + RANDOM_LENGTH) {
            return true;
        }
    }
    return false;
}

void
trial_sweep (struct arena *out)
{
    CLEANUP_CLOSEDIR DIR *d = opendir (place ());
    struct dirent *e;

    while (d && (e = readdir (d))) {
        struct trial t = { .out = out };

        if (!is_trial (e->d_name)) {
            continue;
        }
        t.dir = arena_format (out, "%s/%s", place (), e->d_name);
        t.lock = lock (t.dir, LOCK_EX | LOCK_NB);
        if (t.lock >= 0) {
            remove_left (&t);
        }
    }
}
