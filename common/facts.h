/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Facts whose names mean the same in the core and in each plugin. */
#ifndef COMMON_FACTS_H
#define COMMON_FACTS_H

/* For how many seconds the facts may be kept, if they depend on something
 * that does not show: a probe that took too long on a busy host. */
#define FACT_KEEP_SECONDS "keep_seconds"

#endif /* COMMON_FACTS_H */
