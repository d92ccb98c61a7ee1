/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "common/hypervisor.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
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
