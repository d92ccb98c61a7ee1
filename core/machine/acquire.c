/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/acquire.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/base/file.h"
#include "core/base/interrupt.h"
#include "core/base/socket.h"
#include "core/machine/forward.h"
#include "core/machine/helper.h"
#include "core/plan/plan-helper.h"
#include "core/provider/provider.h"
#include "core/state/journal.h"
#include "core/state/state.h"

/* Has the process of the VM the file open?  Its plan does not have what was
 * plugged in. */
static bool
has_open (struct hvctl *h, const char *vm, const struct stat *file)
{
    CLEANUP_CLOSEDIR DIR *d = NULL;
    struct vm_state s;
    struct dirent *e;
    struct stat st;

    state_read (h, vm, &s);
    d = s.run > RUN_STALE
            ? opendir (arena_format (&h->arena, "/proc/%d/fd", (int)s.pid))
            : NULL;
    while (d && (e = readdir (d))) {
        if (fstatat (dirfd (d), e->d_name, &st, 0) == 0
            && st.st_dev == file->st_dev && st.st_ino == file->st_ino) {
            return true;
        }
    }
    return false;
}

/* Was the VM started with the file?  'quoted' is its path, in JSON. */
static bool
is_in_plan (struct hvctl *h, const char *vm, const char *quoted)
{
    CLEANUP_FREE char *plan =
        file_read (arena_format (&h->arena, "%s/plan", state_dir (h, vm)));

    return plan && strstr (plan, quoted);
}

/* The VMs that have 'path', for the message: "VM a", "VMs a, b"; null if it
 * is no VM's. */
static const char *
find_users (struct hvctl *h, const char *self, const char *path, int fd)
{
    const char *quoted = arena_format (&h->arena, "\"%s\"", path);
    const char *users = NULL;
    struct vec names = { 0 };
    struct stat st;
    bool known = fstat (fd, &st) == 0, several = false;

    state_names (h, &names);
    for (size_t i = 0; i < names.n; i++) {
        if (strcmp (names.p[i], self)
            && (is_in_plan (h, names.p[i], quoted)
                || (known && has_open (h, names.p[i], &st)))) {
            several = users != NULL;
            users = several ? arena_format (&h->arena, "%s, %s", users,
                                            (const char *)names.p[i])
                            : names.p[i];
        }
    }
    return users
               ? arena_format (&h->arena, "VM%s %s", several ? "s" : "", users)
               : NULL;
}

/* Has a VM that was started with it the file open?  One that was taken over may
 * have dropped its lock. */
static bool
is_open (struct hvctl *h, const char *self, const char *path, int fd)
{
    const char *quoted = arena_format (&h->arena, "\"%s\"", path);
    struct vec names = { 0 };
    struct stat st;

    if (fstat (fd, &st) < 0) {
        return false;
    }
    state_names (h, &names);
    for (size_t i = 0; i < names.n; i++) {
        if (strcmp (names.p[i], self) && is_in_plan (h, names.p[i], quoted)
            && has_open (h, names.p[i], &st)) {
            return true;
        }
    }
    return false;
}

/* QEMU and cloud-hypervisor keep open file description locks on an image
 * that is in use; bytes 100 to 203 are QEMU's. */
static int
check_unused (struct hvctl *h, const char *vm, const char *path, int fd,
              struct error *err)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    const char *users;

    if ((fcntl (fd, F_OFD_GETLK, &lock) < 0 || lock.l_type == F_UNLCK)
        && !is_open (h, vm, path, fd)) {
        return 0;
    }
    users = find_users (h, vm, path, fd);
    return fail (err, EBUSY,
                 "%s is in use by %s: a disk has one user at a time", path,
                 users ? users : "another program");
}

int
acquire_file (struct hvctl *h, const char *vm, const char *path, uint32_t flags,
              struct error *err)
{
    int mode = flags & HV_RDWR     ? O_RDWR
               : flags & HV_WRONLY ? O_WRONLY | O_APPEND
                                   : O_RDONLY;
    CLEANUP_CLOSE int fd = open (path, mode | O_CLOEXEC | O_NOCTTY);

    if (fd < 0) {
        return fail (err, errno, "cannot open %s%s: %m", path,
                     mode == O_RDWR ? " for writing" : "");
    }
    if (mode == O_RDWR && check_unused (h, vm, path, fd, err) < 0) {
        return -err->code;
    }
    return steal_fd (&fd);
}

/* A log is begun anew at each start; the one before is kept as NAME.log.1. */
int
acquire_log (struct hvctl *h, const char *vm, const char *name,
             struct error *err)
{
    const char *path =
        arena_format (&h->arena, "%s/%s.log", state_log_dir (h, vm), name);
    int fd;

    rename (path, arena_format (&h->arena, "%s.1", path));
    fd = open (path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return fd < 0 ? fail (err, errno, "cannot write %s: %m", path) : fd;
}

/* Of the one that the supervisor relays, the log is begun anew, too. */
static int
open_listener (struct hvctl *h, const char *vm, const char *rundir,
               const struct launch_fd *f, struct error *err)
{
    if (!rundir) {
        return fail (err, ENOTSUP,
                     "a network's process cannot listen at a path");
    }
    if (f->flags == RELAYED) {
        CLEANUP_CLOSE int log = acquire_log (h, vm, f->name, err);

        if (log < 0) {
            return -err->code;
        }
    }
    return socket_listen (rundir, services_socket_file (f), err);
}

static int
open_one (struct hvctl *h, const char *vm, const char *rundir,
          const struct launch_fd *f, struct error *err)
{
    switch (f->kind) {
    case FD_OPEN:
        return acquire_file (h, vm, f->name, f->flags, err);
    case FD_LISTEN:
        return open_listener (h, vm, rundir, f, err);
    case FD_LOG:
        return acquire_log (h, vm, f->name, err);
    case FD_PORT: /* Has been opened elsewhere. */
        break;
    }
    return fail (err, EINVAL, "descriptor %d is a port's", f->number);
}

int
acquire_descriptors (struct hvctl *h, const char *vm, const char *rundir,
                     struct hv_launch *l, struct error *err)
{
    for (size_t i = 0; i < l->fds.n; i++) {
        struct launch_fd *f = l->fds.p[i];

        if (f->kind == FD_PORT) {
            continue;
        }
        f->fd = open_one (h, vm, rundir, f, err);
        if (f->fd < 0) {
            return -err->code;
        }
    }
    return 0;
}

static void
hold (struct hvctl *h, const char *nic, uint32_t queue, int fd)
{
    struct held_fd *f = arena_alloc (&h->arena, sizeof *f);

    *f = (struct held_fd){ nic, queue, fd };
    vec_add (&h->arena, &h->held, f);
}

static int
place_port (struct hvctl *h, struct plan *plan, const struct plan_nic *n,
            const int fds[], struct error *err)
{
    for (uint32_t q = 0; q < n->port.queues; q++) {
        bool wanted = false;

        for (size_t i = 0; i < plan->launch.fds.n; i++) {
            struct launch_fd *f = plan->launch.fds.p[i];

            if (f->kind == FD_PORT && f->flags == q && f->fd < 0
                && !strcmp (f->name, n->def->name)) {
                f->fd = fds[q];
                wanted = true;
                break;
            }
        }
        if (!wanted) {
            hold (h, n->def->name, q, fds[q]);
        }
        if (wanted && fds[q] < 0) {
            return fail (err, EIO,
                         "nic %s: plugin %s gave no descriptor for "
                         "queue %u",
                         n->def->name, n->plugin->name, q);
        }
    }
    return 0;
}

int
acquire_port (struct hvctl *h, const char *vm, const struct plan_nic *n,
              int fds[], struct error *err)
{
    struct error undo = { 0 };

    if (journal_port (h, vm, n->plugin, &n->port, err) < 0) {
        return -err->code;
    }
    if (network_attach (n->plugin, &n->port, &n->nic, fds, err) == 0) {
        return 0;
    }
    /* The port may be there, and only the answer was lost; but what is in its
     * way is another's.  What cannot be removed now stays in the journal. */
    if ((err->code == EEXIST && !n->plugin->unsure)
        || network_detach (n->plugin, &n->port, &undo) == 0) {
        journal_cancel (h, vm, &undo);
    }
    return -err->code;
}

static int
cancelled (struct hvctl *h, const struct plan *plan, const struct error *err)
{
    struct error ignored = { 0 };

    /* If even this cannot be written, the step is undone in vain. */
    journal_cancel (h, plan->def->name, &ignored);
    return -err->code;
}

int
acquire_ports (struct hvctl *h, struct plan *plan, struct error *err)
{
    for (size_t i = 0; i < plan->nics.n; i++) {
        struct plan_nic *n = plan->nics.p[i];
        int *fds = arena_alloc (&h->arena, n->port.queues * sizeof *fds);

        for (uint32_t q = 0; q < n->port.queues; q++) {
            fds[q] = -1;
        }
        if (interrupt_came) {
            return fail (err, EINTR, "interrupted");
        }
        if (forward_check (n, err) < 0) {
            return -err->code;
        }
        if (acquire_port (h, plan->def->name, n, fds, err) < 0) {
            return -err->code;
        }
        if (plan_has_helper (n) && helper_connect (n, fds, err) < 0) {
            return -err->code;
        }
        if (place_port (h, plan, n, fds, err) < 0) {
            return -err->code;
        }
    }
    return 0;
}

int
acquire_volumes (struct hvctl *h, struct plan *plan, struct error *err)
{
    for (size_t i = 0; i < plan->disks.n; i++) {
        struct plan_disk *d = plan->disks.p[i];

        if (!storage_has_activate (d->plugin)) {
            continue;
        }
        if (journal_volume (h, plan->def->name, d->plugin, &d->volume, err)
            < 0) {
            return -err->code;
        }
        if (storage_activate (d->plugin, &d->volume, err) < 0) {
            return d->plugin->unsure ? -err->code : cancelled (h, plan, err);
        }
    }
    return 0;
}

static int
copy_file (const char *from, const char *to, struct error *err)
{
    CLEANUP_CLOSE int in = open (from, O_RDONLY | O_CLOEXEC);
    CLEANUP_CLOSE int out =
        open (to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    char buffer[65536];
    ssize_t n;

    if (in < 0) {
        return fail (err, errno, "cannot open %s: %m", from);
    }
    if (out < 0) {
        return fail (err, errno, "cannot write %s: %m", to);
    }
    while ((n = read (in, buffer, sizeof buffer)) > 0) {
        errno = ENOSPC;
        if (write (out, buffer, (size_t)n) != n) {
            return fail (err, errno, "cannot write %s: %m", to);
        }
    }
    if (n < 0 || fsync (out) < 0) {
        return fail (err, errno, "cannot copy %s to %s: %m", from, to);
    }
    return 0;
}

int
acquire_variables (struct hvctl *h, struct plan *plan, struct error *err)
{
    const struct hv_firmware_image *image = &plan->image;
    const char *temporary;

    if (!image->vars || access (image->vars, F_OK) == 0) {
        return 0;
    }
    temporary = arena_format (&h->arena, "%s.new", image->vars);
    if (file_make_dirs (state_keep_dir (h, plan->def->name), 0700, err) < 0
        || journal_file (h, plan->def->name, temporary, err) < 0
        || copy_file (image->vars_template, temporary, err) < 0) {
        unlink (temporary);
        return fail_prefix (err, "firmware variables");
    }
    if (rename (temporary, image->vars) < 0) {
        return fail (err, errno, "cannot write %s: %m", image->vars);
    }
    return 0;
}

void
close_held (struct hvctl *h)
{
    for (size_t i = 0; i < h->held.n; i++) {
        close_fd (((struct held_fd *)h->held.p[i])->fd);
    }
    h->held.n = 0;
}
