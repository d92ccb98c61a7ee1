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

/* What a machine has room for, by 'max_cpus' and 'max_memory' of its section:
 * else for what it starts with. */
struct limits {
    uint32_t cpus;
    uint64_t memory;
};

void read_limits (struct hv_ctx *ctx, const struct hv_vm *vm,
                  struct limits *out);

/* Fails if what may come to the memory is not a multiple of 'step'. */
int check_memory_limit (struct hv_ctx *ctx, const struct hv_vm *vm,
                        const struct limits *limits, uint64_t step);

/* Fails if there is something for a kernel, and no kernel. */
int check_kernel (struct hv_ctx *ctx, const struct hv_vm *vm);

/* Fails if the serial number would be cut off: virtio-blk and IDE show 20
 * bytes of it. */
#define SERIAL_LIMIT 20
int check_serial (struct hv_ctx *ctx, const struct hv_disk *disk, size_t limit);

/* The same for a virtio block device, which has no WWN either. */
int check_virtio_disk (struct hv_ctx *ctx, const struct hv_disk *disk);

/* Fails if the format is neither raw nor qcow2. */
int check_format (struct hv_ctx *ctx, const struct hv_layer *layer);

#endif /* PLUGINS_COMMON_HYPERVISOR_H */
