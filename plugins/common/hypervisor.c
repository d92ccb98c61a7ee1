/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "plugins/common/hypervisor.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysinfo.h>

#include "common/size.h"

#define MIB ((uint64_t)1 << 20)

bool
version_below (struct hv_ctx *ctx, int major, int minor)
{
    const char *text = hv_fact (ctx, "version");
    int is_major, is_minor;

    return text && sscanf (text, "%d.%d", &is_major, &is_minor) == 2
           && (is_major < major || (is_major == major && is_minor < minor));
}

int
check_host_memory (struct hv_ctx *ctx, const struct hv_vm *vm)
{
    char wanted[32], there[32];
    struct sysinfo info;
    uint64_t total;

    if (vm->memory < MIB || vm->memory % MIB) {
        return hv_fail (ctx, EINVAL,
                        "memory must be a whole number of MiB, not %" PRIu64
                        " bytes",
                        vm->memory);
    }
    if (sysinfo (&info) < 0) {
        return 0;
    }
    total = (uint64_t)info.totalram * info.mem_unit;
    return vm->memory > total
               ? hv_fail (ctx, ENOTSUP,
                          "memory = %s is more than the %s of this host",
                          format_size (vm->memory, wanted, sizeof wanted),
                          format_size (total / MIB * MIB, there, sizeof there))
               : 0;
}

void
read_limits (struct hv_ctx *ctx, const struct hv_vm *vm, struct limits *out)
{
    const char *cpus =
        vm->options ? hv_option (ctx, vm->options, "max_cpus") : NULL;
    const char *memory =
        vm->options ? hv_option (ctx, vm->options, "max_memory") : NULL;
    uint64_t n = 0;

    *out = (struct limits){ .cpus = vm->cpus, .memory = vm->memory };
    if (cpus && parse_uint (cpus, &n)) {
        out->cpus = n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
    }
    if (memory) {
        parse_size (memory, &out->memory);
    }
}

int
check_memory_limit (struct hv_ctx *ctx, const struct hv_vm *vm,
                    const struct limits *limits, uint64_t step)
{
    char most[32], now[32], steps[32];

    return limits->memory < vm->memory || (limits->memory - vm->memory) % step
               ? hv_fail (ctx, EINVAL,
                          "max_memory = %s must be memory = %s plus a "
                          "multiple of %s",
                          format_size (limits->memory, most, sizeof most),
                          format_size (vm->memory, now, sizeof now),
                          format_size (step, steps, sizeof steps))
               : 0;
}

int
check_kernel (struct hv_ctx *ctx, const struct hv_vm *vm)
{
    return !vm->kernel && (vm->initrd || vm->cmdline)
               ? hv_fail (ctx, EINVAL, "%s is given without a kernel",
                          vm->initrd ? "an initrd" : "a command line")
               : 0;
}

int
check_serial (struct hv_ctx *ctx, const struct hv_disk *disk, size_t limit)
{
    return disk->serial && strlen (disk->serial) > limit
               ? hv_fail (ctx, EINVAL,
                          "the serial number of disk '%s' is longer than %zu "
                          "bytes",
                          disk->name, limit)
               : 0;
}

int
check_virtio_disk (struct hv_ctx *ctx, const struct hv_disk *disk)
{
    return disk->wwn
               ? hv_fail (ctx, ENOTSUP,
                          "disk '%s': a virtio block device has no WWN: remove "
                          "'wwn', and identify it by 'serial'",
                          disk->name)
               : check_serial (ctx, disk, SERIAL_LIMIT);
}

int
check_format (struct hv_ctx *ctx, const struct hv_layer *layer)
{
    return strcmp (layer->format, "raw") && strcmp (layer->format, "qcow2")
               ? hv_fail (ctx, ENOTSUP,
                          "format '%s' of %s is not supported, only raw and "
                          "qcow2",
                          layer->format, layer->path)
               : 0;
}
