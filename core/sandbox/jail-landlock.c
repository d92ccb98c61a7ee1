/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Landlock (Linux 5.13): a second opinion on files, and a third on TCP.  With
 * a root of its own a process has little to gain from what this denies;
 * without one (no user namespaces) this is all there is. */

#include "core/sandbox/jail-landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "common/cleanup.h"

/* <linux/landlock.h> of the build machine may be older than the kernel the
 * program runs on, so the numbers are here.  From the kernel's
 * Documentation/userspace-api/landlock.rst. */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif
#define CREATE_RULESET_VERSION 1
#define RULE_PATH_BENEATH 1
#define FS_EXECUTE (1 << 0)
#define FS_WRITE_FILE (1 << 1)
#define FS_READ_FILE (1 << 2)
#define FS_READ_DIR (1 << 3)
#define FS_ABI_1 ((1 << 13) - 1)
#define FS_REFER (1 << 13)     /* ABI 2 */
#define FS_TRUNCATE (1 << 14)  /* ABI 3 */
#define NET_TCP 3              /* ABI 4: bind, connect */
#define FS_IOCTL_DEV (1 << 15) /* ABI 5 */
#define SCOPES 3               /* ABI 6: abstract sockets, signals */

#define READING (FS_EXECUTE | FS_READ_FILE | FS_READ_DIR)
#define OF_A_FILE                                                              \
    (FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEV)

struct ruleset_attr {
    uint64_t fs, net, scoped;
};

struct path_attr {
    uint64_t allowed;
    int32_t fd;
} __attribute__ ((packed));

static int
abi (void)
{
    long n =
        syscall (SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);

    return n < 0 ? 0 : (int)n;
}

bool
jail_has_landlock (void)
{
    return abi () > 0;
}

/* Allows 'rights' at and below 'path', if it exists. */
static int
allow (struct jail_child *child, int ruleset, uint64_t handled,
       const char *path, uint64_t rights)
{
    CLEANUP_CLOSE int fd = open (path, O_PATH | O_CLOEXEC);
    struct path_attr attr = { .allowed = rights & handled, .fd = fd };
    struct stat st;

    if (fd < 0 || fstat (fd, &st) < 0) {
        return 0;
    }
    if (!S_ISDIR (st.st_mode)) {
        attr.allowed &= OF_A_FILE;
    }
    return syscall (SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &attr, 0)
                   < 0
               ? jail_detail (child, "rule for %s", path)
               : 0;
}

/* Allows the files that the process's own root would contain, if it had one. */
static int
allow_host_paths (struct jail_child *child, int ruleset, uint64_t handled)
{
    static const char *const paths[] = {
        "/usr",       "/lib",      "/lib64", "/lib32", "/etc/ld.so.cache",
        "/nix/store", "/gnu/store"
    };
    const struct jail *jail = child->plan->jail;
    int r = allow (child, ruleset, handled, child->plan->program, READING);

    for (size_t i = 0; i < ARRAY_SIZE (paths) && r == 0; i++) {
        r = allow (child, ruleset, handled, paths[i], READING);
    }
    for (size_t i = 0; i < jail->n_files && r == 0; i++) {
        r = allow (child, ruleset, handled, jail->files[i].path, READING);
    }
    if (r == 0 && child->plan->host_network) {
        r = allow (child, ruleset, handled, "/etc/resolv.conf", READING);
    }
    if (r == 0 && child->plan->host_network && !child->plan->names_stay) {
        r = allow (child, ruleset, handled, "/proc/self/uid_map", READING);
    }
    if (r == 0 && child->plan->host_network && !child->plan->names_stay) {
        r = allow (child, ruleset, handled, "/proc/sys/net", READING);
    }
    return r;
}

static int
allow_all (struct jail_child *child, int ruleset, uint64_t handled)
{
    static const char *const devices[] = { "/dev/null", "/dev/urandom",
                                           "/dev/kvm" };
    size_t n = child->plan->jail->kvm ? 3 : 2;
    int r = child->plan->namespaces
                ? allow (child, ruleset, handled, "/", READING)
                : allow_host_paths (child, ruleset, handled);

    for (size_t i = 0; i < n && r == 0; i++) {
        r = allow (child, ruleset, handled, devices[i],
                   FS_READ_FILE | FS_WRITE_FILE | FS_IOCTL_DEV);
    }
    return r;
}

int
jail_landlock (struct jail_child *child)
{
    int version = abi ();
    struct ruleset_attr attr = { .fs = FS_ABI_1 };
    size_t size = sizeof attr.fs;
    CLEANUP_CLOSE int ruleset = -1;

    if (version == 0) {
        return 0;
    }
    attr.fs |= version >= 2 ? FS_REFER : 0;
    attr.fs |= version >= 3 ? FS_TRUNCATE : 0;
    attr.fs |= version >= 5 ? FS_IOCTL_DEV : 0;
    if (version >= 4) {
        attr.net = child->plan->host_network ? 0 : NET_TCP;
        size = 2 * sizeof attr.fs;
    }
    if (version >= 6) {
        attr.scoped = SCOPES;
        size = sizeof attr;
    }
    ruleset = (int)syscall (SYS_landlock_create_ruleset, &attr, size, 0);
    if (ruleset < 0) {
        return jail_detail (child, "landlock_create_ruleset");
    }
    if (allow_all (child, ruleset, attr.fs) < 0) {
        return -1;
    }
    return syscall (SYS_landlock_restrict_self, ruleset, 0) < 0
               ? jail_detail (child, "landlock_restrict_self")
               : 0;
}
