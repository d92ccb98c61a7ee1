/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/provider/host-facts.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "common/cleanup.h"

#define KVM "/dev/kvm"
#define MAX_GROUPS 256
#define MAX_ACL 512

static int
compare_groups (const void *a, const void *b)
{
    const gid_t x = *(const gid_t *)a, y = *(const gid_t *)b;

    return (x > y) - (x < y);
}

/* Our own credentials: group membership depends on the login, not on the
 * account. */
static const char *
credentials (struct arena *a)
{
    gid_t groups[MAX_GROUPS];
    int n = getgroups (MAX_GROUPS, groups);
    const char *text = arena_format (a, "user %u:%u", (unsigned)geteuid (),
                                     (unsigned)getegid ());

    if (n < 0) {
        return arena_format (a, "%s groups ?", text);
    }
    qsort (groups, (size_t)n, sizeof *groups, compare_groups);
    for (int i = 0; i < n; i++) {
        text = arena_format (a, "%s%c%u", text, i ? ',' : ' ',
                             (unsigned)groups[i]);
    }
    return text;
}

/* An access control list has users and groups that the mode does not show. */
static const char *
acl_of (struct arena *a, const char *path)
{
    unsigned char acl[MAX_ACL];
    ssize_t n = getxattr (path, "system.posix_acl_access", acl, sizeof acl);
    const char *text = n < 0 && errno == ERANGE ? "long" : "";

    for (ssize_t i = 0; i < n; i++) {
        text = arena_format (a, "%s%02x", text, acl[i]);
    }
    return text;
}

/* The last item is whether we may open it, which is what counts; the others
 * matter for a hypervisor with its own user ID. */
static const char *
kvm_device (struct arena *a)
{
    struct stat st = { 0 };
    int missing = stat (KVM, &st) < 0 ? errno : 0;
    int refused =
        faccessat (AT_FDCWD, KVM, R_OK | W_OK, AT_EACCESS) < 0 ? errno : 0;

    return arena_format (a, "kvm %d %o:%u:%u:%" PRIu64 " acl %s access %d",
                         missing, (unsigned)st.st_mode, (unsigned)st.st_uid,
                         (unsigned)st.st_gid, (uint64_t)st.st_rdev,
                         acl_of (a, KVM), refused);
}

/* The first line of a small file; "-" if it cannot be read. */
static const char *
one_value (struct arena *a, const char *path)
{
    CLEANUP_CLOSE int fd = open (path, O_RDONLY | O_CLOEXEC);
    char text[64];
    ssize_t n = fd < 0 ? -1 : read (fd, text, sizeof text - 1);

    if (n < 0) {
        return "-";
    }
    text[n] = '\0';
    return arena_dup_n (a, text, strcspn (text, "\n"));
}

const char *
host_conditions (struct arena *a)
{
    static const char *const settings[] = {
        "/sys/module/kvm/parameters/ignore_msrs",
        "/sys/module/kvm_intel/parameters/nested",
        "/sys/module/kvm_intel/parameters/ept",
        "/sys/module/kvm_amd/parameters/nested",
        "/sys/module/kvm_amd/parameters/npt",
        "/proc/sys/user/max_user_namespaces",
        "/proc/sys/kernel/unprivileged_userns_clone",
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
    };
    const char *text =
        arena_format (a, "%s; %s; settings", credentials (a), kvm_device (a));

    for (size_t i = 0; i < ARRAY_SIZE (settings); i++) {
        text = arena_format (a, "%s %s", text, one_value (a, settings[i]));
    }
    return text;
}
