/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Files that a hypervisor opens by itself for as long as it runs: the list by
 * which its supervisor opens them; supervisor/brokered.c has its format. */
#ifndef CORE_BROKER_LIST_H
#define CORE_BROKER_LIST_H

#include <hvctl/plugin.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/plan/plan.h"

/* The path of the list. */
const char *broker_list_path (struct hvctl *h, const char *vm);

/* Writes the list of a VM that is being started, after a look at each file:
 * can it be opened so, and has it no other user? */
int broker_list_write (struct hvctl *h, const struct plan *plan,
                       struct error *err);

/* Lends the layers of a disk to a VM that runs, or takes them back.  Does
 * nothing if its hypervisor gets descriptors. */
int broker_list_add_disk (struct hvctl *h, const char *vm,
                          const struct hv_disk *disk, struct error *err);
int broker_list_drop_disk (struct hvctl *h, const char *vm,
                           const struct hv_disk *disk, struct error *err);

/* Lends the files of that directory, which are there and empty, to a VM that
 * runs, by their names and to be written: "/NAME", as if it created them.  What
 * else was lent by name no longer is, and all of it is taken back by the
 * second.  Both do nothing if its hypervisor gets descriptors. */
int broker_list_add_state (struct hvctl *h, const char *vm, const char *dir,
                           const char *const names[], struct error *err);
int broker_list_drop_state (struct hvctl *h, const char *vm, struct error *err);

#endif /* CORE_BROKER_LIST_H */
