/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The wrappers of the operations on volumes. */
#include "core/provider-call.h"

static const char *
volume_text (const struct plugin *p, const struct hv_volume *vol)
{
    return vol->path ? arena_format (&p->h->arena, "image %s", vol->path)
                     : arena_format (&p->h->arena, "volume %s of pool %s",
                                     vol->name, vol->pool);
}

int
storage_chain (struct plugin *p, const struct hv_volume *vol,
               struct hv_chain *out, struct hv_volume_info *info,
               struct error *err)
{
    CALL (SHORT, "chain", volume_text (p, vol),
          p->storage.chain (&p->ctx, vol, out, info));
}

int
storage_create (struct plugin *p, const struct hv_volume *vol,
                struct error *err)
{
    CALL (LONG, "create", volume_text (p, vol),
          p->storage.create (&p->ctx, vol));
}

int
storage_destroy (struct plugin *p, const struct hv_volume *vol,
                 struct error *err)
{
    CALL (NORMAL, "destroy", volume_text (p, vol),
          p->storage.destroy (&p->ctx, vol));
}

int
storage_resize (struct plugin *p, const struct hv_volume *vol,
                struct error *err)
{
    NEED (storage.resize, "resize a volume");
    CALL (LONG, "resize", volume_text (p, vol),
          p->storage.resize (&p->ctx, vol));
}

int
storage_list (struct plugin *p, const struct hv_options *pool,
              struct hv_list *out, struct error *err)
{
    if (!p->storage.list) {
        return plugin_usable (p, err);
    }
    CALL (NORMAL, "list", NULL, p->storage.list (&p->ctx, pool, out));
}

bool
storage_has_activate (const struct plugin *p)
{
    return p->storage.activate != NULL;
}

int
storage_activate (struct plugin *p, const struct hv_volume *vol,
                  struct error *err)
{
    if (!p->storage.activate) {
        return 0;
    }
    CALL (NORMAL, "activate", volume_text (p, vol),
          p->storage.activate (&p->ctx, vol));
}

int
storage_deactivate (struct plugin *p, const struct hv_volume *vol,
                    struct error *err)
{
    if (!p->storage.deactivate) {
        return 0;
    }
    CALL (NORMAL, "deactivate", volume_text (p, vol),
          p->storage.deactivate (&p->ctx, vol));
}

int
storage_snapshot (struct plugin *p, const struct hv_volume *vol,
                  const char *name, struct error *err)
{
    NEED (storage.snapshot, "make snapshots");
    CALL (NORMAL, "snapshot", volume_text (p, vol),
          p->storage.snapshot (&p->ctx, vol, name));
}

int
storage_snapshots (struct plugin *p, const struct hv_volume *vol,
                   struct hv_list *out, struct error *err)
{
    NEED (storage.snapshots, "make snapshots");
    CALL (NORMAL, "snapshots", volume_text (p, vol),
          p->storage.snapshots (&p->ctx, vol, out));
}

int
storage_revert (struct plugin *p, const struct hv_volume *vol, const char *name,
                struct error *err)
{
    NEED (storage.revert, "make snapshots");
    CALL (LONG, "revert", volume_text (p, vol),
          p->storage.revert (&p->ctx, vol, name));
}

int
storage_forget (struct plugin *p, const struct hv_volume *vol, const char *name,
                struct error *err)
{
    NEED (storage.forget, "make snapshots");
    CALL (LONG, "forget", volume_text (p, vol),
          p->storage.forget (&p->ctx, vol, name));
}

int
storage_promote (struct plugin *p, const struct hv_volume *vol,
                 struct error *err)
{
    NEED (storage.promote, "make clones");
    CALL (LONG, "promote", volume_text (p, vol),
          p->storage.promote (&p->ctx, vol));
}

int
storage_send (struct plugin *p, const struct hv_volume *vol, const char *name,
              const char *from, int fd, struct error *err)
{
    NEED (storage.send, "send volumes: those of pools of types qcow2 and zfs "
                        "have snapshots, and can be sent");
    CALL (STREAM, "send", volume_text (p, vol),
          p->storage.send (&p->ctx, vol, name, from, fd));
}

int
storage_receive (struct plugin *p, const struct hv_volume *vol,
                 const char *name, int fd, struct error *err)
{
    NEED (storage.receive, "receive volumes: take a pool of type qcow2 or zfs");
    CALL (STREAM, "receive", volume_text (p, vol),
          p->storage.receive (&p->ctx, vol, name, fd));
}

int
storage_clone (struct plugin *p, const struct hv_volume *vol,
               const struct hv_volume *from, const char *name,
               struct error *err)
{
    NEED (storage.clone, "clone volumes");
    CALL (LONG, "clone", volume_text (p, vol),
          p->storage.clone (&p->ctx, vol, from, name));
}
