/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Calls of the start that are refused after the seal, which somebody has
 * looked at. */
#ifndef CORE_REFUSED_H
#define CORE_REFUSED_H

#include "core/state/diagnosis.h"

/* Calls of the start that are refused after the seal, which
 * somebody has looked at; the table ends in a null call. */
struct reviewed_refusal {
    const char *call;
    const char *thread; /* The beginning of its name. */
    const char *path;   /* Null: it names no file. */
    const char *why;    /* It does no harm. */
};

extern const struct reviewed_refusal reviewed_refusals[];

/* Why it does no harm that the call is refused, or null: nobody has looked. */
const char *refused_reviewed (const struct seen_call *s);

#endif /* CORE_REFUSED_H */
