/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A command for several VMs, several of them at once. */
#ifndef CLI_CROWD_H
#define CLI_CROWD_H

#include "cli/cli.h"
#include "cli/turns.h"

#define MOST_JOBS 256

/* The option --jobs, in the table of commands. */
#define JOBS                                                                   \
    {                                                                          \
        "jobs", 'j', "N", "handle N VMs at once; 1: one after another", NULL   \
    }

/* How a command handles a VM. */
struct handling {
    each_fn *each;
    const char *to_do; /* "start", as in: waiting for NAME to start */
    const char *doing; /* "starting", as its state meanwhile */
    bool computes;     /* By default as many at once as there are processors; if
                        * false, many more: it mostly waits. */
    bool is_long;      /* Even a single VM that it waits for is named. */
    enum turns turns;  /* Those of one start_order after those of another. */
};

/* Handle these VMs, or all that the command names, as for_each_vm() does, but
 * several at once, each by a copy of this process.  Show them at a terminal;
 * elsewhere they report on standard error, after a moment, which ones they are
 * waiting for.  After a signal no other VM is begun, and those that were not
 * are reported. */
int for_these_vms (struct cli *c, const struct handling *how,
                   const struct vec *names);
int for_all_vms (struct cli *c, const struct handling *how);

#endif /* CLI_CROWD_H */
