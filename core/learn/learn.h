/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Runs machines through a list of features while every system call is recorded,
 * and compares the calls with the table of groups.c: for a new
 * version of a hypervisor or a library. */
#ifndef CORE_LEARN_H
#define CORE_LEARN_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/context.h"
#include "core/base/error.h"

/* A call that the groups of its machine do not allow. */
struct learn_call {
    const char *machine; /* The first that made it. */
    const char *call, *thread, *arguments;
    const char *groups;   /* That would allow it: a phrase. */
    const char *family;   /* Of calls for one purpose, or null. */
    const char *reviewed; /* It is refused, which was reviewed: why that is
                           * harmless.  Null: it is a difference. */
    bool sealed;          /* After the seal... */
    bool startup;         /* ...and allowed before: it fails with ENOSYS. */
    size_t times;         /* At least: of calls that differ in arguments that
                           * no rule checks, the supervisor records some. */
};

/* An entry of the table that no machine needed. */
struct learn_unused {
    const char *group, *call;
    const char *values; /* Of its list; null: the call was not used. */
};

struct learn {
    struct vec steps; /* struct trial_step * */
    struct vec calls, unused;
    size_t machines;        /* That ran. */
    size_t differences;     /* Calls that nobody has reviewed. */
    size_t failed, skipped; /* Steps. */
    int exit_code;          /* Of the first that failed. */
};

/* Tests the VMs in 'names', with disks and networks of their own, or, without
 * names, machines with firmware only.  Leaves nothing behind except the records
 * of tested.h. */
int learn_run (struct hvctl *h, const char *arch, const struct vec *names,
               struct learn *out, struct error *err);

#endif /* CORE_LEARN_H */
