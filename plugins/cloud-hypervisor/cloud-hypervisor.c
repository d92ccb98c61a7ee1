/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* cloud-hypervisor: machines run by the VMM of that name, and its firmware.
 *
 * Here are the tables, where the program is, and what it can do; ch.h tells
 * what is where. */

#include "plugins/cloud-hypervisor/ch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "plugins/common/program.h"

#define PROBE_TIMEOUT 10000

static const struct hv_key own_keys[] = {
    { "program", HV_PATH, NULL, "the program to use", false },
    { "firmware", HV_PATH, NULL,
      "the UEFI firmware to use: CLOUDHV.fd or hypervisor-fw", false },
    { NULL, HV_STRING, NULL, NULL, false },
};

static const char *const paths[] = {
    "/usr/bin/cloud-hypervisor",
    "/usr/local/bin/cloud-hypervisor",
};

static const char *const capabilities[] = {
    "accelerator:kvm", "disk:raw", "disk:qcow2", "overlay",
    "readonly",        "nic:tap",  "multiqueue", "kernel",
    "firmware:uefi",   "rng",      "pause",
};

bool
arch_is_host (const char *arch)
{
#if defined(__x86_64__)
    return !strcmp (arch, "x86_64");
#elif defined(__aarch64__)
    return !strcmp (arch, "aarch64");
#else
    (void)arch;
    return false;
#endif
}

static int
ch_locate (struct hv_ctx *ctx, const char *arch, const char **program)
{
    const char *own = hv_option (ctx, NULL, "program");

    if (!arch_is_host (arch)) {
        return hv_fail (ctx, ENOTSUP,
                        "cloud-hypervisor runs only guests of the host's "
                        "architecture, not %s",
                        arch);
    }
    if (own) {
        const char *fault =
            program_fault (ctx, "cloud-hypervisor", "program", own);

        if (fault) {
            return hv_fail (ctx, EINVAL, "%s", fault);
        }
        *program = own;
        return 0;
    }
    for (size_t i = 0; i < ARRAY_SIZE (paths); i++) {
        if (access (paths[i], X_OK) == 0) {
            *program = paths[i];
            return 0;
        }
    }
    return hv_fail (ctx, ENOENT,
                    "cloud-hypervisor is not installed: install the package "
                    "cloud-hypervisor (from its project's repositories; "
                    "Debian has none), or set 'program' in the section "
                    "'plugin cloud-hypervisor' of hvctl.conf");
}

/* "cloud-hypervisor v53.0.0\n…", or between releases "v53.0-246-gae44c2971". */
static int
ch_probe (struct hv_ctx *ctx, const char *arch, const char *program,
          struct hv_list *facts)
{
    const char *const argv[] = { program, "--version", NULL };
    const struct hv_program p = { .size = sizeof p,
                                  .argv = argv,
                                  .timeout = PROBE_TIMEOUT };
    const char *said = NULL, *text;
    int major, minor, n = 0;
    int rc = hv_ask (ctx, &p, &said);

    (void)arch;
    if (rc < 0) {
        return rc;
    }
    text = strstr (said, " v");
    if (!text || sscanf (text, " v%d.%d%n", &major, &minor, &n) != 2
        || major < 0 || minor < 0) {
        return hv_fail (ctx, EPROTO,
                        "%s does not print its version: it is not "
                        "cloud-hypervisor, or is damaged",
                        program);
    }
    hv_add (ctx, facts, "version", hv_format (ctx, "%d.%d", major, minor));
    return 0;
}

static int
ch_capabilities (struct hv_ctx *ctx, const char *arch, struct hv_list *out)
{
    if (!arch_is_host (arch)) {
        return hv_fail (ctx, ENOTSUP, "'%s' is not supported", arch);
    }
    hv_add (ctx, out, hv_format (ctx, "arch:%s", arch), NULL);
    for (size_t i = 0; i < ARRAY_SIZE (capabilities); i++) {
        hv_add (ctx, out, capabilities[i], NULL);
    }
    return 0;
}

static const struct hv_hypervisor hypervisor = {
    .size = sizeof hypervisor,
    .keys = ch_vm_keys,
    .locate = ch_locate,
    .probe = ch_probe,
    .capabilities = ch_capabilities,
    .check = ch_check,
    .describe = ch_describe,
    .ready = ch_ready,
    .go = ch_go,
    .powerdown = ch_powerdown,
    .quit = ch_quit,
    .status = ch_status,
    .pause = ch_pause,
    .resume = ch_resume,
    .attach_disk = ch_attach_disk,
    .detach_disk = ch_detach_disk,
    .attach_nic = ch_attach_nic,
    .detach_nic = ch_detach_nic,
    .resize = ch_resize,
    .resize_disk = ch_resize_disk,
    .can_change = ch_can_change,
    .counters = ch_counters,
    .support = ch_support,
    .state_files = ch_state_files,
    .save = ch_save,
    .restore = ch_restore,
};

const struct hv_plugin hv_plugin = {
    .abi = HV_ABI,
    .size = sizeof hv_plugin,
    .name = "cloud-hypervisor",
    .version = "0.1.0",
    .license = "LGPL-2.1-or-later",
    .summary = "VMs on cloud-hypervisor, with KVM",
    .keys = own_keys,
    .hypervisor = &hypervisor,
    .firmware = &ch_firmware,
};
