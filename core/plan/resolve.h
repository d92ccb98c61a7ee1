/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Finds for each role the plugin that serves it, and for every other
 * one the reason why it does not.  Each function adds a role to the plan. */
#ifndef CORE_RESOLVE_H
#define CORE_RESOLVE_H

#include <stdbool.h>
#include <stdint.h>

#include <hvctl/plugin.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/config.h"
#include "core/config/definition.h"
#include "core/plan/plan.h"
#include "core/provider/loaded.h"

int resolve_disk (struct hvctl *h, struct plan *plan,
                  const struct disk_def *def, struct error *err);
int resolve_nic (struct hvctl *h, struct plan *plan, const struct nic_def *def,
                 struct error *err);

int resolve_firmware (struct hvctl *h, struct plan *plan, bool ask_all,
                      struct error *err);

/* Adds a role, and a candidate for it. */
struct role *resolve_add_role (struct hvctl *h, struct plan *plan,
                               const char *name, const char *wants);
void resolve_add_candidate (struct hvctl *h, struct role *role,
                            const struct plugin *p, bool serves,
                            const char *reason);

/* Stores a volume in the form that plugins see. */
int resolve_volume (struct hvctl *h, const struct disk_def *d,
                    struct hv_volume *out, struct error *err);

/* Returns the storage plugin for a volume, and explains the role if 'role' is
 * not null. */
struct plugin *resolve_storage (struct hvctl *h, const struct hv_volume *vol,
                                struct role *role, struct error *err);

/* Returns the storage plugin of a pool, and stores the names in it. */
struct plugin *resolve_pool (struct hvctl *h, const struct hv_options *pool,
                             struct hv_list *out, struct error *err);

/* Checks the section of a network or pool against the keys of its plugin, once,
 * so that their defaults are known. */
int resolve_check_section (struct hvctl *h, const struct hv_options *section,
                           const struct hv_key *theirs, struct error *err);

#endif /* CORE_RESOLVE_H */
