/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Stopping a VM, gracefully or by force. */
#ifndef CORE_STOP_H
#define CORE_STOP_H

#include <stdint.h>

#include "core/base/context.h"
#include "core/base/error.h"

/* STOP_OTHER: somebody else killed it, or it crashed, when its guest had been
 * asked to shut down. */
enum stop_way { STOP_NOTHING, STOP_ACPI, STOP_QUIT, STOP_KILL, STOP_OTHER };

/* Stops a VM: ACPI, repeated, until 'timeout' ms have passed; then the
 * hypervisor is asked to quit; then it is killed.  Returns when it has exited
 * and was released; '*way' is what was needed. */
int stop_vm (struct hvctl *h, const char *name, int64_t timeout,
             enum stop_way *way, struct error *err);

/* The same for one that was saved. */
int stop_saved (struct hvctl *h, const char *name, struct error *err);
/* Forces it off, and terminates processes that start, release or change it. */
int stop_kill (struct hvctl *h, const char *name, enum stop_way *way,
               struct error *err);

#endif /* CORE_STOP_H */
