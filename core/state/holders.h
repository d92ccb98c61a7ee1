/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Who has the locks of a VM: for messages, and for 'hvctl kill', which ends
 * whatever stands in the way.  The locks of the run directory are signed.  The
 * one of the changes is a byte of a file, so that nothing is left behind; who
 * has it is asked of the kernel (fdinfo in /proc), which also tells who shares
 * it, and what a process that was killed has left running. */
#ifndef CORE_HOLDERS_H
#define CORE_HOLDERS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/base/context.h"
#include "core/base/error.h"

struct holder {
    pid_t pid;
    uint64_t start_time;
};

/* Adds those who have the lock of the changes of the VM, or the volume, 'key':
 * struct holder *.  Not ourselves, and nobody whom we may not see. */
void holders_of_changes (struct hvctl *h, const char *key, struct vec *out);

/* " (process 4711)" for a message, or "": who has that lock; who releases, or
 * looks after, the VM. */
const char *holders_text (struct hvctl *h, const char *key);
const char *holders_run_text (struct hvctl *h, const char *name);

/* Ends those who start, release or look after the VM; true if somebody was
 * ended, or has let go. */
bool holders_end_run (struct hvctl *h, const char *name);

/* Ends those of 'list' that still have the lock of the VM's changes after a
 * moment, and says so.  What they were at is in the journal. */
int holders_end_changes (struct hvctl *h, const char *name,
                         const struct vec *list, struct error *err);

/* Ends the hvctl that has the lock of 'file'; true if nobody is in the way any
 * more. */
bool holders_end (struct hvctl *h, const char *name, const char *file);

#endif /* CORE_HOLDERS_H */
