/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What the removal of a VM or a fleet would remove, and whether it can. */
#ifndef CORE_REMOVE_LOOK_H
#define CORE_REMOVE_LOOK_H

#include <stdbool.h>

#include <hvctl/plugin.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/definition.h"
#include "core/config/fleet.h"
#include "core/provider/loaded.h"
#include "core/provider/services.h"

/* A volume to be removed. */
struct doomed {
    const struct disk_def *disk;
    struct hv_volume vol;
    struct plugin *plugin;
    struct hv_list snapshots; /* Oldest first. */
    bool missing;             /* There is none. */
    bool gone;
};

/* A VM to be removed. */
struct doomed_vm {
    const char *name;
    struct vec disks; /* struct doomed *, in the order of their removal */
};

/* A removal.  The first three members are what is asked for. */
struct removal {
    const char *name;
    const struct fleet *fleet; /* Null: 'name' is a VM. */
    bool disks;
    bool left;      /* The VM is not defined, but something of it is left. */
    struct vec vms; /* struct doomed_vm *: all of the fleet, or one */
};

/* Collects the VMs, and with r->disks their volumes; 'lock': and locks each of
 * these before it looks at it.  Fails if a VM is running, if a volume cannot be
 * removed or is also another VM's, or if a definition cannot be removed. */
int remove_look (struct hvctl *h, struct removal *r, bool lock,
                 struct error *err);

/* Returns the file that defines the VM or fleet. */
const char *remove_file (struct hvctl *h, const struct removal *r);

#endif /* CORE_REMOVE_LOOK_H */
