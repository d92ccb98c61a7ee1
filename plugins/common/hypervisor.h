/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What each hypervisor's plugin has to check. */
#ifndef PLUGINS_COMMON_HYPERVISOR_H
#define PLUGINS_COMMON_HYPERVISOR_H

#include "hvctl/plugin.h"

/* Is the fact "version" that of a program older than 'major'.'minor'?  It is
 * not if nobody has asked the program, or it said something else. */
bool version_below (struct hv_ctx *ctx, int major, int minor);

/* Fails if the VM's memory is not a whole number of MiB, or more than this
 * host's. */
int check_host_memory (struct hv_ctx *ctx, const struct hv_vm *vm);

#endif /* PLUGINS_COMMON_HYPERVISOR_H */
