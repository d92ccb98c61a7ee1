/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Brokered files, which a hypervisor opens itself while it runs: the list from
 * which its supervisor opens them; supervisor/brokered.c has its format. */
#ifndef CORE_BROKER_LIST_H
#define CORE_BROKER_LIST_H

#include <hvctl/plugin.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/plan/plan.h"

/* Returns the path of the list. */
const char *broker_list_path (struct hvctl *h, const char *vm);

/* Writes the list of a VM that is being started, after verifying that each file
 * can be opened as requested and is not in use. */
int broker_list_write (struct hvctl *h, const struct plan *plan,
                       struct error *err);

/* Add the layers of a disk to the list of a running VM, or remove them.  Do
 * nothing if its hypervisor receives descriptors. */
int broker_list_add_disk (struct hvctl *h, const char *vm,
                          const struct hv_disk *disk, struct error *err);
int broker_list_drop_disk (struct hvctl *h, const char *vm,
                           const struct hv_disk *disk, struct error *err);

/* Adds the files of that directory, which exist and are empty, to the list of a
 * running VM, by name and for writing: "/NAME", as if it created them.  They
 * replace other files brokered by name, and the second function removes all of
 * them.  Both do nothing if the hypervisor receives descriptors. */
int broker_list_add_state (struct hvctl *h, const char *vm, const char *dir,
                           const char *const names[], struct error *err);
int broker_list_drop_state (struct hvctl *h, const char *vm, struct error *err);

#endif /* CORE_BROKER_LIST_H */
