/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A VM's processes in a systemd scope (systemd.scope(5)).
 *
 * Processes that 'hvctl start' leaves running are in the control group of its
 * caller: at a shutdown of the host a login session is killed immediately, and
 * the guest loses power.  In a scope of its own, ordered before
 * hvctl-guests.service, it is left alone until that has shut down the
 * guests. */
#ifndef CORE_SCOPE_H
#define CORE_SCOPE_H

#include <stddef.h>
#include <sys/types.h>

#include "core/base/error.h"

/* Moves the processes into a new scope of the system's manager, in
 * machine.slice.  Does nothing, with success, if that is not systemd, if we are
 * not root (a user's manager ends with the last login, and its scopes too), or
 * if hvctl was built without sd-bus. */
int scope_enter (const char *vm, const pid_t *pids, size_t n,
                 struct error *err);

#endif /* CORE_SCOPE_H */
