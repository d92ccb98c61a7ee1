/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The system calls of a hypervisor plugin's own table (struct hv_call):
 * which of them are accepted, and the rules made from them. */
#ifndef CORE_CALLS_H
#define CORE_CALLS_H

#include <stdbool.h>

#include <hvctl/plugin.h>

#include "core/base/arena.h"
#include "core/base/vec.h"
#include "core/sandbox/groups.h"

/* Returns why a table is refused, naming the call; or null. */
const char *calls_refused (struct arena *a, const struct hv_call *table);

/* Adds a rule (struct call_rule *) for each entry of that name.  Returns false
 * if there is none. */
bool calls_take (struct arena *a, const struct hv_call *table, const char *name,
                 struct vec *rules);

/* Returns a group of these rules, named like the plugin; null if there are
 * none. */
const struct call_group *calls_group (struct arena *a, const char *plugin,
                                      const struct vec *rules);

#endif /* CORE_CALLS_H */
