/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Checks a definition against facts and host: everything that can be refused is
 * refused here, before any resource has been acquired. */

#include "plugins/cloud-hypervisor/ch.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/qcow2.h"
#include "plugins/common/kvm.h"

/* MAX_SUPPORTED_CPUS of vmm/src/config.rs. */
#define MAX_CPUS 8192

/* Slots of the one PCI segment, less the root, rng and pvpanic. */
#define MAX_DEVICES 29

/* Memory is plugged in steps of this size (vmm/src/memory_manager.rs,
 * virtio-devices/src/mem.rs). */
#define MEMORY_STEP (128 * MIB)

const struct hv_key ch_vm_keys[] = {
    { "max_cpus", HV_UINT, NULL,
      "how many vCPUs 'hvctl resize' can set; default: 'cpus'", false },
    { "max_memory", HV_SIZE, NULL,
      "how much memory 'hvctl resize' can set; default: 'memory'", false },
    { "memory_hotplug", HV_STRING, "acpi",
      "how memory is resized: acpi (grows only) or virtio-mem", false },
    { NULL, HV_STRING, NULL, NULL, false },
};

static int
check_version (struct hv_ctx *ctx, const struct hv_vm *vm)
{
    if (version_below (ctx, OLDEST_MAJOR, OLDEST_MINOR)) {
        return hv_fail (ctx, ENOTSUP,
                        "%s is cloud-hypervisor %s, which is too old: it "
                        "guesses the format of an image from its content, "
                        "which the guest writes; %d.%d or newer is needed",
                        vm->program, hv_fact (ctx, "version"), OLDEST_MAJOR,
                        OLDEST_MINOR);
    }
    return 0;
}

static int
choose_accelerator (struct hv_ctx *ctx, const struct hv_vm *vm,
                    struct hv_choice *out)
{
    const char *wanted = vm->accelerator ? vm->accelerator : "auto";
    const char *why_not;

    if (strcmp (wanted, "kvm") && strcmp (wanted, "auto")) {
        return hv_fail (
            ctx, ENOTSUP,
            "cloud-hypervisor does not support accelerator '%s', only kvm",
            wanted);
    }
    why_not = kvm_missing (ctx);
    if (why_not) {
        return hv_fail (
            ctx, ENOTSUP,
            "cloud-hypervisor needs KVM, which is not available: %s", why_not);
    }
    out->accelerator = "kvm";
    out->accelerator_why = "it supports no other";
    return 0;
}

/* It has only one machine type, without a name, and the host's CPU. */
static int
check_machine (struct hv_ctx *ctx, const struct hv_vm *vm,
               struct hv_choice *out)
{
    if (vm->machine) {
        return hv_fail (
            ctx, ENOTSUP,
            "cloud-hypervisor has only one machine type, without a name: leave "
            "out machine = %s, or set hypervisor = qemu",
            vm->machine);
    }
    if (vm->cpu && strcmp (vm->cpu, "host")) {
        return hv_fail (
            ctx, ENOTSUP,
            "cloud-hypervisor gives guests the host's CPU, and has no CPU "
            "models: leave out cpu = %s, or set hypervisor = qemu",
            vm->cpu);
    }
    if (!vm->rng) {
        return hv_fail (ctx, ENOTSUP,
                        "cloud-hypervisor always has a random number "
                        "generator: leave out rng = no");
    }
    if (vm->agent) {
        return hv_fail (ctx, ENOTSUP,
                        "cloud-hypervisor has no virtio-serial ports: leave "
                        "out agent = yes, or set hypervisor = qemu");
    }
    out->machine = "cloud-hypervisor";
    out->cpu = "host";
    return 0;
}

static int
check_cpus (struct hv_ctx *ctx, const struct hv_vm *vm,
            const struct limits *limits)
{
    const char *wanted = hv_option (ctx, vm->options, "max_cpus");

    if (limits->cpus < vm->cpus) {
        return hv_fail (ctx, EINVAL,
                        "max_cpus = %s is less than the %" PRIu32
                        " vCPUs that it starts with",
                        wanted, vm->cpus);
    }
    return limits->cpus > MAX_CPUS
               ? hv_fail (ctx, ENOTSUP,
                          "%" PRIu32
                          " vCPUs are too many: at most %d are supported",
                          limits->cpus, MAX_CPUS)
               : 0;
}

static int
check_memory (struct hv_ctx *ctx, const struct hv_vm *vm,
              const struct limits *limits)
{
    int r = check_host_memory (ctx, vm);

    if (r < 0) {
        return r;
    }
    return check_memory_limit (ctx, vm, limits, MEMORY_STEP);
}

/* Features of qcow2 images that it lacks (block/src/formats/qcow): the storage
 * plugin has checked the rest.  It ignores bitmaps, and leaves them as they
 * are: a backup that relies on them would be incomplete. */
static int
check_layer (struct hv_ctx *ctx, const struct hv_layer *layer, bool written)
{
    CLEANUP_CLOSE int fd = -1;
    struct qcow2_header header;
    char reason[QCOW2_REASON];
    int rc = check_format (ctx, layer);

    if (rc < 0) {
        return rc;
    }
    fd = strcmp (layer->format, "qcow2") != 0
             ? -1
             : open (layer->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || !qcow2_read (fd, &header, reason)) {
        return 0;
    }
    if (header.incompatible & QCOW2_EXTENDED_L2) {
        return hv_fail (ctx, ENOTSUP,
                        "%s has extended L2 entries, which cloud-hypervisor "
                        "cannot read: rewrite it with 'qemu-img convert -f "
                        "qcow2 -O qcow2'",
                        layer->path);
    }
    if (written && (header.autoclear & QCOW2_BITMAPS)) {
        return hv_fail (
            ctx, ENOTSUP,
            "%s has dirty bitmaps, which cloud-hypervisor would not maintain: "
            "remove them with 'qemu-img bitmap --remove -f qcow2'",
            layer->path);
    }
    return 0;
}

static int
check_boot (struct hv_ctx *ctx, const struct hv_vm *vm)
{
    int rc;

    if (vm->secure_boot) {
        return hv_fail (ctx, ENOTSUP,
                        "cloud-hypervisor has no secure boot, since its "
                        "firmware keeps no variables: set hypervisor = qemu");
    }
    rc = check_kernel (ctx, vm);
    if (rc == 0 && !vm->kernel && !vm->uefi) {
        return hv_fail (ctx, ENOTSUP,
                        "cloud-hypervisor has no BIOS: set firmware = "
                        "\"uefi\", or 'kernel'");
    }
    return rc;
}

static int
check_disk (struct hv_ctx *ctx, const struct hv_disk *disk)
{
    size_t n = 0;
    int rc;

    if (disk->cdrom) {
        return hv_fail (ctx, ENOTSUP,
                        "disk '%s': cloud-hypervisor has no CD-ROM drive: "
                        "use a disk with readonly = yes",
                        disk->name);
    }
    if (disk->boot) {
        return hv_fail (ctx, ENOTSUP,
                        "disk '%s': cloud-hypervisor has no boot order: its "
                        "firmware boots from the first disk that it can",
                        disk->name);
    }
    rc = check_virtio_disk (ctx, disk);
    for (; rc == 0 && disk->layers[n]; n++) {
        rc = check_layer (ctx, disk->layers[n], n == 0 && !disk->readonly);
    }
    if (rc < 0) {
        return rc;
    }
    /* MAX_NESTING_DEPTH of block/src/formats/qcow. */
    return n > 10 ? hv_fail (ctx, ENOTSUP,
                             "disk '%s' has %zu layers, and cloud-hypervisor "
                             "supports at most 10",
                             disk->name, n)
                  : 0;
}

/* Before v52 it failed to start if it could not query the MTU of a tap, which
 * it looks up in its own network namespace (virtio-devices/src/net.rs); in the
 * sandbox that has none. */
static bool
finds_no_taps (struct hv_ctx *ctx)
{
    return version_below (ctx, FIRST_WITH_TAPS_ELSEWHERE, 0);
}

static int
check_nic (struct hv_ctx *ctx, const struct hv_vm *vm, const struct hv_nic *nic)
{
    if (finds_no_taps (ctx)) {
        return hv_fail (
            ctx, ENOTSUP,
            "nic '%s': cloud-hypervisor %s looks for taps in its own network "
            "namespace, which is empty in the sandbox: %d or newer is needed",
            nic->name, hv_fact (ctx, "version"), FIRST_WITH_TAPS_ELSEWHERE);
    }
    if (nic->kind != HV_NIC_TAP) {
        return hv_fail (ctx, ENOTSUP,
                        "nic '%s': cloud-hypervisor has no %s: use a network "
                        "of type bridge, macvtap or ovs",
                        nic->name,
                        nic->kind == HV_NIC_USER  ? "user-mode network"
                        : nic->kind == HV_NIC_PCI ? "PCI passthrough in hvctl"
                                                  : "vhost-user in hvctl");
    }
    if (nic->boot) {
        return hv_fail (ctx, ENOTSUP,
                        "nic '%s': cloud-hypervisor does not boot from a "
                        "network",
                        nic->name);
    }
    if (nic->queues > vm->cpus) {
        return hv_fail (ctx, ENOTSUP,
                        "nic '%s': %" PRIu32 " queues are more than the "
                        "%" PRIu32
                        " vCPUs, and cloud-hypervisor needs one vCPU for each",
                        nic->name, nic->queues, vm->cpus);
    }
    if (nic->mtu) {
        hv_log (ctx, HV_WARNING,
                "nic '%s': cloud-hypervisor cannot tell the guest the MTU of "
                "%" PRIu32 ": set it in the guest",
                nic->name, nic->mtu);
    }
    return 0;
}

static int
check_devices (struct hv_ctx *ctx, const struct hv_vm *vm)
{
    unsigned int n = 0;
    int rc = 0;

    for (size_t i = 0; rc == 0 && vm->disks && vm->disks[i]; i++, n++) {
        rc = check_disk (ctx, vm->disks[i]);
    }
    for (size_t i = 0; rc == 0 && vm->nics && vm->nics[i]; i++, n++) {
        rc = check_nic (ctx, vm, vm->nics[i]);
    }
    if (rc == 0 && n > MAX_DEVICES) {
        rc = hv_fail (
            ctx, ENOTSUP,
            "%u disks and NICs are too many: cloud-hypervisor has room for %d",
            n, MAX_DEVICES);
    }
    return rc;
}

int
read_growth (struct hv_ctx *ctx, const struct hv_vm *vm, struct growth *out)
{
    const char *hotplug = hv_option (ctx, vm->options, "memory_hotplug");

    read_limits (ctx, vm, &out->limits);
    out->virtio_mem = hotplug && !strcmp (hotplug, "virtio-mem");
    return hotplug && !out->virtio_mem && strcmp (hotplug, "acpi")
               ? hv_fail (ctx, EINVAL,
                          "memory_hotplug = '%s' is neither acpi nor "
                          "virtio-mem",
                          hotplug)
               : 0;
}

int
ch_check (struct hv_ctx *ctx, const struct hv_vm *vm, struct hv_choice *out)
{
    struct growth growth;
    int rc;

    if (!arch_is_host (vm->arch)) {
        return hv_fail (ctx, ENOTSUP,
                        "cloud-hypervisor runs only guests of the host's "
                        "architecture, not %s",
                        vm->arch);
    }
    if ((rc = check_version (ctx, vm)) < 0
        || (rc = check_machine (ctx, vm, out)) < 0
        || (rc = choose_accelerator (ctx, vm, out)) < 0
        || (rc = read_growth (ctx, vm, &growth)) < 0
        || (rc = check_cpus (ctx, vm, &growth.limits)) < 0
        || (rc = check_memory (ctx, vm, &growth.limits)) < 0
        || (rc = check_boot (ctx, vm)) < 0) {
        return rc;
    }
    return check_devices (ctx, vm);
}
