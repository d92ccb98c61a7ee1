/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A helper runs as a user who may read nothing, and gets its files from us:
 * its filter asks (seccomp_unotify(2)) for each call of the start-up class.
 * An open() of a path that was granted is done here, and the descriptor put
 * into the process.  All else goes on in the process's own root directory,
 * which holds only what is public.  So it does not matter that the path may be
 * changed by another thread once it has been read: no answer depends on it but
 * that of a granted file, which is opened by our own copy of its name. */
#include "core/broker.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/pass.h"

#define MAX_PATH 4096
#define NOTIF_CONTINUE 1 /* Linux 5.5 */

/* Linux 5.9; the build machine's headers may be older. */
struct add_fd {
    uint64_t id;
    uint32_t flags, source, target, target_flags;
};
#define NOTIF_ADD_FD SECCOMP_IOW (3, struct add_fd)

/* What a program may ask for beside the way of access. */
#define OPEN_FLAGS                                                             \
    (O_ACCMODE | O_DIRECT | O_DSYNC | O_SYNC | O_NONBLOCK | O_LARGEFILE)

static bool
is_among (const struct jail_file *files, size_t n, const char *path)
{
    for (size_t i = 0; i < n; i++) {
        if (!strcmp (files[i].path, path)) {
            return true;
        }
    }
    return false;
}

static size_t
length (const char *const *list)
{
    size_t n = 0;

    while (list && list[n]) {
        n++;
    }
    return n;
}

struct jail_file *
broker_files (const char *const *reads, const char *const *writes, size_t *n)
{
    size_t n_writes = length (writes), n_reads = length (reads);
    struct jail_file *files = xalloc ((n_writes + n_reads + 1) * sizeof *files);

    *n = 0;
    for (size_t i = 0; i < n_writes + n_reads; i++) {
        const char *path = i < n_writes ? writes[i] : reads[i - n_writes];

        if (!is_among (files, *n, path)) {
            files[(*n)++] = (struct jail_file){
                .path = path, .as = path, .granted = true, .write = i < n_writes
            };
        }
    }
    return files;
}

int
broker_receive (int socket)
{
    char byte;
    int fd;

    pass_receive (socket, &byte, 1, &fd);
    return fd;
}

/* Reads a path out of the process, page by page, as its end may be the end of
 * what is mapped. */
static bool
read_path (pid_t pid, uint64_t address, char *path)
{
    size_t have = 0;

    while (have < MAX_PATH) {
        size_t part = 4096 - (size_t)((address + have) % 4096);
        struct iovec to, from = { (void *)(uintptr_t)(address + have), 0 };
        ssize_t n;

        part = part < MAX_PATH - have ? part : MAX_PATH - have;
        to = (struct iovec){ path + have, part };
        from.iov_len = part;
        n = process_vm_readv (pid, &to, 1, &from, 1, 0);
        if (n <= 0) {
            return false;
        }
        if (memchr (path + have, '\0', (size_t)n)) {
            return true;
        }
        have += (size_t)n;
    }
    return false;
}

static const struct jail_file *
find_granted (const struct seccomp_notif *request,
              const struct jail_file *files, size_t n)
{
    char path[MAX_PATH];
    uint64_t address = request->data.args[1];

#ifdef SYS_open
    address = request->data.nr == SYS_open ? request->data.args[0] : address;
    if (request->data.nr != SYS_open && request->data.nr != SYS_openat) {
#else
    if (request->data.nr != SYS_openat) {
#endif
        return NULL;
    }
    if (read_path ((pid_t)request->pid, address, path)) {
        for (size_t i = 0; i < n; i++) {
            if (files[i].granted && !strcmp (files[i].as, path)) {
                return &files[i];
            }
        }
    }
    return NULL;
}

/* Returns the number in the process, or a negative errno value. */
static int
open_granted (int listener, const struct seccomp_notif *request,
              const struct jail_file *file, bool *able)
{
    bool at = request->data.nr == SYS_openat;
    int flags = (int)request->data.args[at ? 2 : 1], number;
    CLEANUP_CLOSE int fd = -1;
    struct add_fd add = { .id = request->id, .target_flags = O_CLOEXEC };

    if (!file->write && ((flags & O_ACCMODE) != O_RDONLY || flags & O_TRUNC)) {
        return -EACCES;
    }
    fd = open (file->path, (flags & (OPEN_FLAGS | O_TRUNC)) | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    add.source = (uint32_t)fd;
    number = ioctl (listener, NOTIF_ADD_FD, &add);
    if (number < 0) {
        number = -errno;
        *able = number != -EINVAL; /* So says a kernel without it. */
    }
    return number;
}

bool
broker_answer (int listener, const struct jail_file *files, size_t n)
{
    union {
        struct seccomp_notif request;
        char room[512]; /* A later kernel's may be larger. */
    } in = { .room = { 0 } };
    union {
        struct seccomp_notif_resp response;
        char room[512];
    } out = { .room = { 0 } };
    const struct jail_file *file;
    bool able = true;

    if (ioctl (listener, SECCOMP_IOCTL_NOTIF_RECV, &in) < 0) {
        return true;
    }
    out.response.id = in.request.id;
    file = find_granted (&in.request, files, n);
    if (file) {
        int number = open_granted (listener, &in.request, file, &able);

        out.response.error = number < 0 ? number : 0;
        out.response.val = number < 0 ? 0 : number;
    } else {
        out.response.flags = NOTIF_CONTINUE;
    }
    ioctl (listener, SECCOMP_IOCTL_NOTIF_SEND, &out);
    return able;
}
