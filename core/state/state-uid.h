/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* User ids of VMs. */
#ifndef CORE_STATE_UID_H
#define CORE_STATE_UID_H

#include <stdint.h>

#include "core/base/context.h"
#include "core/base/error.h"

/* Takes a user id that no process has; '*lock' keeps others from taking it
 * until there is one that has.  '*fd', which can only be read, is for that: the
 * kernel knows whose user ids are in use, but of other pid namespaces does not
 * tell. */
int state_take_uid (struct hvctl *h, const char *name, uint64_t *uid, int *lock,
                    int *fd, struct error *err);

#endif /* CORE_STATE_UID_H */
