/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The trouble of one VM is not to be that of another: all that a command does
 * for VMs, volumes and networks that it does not name takes OTHERS_LIMIT
 * together, whoever it is that takes so long: a plugin, a program, a process
 * that does not end.  What is left is done by who names them, or later. */
#ifndef CORE_OTHERS_H
#define CORE_OTHERS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/context.h"
#include "core/base/error.h"

/* All that is done by who asks for something else takes this long at most,
 * whether it is a hypervisor that does it or a storage's program. */
#define OTHERS_LIMIT 800

/* May something be begun that is done for what was named ('named'), or for
 * others?  If so, the operations of plugins have h->until as their limit until
 * others_end().  'mark', or null, is a file that is there if it took too long:
 * others do not try that again at once. */
bool others_begin (struct hvctl *h, bool named, const char *mark);

/* 'late': it took too long. */
void others_end (struct hvctl *h, const char *mark, bool late);

/* Of 'ms', what is left for it. */
int64_t others_left (const struct hvctl *h, int64_t ms);

/* Did it fail since it took longer than others may wait? */
bool others_late (const struct hvctl *h, const struct error *err);

#endif /* CORE_OTHERS_H */
