/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The locks of names that VMs are about to get, or whose definitions change. */
#ifndef CORE_NEW_NAME_LOCK_H
#define CORE_NEW_NAME_LOCK_H

#include <stddef.h>

#include "core/base/context.h"
#include "core/base/error.h"

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

#endif /* CORE_NEW_NAME_LOCK_H */
