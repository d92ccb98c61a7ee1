/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A name that a VM is about to get: nothing of another VM, or of a former one,
 * may be there. */
#ifndef CORE_NEW_NAME_H
#define CORE_NEW_NAME_H

#include <stddef.h>

#include "core/base/context.h"
#include "core/base/error.h"

/* Fails if there is a VM of that name, or anything that was kept for one. */
int new_name_check (struct hvctl *h, const char *name, struct error *err);

/* The locks of names. */
struct new_name_locks {
    int *fd;
    size_t n;
};

/* Locks the changes of these VMs and fleets, as changing_lock() does, and that
 * nobody makes or removes the fleets that they would be VMs of by their names.
 * In one order, so that two hvctls do not wait for each other. */
int new_name_lock (struct hvctl *h, const char *const names[], size_t n,
                   struct new_name_locks *locks, struct error *err);
void new_name_unlock (struct new_name_locks *locks);

#define NEW_NAME_CLEANUP __attribute__ ((cleanup (new_name_unlock)))

#endif /* CORE_NEW_NAME_H */
