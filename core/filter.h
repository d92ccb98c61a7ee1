/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Makes a seccomp filter of groups of system calls (groups.h).  The only file
 * that knows libseccomp's functions. */
#ifndef CORE_FILTER_H
#define CORE_FILTER_H

#include <stdbool.h>
#include <linux/filter.h>

#include "core/error.h"

struct filter_options {
    const char *const *groups; /* Besides "base"; ends in null, or null. */
    bool notify;               /* Calls of the start-up class ask the
                                * supervisor; else they are allowed. */
    bool pid_one;              /* The process is 1 in a namespace. */
    int exec_fd;               /* execveat of this descriptor is allowed. */
};

/* Stores the program in 'out'; the caller frees out->filter.  A group that
 * does not exist: EINVAL, with the names of those that do. */
int filter_build (const struct filter_options *options, struct sock_fprog *out,
                  struct error *err);

/* What the sandbox of these groups is made of, for people: a malloc'ed text
 * with a line per rule. */
int filter_describe (const char *const *groups, char **text, struct error *err);

#endif /* CORE_FILTER_H */
