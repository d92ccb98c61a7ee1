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

#endif /* CORE_COUNTERS_H */
