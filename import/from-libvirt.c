/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Domain XML of libvirt, as 'virsh dumpxml' and 'virt-install --print-xml'
 * print it (https://libvirt.org/formatdomain.html). */
#include <string.h>

#include "common/size.h"
#include "import/draft-note.h"
#include "import/libvirt.h"

/* Why the rest is not carried over, by the beginning of its path. */
static const char *const reasons[] = {
    "domain.devices.rng",
    "hvctl's random number generator is a virtio one, from the host's",
    "domain.pm",
    "hvctl has no settings for power management yet",
    "domain.metadata",
    "it is information for other programs",
    "domain.os.nvram",
    "the guest's UEFI variables are not copied: it begins with fresh ones",
    "domain.os.loader",
    "hvctl chooses firmware that fits",
    "domain.devices.emulator",
    "the hypervisor's plugin finds its program",
    "domain.devices.controller",
    "hvctl gives the guest the controllers that its devices need",
    "domain.devices.disk.address",
    "hvctl chooses the addresses of devices",
    "domain.devices.interface.address",
    "hvctl chooses the addresses of devices",
    "domain.devices.disk.backingStore",
    "a qcow2 image itself says which its backing file is",
    "domain.devices.graphics",
    "hvctl has no displays yet",
    "domain.devices.video",
    "hvctl has no displays yet",
    "domain.devices.redirdev",
    "hvctl has no displays yet",
    "domain.devices.sound",
    "hvctl has no sound devices yet",
    "domain.devices.audio",
    "hvctl has no sound devices yet",
    "domain.devices.input",
    "hvctl has no input devices yet",
    "domain.devices.tpm",
    "hvctl has no TPM yet",
    "domain.devices.hostdev",
    "hvctl passes no devices of the host through yet",
    "domain.devices.channel",
    "a channel to the guest agent is 'agent = yes' here",
    "domain.devices.memballoon",
    "hvctl has no memory balloon yet",
    "domain.devices.watchdog",
    "hvctl has no watchdog yet",
    "domain.devices.filesystem",
    "hvctl shares no directories yet",
    "domain.cpu.topology",
    "hvctl has no CPU topology yet",
    "domain.cputune",
    "hvctl does not pin virtual CPUs yet",
    "domain.clock.timer",
    "the hypervisor's plugin chooses the timers",
    "domain.seclabel",
    "hvctl confines each VM itself",
    "domain.resource",
    "hvctl places VMs in scopes of its own",
    NULL
};

/* "KiB", "kB" (1000), "b"; without a unit, KiB. */
static uint64_t
unit_of (const char *unit)
{
    static const struct {
        const char *unit;
        uint64_t bytes;
    } units[] = {
        { "b", 1 },          { "bytes", 1 },        { "KB", 1000 },
        { "k", 1 << 10 },    { "KiB", 1 << 10 },    { "MB", 1000000 },
        { "M", 1 << 20 },    { "MiB", 1 << 20 },    { "GB", 1000000000 },
        { "G", 1 << 30 },    { "GiB", 1 << 30 },    { "TB", 1000000000000 },
        { "T", 1ULL << 40 }, { "TiB", 1ULL << 40 },
    };

    for (size_t i = 0; unit && i < sizeof units / sizeof *units; i++) {
        if (!strcmp (unit, units[i].unit)) {
            return units[i].bytes;
        }
    }
    return unit ? 0 : 1 << 10;
}

/* Returns the bytes of an element such as <memory unit='MiB'>512</memory>; 0
 * and a problem if it is not valid. */
static uint64_t
bytes_of (struct import *im, struct tree *t)
{
    const char *text = tree_text (t, "");
    uint64_t unit = unit_of (tree_text (t, "@unit")), n;

    if (!text || !unit || !parse_uint (text, &n) || !n
        || n > INT64_MAX / unit) {
        draft_problem (im, t, "%s is not a number with a unit of libvirt's",
                       t->key);
        return 0;
    }
    return n * unit;
}

static void
add_memory (struct import *im, struct draft *d, struct tree *domain)
{
    struct tree *memory = tree_take (domain, "memory");
    struct tree *now = tree_take (domain, "currentMemory");
    uint64_t bytes = memory ? bytes_of (im, memory) : 0;
    uint64_t current = now ? bytes_of (im, now) : bytes;

    if (!memory) {
        draft_problem (im, domain, "the domain has no <memory>");
    } else if (bytes) {
        im->at = memory;
        draft_memory (im, d, memory, bytes);
    }
    if (current != bytes) {
        draft_note (im, now, "domain.currentMemory",
                    "hvctl has no memory balloon yet: the guest gets all of "
                    "its memory");
    }
}

static void
add_cpus (struct import *im, struct draft *d, struct tree *domain)
{
    struct tree *vcpu = tree_take (domain, "vcpu");
    struct tree *cpu = tree_take (domain, "cpu"), *model;
    const struct tree *how = cpu ? tree_peek (cpu, "@mode") : NULL;
    const struct tree *match = cpu ? tree_peek (cpu, "@match") : NULL;
    const char *mode = how ? how->value : NULL;

    im->at = vcpu ? vcpu : domain;
    draft_set (im, d, NULL, NULL, "cpus", vcpu ? tree_text (vcpu, "") : "1");
    if (!cpu) {
        return;
    }
    im->at = cpu;
    model = tree_take (cpu, "model");
    if (mode && !strcmp (mode, "host-passthrough")) {
        draft_set (im, d, NULL, NULL, "cpu", "host");
    } else if (mode && !strcmp (mode, "maximum")) {
        draft_set (im, d, NULL, NULL, "cpu", "max");
    } else if (mode && !strcmp (mode, "host-model")) {
        draft_set (im, d, NULL, NULL, "cpu", "host");
        draft_change (
            im, tree_peek (cpu, "@mode"), "domain.cpu.@mode",
            "host-model is 'cpu = host' here: what the CPU of the host "
            "has, without a model that another host may have, too");
    } else if (model) {
        draft_set (im, d, NULL, NULL, "cpu", tree_text (model, ""));
    }
    /* Other values are listed. */
    if (mode
        && (!strcmp (mode, "host-passthrough") || !strcmp (mode, "maximum")
            || !strcmp (mode, "host-model") || !strcmp (mode, "custom"))) {
        tree_text (cpu, "@mode");
    }
    if (match && match->value && !strcmp (match->value, "exact")) {
        tree_text (cpu, "@match");
    }
}

/* Returns the value of <feature name='NAME' enabled='…'/>. */
static const char *
feature (struct tree *firmware, const char *name)
{
    for (size_t i = 0; firmware && i < firmware->kids.n; i++) {
        struct tree *f = firmware->kids.p[i];
        const struct tree *has = tree_peek (f, "@name");

        if (has && has->value && !strcmp (has->value, name)) {
            tree_use_all (f);
            return tree_text (f, "@enabled");
        }
    }
    return NULL;
}

static bool
is_x86 (const char *arch)
{
    return !arch || !strcmp (arch, "x86_64") || !strcmp (arch, "i686");
}

static void
add_firmware (struct import *im, struct draft *d, struct tree *os,
              const char *arch)
{
    struct tree *loader = tree_peek (os, "loader");
    struct tree *chosen = tree_take (os, "firmware");
    const char *word = tree_text (os, "@firmware");
    const char *secure = feature (chosen, "secure-boot");
    const char *keys = feature (chosen, "enrolled-keys");
    const struct tree *type = tree_peek (loader, "@type");
    const struct tree *says = tree_peek (loader, "@secure");
    bool uefi = word ? !strcmp (word, "efi")
                     : type && type->value && !strcmp (type->value, "pflash");

    secure = secure ? secure : uefi && says ? says->value : NULL;
    draft_set (im, d, NULL, NULL, "firmware",
               uefi                                         ? "uefi"
               : is_x86 (arch) && !tree_peek (os, "kernel") ? "bios"
                                                            : NULL);
    if (secure && !strcmp (secure, "yes")) {
        draft_set (im, d, NULL, NULL, "secure_boot", "yes");
        if (keys && strcmp (keys, "yes") != 0) {
            draft_change (im, chosen, "domain.os.firmware.feature",
                          "Secure Boot is enforced, with keys enrolled");
        }
    }
}

static void
add_os (struct import *im, struct draft *d, struct tree *domain)
{
    static const char *const paths[][2] = { { "kernel", "kernel" },
                                            { "initrd", "initrd" },
                                            { "cmdline", "append" } };
    struct tree *os = tree_take (domain, "os");
    struct tree *type = os ? tree_take (os, "type") : NULL;
    const char *word = type ? tree_text (type, "") : NULL, *arch;

    if (!word || strcmp (word, "hvm") != 0) {
        draft_problem (im, type ? type : domain,
                       "the domain is no virtual machine of QEMU (<os> has no "
                       "<type>hvm</type>)");
        return;
    }
    im->at = type;
    arch = tree_text (type, "@arch");
    draft_set (im, d, NULL, NULL, "arch", arch);
    draft_set (im, d, NULL, NULL, "machine", tree_text (type, "@machine"));
    add_firmware (im, d, os, arch);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct tree *t = tree_take (os, paths[i][0]);
        const char *text = t ? tree_text (t, "") : NULL;

        im->at = t ? t : os;
        draft_set (im, d, NULL, NULL, paths[i][1],
                   text && i < 2 ? draft_path (im, text) : text);
    }
}

/* Values that are always so with hvctl, and are left out. */
static void
use_defaults (struct import *im, struct tree *domain)
{
    static const char *const always[][2] = {
        { "on_poweroff", "destroy" },
        { "on_reboot", "restart" },
        { "on_crash", "destroy" },
        { "@id", NULL },
        { "title", NULL },
    };
    struct tree *features = tree_take (domain, "features");
    struct tree *clock = tree_take (domain, "clock");
    const struct tree *offset = clock ? tree_peek (clock, "@offset") : NULL;

    tree_take (features, "acpi");
    tree_take (features, "apic");
    tree_take (features, "pae");
    for (size_t i = 0; i < sizeof always / sizeof *always; i++) {
        struct tree *t = tree_peek (domain, always[i][0]);
        const struct tree *text = t ? tree_peek (t, "") : NULL;

        if (t
            && (!always[i][1] || (text && !strcmp (text->value, always[i][1])))
            && *always[i][0] != 't') {
            tree_use_all (t);
        }
    }
    if (offset && !strcmp (offset->value, "utc")) {
        tree_text (clock, "@offset");
    }
    (void)im;
}

static void
add_root (struct import *im, struct draft *d, struct tree *domain)
{
    const char *type = tree_text (domain, "@type");
    struct tree *uuid = tree_take (domain, "uuid");
    struct tree *about = tree_peek (domain, "description");

    im->at = uuid ? uuid : domain;
    draft_set (im, d, NULL, NULL, "uuid", uuid ? tree_text (uuid, "") : NULL);
    if (about) {
        about->used = true;
        draft_set (im, d, NULL, NULL, "description", tree_text (about, ""));
    }
    if (!type || (strcmp (type, "kvm") != 0 && strcmp (type, "qemu") != 0)) {
        draft_problem (im, domain,
                       "a domain of type '%s' is no virtual machine of QEMU: "
                       "type kvm and qemu can be imported",
                       type ? type : "");
        return;
    }
    draft_set (im, d, NULL, NULL, "accelerator",
               strcmp (type, "kvm") ? "tcg" : "kvm");
    add_memory (im, d, domain);
    add_cpus (im, d, domain);
    add_os (im, d, domain);
    use_defaults (im, domain);
}

static void
add_domain (struct import *im, struct tree *domain)
{
    struct tree *name = tree_take (domain, "name");
    const char *text = name ? tree_text (name, "") : NULL;
    struct tree *devices = tree_take (domain, "devices");
    struct draft *d;

    if (!text) {
        draft_problem (im, domain, "the domain has no <name>");
        return;
    }
    d = draft_vm (im, draft_name (im, name, "VM", text), name);
    add_root (im, d, domain);
    if (devices) {
        libvirt_devices (im, d, domain, devices);
    }
}

void
from_libvirt (struct import *im, struct tree *const *files, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct tree *root = files[i]->kids.n ? files[i]->kids.p[0] : files[i];

        if (!root->key || strcmp (root->key, "domain") != 0) {
            draft_problem (im, root,
                           "this is no domain of libvirt: its first element is "
                           "<%s>, not <domain>",
                           root->key ? root->key : "");
            continue;
        }
        add_domain (im, root);
        draft_note_unused (im, files[i], reasons);
    }
}
