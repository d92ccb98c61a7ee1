/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Start-up calls that are refused after the seal, and that were reviewed. */
#ifndef CORE_REFUSED_H
#define CORE_REFUSED_H

#include "core/state/diagnosis.h"

/* A reviewed start-up call that is refused after the seal; the table ends in a
 * null call. */
struct reviewed_refusal {
    const char *call;
    const char *thread; /* The beginning of its name. */
    const char *path;   /* Null: it names no file. */
    const char *why;    /* It is harmless. */
};

extern const struct reviewed_refusal reviewed_refusals[];

/* Returns why refusing the call is harmless, or null: it was not reviewed. */
const char *refused_reviewed (const struct seen_call *s);

#endif /* CORE_REFUSED_H */
