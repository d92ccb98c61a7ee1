/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The frame of the wrappers of provider.h: for provider.c and
 * provider-storage.c alone. */
#ifndef CORE_PROVIDER_CALL_H
#define CORE_PROVIDER_CALL_H

#include "core/provider.h"

/* Limits, in milliseconds.  Creating and resizing copy data, perhaps. */
#define SHORT 10000
#define NORMAL 30000
#define LONG 600000
#define STREAM INT64_C (86400000) /* Who stalls is told earlier. */

/* Begins an operation that may take 'timeout'. */
void provider_begin (struct plugin *p, int64_t timeout);

/* Ends one: passes its message on, with who and what before it. */
int provider_done (struct plugin *p, const char *op, const char *object, int rc,
                   struct error *err);

int provider_unsupported (struct plugin *p, const char *what,
                          struct error *err);

/* Gives a null operation its meaning, where that is a refusal. */
#define NEED(op, what)                                                         \
    if (p->op == NULL) {                                                       \
        return provider_unsupported (p, what, err);                            \
    }

/* The frame of every wrapper below. */
#define CALL(timeout, op, object, call)                                        \
    int rc_ = plugin_usable (p, err);                                          \
    if (rc_ < 0) {                                                             \
        return rc_;                                                            \
    }                                                                          \
    provider_begin (p, timeout);                                               \
    return provider_done (p, op, object, call, err)

#endif /* CORE_PROVIDER_CALL_H */
