/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The processes that hold the locks of a VM: for messages, and for 'hvctl
 * kill', which terminates those that are in the way.  The locks of the run
 * directory contain the process ID.  The lock of changes is a byte of a file,
 * so that nothing is left behind; the kernel tells who holds it (fdinfo in
 * /proc), including processes that share it, and those that a killed process
 * left running. */
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

/* Adds the processes that hold the lock of changes of the VM, or the volume,
 * 'key': struct holder *.  Not ourselves, nor processes that we may not see. */
void holders_of_changes (struct hvctl *h, const char *key, struct vec *out);

/* Return " (process 4711)" for a message, or "": the holder of that lock; the
 * process that releases, or tends, the VM. */
const char *holders_text (struct hvctl *h, const char *key);
const char *holders_run_text (struct hvctl *h, const char *name);

/* Terminates processes that start, release or tend the VM; returns true if one
 * was terminated, or has released the lock. */
bool holders_end_run (struct hvctl *h, const char *name);

/* Terminates those of 'list' that still hold the lock of the VM's changes after
 * a moment, and reports it.  What they were doing is in the journal. */
int holders_end_changes (struct hvctl *h, const char *name,
                         const struct vec *list, struct error *err);

/* Terminates the hvctl that holds the lock of 'file'; returns true if no
 * process is in the way any more. */
bool holders_end (struct hvctl *h, const char *name, const char *file);

#endif /* CORE_HOLDERS_H */
