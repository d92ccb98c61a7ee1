/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What hypervisors can do, as probes found it, kept until something changes
 * that it depends on. */
#ifndef CORE_FACTS_H
#define CORE_FACTS_H

#include <stdbool.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/provider/loaded.h"

/* The directory of what can be found out again; it may not be there. */
const char *facts_dir (struct hvctl *h);

/* Loads the facts about the hypervisor's program; probes if they are not
 * fresh and the command may change things. */
int facts_load (struct hvctl *h, struct plugin *p, const char *arch,
                const char *program, struct error *err);

/* After the program ended although the facts promised otherwise: forgets them,
 * probes again, and tells whether they are different now. */
bool facts_were_wrong (struct hvctl *h, struct plugin *p, const char *arch,
                       const char *program);

#endif /* CORE_FACTS_H */
