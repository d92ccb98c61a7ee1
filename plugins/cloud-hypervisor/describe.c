/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* From a VM to a command line.
 *
 * The process starts with its API socket and nothing else; ready() sends it the
 * machine's configuration.  A command to paste has the same machine as
 * arguments, and runs it at once.
 *
 * The process opens images, kernel and firmware itself, by path, at each boot
 * and reboot of the guest: a description can only request that they exist.
 *
 * With --no-shutdown (v52) the process keeps running when its guest has shut
 * down, and hvctl, which sees that among the events, stops it.  Without, it
 * would exit with status 0, as it does if a vCPU failed or a thread
 * panicked. */

#include "plugins/cloud-hypervisor/ch.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/mac.h"

#define ARG(...) hv_arg (ctx, out, __VA_ARGS__)

/* Quotes for the crate option_parser: commas and brackets mean something
 * outside of quotes only, and a quote is doubled. */
static const char *
quote (struct hv_ctx *ctx, const char *value)
{
    char *quoted, *p;

    if (!strpbrk (value, ",[]\"= ")) {
        return value;
    }
    p = quoted = hv_alloc (ctx, 2 * strlen (value) + 3);
    *p++ = '"';
    for (; *value; value++) {
        if (*value == '"') {
            *p++ = '"';
        }
        *p++ = *value;
    }
    *p = '"';
    return quoted;
}

/* Files that it opens at each boot, and when it restores a saved state. */
static void
lend_files (struct hv_ctx *ctx, const struct hv_vm *vm, struct hv_launch *out)
{
    hv_lend (ctx, out, "/dev/urandom", HV_RDONLY);
    if (vm->firmware) {
        hv_lend (ctx, out, vm->firmware->code, HV_RDONLY);
    } else if (vm->kernel) {
        hv_lend (ctx, out, vm->kernel, HV_RDONLY);
    }
    if (vm->initrd && !vm->firmware) {
        hv_lend (ctx, out, vm->initrd, HV_RDONLY);
    }
    for (size_t i = 0; vm->saved && ch_state_files[i]; i++) {
        hv_lend (ctx, out,
                 hv_format (ctx, "%s/%s", vm->saved, ch_state_files[i]),
                 HV_RDONLY | HV_BY_NAME);
    }
    for (size_t i = 0; vm->disks && vm->disks[i]; i++) {
        const struct hv_disk *d = vm->disks[i];

        for (size_t k = 0; d->layers[k]; k++) {
            hv_lend (ctx, out, d->layers[k]->path,
                     k == 0 && !d->readonly ? HV_RDWR : HV_RDONLY);
        }
    }
}

static void
add_disk (struct hv_ctx *ctx, const struct hv_disk *disk, struct hv_launch *out)
{
    ARG ("--disk");
    ARG ("id=disk-%s,path=%s,image_type=%s,backing_files=%s,readonly=%s%s%s",
         disk->name, quote (ctx, disk->layers[0]->path),
         disk->layers[0]->format, disk->layers[1] ? "on" : "off",
         disk->readonly ? "on" : "off", disk->serial ? ",serial=" : "",
         disk->serial ? quote (ctx, disk->serial) : "");
}

static void
add_nic (struct hv_ctx *ctx, const struct hv_nic *nic, struct hv_launch *out)
{
    const char *offload = nic->offload ? "on" : "off";
    char mac[MAC_TEXT];

    ARG ("--net");
    ARG ("id=nic-%s,tap=%s,mac=%s,num_queues=%" PRIu32
         ",offload_tso=%s,offload_ufo=%s,offload_csum=%s",
         nic->name, quote (ctx, nic->ifname ? nic->ifname : nic->name),
         format_mac (nic->mac, mac), 2 * nic->queues, offload, offload,
         offload);
}

static void
add_payload (struct hv_ctx *ctx, const struct hv_vm *vm, struct hv_launch *out)
{
    const struct {
        const char *option, *value;
    } all[] = {
        { "--firmware", vm->firmware ? vm->firmware->code : NULL },
        { "--kernel", vm->firmware ? NULL : vm->kernel },
        { "--initramfs", vm->firmware ? NULL : vm->initrd },
        { "--cmdline", vm->firmware ? NULL : vm->cmdline },
    };

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (all[i].value) {
            /* One word: a value may begin with a hyphen. */
            ARG ("%s=%s", all[i].option, all[i].value);
        }
    }
}

/* The machine as arguments; the serial port is the user's terminal. */
static void
add_machine (struct hv_ctx *ctx, const struct hv_vm *vm,
             const struct limits *limits, struct hv_launch *out)
{
    ARG ("--cpus");
    ARG ("boot=%" PRIu32 ",max=%" PRIu32, vm->cpus, limits->cpus);
    ARG ("--memory");
    if (limits->memory > vm->memory) {
        ARG ("size=%" PRIu64 "M,hotplug_size=%" PRIu64 "M,hotplug_method=%s",
             vm->memory / MIB, (limits->memory - vm->memory) / MIB,
             limits->virtio_mem ? "virtio-mem" : "acpi");
    } else {
        ARG ("size=%" PRIu64 "M", vm->memory / MIB);
    }
    add_payload (ctx, vm, out);
    for (size_t i = 0; vm->disks && vm->disks[i]; i++) {
        add_disk (ctx, vm->disks[i], out);
    }
    for (size_t i = 0; vm->nics && vm->nics[i]; i++) {
        add_nic (ctx, vm->nics[i], out);
    }
    ARG ("--rng");
    ARG ("src=/dev/urandom");
    ARG ("--serial");
    ARG ("tty");
    ARG ("--console");
    ARG ("off");
    ARG ("--platform");
    ARG ("uuid=%s", vm->uuid);
    ARG ("--pvpanic");
}

static bool
stays_after_shutdown (struct hv_ctx *ctx)
{
    const char *version = hv_fact (ctx, "version");

    return version && atoi (version) >= FIRST_TO_STAY;
}

/* The events go to a file, which needs no reader and never blocks, as a pipe
 * might. */
static void
add_channels (struct hv_ctx *ctx, const struct hv_vm *vm, struct hv_launch *out)
{
    int api = hv_listen (ctx, out, "api");
    int events = hv_logfile (ctx, out, "events");

    hv_console (ctx, out); /* See vm_config(). */

    ARG ("--api-socket");
    if (api < 0) {
        ARG ("path=%s/api.sock", vm->rundir);
    } else {
        ARG ("fd=%d", api);
    }
    if (events >= 0) {
        ARG ("--event-monitor");
        ARG ("fd=%d", events);
        if (stays_after_shutdown (ctx)) {
            ARG ("--no-shutdown");
            hv_watch (ctx, out, "events", "shutdown");
        }
    }
}

/* Disks and NICs can be attached at any time, even to a VM without any. */
static void
add_needs (struct hv_ctx *ctx, struct hv_launch *out)
{
    static const char *const groups[] = { "kvm", "cloud-hypervisor", "disk",
                                          "aio", "net" };

    for (size_t i = 0; i < ARRAY_SIZE (groups); i++) {
        hv_need (ctx, out, groups[i]);
    }
}

int
ch_describe (struct hv_ctx *ctx, const struct hv_vm *vm, struct hv_launch *out)
{
    struct limits limits;
    int rc = read_limits (ctx, vm, &limits);

    if (rc < 0) {
        return rc;
    }
    ARG ("%s", vm->program);
    add_channels (ctx, vm, out);
    /* Its own filters, one for each kind of thread, besides ours. */
    ARG ("--seccomp");
    ARG ("true");
    if (vm->by_path) {
        add_machine (ctx, vm, &limits, out);
    } else {
        lend_files (ctx, vm, out);
    }
    add_needs (ctx, out);
    return 0;
}
