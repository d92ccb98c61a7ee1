/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Builds a seccomp filter from groups of system calls (groups.h).  The only
 * file that uses libseccomp's functions. */
#ifndef CORE_FILTER_H
#define CORE_FILTER_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/sandbox/groups.h"
#include "core/sandbox/jail.h"

struct filter_options {
    const char *const *groups;    /* Besides "base"; ends in null, or null. */
    const struct call_group *own; /* Of the plugin's calls, or null. */
    bool notify;                  /* Calls of the start-up class ask the
                                   * supervisor; otherwise they are allowed. */
    bool pid_one;                 /* The process is 1 in a namespace. */
    enum sandbox_mode mode;       /* Diagnosing needs 'notify'. */
    int exec_fd;           /* execveat of this descriptor is allowed... */
    uint64_t exec_address; /* ...by the instruction before it, if not 0. */
    const char *cache;     /* A directory for built filters, or null. */
};

/* Stores the program in 'out'; the caller frees out->filter.  Fails with EINVAL
 * if a group does not exist, and names those that do. */
int filter_build (const struct filter_options *options, struct sock_fprog *out,
                  struct error *err);

/* Return whether there is a system call of that name; its number, < 0: not on
 * this machine. */
bool filter_is_call (const char *name);
int filter_call_number (const char *name);

/* Fails unless these groups exist. */
int filter_check (const char *const *groups, struct error *err);

/* Returns whether a call with these arguments would be allowed, or answered:
 * always, or with 'starting' while the program starts. */
bool filter_lets (const char *const *groups, const struct call_group *own,
                  int nr, const uint64_t args[6], bool starting);

/* Describes the sandbox of these groups for people: a malloc'ed text
 * with a line per rule. */
int filter_describe (const char *const *groups, const struct call_group *own,
                     char **text, struct error *err);

#endif /* CORE_FILTER_H */
