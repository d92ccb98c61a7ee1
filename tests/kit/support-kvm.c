/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A host with KVM, whatever the real one has: plugins find these before the C
 * library's, as the program exports them.  Nothing of the declarations is
 * included: they may be macros or inline. */
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define AT_CWD (-100)          /* AT_FDCWD */
#define GET_API_VERSION 0xae00 /* KVM_GET_API_VERSION */
#define API_VERSION 12

#define SEEN __attribute__ ((visibility ("default")))

SEEN int open (const char *path, int flags, ...);
SEEN int open64 (const char *path, int flags, ...)
    __attribute__ ((alias ("open")));
SEEN int ioctl (int fd, unsigned long request, ...);

int
open (const char *path, int flags, ...)
{
    va_list args;
    unsigned mode;

    va_start (args, flags);
    mode = va_arg (args, unsigned);
    va_end (args);
    if (!strcmp (path, "/dev/kvm")) {
        path = "/dev/null";
    }
    return (int)syscall (SYS_openat, AT_CWD, path, flags, mode);
}

int
ioctl (int fd, unsigned long request, ...)
{
    va_list args;
    void *argument;

    va_start (args, request);
    argument = va_arg (args, void *);
    va_end (args);
    return request == GET_API_VERSION
               ? API_VERSION
               : (int)syscall (SYS_ioctl, fd, request, argument);
}
