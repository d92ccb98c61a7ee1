/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The frame of the wrappers of hypervisor.c, network.c, storage.c and
 * firmware.c, one per operation of a plugin: it opens the plugin when needed,
 * sets the deadline, traces, gives null its meaning, and guarantees a message
 * that names the object and the plugin.  No other file touches the tables; what
 * has such short names here is for these, and for provider.c, alone. */
#ifndef CORE_PROVIDER_CALL_H
#define CORE_PROVIDER_CALL_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/provider/guard.h"
#include "core/provider/loaded.h"
#include "core/provider/provider.h"

/* Limits, in milliseconds.  Creating and resizing copy data, perhaps. */
#define SHORT 10000
#define NORMAL 30000
#define LONG 600000
#define STREAM INT64_C (86400000) /* Who stalls is told earlier. */

/* Gives a null operation its meaning, where that is a refusal. */
#define NEED(op, what)                                                         \
    if (p->op == NULL) {                                                       \
        return provider_unsupported (p, what, err);                            \
    }

/* The frame of every wrapper.  'wrong' looks at the answer, once there is
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

/* Begins an operation that may take 'timeout'. */
void provider_begin (struct plugin *p, const char *op, int64_t timeout);

/* After the plugin's code was left by force: what that was. */
int provider_escaped (struct plugin *p);

/* Ends an operation: passes its message on, with who and what before it.
 * 'wrong' is what is wrong with its answer, or null. */
int provider_done (struct plugin *p, const char *op, const char *object, int rc,
                   const char *wrong, struct error *err);

int provider_unsupported (struct plugin *p, const char *what,
                          struct error *err);

#endif /* CORE_PROVIDER_CALL_H */
