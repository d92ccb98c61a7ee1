/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A helper runs as a user who may read nothing, and gets its files from us:
 * its filter asks (seccomp_unotify(2)) for each call of the start-up class.
 * An open() of a path that was granted is done here, and the descriptor put
 * into the process.  All else goes on in the process's own root directory,
 * which holds only what is public.  So it does not matter that the path may be
 * changed by another thread once it has been read: no answer depends on it but
 * that of a granted file, which is opened by our own copy of its name. */
#include "core/process/broker.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/asked.h"
#include "common/cleanup.h"
#include "common/pass.h"
#include "core/base/error.h"

#define SEND_TRIES 3

#define NOTIF_CONTINUE 1 /* Linux 5.5 */

/* Linux 5.9; the build machine's headers may be older. */
struct add_fd {
    uint64_t id;
    uint32_t flags, source, target, target_flags;
};
#define NOTIF_ADD_FD SECCOMP_IOW (3, struct add_fd)

/* Flags that a program may use in addition to the access mode. */
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

static const struct jail_file *
find_granted (const struct seccomp_notif *request,
              const struct jail_file *files, size_t n, int *flags)
{
    char path[ASKED_PATH];
    uint64_t address;

    if (asked_open (request, &address, flags)
        && asked_path ((pid_t)request->pid, address, path)) {
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
              const struct jail_file *file, int flags, bool *able)
{
    int number;
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
        *able = number != -EINVAL; /* A kernel without this feature fails with
                                    * it. */
    }
    return number;
}

/* If an answer does not arrive, the program waits for it forever: so sending is
 * tried again, and then the program is killed. */
static void
send_answer (int listener, struct seccomp_notif_resp *response, pid_t pid)
{
    for (int i = 0; i < SEND_TRIES; i++) {
        if (ioctl (listener, SECCOMP_IOCTL_NOTIF_SEND, response) == 0
            || errno == ENOENT) {
            return; /* The program has exited, or no longer waits. */
        }
    }
    kill (pid, SIGKILL);
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
    int flags = 0;

    if (ioctl (listener, SECCOMP_IOCTL_NOTIF_RECV, &in) < 0) {
        return true;
    }
    out.response.id = in.request.id;
    file = find_granted (&in.request, files, n, &flags);
    if (file) {
        int number = open_granted (listener, &in.request, file, flags, &able);

        out.response.error = number < 0 ? number : 0;
        out.response.val = number < 0 ? 0 : number;
    } else {
        out.response.flags = NOTIF_CONTINUE;
    }
    send_answer (listener, &out.response, (pid_t)in.request.pid);
    return able;
}
