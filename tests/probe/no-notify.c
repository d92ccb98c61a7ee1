/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* To be preloaded: plays a kernel before 5.0, without notification.  A filter
 * could not, for which action is asked about lies in memory. */
#include <dlfcn.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <stdarg.h>
#include <sys/syscall.h>

#define USER_NOTIF 0x7fc00000U
#define NEW_LISTENER (1UL << 3)

long syscall (long nr, ...) __attribute__ ((visibility ("default")));

long
syscall (long nr, ...)
{
    static long (*next) (long, ...);
    long a[6];
    va_list args;

    va_start (args, nr);
    for (int i = 0; i < 6; i++) {
        a[i] = va_arg (args, long);
    }
    va_end (args);
    if (nr == SYS_seccomp && a[0] == SECCOMP_GET_ACTION_AVAIL
        && *(const unsigned *)a[2] == USER_NOTIF) {
        errno = EOPNOTSUPP;
        return -1;
    }
    if (nr == SYS_seccomp && a[0] == SECCOMP_SET_MODE_FILTER
        && a[1] & NEW_LISTENER) {
        errno = EINVAL;
        return -1;
    }
    if (!next) {
        next = (long (*) (long, ...))dlsym (RTLD_NEXT, "syscall");
    }
    return next (nr, a[0], a[1], a[2], a[3], a[4], a[5]);
}
