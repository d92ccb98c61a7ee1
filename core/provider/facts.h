/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Capabilities of hypervisors, as found by probes, cached until something that
 * they depend on changes. */
#ifndef CORE_FACTS_H
#define CORE_FACTS_H

#include <stdbool.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/provider/loaded.h"

/* Returns what identifies a file, of which 'st' is known: any change of these
 * makes it another one. */
struct stat;
const char *facts_file_identity (struct arena *a, const char *path,
                                 const struct stat *st);

/* Returns the cache directory; it may not exist. */
const char *facts_dir (struct hvctl *h);

/* Loads the facts about the hypervisor's program; probes it if they are not
 * fresh and the command may change things. */
int facts_load (struct hvctl *h, struct plugin *p, const char *arch,
                const char *program, struct error *err);

/* To be called after the program exited although the facts promised otherwise:
 * forgets them, probes again, and returns whether they have changed. */
bool facts_were_wrong (struct hvctl *h, struct plugin *p, const char *arch,
                       const char *program);

#endif /* CORE_FACTS_H */
