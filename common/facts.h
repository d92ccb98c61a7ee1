/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Facts whose names mean the same in the core and in each plugin. */
#ifndef COMMON_FACTS_H
#define COMMON_FACTS_H

/* The number of seconds for which facts may be cached that depend on something
 * invisible: such as a probe that took too long on a busy host. */
#define FACT_KEEP_SECONDS "keep_seconds"

#endif /* COMMON_FACTS_H */
