/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What becomes of the keys of a definition, for 'hvctl plugin show', the
 * manual, and tests/unit/test-support.c, which tries each of them. */
#include "plugins/qemu/qemu.h"

const struct hv_support qemu_support[] = {
    { "uuid", HV_HONOURED, NULL },
    { "memory", HV_HONOURED, "whole MiB, at most the host's memory" },
    { "cpus", HV_HONOURED, "as many as the machine supports" },
    { "arch", HV_HONOURED, "x86_64, aarch64" },
    { "machine", HV_HONOURED, "q35, pc, microvm; virt for aarch64" },
    { "accelerator", HV_HONOURED, "kvm for the host's architecture, tcg" },
    { "cpu", HV_HONOURED, "the models of this QEMU; host with kvm only" },
    { "firmware", HV_HONOURED,
      "uefi, except for microvm; bios, except for aarch64, which has none" },
    { "secure_boot", HV_HONOURED, "machine q35 only" },
    { "kernel", HV_HONOURED, NULL },
    { "initrd", HV_HONOURED, NULL },
    { "append", HV_HONOURED, NULL },
    { "rng", HV_HONOURED, NULL },
    { "agent", HV_HONOURED, NULL },
    { "disk.image", HV_HONOURED, NULL },
    { "disk.cdrom", HV_HONOURED, "except for microvm, which has no drive" },
    { "disk.format", HV_HONOURED, "raw, qcow2" },
    { "disk.readonly", HV_HONOURED, NULL },
    { "disk.boot", HV_HONOURED, NULL },
    { "disk.serial", HV_HONOURED,
      "at most 20 bytes; 36 for a CD-ROM of aarch64, a SCSI drive" },
    { "disk.wwn", HV_HONOURED, "CD-ROMs only: a virtio block device has none" },
    { "nic.network", HV_HONOURED, "types user, bridge, macvtap, ovs" },
    { "nic.mac", HV_HONOURED, NULL },
    { "nic.queues", HV_HONOURED, "one in user-mode networks" },
    { "nic.mtu", HV_HONOURED, NULL },
    { "nic.boot", HV_HONOURED, NULL },
    { "nic.forward", HV_HONOURED, NULL },
    { NULL, HV_HONOURED, NULL },
};
