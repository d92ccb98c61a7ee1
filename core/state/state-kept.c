/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* STATE/processes/NAME: which process a VM has, in a second place.  Run
 * directories get lost (an 'rm -rf', a cleaner of /run), and with them the
 * locks that tell who runs; the process does not.  The directory has only VMs
 * that run, so each command can read it, however many VMs there are.
 *
 *   PID START BOOT UUID RUN-DIRECTORY
 *
 * Words only: they count while there is such a process, of this boot. */
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/process.h"
#include "core/config/host.h"

#include "core/state/state-kept.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"

#define MAX_ID 40

const char *
state_kept_dir (struct hvctl *h)
{
    return arena_format (&h->arena, "%s/processes", h->host->state_dir);
}

static const char *
kept_path (struct hvctl *h, const char *name)
{
    return arena_format (&h->arena, "%s/%s", state_kept_dir (h), name);
}

/* After the next boot the pid and start time may be those of another
 * process. */
static bool
read_boot (char boot[MAX_ID])
{
    FILE *f = fopen ("/proc/sys/kernel/random/boot_id", "re");
    bool read = f && fscanf (f, "%39s", boot) == 1;

    if (f) {
        fclose (f);
    }
    return read;
}

/* Not worth a temporary file, which might be left behind: an incomplete one is
 * ignored. */
void
state_keep_process (struct hvctl *h, const struct vm_state *s)
{
    const char *path = kept_path (h, s->name);
    CLEANUP_CLOSE int fd = -1;
    struct error err = { 0 };
    char boot[MAX_ID];

    if (file_make_dirs (state_kept_dir (h), 0700, &err) == 0) {
        fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
                   0600);
    }
    if (fd < 0 || !read_boot (boot)
        || dprintf (fd, "%d %" PRIu64 " %s %s %s\n", (int)s->pid, s->start_time,
                    boot, s->uuid ? s->uuid : "-", h->host->run_dir)
               < 0) {
        hvctl_debug (h, "cannot write %s: %s", path, strerror (errno));
    }
}

bool
state_kept_process (struct hvctl *h, struct vm_state *s)
{
    CLEANUP_FREE char *text = file_read (kept_path (h, s->name));
    char boot[MAX_ID], then[MAX_ID], uuid[MAX_ID];
    uint64_t start_time = 0;
    int pid = 0;

    if (!text
        || sscanf (text, "%d %" SCNu64 " %39s %39s", &pid, &start_time, then,
                   uuid)
               != 4
        || !process_is_alive (pid, start_time) || !read_boot (boot)
        || strcmp (boot, then) != 0) {
        return false;
    }
    s->pid = pid;
    s->start_time = start_time;
    s->uuid = arena_dup (&h->arena, uuid);
    return true;
}

const char *
state_kept_run_dir (struct hvctl *h, const char *name)
{
    CLEANUP_FREE char *text = file_read (kept_path (h, name));
    int at = 0;
    const char *dir;

    if (!text || sscanf (text, "%*d %*u %*s %*s %n", &at) != 0 || !at
        || text[at] != '/') {
        return NULL;
    }
    text[at + (int)strcspn (text + at, "\n")] = '\0';
    dir = arena_dup (&h->arena, text + at);
    return strcmp (dir, h->host->run_dir) != 0
                   && access (arena_format (&h->arena, "%s/vm/%s", dir, name),
                              F_OK)
                          == 0
               ? dir
               : NULL;
}

bool
state_forget_process (struct hvctl *h, const char *name)
{
    return unlink (kept_path (h, name)) == 0;
}

void
state_lost_names (struct hvctl *h, struct vec *names)
{
    const struct vec present = *names;
    struct vec all = { 0 };

    file_names (&h->arena, state_kept_dir (h), &all);
    for (size_t i = 0; i < all.n; i++) {
        const char *name = all.p[i];
        struct vm_state s = { .name = name };

        if (!vec_has_sorted (&present, name)
            && access (state_dir (h, name), F_OK) < 0 && errno == ENOENT
            && state_kept_process (h, &s)) {
            vec_add (&h->arena, names, name);
        }
    }
}
