/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* VM definitions: vm.d/NAME.conf, read and checked. */
#ifndef CORE_DEFINITION_H
#define CORE_DEFINITION_H

#include <stdbool.h>
#include <stdint.h>

#include <hvctl/plugin.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/config.h"
#include "core/config/identity.h"
#include "core/config/problem.h"

struct disk_def {
    const char *name;
    const struct hv_options *section; /* For lines. */
    const char *pool, *volume;        /* Null with image. */
    const char *image, *format;       /* A file outside any pool. */
    const char *base; /* Of 'hvctl image': the volume is made on it. */
    uint64_t size;
    const char *backing, *backing_format;
    bool readonly, cdrom;
    uint32_t boot;
    const char *serial;
    uint64_t wwn;  /* 0: none. */
    bool broken;   /* There is a problem with its section. */
    bool left_out; /* Not from the file: see snapshot_choose(). */
};

struct nic_def {
    const char *name;
    const struct hv_options *section;
    const char *network;
    uint8_t mac[6];
    const char *address; /* Or null: see identity.h. */
    uint32_t queues, mtu, boot;
    const char *forward;
    const char *ifname; /* For the host: unique, at most 15 bytes. */
};

struct fleet;
struct cloud_init;

struct definition {
    const char *name, *file;   /* Of a member without one: that of its fleet. */
    const struct fleet *fleet; /* It is a member of it, or null. */
    uint64_t index;
    struct hv_options *root;
    const char *uuid;
    struct identity identity;
    uint64_t memory;
    uint32_t cpus;
    const char *arch, *hypervisor, *machine, *accelerator, *cpu;
    const char *kernel, *initrd, *append;
    const char *firmware; /* "uefi", "bios", or null: the default. */
    bool secure_boot, rng, agent;
    int64_t stop_timeout;
    const char *description;         /* Or null. */
    const struct hv_options *labels; /* Or null. */
    bool autostart;
    uint32_t start_order;
    int64_t start_delay;    /* ms */
    struct vec disks, nics; /* struct disk_def *, struct nic_def * */
    struct vec plugins;     /* struct hv_options * */
    const struct cloud_init *cloud_init; /* Or null. */

    bool incomplete; /* A template is missing: so may be disks and NICs. */

    /* Not from the file: see saved_apply(). */
    const char *saved;
    bool saved_paused;
};

/* Return the disk or NIC of that name, or null. */
const struct disk_def *definition_disk (const struct definition *def,
                                        const char *name);
const struct nic_def *definition_nic (const struct definition *def,
                                      const char *name);

/* Fails: the VM has no "disk", or no "nic", of that name.  Names the nearest.
 */
int definition_no_such (const struct definition *def, const char *kind,
                        const char *name, struct error *err);

/* Returns where a key of the root comes from, for messages: "the definition",
 * "a template", or the source of its default. */
const char *definition_source (const struct definition *def, const char *key);

/* Are all of its disks known, whatever else is wrong with it? */
bool definition_knows_disks (const struct definition *def);

/* Returns the path vm.d/NAME.conf; a member of a fleet may have none there. */
const char *definition_path (struct hvctl *h, const char *name);

/* Reads the keys of 'def->root', in which variables have been replaced. */
void definition_interpret (struct hvctl *h, struct definition *def,
                           struct problems *p);

/* Returns the key that says where a disk is stored. */
const char *definition_disk_key (const struct disk_def *d);

#endif /* CORE_DEFINITION_H */
