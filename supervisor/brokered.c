/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Some programs open files by path for as long as they run (cloud-hypervisor
 * does at each reboot of its guest).  The process has nothing in its root
 * directory, and its filter asks us at each open(): we open its brokered files,
 * by our own copy of the name, and put the descriptor into it.  So it does not
 * matter who owns the file, or that another thread may change the path once we
 * have read it: no answer can be more than a file of the list.
 *
 * The list is a file of hvctl's, which grows with what is plugged in:
 *
 *   r DEVICE:INODE PATH  may be opened for reading
 *   w DEVICE:INODE PATH  and for writing; if it is still that file, whatever
 *                        somebody else has put in its place
 *   n DEVICE:INODE PATH  as 'r', but the process calls it "/NAME", which is the
 *                        last component of PATH
 *   c DEVICE:INODE PATH  as 'w', likewise.  While it is empty it may be opened
 *                        as if it were missing (O_CREAT|O_EXCL)
 *   l NUMBER NAME        the process has a listening socket with that number,
 *                        which stands for the unix address NAME: a bind() to
 *                        it puts a copy in place of what was to be bound
 *
 * A process that creates files in a directory first checks that it is one: of
 * "/" the process may ask that, since there is nothing in it. */

#include "supervisor/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "common/asked.h"

#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif

/* Linux 5.9; the build machine's headers may be older. */
struct add_fd {
    uint64_t id;
    uint32_t flags, source, target, target_flags;
};
#define NOTIF_ADD_FD SECCOMP_IOW (3, struct add_fd)
#define AT_THAT_NUMBER 1 /* SECCOMP_ADDFD_FLAG_SETFD */

#define MAX_LIST (256 * 1024)
#define MAX_FILES 256

/* Flags that are allowed in addition to the access mode. */
#define OPEN_FLAGS                                                             \
    (O_ACCMODE | O_DIRECT | O_DSYNC | O_SYNC | O_NONBLOCK | O_LARGEFILE)

/* Reads the list, terminated by a NUL.  It is not kept in memory: a supervisor
 * waits for weeks. */
static char *
read_list (void)
{
    int fd = open (s.lent, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    char *text = fd < 0 ? NULL : malloc (MAX_LIST);
    ssize_t n = text ? read (fd, text, MAX_LIST - 1) : -1;

    close_if (&fd);
    if (n < 0) {
        free (text);
        return NULL;
    }
    text[n] = '\0';
    return text;
}

/* Is 'path', a relative path of the process, the file 'lent' in the directory
 * of 'other'?  So an image may name its backing files in that way. */
static int
is_beside (const char *path, const char *lent, const char *other)
{
    const char *slash = strrchr (other, '/');
    size_t dir = slash ? (size_t)(slash + 1 - other) : 0;

    return dir && !strncmp (lent, other, dir) && !strcmp (lent + dir, path);
}

struct lent {
    const char *path;
    uint64_t device, inode;
    int writing, by_name;
};

/* Reads a line of the list; false if it is about something else. */
static int
parse_line (char *line, struct lent *lent)
{
    char *p = line + 2;

    if (!line[0] || !strchr ("rwnc", line[0]) || line[1] != ' ') {
        return 0;
    }
    lent->writing = line[0] == 'w' || line[0] == 'c';
    lent->by_name = line[0] == 'n' || line[0] == 'c';
    lent->device = strtoull (p, &p, 10);
    if (*p != ':') {
        return 0;
    }
    lent->inode = strtoull (p + 1, &p, 10);
    lent->path = p + 1;
    return *p == ' ';
}

/* Is that the process's name for it? */
static int
is_called (const struct lent *lent, const char *path)
{
    const char *slash = strrchr (lent->path, '/');

    if (*path != '/') {
        return 0;
    }
    return !strcmp (lent->by_name && slash ? slash : lent->path, path);
}

/* Finds the file of 'path'; if two files match, it is neither. */
static int
find_lent (char *list, const char *path, struct lent *found)
{
    struct lent all[MAX_FILES];
    size_t n = 0;

    found->path = NULL;
    for (char *p = list; *p && n < MAX_FILES;) {
        char *end = strchrnul (p, '\n');
        int more = *end == '\n';

        *end = '\0';
        n += parse_line (p, &all[n]) ? 1 : 0;
        p = end + more;
    }
    for (size_t i = 0; i < n; i++) {
        int is_it = is_called (&all[i], path);

        for (size_t k = 0; k < n && *path != '/' && !all[i].by_name; k++) {
            is_it |=
                !all[k].by_name && is_beside (path, all[i].path, all[k].path);
        }
        if (!is_it) {
            continue;
        }
        if (found->path && strcmp (found->path, all[i].path)) {
            return 0;
        }
        all[i].writing |= found->path && found->writing;
        *found = all[i];
    }
    return found->path != NULL;
}

static int
add_fd (const struct seccomp_notif *request, int fd, int at)
{
    struct add_fd add = { .id = request->id,
                          .source = (uint32_t)fd,
                          .flags = at >= 0 ? AT_THAT_NUMBER : 0,
                          .target = at >= 0 ? (uint32_t)at : 0,
                          .target_flags = O_CLOEXEC };
    int number = ioctl (s.listener, NOTIF_ADD_FD, &add);

    return number < 0 ? -errno : number;
}

/* At each reboot the process closes its disks, opens them, and tries once to
 * lock them; if it cannot, the VM exits.  (Seen once in a thousand reboots,
 * with a disk that nobody else used.)  A closed file, and its lock, may exist a
 * moment longer, since a reader of the process's descriptors holds them.  So
 * that moment is waited for here.  A lock that stays is left to the process. */
static void
await_unlocked (int fd, int flags)
{
    struct timespec pause = { 0, 5 * 1000 * 1000 };

    for (int tries = 0; tries < 100; tries++) {
        struct flock lock = { .l_type = (flags & O_ACCMODE) == O_RDONLY
                                            ? F_RDLCK
                                            : F_WRLCK,
                              .l_whence = SEEK_SET };

        if (fcntl (fd, F_OFD_GETLK, &lock) < 0 || lock.l_type == F_UNLCK) {
            return;
        }
        nanosleep (&pause, NULL);
    }
}

/* Opens it, or returns a negative errno value. */
static int
open_file (const struct lent *lent, int flags)
{
    int anew = (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL), fd;
    struct stat st;

    if (!lent->writing
        && ((flags & O_ACCMODE) != O_RDONLY || flags & O_TRUNC)) {
        return -EACCES;
    }
    if (anew && (!lent->by_name || !lent->writing)) {
        return -EEXIST;
    }
    fd = open (lent->path, (flags & OPEN_FLAGS) | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        return -errno;
    }
    if (fstat (fd, &st) < 0 || st.st_dev != lent->device
        || st.st_ino != lent->inode
        || (flags & O_TRUNC && ftruncate (fd, 0) < 0)) {
        close (fd);
        return -ESTALE;
    }
    if (anew && st.st_size > 0) {
        close (fd);
        return -EEXIST;
    }
    await_unlocked (fd, flags);
    return fd;
}

static int
open_lent (const struct seccomp_notif *request, uint64_t name, int flags)
{
    static char path[ASKED_PATH];
    struct lent lent;
    int number = -ENOENT, fd;
    char *list;

    if (!asked_path ((pid_t)request->pid, name, path)) {
        return -EFAULT;
    }
    list = read_list ();
    if (list && find_lent (list, path, &lent)) {
        fd = open_file (&lent, flags);
        number = fd < 0 ? fd : add_fd (request, fd, -1);
        close_if (&fd);
    }
    free (list);
    return number;
}

/* Does the process query its root directory?  It may read another name by then
 * than we do, in the same empty directory. */
static int
is_about_root (const struct seccomp_notif *request, uint64_t name)
{
    static char path[ASKED_PATH];

    return asked_path ((pid_t)request->pid, name, path) && !strcmp (path, "/");
}

/* Returns the number of the listening socket with that name, or -1. */
static int
find_listener (char *list, const char *name)
{
    for (char *p = list; *p;) {
        char *end = strchrnul (p, '\n'), *after;
        int more = *end == '\n';

        *end = '\0';
        if (p[0] == 'l' && p[1] == ' ') {
            long number = strtol (p + 2, &after, 10);

            if (*after == ' ' && !strcmp (after + 1, name)) {
                return (int)number;
            }
        }
        p = end + more;
    }
    return -1;
}

/* The process has the socket already, so this is nothing but a dup2() of its
 * own descriptors. */
static int
bind_lent (const struct seccomp_notif *request)
{
    struct sockaddr_un address = { 0 };
    size_t size = (size_t)request->data.args[2];
    struct iovec to = { &address, sizeof address - 1 };
    struct iovec from = { (void *)(uintptr_t)request->data.args[1], size };
    int number = -1, fd, r;
    char *list;

    to.iov_len = size < to.iov_len ? size : to.iov_len;
    from.iov_len = to.iov_len;
    if (process_vm_readv ((pid_t)request->pid, &to, 1, &from, 1, 0)
            <= (ssize_t)offsetof (struct sockaddr_un, sun_path)
        || address.sun_family != AF_UNIX) {
        return -EACCES;
    }
    list = read_list ();
    number = list ? find_listener (list, address.sun_path) : -1;
    free (list);
    if (number < 0) {
        return -EACCES;
    }
    fd = (int)syscall (SYS_pidfd_getfd, s.pidfd, number, 0);
    r = fd < 0 ? -errno : add_fd (request, fd, (int)request->data.args[0]);
    close_if (&fd);
    return r < 0 ? r : 0;
}

/* A program removes an existing socket of that name before it creates one: for
 * one of these, nothing is done. */
static enum verdict
unlink_lent (const struct seccomp_notif *request, uint64_t name, int *result)
{
    static char path[ASKED_PATH];
    char *list =
        !asked_path ((pid_t)request->pid, name, path) ? NULL : read_list ();
    int number = list ? find_listener (list, path) : -1;

    free (list);
    *result = 0;
    return number < 0 ? NOT_LENT : ANSWERED;
}

enum verdict
brokered_answer (const struct seccomp_notif *request, int *result)
{
    const __u64 *args = request->data.args;
    int nr = request->data.nr, flags;
    uint64_t path;

    if (s.until_seal && nr != SYS_socket && nr != SYS_bind) {
#ifdef SYS_unlink
        if (nr == SYS_unlink) {
            return unlink_lent (request, args[0], result);
        }
#endif
        return nr == SYS_unlinkat ? unlink_lent (request, args[1], result)
                                  : NOT_LENT;
    }
    if (asked_open (request, &path, &flags)) {
        *result = open_lent (request, path, flags);
        return *result == -ENOENT ? NOT_LENT : ANSWERED;
    }
    if (asked_stat (request, &path)) {
        return is_about_root (request, path) ? LET_GO : NOT_LENT;
    }
    switch (nr) {
    case SYS_socket:
        /* Its arguments are only numbers, which nobody can change: the call is
         * continued. */
        *result = -EPERM;
        if (args[0] == AF_UNIX
            && (args[1] & ~(__u64)SOCK_CLOEXEC) == SOCK_STREAM) {
            return LET_GO;
        }
        break;
    case SYS_bind:
        *result = bind_lent (request);
        break;
    default:
        return NOT_LENT;
    }
    return ANSWERED;
}
