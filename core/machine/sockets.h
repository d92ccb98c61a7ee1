/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The sockets of vhost-user ports.  A hypervisor must create them by path (QEMU
 * accepts descriptors with messages on no others), and there is no path in the
 * jail: so its supervisor answers bind() until the seal, and puts a copy of
 * the socket that attach() created in the place of its own. */
#ifndef CORE_SOCKETS_H
#define CORE_SOCKETS_H

#include <stdbool.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/plan/plan.h"

/* Returns whether the VM has any. */
bool sockets_are (const struct plan *plan);

/* Fails if the hypervisor does not support them. */
int sockets_check (const struct plan *plan, struct error *err);

/* Writes the list for the supervisor. */
int sockets_write (struct hvctl *h, const struct plan *plan, struct error *err);
const char *sockets_path (struct hvctl *h, const char *vm);

/* Adds to the error of a hypervisor that did not come up what it may have
 * been waiting for. */
void sockets_explain (const struct plan *plan, struct error *err);

#endif /* CORE_SOCKETS_H */
