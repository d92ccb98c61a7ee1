/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* One wrapper per operation of storage; provider.h describes what each adds. */
#ifndef CORE_STORAGE_H
#define CORE_STORAGE_H

#include <stdbool.h>

#include <hvctl/plugin.h>

#include "core/base/error.h"
#include "core/config/config.h"
#include "core/provider/loaded.h"
#include "core/provider/services.h"

int storage_chain (struct plugin *p, const struct hv_volume *vol,
                   struct hv_chain *out, struct hv_volume_info *info,
                   struct error *err);
int storage_create (struct plugin *p, const struct hv_volume *vol,
                    struct error *err);
int storage_destroy (struct plugin *p, const struct hv_volume *vol,
                     struct error *err);
int storage_resize (struct plugin *p, const struct hv_volume *vol,
                    struct error *err);
int storage_can_resize (struct plugin *p, struct error *err);

/* Fails if no such volume can be created, or none can have its size. */
int storage_check (struct plugin *p, const struct hv_volume *vol,
                   struct error *err);
int storage_list (struct plugin *p, const struct hv_options *pool,
                  struct hv_list *out, struct error *err);
bool storage_has_activate (const struct plugin *p);
int storage_activate (struct plugin *p, const struct hv_volume *vol,
                      struct error *err);
int storage_deactivate (struct plugin *p, const struct hv_volume *vol,
                        struct error *err);

bool storage_has_snapshots (const struct plugin *p);
int storage_snapshot (struct plugin *p, const struct hv_volume *vol,
                      const char *name, struct error *err);
int storage_snapshots (struct plugin *p, const struct hv_volume *vol,
                       struct hv_list *out, struct error *err);
int storage_revert (struct plugin *p, const struct hv_volume *vol,
                    const char *name, struct error *err);
int storage_forget (struct plugin *p, const struct hv_volume *vol,
                    const char *name, struct error *err);
int storage_promote (struct plugin *p, const struct hv_volume *vol,
                     struct error *err);
int storage_send (struct plugin *p, const struct hv_volume *vol,
                  const char *name, const char *from, int fd,
                  struct error *err);
int storage_receive (struct plugin *p, const struct hv_volume *vol,
                     const char *name, int fd, struct error *err);
int storage_clone (struct plugin *p, const struct hv_volume *vol,
                   const struct hv_volume *from, const char *name,
                   struct error *err);

/* Creates a volume that is made on a raw image: an overlay, a clone or a
 * copy. */
int storage_create_on (struct plugin *p, const struct hv_volume *vol,
                       const char *image, struct error *err);

/* Finds out whether a volume of that name exists, intact or broken.  Fails if
 * that cannot be determined. */
int storage_find (struct plugin *p, const struct hv_volume *vol, bool *found,
                  struct error *err);

#endif /* CORE_STORAGE_H */
