/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Records of the lower layers of a volume when it was created, or when a VM
 * last ran on it; and of a VM's image that is not a volume: a backing file that
 * was replaced by another image of the same name would mix the guest's data
 * with data that it never read.
 *
 * STATE/layers/POOL@VOLUME, or VM@@DISK, is the record; without one,
 * everything is accepted. */
#ifndef CORE_LAYERS_H
#define CORE_LAYERS_H

#include <stdbool.h>

#include <hvctl/plugin.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/provider/services.h"

/* Checks the lower layers of a disk of the VM, and adds them to 'below' as
 * they are now; '*changed': some of that is not in the record.  Fails if one
 * was replaced. */
int layers_check (struct hvctl *h, const char *vm, const struct hv_volume *vol,
                  const struct hv_layer *const *layers, struct vec *below,
                  bool *changed, struct error *err);

/* Records what layers_check() found; warns if that fails. */
void layers_note (struct hvctl *h, const char *vm, const struct hv_volume *vol,
                  const struct vec *below);

/* Checks a volume from which another one is going to be created. */
int layers_check_volume (struct hvctl *h, const struct hv_volume *vol,
                         const struct hv_chain *chain, struct error *err);

/* Records the lower layers of a volume that was just created. */
void layers_made (struct hvctl *h, const struct hv_volume *vol,
                  const struct hv_chain *chain);

/* The files of the chain were changed legitimately: existing records of them
 * are no longer valid. */
void layers_changed (struct hvctl *h, const struct hv_chain *chain);

/* Adds the names of the records in which 'path' is a lower layer: POOL@VOLUME,
 * VM@@DISK. */
void layers_users (struct hvctl *h, const char *path, struct vec *out);

/* Renames the records of a VM's images. */
int layers_rename_vm (struct hvctl *h, const char *vm, const char *to,
                      struct error *err);

/* Remove the records of a volume; of a VM's images. */
void layers_forget (struct hvctl *h, const struct hv_volume *vol);
void layers_forget_vm (struct hvctl *h, const char *vm);

#endif /* CORE_LAYERS_H */
