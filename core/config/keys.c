/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/config/keys.h"

#include <string.h>

#include "common/cleanup.h"

const struct hv_key vm_keys[] = {
    { "uuid", HV_STRING, NULL, "derived from the name by default", false },
    { "identity", HV_STRING, NULL,
      "how others are derived: machina, balena, virshle, address, hvctl",
      false },
    { "identity_base", HV_MAC, NULL, "of the host, for identity = balena",
      false },
    { "templates", HV_STRING, NULL, "templates of the host: {a, b}", false },
    { "count", HV_UINT, NULL, "a fleet: so many VMs, NAME-0, NAME-1, …",
      false },
    { "first", HV_UINT, "0", "the index of a fleet's first VM", false },
    { "memory", HV_SIZE, NULL, "memory = 1G", true },
    { "cpus", HV_UINT, "1", "number of virtual CPUs", false },
    { "arch", HV_STRING, NULL, "x86_64, aarch64; the host's", false },
    { "hypervisor", HV_STRING, NULL, "auto, or a plugin: qemu", false },
    { "machine", HV_STRING, NULL, "q35, pc, microvm, virt", false },
    { "accelerator", HV_STRING, NULL, "auto, kvm, tcg", false },
    { "cpu", HV_STRING, NULL, "CPU model", false },
    { "firmware", HV_STRING, NULL, "uefi, bios", false },
    { "secure_boot", HV_BOOL, "no", "enforced, with keys enrolled", false },
    { "kernel", HV_PATH, NULL, "kernel to boot directly", false },
    { "initrd", HV_PATH, NULL, "the kernel's initial RAM disk", false },
    { "append", HV_STRING, NULL, "the kernel's command line", false },
    { "rng", HV_BOOL, "yes", "a virtio random number generator", false },
    { "agent", HV_BOOL, "no", "a channel to the guest agent", false },
    { "stop_timeout", HV_DURATION, NULL,
      "how long stop waits before it forces the VM off", false },
    { "description", HV_STRING, NULL, "a line of text for people", false },
    { "autostart", HV_BOOL, "no", "for hvctl start --autostart", false },
    { "start_order", HV_UINT, "0", "lower numbers start first", false },
    { "start_delay", HV_DURATION, "0s", "before those of the next order start",
      false },
    { NULL, HV_STRING, NULL, NULL, false },
};

const struct hv_key disk_keys[] = {
    { "pool", HV_STRING, "default", "the pool of the volume", false },
    { "volume", HV_STRING, NULL, "the volume's name; default VM-DISK", false },
    { "size", HV_SIZE, NULL, "size of a volume that is created", false },
    { "image", HV_PATH, NULL,
      "a name of 'hvctl image list', or a file, used in place", false },
    { "cdrom", HV_PATH, NULL, "an ISO image, in a CD-ROM drive", false },
    { "format", HV_STRING, NULL, "format of the image: raw, qcow2", false },
    { "backing", HV_PATH, NULL, "backing image of a new volume", false },
    { "backing_format", HV_STRING, NULL, "format of the backing image", false },
    { "readonly", HV_BOOL, "no", "the guest cannot write", false },
    { "boot", HV_UINT, "0", "1 boots first", false },
    { "serial", HV_STRING, NULL, "serial number, up to 20 bytes", false },
    { "wwn", HV_STRING, NULL, "World Wide Name of a CD-ROM drive", false },
    { NULL, HV_STRING, NULL, NULL, false },
};

const struct hv_key nic_keys[] = {
    { "network", HV_STRING, "user", "a network of hvctl.conf, or user", false },
    { "mac", HV_MAC, NULL, "derived by default: see identity", false },
    { "address", HV_STRING, NULL, "IPv4, for identity = address", false },
    { "queues", HV_UINT, "1", "queue pairs", false },
    { "mtu", HV_UINT, "0", "0: the network's MTU", false },
    { "boot", HV_UINT, "0", "1 boots first", false },
    { "forward", HV_STRING, NULL, "user network: tcp:127.0.0.1:2222:22, …",
      false },
    { NULL, HV_STRING, NULL, NULL, false },
};

const struct hv_key cloud_init_keys[] = {
    { "user", HV_STRING, NULL, "the user that the image creates", false },
    { "ssh_keys", HV_STRING, NULL, "public keys, and files of them: {a, b}",
      false },
    { "password_hash", HV_STRING, NULL,
      "from 'openssl passwd -6', or a file with it", false },
    { "hostname", HV_STRING, NULL, "default: the VM's name", false },
    { "instance_id", HV_STRING, NULL, "a new one repeats the first boot",
      false },
    { "user_data", HV_PATH, NULL, "a file for cloud-init: #cloud-config, …",
      false },
    { "meta_data", HV_PATH, NULL, "a file in place of ours", false },
    { "network_config", HV_PATH, NULL, "a file for cloud-init", false },
    { "seed", HV_PATH, NULL, "a ready image with label CIDATA", false },
    { NULL, HV_STRING, NULL, NULL, false },
};

const struct hv_key vars_keys[] = {
    { "*", HV_STRING, NULL, "a variable", false },
    { NULL, HV_STRING, NULL, NULL, false },
};

const struct hv_key labels_keys[] = {
    { "*", HV_STRING, NULL, "a label", false },
    { NULL, HV_STRING, NULL, NULL, false },
};

const struct hv_key network_keys[] = {
    { "type", HV_STRING, NULL, "bridge, macvtap, ovs, user", true },
    { "provider", HV_STRING, NULL, "a plugin's name", false },
    { "leases", HV_PATH, NULL,
      "of its DHCP server: dnsmasq's file, Kea's socket", false },
    { NULL, HV_STRING, NULL, NULL, false },
};

const struct hv_key pool_keys[] = {
    { "type", HV_STRING, NULL, "qcow2, raw, zfs", true },
    { "provider", HV_STRING, NULL, "a plugin's name", false },
    { NULL, HV_STRING, NULL, NULL, false },
};

const struct hv_key image_section_keys[] = {
    { "url", HV_STRING, NULL, "where it is: http or https", true },
    { "sums", HV_STRING, NULL, "the URL of its checksums", false },
    { "sha256", HV_STRING, NULL, "its checksum", false },
    { "key", HV_STRING, NULL, "of the checksums: a fingerprint or keyring",
      false },
    { NULL, HV_STRING, NULL, NULL, false },
};

const struct section_kind definition_kinds[] = {
    { "", false, { "templates" }, NULL },
    { "disk", true, { NULL }, NULL },
    { "nic", true, { "forward" }, NULL },
    { "plugin", true, { NULL }, NULL },
    { "cloud_init", false, { "ssh_keys" }, NULL },
    { "labels", false, { NULL }, NULL },
    { "vars", false, { NULL }, NULL },
    { NULL, false, { NULL }, NULL },
};

const struct hv_key *
keys_of (const char *kind)
{
    return !kind                          ? vm_keys
           : !strcmp (kind, "disk")       ? disk_keys
           : !strcmp (kind, "nic")        ? nic_keys
           : !strcmp (kind, "cloud_init") ? cloud_init_keys
           : !strcmp (kind, "labels")     ? labels_keys
           : !strcmp (kind, "vars")       ? vars_keys
                                          : NULL;
}

const struct key_words *
keys_words (const char *kind, const char *key)
{
    static const struct key_words all[] = {
        { NULL, "arch", false, { "x86_64", "aarch64", NULL } },
        { NULL, "machine", false, { "q35", "pc", "microvm", "virt", NULL } },
        { NULL, "accelerator", true, { "auto", "kvm", "tcg", NULL } },
        { NULL,
          "identity",
          true,
          { "hvctl", "machina", "balena", "virshle", "address", NULL } },
        { NULL, "firmware", true, { "uefi", "bios", NULL } },
        { "disk", "format", false, { "raw", "qcow2", NULL } },
        { "disk", "backing_format", false, { "raw", "qcow2", NULL } },
        { "sandbox", "require", true, { "full", NULL } },
    };

    for (size_t i = 0; i < ARRAY_SIZE (all); i++) {
        if (!strcmp (all[i].key, key)
            && (kind ? all[i].kind && !strcmp (all[i].kind, kind)
                     : !all[i].kind)) {
            return &all[i];
        }
    }
    return NULL;
}

const struct key_range *
keys_range (const struct hv_key *keys, const char *key)
{
    static const struct key_range all[] = {
        { vm_keys, "cpus", 1, 4096, NULL },
        { vm_keys, "start_order", 0, 1000000, NULL },
        { disk_keys, "boot", 1, 1000, "0: not bootable" },
        { nic_keys, "boot", 1, 1000, "0: not bootable" },
        { nic_keys, "queues", 1, 64, NULL },
        { nic_keys, "mtu", 68, 65535, "0" },
    };

    for (size_t i = 0; i < ARRAY_SIZE (all); i++) {
        if (all[i].keys == keys && !strcmp (all[i].key, key)) {
            return &all[i];
        }
    }
    return NULL;
}
