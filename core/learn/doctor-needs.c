/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The programs that the plugins of this tree run, and their packages: data. */
#include "core/learn/doctor-needs.h"

#include <string.h>

#include "common/cleanup.h"
#include "core/base/file.h"
#include "core/base/name.h"

#define ANY .x86 = true, .arm = true
#define PACKAGES(debian, fedora, arch, alpine, suse)                           \
    .packages = { [DEBIAN] = debian,                                           \
                  [FEDORA] = fedora,                                           \
                  [ARCH] = arch,                                               \
                  [ALPINE] = alpine,                                           \
                  [SUSE] = suse }

/* The first program of a plugin is required. */
const struct need doctor_needs[] = {
    { "qemu", "qemu-system-x86_64", .x86 = true,
      PACKAGES ("qemu-system-x86", "qemu-system-x86-core", "qemu-system-x86",
                "qemu-system-x86_64", "qemu-x86") },
    { "qemu", "qemu-system-aarch64", .arm = true,
      PACKAGES ("qemu-system-arm", "qemu-system-aarch64-core",
                "qemu-system-aarch64", "qemu-system-aarch64", "qemu-arm") },
    { "cloud-hypervisor", "cloud-hypervisor", ANY,
      PACKAGES (NULL, NULL, "cloud-hypervisor", "cloud-hypervisor", NULL) },
    { "net-user", "passt", ANY,
      PACKAGES ("passt", "passt", "passt", "passt", "passt") },
    { "storage-qcow2", "qemu-img", ANY,
      PACKAGES ("qemu-utils", "qemu-img", "qemu-img", "qemu-img",
                "qemu-tools") },
    { "storage-zfs", "zfs", ANY,
      PACKAGES ("zfsutils-linux", NULL, NULL, "zfs", NULL) },
    { "net-ovs", "ovs-vswitchd", ANY,
      PACKAGES ("openvswitch-switch", "openvswitch", "openvswitch",
                "openvswitch", "openvswitch") },
    { "firmware-qemu", "firmware", .x86 = true,
      PACKAGES ("ovmf", "edk2-ovmf", "edk2-ovmf", "ovmf", "qemu-ovmf-x86_64") },
    { "firmware-qemu", "firmware", .arm = true,
      PACKAGES ("qemu-efi-aarch64", "edk2-aarch64", "edk2-aarch64", "aavmf",
                "qemu-uefi-aarch64") },
    { .plugin = NULL },
};

static const struct {
    const char *id;
    enum distribution like;
} known[] = {
    { "debian", DEBIAN }, { "ubuntu", DEBIAN }, { "fedora", FEDORA },
    { "rhel", FEDORA },   { "centos", FEDORA }, { "arch", ARCH },
    { "alpine", ALPINE }, { "suse", SUSE },     { "opensuse", SUSE },
};

static const char *const commands[] = { [DEBIAN] = "apt install",
                                        [FEDORA] = "dnf install",
                                        [ARCH] = "pacman -S",
                                        [ALPINE] = "apk add",
                                        [SUSE] = "zypper install" };

/* The value of KEY=value or KEY="value" in os-release(5); "" if it has none. */
static const char *
value_of (struct arena *a, const char *text, const char *key)
{
    size_t len = strlen (key);

    for (const char *line = text; line && *line;
         line = strchr (line, '\n') ? strchr (line, '\n') + 1 : NULL) {
        if (!strncmp (line, key, len) && line[len] == '=') {
            const char *value = line + len + 1;
            bool quoted = *value == '"' || *value == '\'';

            value += quoted;
            return arena_dup_n (a, value,
                                strcspn (value, quoted ? "\"'\n" : "\n"));
        }
    }
    return "";
}

static enum distribution
find_like (const char *ids)
{
    while (*ids) {
        size_t len = strcspn (ids, " ");

        for (size_t i = 0; i < ARRAY_SIZE (known); i++) {
            if (len == strlen (known[i].id)
                && !strncmp (ids, known[i].id, len)) {
                return known[i].like;
            }
        }
        ids += len + (ids[len] == ' ');
    }
    return UNKNOWN;
}

const char *
doctor_system (struct arena *a, enum distribution *like)
{
    CLEANUP_FREE char *text = file_read ("/etc/os-release");
    CLEANUP_FREE char *other = text ? NULL : file_read ("/usr/lib/os-release");
    const char *all = text ? text : other ? other : "";
    const char *name = value_of (a, all, "PRETTY_NAME");

    *like = find_like (value_of (a, all, "ID"));
    if (*like == UNKNOWN) {
        *like = find_like (value_of (a, all, "ID_LIKE"));
    }
    return *name ? name : "an unknown distribution";
}

const char *
doctor_install (struct arena *a, const char *program)
{
    bool arm = strcmp (name_host_arch (), "x86_64") != 0;
    enum distribution like;

    doctor_system (a, &like);
    for (const struct need *n = doctor_needs; like != UNKNOWN && n->plugin;
         n++) {
        if (!strcmp (n->program, program) && (arm ? n->arm : n->x86)
            && n->packages[like]) {
            return arena_format (a, "%s %s", commands[like], n->packages[like]);
        }
    }
    return NULL;
}
