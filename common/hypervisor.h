/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Checks that the plugin of each hypervisor needs. */
#ifndef COMMON_HYPERVISOR_H
#define COMMON_HYPERVISOR_H

#include "hvctl/plugin.h"

/* Returns whether the fact "version" is older than 'major'.'minor'.  It is not
 * if the program was not probed, or its version is unknown. */
bool version_below (struct hv_ctx *ctx, int major, int minor);

/* Fails if the VM's memory is not a whole number of MiB, or more than this
 * host's. */
int check_host_memory (struct hv_ctx *ctx, const struct hv_vm *vm);

#endif /* COMMON_HYPERVISOR_H */
