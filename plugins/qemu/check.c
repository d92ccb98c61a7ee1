/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Checks a definition against facts and host: everything that can be refused is
 * refused here, before any resource has been acquired, and with a clearer
 * message than QEMU's. */

#include "plugins/qemu/qemu.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/forward.h"
#include "common/size.h"
#include "plugins/common/kvm.h"

#define MIB ((uint64_t)1 << 20)

/* OVMF with 128 MiB hung before it reached the kernel. */
#define MIN_UEFI_MEMORY (256 * MIB)
/* Of scsi-disk.c: what VPD page 0x80 has room for. */
#define SCSI_SERIAL_LIMIT 36

static const char *
version (struct hv_ctx *ctx)
{
    const char *text = hv_fact (ctx, "version");

    return text ? text : "(not probed)";
}

/* Is it new enough?  Its features count, not its version. */
static int
check_age (struct hv_ctx *ctx, const struct hv_vm *vm)
{
    return qemu_can (hv_fact (ctx, "can"), CAN_JSON)
               ? 0
               : hv_fail (ctx, ENOTSUP,
                          "%s is QEMU %s, which is too old: 6.2 or newer is "
                          "needed, where -device accepts JSON",
                          vm->program, version (ctx));
}

/* Distributions differ in the features that they build. */
static int
check_netdev (struct hv_ctx *ctx, const struct hv_nic *nic)
{
    const char *can = hv_fact (ctx, "can");
    const char *missing =
        nic->kind == HV_NIC_USER && !qemu_can (can, CAN_USER) ? "user"
        : nic->kind == HV_NIC_VHOST_USER && !qemu_can (can, CAN_VHOST_USER)
            ? "vhost-user"
        : nic->kind == HV_NIC_STREAM && !qemu_can (can, CAN_STREAM)
                && !qemu_can (can, CAN_SOCKET)
            ? "stream"
            : NULL;

    return missing ? hv_fail (ctx, ENOTSUP,
                              "nic '%s': QEMU %s was built without the netdev "
                              "'%s'",
                              nic->name, version (ctx), missing)
                   : 0;
}

static int
unknown_machine (struct hv_ctx *ctx, const char *arch, const char *wanted,
                 const char *list)
{
    static const char all[] = "q35 pc microvm";
    const char *aliases = strcmp (arch, "x86_64") ? "virt" : all;
    const char *near =
        nearest_words (ctx, hv_format (ctx, "%s %s", list, aliases), wanted);

    return hv_fail (
        ctx, ENOTSUP,
        "QEMU %s has no machine '%s' for %s that hvctl can use, but %s%s%s",
        version (ctx), wanted, arch,
        strcmp (arch, "x86_64") ? "virt" : "q35, pc, microvm",
        *near ? ", and similar names: " : "", near);
}

/* Stores the concrete machine type, so that an update of QEMU does not change
 * the machine of a guest, and the limit of vCPUs. */
static int
choose_machine (struct hv_ctx *ctx, const struct hv_vm *vm,
                struct hv_choice *out, enum family *family)
{
    const char *wanted = vm->machine ? vm->machine : machine_default (vm->arch);
    const char *list = hv_fact (ctx, "machines");
    const char *concrete, *max;
    unsigned long most;

    if (!is_word (wanted, "._-")) {
        return unknown_machine (ctx, vm->arch, wanted, list ? list : "");
    }
    concrete = hv_fact (ctx, hv_format (ctx, "machine.%s", wanted));
    out->machine = concrete ? concrete : wanted;
    *family = machine_family (vm->arch, out->machine);
    if (*family == FAMILY_OTHER
        || (list && !find_word (list, out->machine, &max))) {
        return unknown_machine (ctx, vm->arch, wanted, list ? list : "");
    }
    if (!list) {
        hv_log (ctx, HV_INFO,
                "this QEMU has not been probed: machine '%s' is not resolved",
                wanted);
        return 0;
    }
    most = strtoul (max, NULL, 10);
    return vm->cpus > most
               ? hv_fail (ctx, ENOTSUP,
                          "machine %s has at most %lu vCPUs, and %" PRIu32
                          " are requested",
                          out->machine, most, vm->cpus)
               : 0;
}

/* Returns a reason why this VM cannot use KVM, or null. */
static const char *
why_no_kvm (struct hv_ctx *ctx, const struct hv_vm *vm)
{
    const char *kvm = hv_fact (ctx, "kvm");
    const char *host = hv_fact (ctx, "kvm.cpu_host");
    bool wants_host =
        !vm->cpu || !strcmp (vm->cpu, "host") || !strcmp (vm->cpu, "max");

    if (!arch_is_host (vm->arch)) {
        return hv_format (ctx, "KVM on this host cannot run %s", vm->arch);
    }
    if (!kvm || !host) {
        return kvm_missing (ctx);
    }
    if (strcmp (kvm, "yes")) {
        return hv_format (ctx, "KVM does not work here: %s",
                          !strncmp (kvm, "no: ", 4) ? kvm + 4 : kvm);
    }
    if (wants_host && strcmp (host, "yes")) {
        return hv_format (ctx,
                          "-cpu host aborts under KVM (%s); a model such as "
                          "cpu = \"qemu64\" may work",
                          !strncmp (host, "no: ", 4) ? host + 4 : host);
    }
    return NULL;
}

static int
choose_accelerator (struct hv_ctx *ctx, const struct hv_vm *vm,
                    struct hv_choice *out)
{
    const char *wanted = vm->accelerator ? vm->accelerator : "auto";
    const char *why_not;

    if (!strcmp (wanted, "tcg")) {
        out->accelerator = "tcg";
        return 0;
    }
    if (strcmp (wanted, "kvm") && strcmp (wanted, "auto")) {
        return hv_fail (ctx, ENOTSUP,
                        "accelerator '%s' is not supported, only kvm and tcg",
                        wanted);
    }
    why_not = why_no_kvm (ctx, vm);
    if (!why_not) {
        out->accelerator = "kvm";
        out->accelerator_why = hv_fact (ctx, "kvm")
                                   ? "KVM works here"
                                   : "/dev/kvm exists (not tried yet)";
        return 0;
    }
    if (!strcmp (wanted, "kvm")) {
        return hv_fail (ctx, ENOTSUP, "accelerator kvm is not available: %s",
                        why_not);
    }
    out->accelerator = "tcg";
    out->accelerator_why = why_not;
    out->fallback = arch_is_host (vm->arch);
    return 0;
}

/* "host" for KVM; for TCG "max", which boots distributions built for newer
 * CPUs; with fast pointer authentication on Arm, since the architected one is
 * computed in software (QEMU's "Arm CPU Features"). */
static int
choose_cpu (struct hv_ctx *ctx, const struct hv_vm *vm, struct hv_choice *out)
{
    bool kvm = !strcmp (out->accelerator, "kvm");
    const char *list = hv_fact (ctx, "cpus"), *value, *model;

    if (!vm->cpu) {
        out->cpu = kvm                            ? "host"
                   : !strcmp (vm->arch, "x86_64") ? "max"
                                                  : "max,pauth-impdef=on";
        return 0;
    }
    if (!is_word (vm->cpu, "._-+=,")) {
        return hv_fail (ctx, EINVAL, "'%s' is not the name of a CPU model",
                        vm->cpu);
    }
    model = hv_format (ctx, "%.*s", (int)strcspn (vm->cpu, ","), vm->cpu);
    if (!strcmp (model, "host") && !kvm) {
        return hv_fail (ctx, ENOTSUP,
                        "cpu = %s needs KVM, and the accelerator is tcg: %s",
                        vm->cpu, out->accelerator_why);
    }
    if (list && strcmp (model, "host") && !find_word (list, model, &value)) {
        const char *near = nearest_words (ctx, list, model);

        return hv_fail (ctx, ENOTSUP,
                        "QEMU %s has no CPU model '%s' for %s%s%s",
                        version (ctx), model, vm->arch,
                        *near ? "; similar names: " : "", near);
    }
    out->cpu = vm->cpu;
    return 0;
}

static int
check_memory (struct hv_ctx *ctx, const struct hv_vm *vm)
{
    char wanted[32];
    int r = check_host_memory (ctx, vm);

    if (r < 0) {
        return r;
    }
    if (vm->uefi && vm->memory < MIN_UEFI_MEMORY
        && !strcmp (vm->arch, "x86_64")) {
        return hv_fail (ctx, ENOTSUP,
                        "UEFI firmware hangs with less than 256M of memory, "
                        "but memory = %s",
                        format_size (vm->memory, wanted, sizeof wanted));
    }
    return 0;
}

static int
check_boot (struct hv_ctx *ctx, const struct hv_vm *vm, enum family family)
{
    if (vm->uefi && family == FAMILY_MICROVM) {
        return hv_fail (ctx, ENOTSUP,
                        "machine microvm has no flash for UEFI firmware: use "
                        "q35, or boot a kernel directly");
    }
    if (vm->secure_boot && family != FAMILY_Q35) {
        return hv_fail (ctx, ENOTSUP,
                        "secure boot needs machine q35, whose flash only SMM "
                        "may write");
    }
    if (family == FAMILY_VIRT && !vm->uefi && !vm->kernel) {
        return hv_fail (
            ctx, ENOTSUP,
            "machine virt has no BIOS: set firmware = \"uefi\", or 'kernel'");
    }
    return check_kernel (ctx, vm);
}

static int
check_disk (struct hv_ctx *ctx, const struct hv_disk *disk, enum family family)
{
    bool scsi = family == FAMILY_VIRT;
    int rc =
        !disk->cdrom
            ? check_virtio_disk (ctx, disk)
            : check_serial (ctx, disk, scsi ? SCSI_SERIAL_LIMIT : SERIAL_LIMIT);

    for (size_t i = 0; rc == 0 && disk->layers[i]; i++) {
        const struct hv_layer *l = disk->layers[i];

        rc = check_format (ctx, l);
        if (rc == 0 && !strcmp (l->format, "raw") && disk->layers[i + 1]) {
            rc = hv_fail (ctx, EINVAL,
                          "%s is a raw image, which cannot have a backing file",
                          l->path);
        }
    }
    return rc;
}

static int
check_disks (struct hv_ctx *ctx, const struct hv_vm *vm, enum family family,
             unsigned int *count)
{
    unsigned int cdroms = 0, disks = 0, max = machine_max_cdroms (family);

    for (size_t i = 0; vm->disks && vm->disks[i]; i++) {
        int rc = check_disk (ctx, vm->disks[i], family);

        if (rc < 0) {
            return rc;
        }
        cdroms += vm->disks[i]->cdrom;
        disks += !vm->disks[i]->cdrom;
    }
    *count = disks;
    if (cdroms > max) {
        return family == FAMILY_MICROVM
                   ? hv_fail (ctx, ENOTSUP,
                              "machine microvm has no CD-ROM drive: use q35, "
                              "or a read-only disk")
                   : hv_fail (ctx, ENOTSUP,
                              "this machine has at most %u CD-ROM drives, and "
                              "%u are requested",
                              max, cdroms);
    }
    return disks > MAX_PCI_DISKS
               ? hv_fail (ctx, ENOTSUP,
                          "%u disks are too many: at most %d are supported",
                          disks, MAX_PCI_DISKS)
               : 0;
}

static int
check_forward (struct hv_ctx *ctx, const struct hv_nic *nic)
{
    struct forward_rule rule;

    for (const char *p = nic->forward, *next = p; p && *p; p = next) {
        if (!forward_next (&next, &rule)) {
            return hv_fail (ctx, EINVAL,
                            "nic '%s': '%s' is not a list of forwarded ports, "
                            "such as tcp:127.0.0.1:2222:22",
                            nic->name, p);
        }
    }
    return 0;
}

static int
check_nics (struct hv_ctx *ctx, const struct hv_vm *vm, unsigned int *count)
{
    for (size_t i = 0; vm->nics && vm->nics[i]; i++) {
        const struct hv_nic *nic = vm->nics[i];
        int rc = check_forward (ctx, nic);

        if (rc < 0) {
            return rc;
        }
        if (nic->kind != HV_NIC_TAP && nic->kind != HV_NIC_USER
            && nic->kind != HV_NIC_STREAM
            && (nic->kind != HV_NIC_VHOST_USER || !nic->socket)) {
            return hv_fail (
                ctx, ENOTSUP,
                "nic '%s' uses %s, which this plugin does not support",
                nic->name,
                nic->kind == HV_NIC_PCI ? "PCI passthrough"
                                        : "vhost-user without a socket");
        }
        rc = check_netdev (ctx, nic);
        if (rc < 0) {
            return rc;
        }
        if (nic->kind == HV_NIC_USER && nic->queues > 1) {
            return hv_fail (ctx, ENOTSUP,
                            "nic '%s': a user-mode network has only one queue",
                            nic->name);
        }
        ++*count;
    }
    return *count > MAX_PCI_NICS
               ? hv_fail (ctx, ENOTSUP,
                          "%u NICs are too many: at most %d are supported",
                          *count, MAX_PCI_NICS)
               : 0;
}

static int
check_devices (struct hv_ctx *ctx, const struct hv_vm *vm, enum family family)
{
    unsigned int disks = 0, nics = 0;
    int rc = check_disks (ctx, vm, family, &disks);

    if (vm->options && hotplug_ports (ctx, vm) > MAX_PORTS) {
        return hv_fail (ctx, EINVAL,
                        "'" HOTPLUG_KEY
                        "' must be a number from 0 to %d, not '%s'",
                        MAX_PORTS, hv_option (ctx, vm->options, HOTPLUG_KEY));
    }
    if (rc == 0) {
        rc = check_nics (ctx, vm, &nics);
    }
    if (rc == 0 && family == FAMILY_MICROVM
        && disks + nics + vm->rng + vm->agent > MAX_MMIO) {
        rc = hv_fail (ctx, ENOTSUP,
                      "machine microvm has room for %d devices, and %u are "
                      "requested: use q35",
                      MAX_MMIO, disks + nics + vm->rng + vm->agent);
    }
    return rc;
}

int
qemu_check (struct hv_ctx *ctx, const struct hv_vm *vm, struct hv_choice *out)
{
    enum family family = FAMILY_OTHER;
    int rc;

    if (!arch_is_known (vm->arch)) {
        return hv_fail (ctx, ENOTSUP, "architecture '%s' is not supported",
                        vm->arch);
    }
    if ((rc = check_age (ctx, vm)) < 0
        || (rc = choose_machine (ctx, vm, out, &family)) < 0
        || (rc = choose_accelerator (ctx, vm, out)) < 0
        || (rc = choose_cpu (ctx, vm, out)) < 0
        || (rc = check_memory (ctx, vm)) < 0
        || (rc = check_limits (ctx, vm, family)) < 0
        || (rc = check_boot (ctx, vm, family)) < 0) {
        return rc;
    }
    return check_devices (ctx, vm, family);
}
