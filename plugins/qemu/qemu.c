/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* qemu: machines run by QEMU's system emulators.
 *
 * Here are the tables, where the programs are, and what they can do; qemu.h
 * tells what is where. */

#include "plugins/qemu/qemu.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "plugins/common/program.h"

static const struct emulator {
    const char *arch;
    const char *key;      /* Of the plugin's own section. */
    const char *paths[4]; /* The first that exists is used; qemu-kvm is Red
                           * Hat's, for the host's architecture only. */
    const char *packages;
} emulators[] = {
    { "x86_64",
      "program_x86_64",
      { "/usr/bin/qemu-system-x86_64", "/usr/local/bin/qemu-system-x86_64",
        "/usr/libexec/qemu-kvm" },
      "qemu-system-x86 (Debian, Arch), qemu-system-x86-core (Fedora) or "
      "qemu-x86 (openSUSE)" },
    { "aarch64",
      "program_aarch64",
      { "/usr/bin/qemu-system-aarch64", "/usr/local/bin/qemu-system-aarch64",
        "/usr/libexec/qemu-kvm" },
      "qemu-system-arm (Debian), qemu-system-aarch64 (Arch), "
      "qemu-system-aarch64-core (Fedora) or qemu-arm (openSUSE)" },
};

static const struct hv_key own_keys[] = {
    { "program_x86_64", HV_PATH, NULL, "the emulator to use", false },
    { "program_aarch64", HV_PATH, NULL, "the emulator to use", false },
    { NULL, HV_STRING, NULL, NULL, false },
};

static const struct hv_key vm_keys[] = {
    { HOTPLUG_KEY, HV_UINT, NULL,
      "how many disks and NICs can be hot-plugged, 0 to 8", false },
    { "max_cpus", HV_UINT, NULL, "how many vCPUs 'hvctl resize' can set",
      false },
    { "max_memory", HV_SIZE, NULL, "how much memory 'hvctl resize' can set",
      false },
    { NULL, HV_STRING, NULL, NULL, false },
};

static const struct emulator *
find_emulator (const char *arch)
{
    for (size_t i = 0; i < ARRAY_SIZE (emulators); i++) {
        if (!strcmp (emulators[i].arch, arch)) {
            return &emulators[i];
        }
    }
    return NULL;
}

static int
qemu_locate (struct hv_ctx *ctx, const char *arch, const char **program)
{
    const struct emulator *e = find_emulator (arch);
    const char *own = e ? hv_option (ctx, NULL, e->key) : NULL;

    if (!e) {
        return hv_fail (
            ctx, ENOTSUP,
            "architecture '%s' is not supported, only x86_64 and aarch64",
            arch);
    }
    if (own) {
        const char *fault = program_fault (ctx, "qemu", e->key, own);

        if (fault) {
            return hv_fail (ctx, EINVAL, "%s", fault);
        }
        *program = own;
        return 0;
    }
    for (size_t i = 0; e->paths[i]; i++) {
        if (access (e->paths[i], X_OK) == 0
            && (!strstr (e->paths[i], "/qemu-kvm") || arch_is_host (arch))) {
            *program = e->paths[i];
            return 0;
        }
    }
    return hv_fail (ctx, ENOENT,
                    "no QEMU for %s is installed: install %s, or set %s", arch,
                    e->packages, e->key);
}

static const char *const common_capabilities[] = {
    "accelerator:tcg",
    "cpu:*",
    "disk:raw",
    "disk:qcow2",
    "overlay",
    "readonly",
    "nic:tap",
    "nic:user",
    "nic:stream",
    "nic:vhost-user",
    "multiqueue",
    "kernel",
    "rng",
    "agent",
    "pause",
    "boot-order",
    "cdrom",
    "firmware:uefi",
};

static const char *const x86_capabilities[] = {
    "machine:q35",   "machine:pc",  "machine:microvm",
    "firmware:bios", "secure-boot",
};

/* Whether one machine supports all of it is up to check(), which can explain;
 * so is KVM, which may exist and not work. */
static int
qemu_capabilities (struct hv_ctx *ctx, const char *arch, struct hv_list *out)
{
    if (!arch_is_known (arch)) {
        return hv_fail (ctx, ENOTSUP, "'%s' is not supported", arch);
    }
    hv_add (ctx, out, hv_format (ctx, "arch:%s", arch), NULL);
    for (size_t i = 0; i < ARRAY_SIZE (common_capabilities); i++) {
        hv_add (ctx, out, common_capabilities[i], NULL);
    }
    if (arch_is_host (arch)) {
        hv_add (ctx, out, "accelerator:kvm", hv_fact (ctx, "kvm"));
    }
    if (!strcmp (arch, "x86_64")) {
        for (size_t i = 0; i < ARRAY_SIZE (x86_capabilities); i++) {
            hv_add (ctx, out, x86_capabilities[i], NULL);
        }
    } else {
        hv_add (ctx, out, "machine:virt", NULL);
    }
    hv_add (ctx, out, "machine:*", hv_fact (ctx, "machines"));
    return 0;
}

static const struct hv_hypervisor hypervisor = {
    .size = sizeof hypervisor,
    .keys = vm_keys,
    .locate = qemu_locate,
    .probe = qemu_probe,
    .capabilities = qemu_capabilities,
    .check = qemu_check,
    .describe = qemu_describe,
    .ready = qemu_ready,
    .go = qemu_go,
    .powerdown = qemu_powerdown,
    .quit = qemu_quit,
    .status = qemu_status,
    .pause = qemu_pause,
    .resume = qemu_resume,
    .attach_disk = qemu_attach_disk,
    .detach_disk = qemu_detach_disk,
    .attach_nic = qemu_attach_nic,
    .detach_nic = qemu_detach_nic,
    .resize = qemu_resize,
    .resize_disk = qemu_resize_disk,
    .can_change = qemu_can_change,
    .overlay_disk = qemu_overlay_disk,
    .counters = qemu_counters,
    .support = qemu_support,
    .state_files = qemu_state_files,
    .save = qemu_save,
    .restore = qemu_restore,
};

const struct hv_plugin hv_plugin = {
    .abi = HV_ABI,
    .size = sizeof hv_plugin,
    .name = "qemu",
    .version = "0.1.0",
    .license = "LGPL-2.1-or-later",
    .summary = "VMs on QEMU, with KVM or without",
    .keys = own_keys,
    .open = qemu_open,
    .close = qemu_close,
    .hypervisor = &hypervisor,
};
