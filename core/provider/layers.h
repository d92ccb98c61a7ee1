/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What the lower layers of a volume were when it was made, or when a VM ran on
 * it last; and of a VM's image that is no volume: a backing file that was
 * replaced by another image of the same name would mix up what the guest wrote
 * with what it never read.
 *
 * STATE/layers/POOL@VOLUME, or VM@@DISK, holds it; without such a file,
 * everything is taken as it is. */
#ifndef CORE_LAYERS_H
#define CORE_LAYERS_H

#include <stdbool.h>

#include <hvctl/plugin.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/provider/services.h"

/* Looks at the lower layers of a disk of the VM, and adds them to 'below' as
 * they are now; '*changed': not all of that was known.  Fails if one is another
 * than it was. */
int layers_check (struct hvctl *h, const char *vm, const struct hv_volume *vol,
                  const struct hv_layer *const *layers, struct vec *below,
                  bool *changed, struct error *err);

/* Remembers what layers_check() saw; warns if that fails. */
void layers_note (struct hvctl *h, const char *vm, const struct hv_volume *vol,
                  const struct vec *below);

/* Checks a volume that another one is to be made of. */
int layers_check_volume (struct hvctl *h, const struct hv_volume *vol,
                         const struct hv_chain *chain, struct error *err);

/* Remembers the lower layers of a volume that was just made. */
void layers_made (struct hvctl *h, const struct hv_volume *vol,
                  const struct hv_chain *chain);

/* The files of the chain may have been changed by what may change them: no
 * record of those that were counts any more. */
void layers_changed (struct hvctl *h, const struct hv_chain *chain);

/* The volume is gone; the VM, of which the images were. */
void layers_forget (struct hvctl *h, const struct hv_volume *vol);
void layers_forget_vm (struct hvctl *h, const char *vm);

#endif /* CORE_LAYERS_H */
