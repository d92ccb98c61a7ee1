/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A definition goes, and what belongs to it; with its disks, also their
 * snapshots. */
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

/* A volume that is to go. */
struct doomed {
    const struct disk_def *disk;
    struct hv_volume vol;
    struct plugin *plugin;
    struct hv_list snapshots; /* The oldest first. */
    bool gone;
};

/* Collects the volumes of 'def', struct doomed *, in the order in which they
 * have to go.  Fails if one of them cannot. */
int remove_look (struct hvctl *h, const struct definition *def, struct vec *out,
                 struct error *err);

/* Removes the VM, and 'disks' before. */
int remove_vm (struct hvctl *h, const char *name, struct vec *disks,
               bool with_disks, struct error *err);

/* Removes what is left of one that was being removed; 'entry' is what the
 * journal says of it.  Fails if it has been put back since. */
int remove_again (struct hvctl *h, const char *name, bool with_disks,
                  struct json_object *entry, struct error *err);

#endif /* CORE_REMOVE_H */
