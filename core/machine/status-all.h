/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The states of many running VMs, as their hypervisors report them. */
#ifndef CORE_STATUS_ALL_H
#define CORE_STATUS_ALL_H

#include <stddef.h>

#include "core/base/context.h"
#include "core/state/state.h"

/* Stores a text for each VM whose hypervisor answers, and leaves those of
 * others.  Several are asked at once, by copies of this process; none is waited
 * for longer than 'each' ms, nor the silent ones together longer than 'all'. */
void status_ask_all (struct hvctl *h, const struct vm_state *vms, size_t n,
                     int64_t each, int64_t all, const char **texts);

#endif /* CORE_STATUS_ALL_H */
