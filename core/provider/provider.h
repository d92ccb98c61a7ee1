/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The frame of the wrappers in hypervisor.c, network.c, storage.c and
 * firmware.c, one per operation of a plugin: it opens the plugin if needed,
 * sets the deadline, traces, gives null its meaning, and guarantees a message
 * that names the object and the plugin.  No other file uses the tables. */
#ifndef CORE_PROVIDER_H
#define CORE_PROVIDER_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/provider/guard.h"
#include "core/provider/loaded.h"

/* Limits, in milliseconds.  Creating and resizing may copy data. */
#define SHORT 10000
#define NORMAL 30000
#define LONG 600000
#define STREAM INT64_C (86400000) /* A stall is reported earlier. */

/* Gives a null operation its meaning, if that is a refusal. */
#define NEED(op, what)                                                         \
    if (p->op == NULL) {                                                       \
        return provider_unsupported (p, what, err);                            \
    }

/* The frame of every wrapper.  'wrong' checks the result, once there is
 * one. */
#define CALL_AND(timeout, op, object, call, wrong)                             \
    int rc_ = provider_usable (p, err);                                        \
    if (rc_ < 0) {                                                             \
        return rc_;                                                            \
    }                                                                          \
    provider_begin (p, op, timeout);                                           \
    rc_ = sigsetjmp (guard_frame, 0) ? provider_escaped (p) : call;            \
    guard_leave ();                                                            \
    return provider_done (p, op, object, rc_, rc_ == 0 ? wrong : NULL, err)

#define CALL(timeout, op, object, call)                                        \
    CALL_AND (timeout, op, object, call, NULL)

/* Fails if 'p' is broken or its open() fails. */
int provider_usable (struct plugin *p, struct error *err);

/* Closes it, if it was opened. */
void provider_close (struct plugin *p);

/* Begins an operation with the limit 'timeout'. */
void provider_begin (struct plugin *p, const char *op, int64_t timeout);

/* Handles an escape from the plugin's code. */
int provider_escaped (struct plugin *p);

/* Ends an operation: passes its message on, prefixed with plugin and object.
 * 'wrong' is the problem with its result, or null. */
int provider_done (struct plugin *p, const char *op, const char *object, int rc,
                   const char *wrong, struct error *err);

int provider_unsupported (struct plugin *p, const char *what,
                          struct error *err);

#endif /* CORE_PROVIDER_H */
