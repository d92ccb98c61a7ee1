/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "import/libvirt.h"

#include <string.h>

#include "core/config/host.h"
#include "import/draft-note.h"

/* Boot order by kind: <os><boot dev='cdrom'/><boot dev='hd'/></os>.  The first
 * device of each kind boots. */
struct boot {
    const char *disk, *cdrom, *nic; /* Names of the first ones. */
    bool own;                       /* Devices have their own order. */
};

static bool
is (const struct tree *t, const char *key, const char *value)
{
    const struct tree *kid = t ? tree_peek (t, key) : NULL;

    return kid && kid->value && !strcmp (kid->value, value);
}

static const char *
boot_order (struct tree *device, struct boot *boot)
{
    struct tree *t = tree_take (device, "boot");

    boot->own |= t != NULL;
    return t ? tree_text (t, "@order") : NULL;
}

/* Returns the path of an image, or null and a note. */
static const char *
image_of (struct import *im, struct tree *disk)
{
    bool file = is (disk, "@type", "file"), block = is (disk, "@type", "block");
    struct tree *source = tree_peek (disk, "source");
    const char *path =
        file || block ? tree_text (source, file ? "@file" : "@dev") : NULL;

    if (path) {
        tree_text (disk, "@type");
        source->used = true;
        return draft_path (im, path);
    }
    draft_note (im, disk, "domain.devices.disk",
                is (disk, "@device", "cdrom")
                    ? "the drive has no medium, or none that is a file"
                    : "the disk is no file and no block device: define its "
                      "volume in a pool of hvctl, and add it");
    return NULL;
}

/* The format is never guessed; a CD-ROM image is raw. */
static void
add_format (struct import *im, struct draft *d, struct tree *disk,
            const char *name, bool cdrom)
{
    struct tree *driver = tree_take (disk, "driver");
    const char *type = driver ? tree_text (driver, "@type") : NULL;

    if (driver) {
        tree_text (driver, "@name");
    }
    if (type && (!cdrom || strcmp (type, "raw") != 0)) {
        draft_set (im, d, "disk", name, "format", type);
    } else if (!type && !cdrom) {
        draft_problem (
            im, disk,
            "disk %s has no <driver type='…'/>, and the format of an image is "
            "never guessed, because the guest could have written a header that "
            "misleads: add type='raw' or type='qcow2'",
            name);
    }
}

static void
add_serial (struct import *im, struct draft *d, struct tree *disk,
            const char *name)
{
    struct tree *serial = tree_take (disk, "serial");
    const char *text = serial ? tree_text (serial, "") : NULL;

    if (text && strlen (text) > 20) {
        draft_note (im, serial, "domain.devices.disk.serial",
                    "a serial number has at most 20 bytes");
    } else {
        draft_set (im, d, "disk", name, "serial", text);
    }
}

/* How the guest sees it. */
static const char *
target_of (struct import *im, struct tree *disk)
{
    struct tree *target = tree_take (disk, "target");
    const char *dev = target ? tree_text (target, "@dev") : NULL;
    const struct tree *bus = target ? tree_peek (target, "@bus") : NULL;

    if (!dev) {
        draft_problem (im, disk, "a disk has no <target dev='…'/>");
        return NULL;
    }
    if (bus && bus->value && strcmp (bus->value, "virtio") != 0
        && is (disk, "@device", "cdrom")) {
        draft_change (im, tree_peek (target, "@bus"),
                      "domain.devices.disk.target.@bus",
                      "CD-ROM drive %s was on bus %s, and the hypervisor's "
                      "plugin chooses the bus",
                      dev, bus->value);
    } else if (bus && bus->value && strcmp (bus->value, "virtio") != 0) {
        draft_change (
            im, tree_peek (target, "@bus"), "domain.devices.disk.target.@bus",
            "disk %s was on bus %s, and the hypervisor's plugin chooses "
            "the bus (virtio): the guest needs the driver",
            dev, bus->value);
    }
    if (bus) {
        tree_text (target, "@bus");
    }
    return draft_name (im, target, "disk", dev);
}

static void
add_disk (struct import *im, struct draft *d, struct tree *disk,
          struct boot *boot)
{
    bool cdrom = is (disk, "@device", "cdrom");
    const char *name, *path;

    if (!cdrom && tree_peek (disk, "@device")
        && !is (disk, "@device", "disk")) {
        draft_note (im, disk, "domain.devices.disk",
                    "hvctl has disks and CD-ROM drives only");
        return;
    }
    path = image_of (im, disk);
    name = path ? target_of (im, disk) : NULL;
    if (!name) {
        return;
    }
    if (draft_has (d, "disk", name)) {
        draft_problem (im, disk, "there are two disks %s", name);
        return;
    }
    tree_text (disk, "@device");
    draft_set (im, d, "disk", name, cdrom ? "cdrom" : "image", path);
    add_format (im, d, disk, name, cdrom);
    if (tree_take (disk, "readonly") && !cdrom) {
        draft_set (im, d, "disk", name, "readonly", "yes");
    }
    add_serial (im, d, disk, name);
    draft_set (im, d, "disk", name, "boot", boot_order (disk, boot));
    boot->disk = boot->disk || cdrom ? boot->disk : name;
    boot->cdrom = boot->cdrom || !cdrom ? boot->cdrom : name;
}

/* Returns the network of hvctl for an interface. */
static const char *
network_of (struct import *im, struct tree *nic)
{
    struct tree *source = tree_peek (nic, "source");
    const char *bridge, *dev, *name;

    if (is (nic, "@type", "bridge")
        && (bridge = tree_text (source, "@bridge"))) {
        const struct tree *port = tree_peek (nic, "virtualport");
        bool ovs = is (port, "@type", "openvswitch");

        if (ovs) {
            tree_text (tree_take (nic, "virtualport"), "@type");
        }
        return draft_network (im, bridge, ovs ? "ovs" : "bridge", "bridge",
                              bridge, source);
    }
    if (is (nic, "@type", "direct") && (dev = tree_text (source, "@dev"))) {
        if (is (source, "@mode", "bridge")) {
            tree_text (source, "@mode");
        }
        return draft_network (im, dev, "macvtap", "parent", dev, source);
    }
    if (is (nic, "@type", "network")
        && (name = tree_text (source, "@network"))) {
        if (host_network (im->h, name)) {
            return arena_dup (im->a, name);
        }
        source->used = true;
        draft_change (im, source, "domain.devices.interface.source",
                      "there is no network '%s' in %s: the NIC is in network "
                      "user; define one of that name first, or change the "
                      "NIC's",
                      name, im->h->host->file);
        return "user";
    }
    if (is (nic, "@type", "user")) {
        return "user";
    }
    draft_note (im, nic, "domain.devices.interface",
                "hvctl has no such network: the NIC is left out");
    return NULL;
}

static void
add_nic_details (struct import *im, struct draft *d, struct tree *nic,
                 const char *name, struct boot *boot)
{
    struct tree *mac = tree_take (nic, "mac"), *mtu = tree_take (nic, "mtu");
    struct tree *driver = tree_take (nic, "driver");
    struct tree *model = tree_take (nic, "model");
    const struct tree *type = model ? tree_peek (model, "@type") : NULL;

    draft_set (im, d, "nic", name, "mac",
               mac ? tree_text (mac, "@address") : NULL);
    draft_set (im, d, "nic", name, "mtu",
               mtu ? tree_text (mtu, "@size") : NULL);
    draft_set (im, d, "nic", name, "queues",
               driver ? tree_text (driver, "@queues") : NULL);
    draft_set (im, d, "nic", name, "boot", boot_order (nic, boot));
    if (type && type->value && strcmp (type->value, "virtio") != 0) {
        tree_text (model, "@type");
        draft_change (im, model, "domain.devices.interface.model",
                      "NIC %s was of model %s, and is a virtio one here: the "
                      "guest needs the driver",
                      name, type->value);
    } else if (type) {
        tree_text (model, "@type");
    }
}

static void
add_nic (struct import *im, struct draft *d, struct tree *nic, int number,
         struct boot *boot)
{
    const char *name = arena_format (im->a, "net%d", number);
    const char *network = network_of (im, nic);

    if (!network) {
        return;
    }
    tree_text (nic, "@type");
    if (tree_peek (nic, "source")) {
        tree_peek (nic, "source")->used = true;
    }
    draft_set (im, d, "nic", name, "network", network);
    add_nic_details (im, d, nic, name, boot);
    boot->nic = boot->nic ? boot->nic : name;
}

/* <os> has an order only if no device has one. */
static void
add_boot (struct import *im, struct draft *d, struct tree *domain,
          const struct boot *boot)
{
    struct tree *os = tree_peek (domain, "os");
    int order = 1;

    for (size_t i = 0; os && !boot->own && i < os->kids.n; i++) {
        struct tree *t = os->kids.p[i];
        bool cdrom, nic;
        const char *name;

        if (!t->key || strcmp (t->key, "boot") != 0) {
            continue;
        }
        cdrom = is (t, "@dev", "cdrom");
        nic = is (t, "@dev", "network");
        name = cdrom                  ? boot->cdrom
               : nic                  ? boot->nic
               : is (t, "@dev", "hd") ? boot->disk
                                      : NULL;
        if (name) {
            tree_use_all (t);
            im->at = t;
            draft_set (im, d, nic ? "nic" : "disk", name, "boot",
                       arena_format (im->a, "%d", order++));
        }
    }
}

/* Marks what is the same with hvctl; the rest is listed. */
static void
use_rng (struct tree *rng)
{
    struct tree *backend = tree_take (rng, "backend");

    rng->used = true;
    if (is (rng, "@model", "virtio")) {
        tree_text (rng, "@model");
    }
    if (backend && is (backend, "@model", "random")) {
        tree_text (backend, "@model");
        if (is (backend, "", "/dev/urandom")
            || is (backend, "", "/dev/random")) {
            tree_text (backend, "");
        }
    }
}

void
libvirt_devices (struct import *im, struct draft *d, struct tree *domain,
                 struct tree *devices)
{
    struct boot boot = { 0 };
    bool rng = false;
    int nics = 0;

    for (size_t i = 0; i < devices->kids.n; i++) {
        struct tree *t = devices->kids.p[i];

        im->at = t;
        if (!strcmp (t->key, "disk")) {
            t->used = true;
            add_disk (im, d, t, &boot);
        } else if (!strcmp (t->key, "interface")) {
            t->used = true;
            add_nic (im, d, t, nics++, &boot);
        } else if (!strcmp (t->key, "rng")) {
            rng = true;
            use_rng (t);
        } else if ((!strcmp (t->key, "console") || !strcmp (t->key, "serial"))
                   && is (t, "@type", "pty")) {
            tree_use_all (t); /* Each VM has one. */
        }
    }
    im->at = devices;
    if (!rng) {
        draft_set (im, d, NULL, NULL, "rng", "no");
    }
    add_boot (im, d, domain, &boot);
}
