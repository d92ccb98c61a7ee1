/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Removing a definition and everything that belongs to it; with its disks, also
 * their snapshots. */
#ifndef CORE_REMOVE_H
#define CORE_REMOVE_H

#include <json-c/json_types.h>
#include <stdbool.h>

#include <hvctl/plugin.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/definition.h"
#include "core/provider/loaded.h"
#include "core/provider/services.h"

/* A volume to be removed. */
struct doomed {
    const struct disk_def *disk;
    struct hv_volume vol;
    struct plugin *plugin;
    struct hv_list snapshots; /* Oldest first. */
    bool gone;
};

/* Collects the volumes of 'def', struct doomed *, in the order in which they
 * must be removed.  Fails if one of them cannot be removed; 'others': or is
 * also another VM's. */
int remove_look (struct hvctl *h, const struct definition *def, bool others,
                 struct vec *out, struct error *err);

/* Removes the VM, after 'disks'. */
int remove_vm (struct hvctl *h, const char *name, struct vec *disks,
               bool with_disks, struct error *err);

/* Completes an interrupted removal; 'entry' is its entry in the journal.
 * Fails if the VM has been restored by hand since. */
int remove_again (struct hvctl *h, const char *name, bool with_disks,
                  struct json_object *entry, struct error *err);

#endif /* CORE_REMOVE_H */
