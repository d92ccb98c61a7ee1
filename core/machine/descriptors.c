/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/base/file.h"
#include "core/base/socket.h"
#include "core/machine/image-users.h"
#include "core/provider/storage.h"
#include "core/state/state-run.h"
#include "core/state/state.h"

static int
fail_used (struct hvctl *h, const char *vm, const char *path, int fd,
           struct error *err)
{
    const char *users = image_users_names (h, vm, fd);

    return fail (err, EBUSY,
                 "%s is in use by %s: a disk can have only one user at a time",
                 path, users ? users : "another program");
}

/* QEMU and cloud-hypervisor keep open file description locks on an image
 * that is in use; bytes 100 to 203 are QEMU's. */
static int
check_unused (struct hvctl *h, const char *vm, const char *path, int fd,
              struct error *err)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

    return fcntl (fd, F_OFD_GETLK, &lock) < 0 || lock.l_type == F_UNLCK
               ? 0
               : fail_used (h, vm, path, fd, err);
}

/* Who reads an image may share it with others that read it.  A QEMU that writes
 * it has locked QEMU_WRITES, 100 and the number of its BLK_PERM_WRITE (see
 * block/file-posix.c), for reading; cloud-hypervisor all of it, for writing. */
#define QEMU_WRITES 101

static int
check_unwritten (struct hvctl *h, const char *vm, const char *path, int fd,
                 struct error *err)
{
    struct flock lock = { .l_type = F_WRLCK,
                          .l_whence = SEEK_SET,
                          .l_start = QEMU_WRITES,
                          .l_len = 1 };

    return (fcntl (fd, F_OFD_GETLK, &lock) < 0 || lock.l_type == F_UNLCK
            || (lock.l_type == F_RDLCK && lock.l_start == 0))
               ? 0
               : fail_used (h, vm, path, fd, err);
}

/* Opens it, unless its locks say that it is in use. */
static int
open_unlocked (struct hvctl *h, const char *vm, const char *path,
               uint32_t flags, struct error *err)
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

int
descriptors_open (struct hvctl *h, const char *vm, const char *path,
                  uint32_t flags, struct error *err)
{
    CLEANUP_CLOSE int fd = open_unlocked (h, vm, path, flags, err);

    return fd < 0 ? -err->code
           : flags & HV_RDWR && image_users_any (h, vm, fd, false)
               ? fail_used (h, vm, path, fd, err)
               : steal_fd (&fd);
}

int
descriptors_open_first (struct hvctl *h, const char *vm, const char *path,
                        uint32_t flags, struct image_open *out,
                        struct error *err)
{
    bool reads = !(flags & (HV_RDWR | HV_WRONLY));
    CLEANUP_CLOSE int fd = open_unlocked (h, vm, path, flags, err);

    if (fd < 0 || (reads && check_unwritten (h, vm, path, fd, err) < 0)) {
        return -err->code;
    }
    *out = (struct image_open){ .path = path,
                                .ignored = flags & HV_WRONLY,
                                .writing = reads };
    out->fd = steal_fd (&fd);
    return out->fd;
}

int
descriptors_give (struct hvctl *h, const char *vm,
                  const struct image_open images[], size_t n, struct error *err)
{
    int used = image_users_first (h, vm, images, n);

    return used >= 0
               ? fail_used (h, vm, images[used].path, images[used].fd, err)
               : image_users_note (h, vm, images, n, err);
}

/* A log is started anew at each start; the previous one is kept as
 * NAME.log.1. */
int
descriptors_open_log (struct hvctl *h, const char *vm, const char *name,
                      struct error *err)
{
    const char *path =
        arena_format (&h->arena, "%s/%s.log", state_log_dir (h, vm), name);
    int fd;

    file_set_aside (path, arena_format (&h->arena, "%s.1", path));
    fd = open (path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return fd < 0 ? fail (err, errno, "cannot write %s: %m", path) : fd;
}

/* A log that the supervisor relays is started anew, too. */
static int
open_listener (struct hvctl *h, const char *vm, const char *rundir,
               const struct launch_fd *f, struct error *err)
{
    if (!rundir) {
        return fail (err, ENOTSUP,
                     "a process that serves a NIC cannot listen on a socket in "
                     "the file system");
    }
    if (f->flags == RELAYED) {
        CLEANUP_CLOSE int log = descriptors_open_log (h, vm, f->name, err);

        if (log < 0) {
            return -err->code;
        }
    }
    return socket_listen (rundir, services_socket_file (f), err);
}

static int
open_one (struct hvctl *h, const char *vm, const char *rundir,
          const struct launch_fd *f, struct image_open *image,
          struct error *err)
{
    switch (f->kind) {
    case FD_OPEN:
        return descriptors_open_first (h, vm, f->name, f->flags, image, err);
    case FD_LISTEN:
        return open_listener (h, vm, rundir, f, err);
    case FD_LOG:
        return descriptors_open_log (h, vm, f->name, err);
    case FD_PORT: /* Has been opened elsewhere. */
        break;
    }
    return fail (err, EINVAL, "descriptor %d belongs to a port", f->number);
}

int
descriptors_open_all (struct hvctl *h, const char *vm, const char *rundir,
                      const struct hv_launch *l, int fds[], struct error *err)
{
    struct image_open *given =
        arena_alloc (&h->arena, (l->fds.n + 1) * sizeof *given);
    size_t n = 0;

    for (size_t i = 0; i < l->fds.n; i++) {
        const struct launch_fd *f = l->fds.p[i];

        if (f->kind == FD_PORT) {
            continue;
        }
        fds[i] = open_one (h, vm, rundir, f, &given[n], err);
        if (fds[i] < 0) {
            return -err->code;
        }
        n += f->kind == FD_OPEN;
    }
    return descriptors_give (h, vm, given, n, err);
}

int
descriptors_open_layers (struct hvctl *h, const char *vm,
                         const struct hv_disk *disk, struct hv_files **files,
                         struct error *err)
{
    struct image_open *given;
    size_t n = 0;

    while (disk->layers[n]) {
        n++;
    }
    *files = arena_alloc (&h->arena, (n + 1) * sizeof **files);
    for (size_t i = 0; i < n; i++) {
        (*files)[i] = (struct hv_files){ -1, -1 };
    }
    given = arena_alloc (&h->arena, (n + 1) * sizeof *given);
    for (size_t i = 0; i < n; i++) {
        const char *path = disk->layers[i]->path;

        (*files)[i].ro = descriptors_open (h, vm, path, HV_RDONLY, err);
        given[i].fd = (*files)[i].ro;
        if ((*files)[i].ro >= 0 && i == 0 && !disk->readonly) {
            (*files)[i].rw = descriptors_open (h, vm, path, HV_RDWR, err);
        }
        if ((*files)[i].ro < 0
            || (i == 0 && !disk->readonly && (*files)[i].rw < 0)) {
            descriptors_close_layers (disk, *files);
            return -err->code;
        }
    }
    if (image_users_note (h, vm, given, n, err) < 0) {
        descriptors_close_layers (disk, *files);
    }
    return -err->code;
}

void
descriptors_close_layers (const struct hv_disk *disk, struct hv_files *files)
{
    for (size_t i = 0; disk->layers[i]; i++) {
        close_fd (files[i].rw);
        close_fd (files[i].ro);
    }
}

void
descriptors_unlink (struct arena *a, const char *rundir,
                    const struct hv_launch *l)
{
    for (size_t i = 0; i < l->fds.n; i++) {
        const struct launch_fd *f = l->fds.p[i];

        if (f->kind == FD_LISTEN) {
            unlink (arena_format (a, "%s/%s.sock", rundir, f->name));
            unlink (arena_format (a, "%s/%s.sock", rundir,
                                  services_socket_file (f)));
        }
    }
}

/* Opens the volume's top layer; -1 and a failure if it has none that can be
 * opened. */
static int
open_top (struct hvctl *h, struct plugin *p, const struct hv_volume *vol,
          const char **path, struct error *err)
{
    struct hv_chain chain = { 0 };
    struct hv_volume_info info = { 0 };
    int fd;

    if (storage_chain (p, vol, &chain, &info, err) < 0) {
        return -1;
    }
    *path = ((struct hv_layer *)chain.layers.p[0])->path;
    fd = open (*path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    return fd < 0 ? (fail (err, errno, "cannot open %s: %m", *path), -1) : fd;
}

static int
fail_running (struct hvctl *h, const char *path, int fd, struct error *err)
{
    fail_used (h, "", path, fd, err);
    err->exit_code = EXIT_RUNNING;
    return -err->code;
}

int
descriptors_check_hidden (struct hvctl *h, struct plugin *p,
                          const struct hv_volume *vol, struct error *err)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    struct error ignored = { 0 };
    const char *path;
    CLEANUP_CLOSE int fd = open_top (h, p, vol, &path, &ignored);

    return fd >= 0 && fcntl (fd, F_OFD_GETLK, &lock) == 0
                   && lock.l_type == F_UNLCK
                   && image_users_any (h, "", fd, false)
               ? fail_running (h, path, fd, err)
               : 0;
}

int
descriptors_check_idle (struct hvctl *h, struct plugin *p,
                        const struct hv_volume *vol, struct error *err)
{
    struct hv_chain chain = { 0 };
    struct hv_volume_info info = { 0 };
    int fd;

    if (storage_chain (p, vol, &chain, &info, err) < 0) {
        return -err->code;
    }
    fd = descriptors_open (h, "", ((struct hv_layer *)chain.layers.p[0])->path,
                           HV_RDWR, err);
    if (fd < 0 && err->code == EBUSY) {
        err->exit_code = EXIT_RUNNING;
        return -err->code;
    }
    close_fd (fd);
    memset (err, 0, sizeof *err);
    return 0;
}
