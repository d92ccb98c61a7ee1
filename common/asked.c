/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "common/asked.h"

#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#ifndef SYS_openat2
#define SYS_openat2 437
#endif

/* struct open_how of Linux 5.6, whose later members must be 0 for us. */
struct how {
    uint64_t flags, mode, resolve;
};

static ssize_t
read_memory (pid_t pid, uint64_t address, void *to, size_t size)
{
    struct iovec ours = { to, size };
    struct iovec theirs = { (void *)(uintptr_t)address, size };

    return process_vm_readv (pid, &ours, 1, &theirs, 1, 0);
}

bool
asked_path (pid_t pid, uint64_t address, char path[ASKED_PATH])
{
    size_t have = 0;

    while (have < ASKED_PATH) {
        size_t part = 4096 - (size_t)((address + have) % 4096);
        ssize_t n;

        part = part < ASKED_PATH - have ? part : ASKED_PATH - have;
        n = read_memory (pid, address + have, path + have, part);
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

/* 'resolve' restricts the resolution of the path, which does not matter: we
 * open a path of our own. */
static bool
read_how (const struct seccomp_notif *request, int *flags)
{
    struct how how;

    if (request->data.args[3] != sizeof how
        || read_memory ((pid_t)request->pid, request->data.args[2], &how,
                        sizeof how)
               != sizeof how
        || how.flags >> 32) {
        return false;
    }
    *flags = (int)how.flags;
    return true;
}

bool
asked_open (const struct seccomp_notif *request, uint64_t *path, int *flags)
{
    const __u64 *args = request->data.args;

    switch (request->data.nr) {
#ifdef SYS_open
    case SYS_open:
        *path = args[0];
        *flags = (int)args[1];
        return true;
#endif
    case SYS_openat:
        *path = args[1];
        *flags = (int)args[2];
        return true;
    case SYS_openat2:
        *path = args[1];
        return read_how (request, flags);
    }
    return false;
}

bool
asked_stat (const struct seccomp_notif *request, uint64_t *path)
{
    const __u64 *args = request->data.args;

    switch (request->data.nr) {
#ifdef SYS_stat
    case SYS_stat:
    case SYS_lstat:
        *path = args[0];
        return true;
#endif
#ifdef SYS_newfstatat
    case SYS_newfstatat:
        *path = args[1];
        return true;
#endif
#ifdef SYS_statx
    case SYS_statx:
        *path = args[1];
        return true;
#endif
    }
    return false;
}
