/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A running VM and its plugin: every operation on a running VM begins
 * here. */
#ifndef CORE_TARGET_H
#define CORE_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include <hvctl/plugin.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/provider/loaded.h"
#include "core/state/state.h"

/* A running VM and its plugin, or none. */
struct target {
    struct vm_state state;
    struct hv_vm vm;
    struct plugin *plugin;
    int pidfd;
};

/* Fails with EXIT_NOT_RUNNING if there is no process. */
int target_find (struct hvctl *h, const char *name, struct target *t,
                 struct error *err);

/* The same for a VM whose state has been read; all but the pidfd. */
int target_open (struct hvctl *h, struct target *t, struct error *err);
int target_fill (struct hvctl *h, struct target *t, struct error *err);

/* Returns whether its process has exited, or exits within that time, in ms; a
 * hypervisor whose connection broke needs a moment. */
#define TARGET_ENDING 100
bool target_has_ended (const struct target *t, int64_t ms);

/* Writes its state, unless it has exited: then it may already have been
 * released, and a state written now would not be released again. */
int target_write (struct hvctl *h, struct target *t, struct error *err);

/* Kills its process, and returns when that has exited. */
int target_kill (struct target *t, struct error *err);

/* Pause a guest that had not been paused before, and resume it, or fail and
 * report that.  In between, the change is in progress. */
int target_pause (struct hvctl *h, struct target *t, struct error *err);
bool target_unpause (struct hvctl *h, struct target *t);

/* Kills a process of the VM, and returns when that has exited. */
int target_end (const char *name, int pidfd, struct error *err);

#endif /* CORE_TARGET_H */
