/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What becomes of the keys of a definition, for 'hvctl plugin show', the
 * manual, and tests/unit/test-support.c, which tries each of them.  hvctl
 * refuses what is HV_REFUSED; check.c judges single values. */
#include "plugins/cloud-hypervisor/ch.h"

const struct hv_support ch_support[] = {
    { "uuid", HV_HONOURED, NULL },
    { "memory", HV_HONOURED, "whole MiB, at most the host's memory" },
    { "cpus", HV_HONOURED, NULL },
    { "arch", HV_HONOURED, "the host's only" },
    { "machine", HV_REFUSED,
      "it has only one machine type, without a name: leave this out, or set "
      "hypervisor = qemu" },
    { "accelerator", HV_HONOURED, "kvm only" },
    { "cpu", HV_HONOURED, "host only: it has no models" },
    { "firmware", HV_HONOURED, "uefi only: it has no BIOS" },
    { "secure_boot", HV_REFUSED,
      "its firmware keeps no variables: set hypervisor = qemu" },
    { "kernel", HV_HONOURED, NULL },
    { "initrd", HV_HONOURED, NULL },
    { "append", HV_HONOURED, NULL },
    { "rng", HV_REFUSED,
      "it always has a random number generator: leave this out" },
    { "agent", HV_REFUSED,
      "it has no virtio-serial ports: leave this out (hvctl ssh reaches the "
      "guest by its network), or set hypervisor = qemu" },
    { "disk.image", HV_HONOURED, NULL },
    { "disk.cdrom", HV_REFUSED,
      "it has no CD-ROM drive: use image, format = raw and readonly = yes" },
    { "disk.format", HV_HONOURED, "raw, qcow2" },
    { "disk.readonly", HV_HONOURED, NULL },
    { "disk.boot", HV_REFUSED,
      "it has no boot order, its firmware boots from the first disk that it "
      "can: leave this out, or set hypervisor = qemu" },
    { "disk.serial", HV_HONOURED, "at most 20 bytes" },
    { "disk.wwn", HV_REFUSED,
      "its disks are virtio block devices, which have none: use serial" },
    { "nic.network", HV_HONOURED,
      "types bridge, macvtap, ovs: it has no user-mode network" },
    { "nic.mac", HV_HONOURED, NULL },
    { "nic.queues", HV_HONOURED, "at most 'cpus'" },
    { "nic.mtu", HV_REFUSED,
      "it cannot announce it to the guest: set the MTU of the network, and in "
      "the guest" },
    { "nic.boot", HV_REFUSED,
      "it does not boot from a network: leave this out, or set hypervisor = "
      "qemu" },
    { "nic.forward", HV_REFUSED,
      "it has no user-mode network: set hypervisor = qemu" },
    { NULL, HV_HONOURED, NULL },
};
