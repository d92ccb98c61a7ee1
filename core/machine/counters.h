/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* I/O counters of the disks and NICs of a running VM. */
#ifndef CORE_COUNTERS_H
#define CORE_COUNTERS_H

#include <hvctl/plugin.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/provider/services.h"

/* Adds the I/O counters of the disks and NICs of a running VM. */
int counters_read (struct hvctl *h, const char *name, struct hv_list *out,
                   struct error *err);

/* Adds the names of the disks that these counters are of: those that the
 * running guest has, but for that of the section 'cloud_init'. */
void counters_disks (struct arena *a, const struct hv_list *counters,
                     struct vec *names);

#endif /* CORE_COUNTERS_H */
