/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Copying from one descriptor to another, without blocking. */
#ifndef CORE_FLOW_H
#define CORE_FLOW_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct flow {
    int from, to;     /* Borrowed.  -1 as 'from' provides nothing. */
    const char *text; /* Is written first... */
    size_t text_left; /* ...this much of it. */
    uint64_t passed;  /* Bytes copied from 'from' so far. */
    int error;        /* The errno that stopped it, or 0... */
    bool reading;     /* ...which came from reading. */
    size_t at, end;
    char buffer[65536];
};

/* Returns the events to wait for next. */
struct pollfd flow_waits (const struct flow *f);

/* Copies what it can after these.  Returns false if there is no more to
 * copy. */
bool flow_step (struct flow *f);

#endif /* CORE_FLOW_H */
