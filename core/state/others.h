/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Problems of one VM must not affect another: everything that a command does
 * for VMs, volumes and networks that it does not name takes OTHERS_LIMIT
 * in total, whatever takes so long: a plugin, a program, a process
 * that does not exit.  The rest is left to commands that name them, or is done
 * later. */
#ifndef CORE_OTHERS_H
#define CORE_OTHERS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/context.h"
#include "core/base/error.h"

/* The total time limit for work on VMs that the command does not name, in a
 * hypervisor or in a storage's program. */
#define OTHERS_LIMIT 800

/* Returns whether work may be begun for an object that was named ('named'), or
 * for another one.  If so, plugins' operations are limited by h->until until
 * others_end().  'mark', or null, is a file that exists if it took too long:
 * then it is not tried again immediately for others. */
bool others_begin (struct hvctl *h, bool named, const char *mark);

/* 'late': it took too long. */
void others_end (struct hvctl *h, const char *mark, bool late);

/* Returns how much of 'ms' is left for it. */
int64_t others_left (const struct hvctl *h, int64_t ms);

/* Returns whether it failed because it exceeded the limit for others. */
bool others_late (const struct hvctl *h, const struct error *err);

#endif /* CORE_OTHERS_H */
