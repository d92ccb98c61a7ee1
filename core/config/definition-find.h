/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Finding definitions in vm.d, by name. */
#ifndef CORE_DEFINITION_FIND_H
#define CORE_DEFINITION_FIND_H

#include <stdbool.h>

#include <hvctl/plugin.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/definition.h"

/* Reads one definition.  Fails with EXIT_NOT_FOUND, or EXIT_CONFIG and every
 * problem; in the latter case '*out' nevertheless has what could be read, or is
 * unchanged. */
int definition_load (struct hvctl *h, const char *name, struct definition **out,
                     struct error *err);

/* Reads one definition to look at it, and frees it: for many of them.  If it is
 * valid, 'look' gets it, and copies what it wants to keep. */
typedef void definition_look_fn (void *data, const struct definition *def);
int definition_look (struct hvctl *h, const char *name,
                     definition_look_fn *look, void *data, struct error *err);

/* The same, and 'look' also gets what could be read of an invalid one, with
 * which this fails nevertheless. */
int definition_look_anyhow (struct hvctl *h, const char *name,
                            definition_look_fn *look, void *data,
                            struct error *err);

/* Fails with EXIT_NOT_FOUND: there is no such VM, perhaps since its fleet has
 * fewer; names the one with the nearest name. */
int definition_missing (struct hvctl *h, const char *name, struct error *err);

/* Returns whether the VM is defined, in whatever way; it may be invalid. */
bool definition_exists (struct hvctl *h, const char *name);

/* Store the names of all files in vm.d, also those of fleets; the names of all
 * VMs, with the members of fleets, and of fleets that are invalid.  Sorted. */
int definition_files (struct hvctl *h, struct vec *names, struct error *err);
int definition_names (struct hvctl *h, struct vec *names, struct error *err);

/* Stores the first VM, except 'but', that has the volume as a disk, and which
 * disk; null: none.  Problems of a definition do not matter if they leave its
 * disks known, and fail otherwise: nobody may take a disk from a VM because a
 * template is missing for the moment. */
int definition_of_volume (struct hvctl *h, const struct hv_volume *vol,
                          const char *but, struct definition **def,
                          const struct disk_def **disk, struct error *err);

/* The same for one VM. */
int definition_find_volume (struct hvctl *h, const char *name,
                            const struct hv_volume *vol,
                            struct definition **def,
                            const struct disk_def **disk, struct error *err);

#endif /* CORE_DEFINITION_FIND_H */
