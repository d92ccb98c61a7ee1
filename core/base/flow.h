/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Bytes on their way from one descriptor to another, as poll() allows. */
#ifndef CORE_FLOW_H
#define CORE_FLOW_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct flow {
    int from, to;     /* Borrowed.  From -1 comes nothing. */
    const char *text; /* Goes first... */
    size_t text_left; /* ...this much of it. */
    uint64_t passed;  /* Of 'from', so far. */
    int error;        /* errno of what ended it, or 0... */
    bool reading;     /* ...which was reading. */
    size_t at, end;
    char buffer[65536];
};

/* What it waits for next. */
struct pollfd flow_waits (const struct flow *f);

/* Does that.  False if nothing comes any more. */
bool flow_step (struct flow *f);

#endif /* CORE_FLOW_H */
