/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The wrappers of the operations on volumes. */
#include "core/base/arena.h"
#include "core/provider/answer.h"
#include "core/provider/layers.h"
#include "core/provider/provider-call.h"
#include "core/provider/provider.h"

#include "core/provider/storage.h"

#include <errno.h>
#include <string.h>

#include "common/size.h"

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
    CALL_AND (SHORT, "chain", volume_text (p, vol),
              p->storage.chain (&p->ctx, vol, out, info),
              answer_chain (&p->h->arena, out));
}

static int
call_create (struct plugin *p, const struct hv_volume *vol, struct error *err)
{
    if (!vol->size && !vol->backing) {
        return fail (err, EINVAL, "%s: a volume needs a size, such as 10G",
                     volume_text (p, vol));
    }
    CALL (LONG, "create", volume_text (p, vol),
          p->storage.create (&p->ctx, vol));
}

/* Records the backing files of a new volume. */
static int
made (struct plugin *p, const struct hv_volume *vol, int rc)
{
    struct hv_chain chain = { 0 };
    struct hv_volume_info info = { 0 };
    struct error ignored = { 0 };

    if (rc == 0 && storage_chain (p, vol, &chain, &info, &ignored) == 0) {
        layers_made (p->h, vol, &chain);
    }
    return rc;
}

int
storage_create (struct plugin *p, const struct hv_volume *vol,
                struct error *err)
{
    int rc = call_create (p, vol, err);

    return vol->backing ? made (p, vol, rc) : rc;
}

static int
call_destroy (struct plugin *p, const struct hv_volume *vol, struct error *err)
{
    CALL (NORMAL, "destroy", volume_text (p, vol),
          p->storage.destroy (&p->ctx, vol));
}

int
storage_destroy (struct plugin *p, const struct hv_volume *vol,
                 struct error *err)
{
    int rc = call_destroy (p, vol, err);

    if (rc == 0) {
        layers_forget (p->h, vol);
    }
    return rc;
}

/* Independent of what the plugin decides. */
static int
check_growth (struct plugin *p, const struct hv_volume *vol, struct error *err)
{
    struct hv_chain chain = { 0 };
    struct hv_volume_info info = { 0 };
    char now[32], wanted[32];

    if (storage_chain (p, vol, &chain, &info, err) < 0) {
        return -err->code;
    }
    return vol->size >= info.size
               ? 0
               : fail (err, EINVAL,
                       "%s has a size of %s and is not shrunk to %s, which "
                       "would destroy "
                       "data of the guest",
                       volume_text (p, vol),
                       format_size (info.size, now, sizeof now),
                       format_size (vol->size, wanted, sizeof wanted));
}

int
storage_resize (struct plugin *p, const struct hv_volume *vol,
                struct error *err)
{
    NEED (storage.resize, "resize a volume");
    if (check_growth (p, vol, err) < 0) {
        return -err->code;
    }
    CALL (LONG, "resize", volume_text (p, vol),
          p->storage.resize (&p->ctx, vol));
}

int
storage_can_resize (struct plugin *p, struct error *err)
{
    NEED (storage.resize, "resize a volume");
    return 0;
}

int
storage_check (struct plugin *p, const struct hv_volume *vol, struct error *err)
{
    if (!p->storage.check) {
        return 0;
    }
    CALL (NORMAL, "check", volume_text (p, vol),
          p->storage.check (&p->ctx, vol));
}

int
storage_list (struct plugin *p, const struct hv_options *pool,
              struct hv_list *out, struct error *err)
{
    if (!p->storage.list) {
        return provider_usable (p, err);
    }
    CALL_AND (NORMAL, "list", NULL, p->storage.list (&p->ctx, pool, out),
              answer_names (&p->h->arena, out, false));
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

/* The files below the top may have changed, as they should. */
static int
changed (struct plugin *p, const struct hv_volume *vol, int rc)
{
    struct hv_chain chain = { 0 };
    struct hv_volume_info info = { 0 };
    struct error ignored = { 0 };

    if (rc == 0 && storage_chain (p, vol, &chain, &info, &ignored) == 0) {
        layers_changed (p->h, &chain);
    }
    return rc;
}

bool
storage_has_snapshots (const struct plugin *p)
{
    return p->storage.snapshot && p->storage.snapshots;
}

static int
call_snapshot (struct plugin *p, const struct hv_volume *vol, const char *name,
               struct error *err)
{
    NEED (storage.snapshot, "create snapshots");
    CALL (NORMAL, "snapshot", volume_text (p, vol),
          p->storage.snapshot (&p->ctx, vol, name));
}

int
storage_snapshot (struct plugin *p, const struct hv_volume *vol,
                  const char *name, struct error *err)
{
    return changed (p, vol, call_snapshot (p, vol, name, err));
}

int
storage_snapshots (struct plugin *p, const struct hv_volume *vol,
                   struct hv_list *out, struct error *err)
{
    NEED (storage.snapshots, "create snapshots");
    CALL_AND (NORMAL, "snapshots", volume_text (p, vol),
              p->storage.snapshots (&p->ctx, vol, out),
              answer_names (&p->h->arena, out, true));
}

static int
call_revert (struct plugin *p, const struct hv_volume *vol, const char *name,
             struct error *err)
{
    NEED (storage.revert, "create snapshots");
    CALL (LONG, "revert", volume_text (p, vol),
          p->storage.revert (&p->ctx, vol, name));
}

int
storage_revert (struct plugin *p, const struct hv_volume *vol, const char *name,
                struct error *err)
{
    return changed (p, vol, call_revert (p, vol, name, err));
}

static int
call_forget (struct plugin *p, const struct hv_volume *vol, const char *name,
             struct error *err)
{
    NEED (storage.forget, "create snapshots");
    CALL (LONG, "forget", volume_text (p, vol),
          p->storage.forget (&p->ctx, vol, name));
}

int
storage_forget (struct plugin *p, const struct hv_volume *vol, const char *name,
                struct error *err)
{
    return changed (p, vol, call_forget (p, vol, name, err));
}

static int
call_promote (struct plugin *p, const struct hv_volume *vol, struct error *err)
{
    NEED (storage.promote, "create clones");
    CALL (LONG, "promote", volume_text (p, vol),
          p->storage.promote (&p->ctx, vol));
}

int
storage_promote (struct plugin *p, const struct hv_volume *vol,
                 struct error *err)
{
    return changed (p, vol, call_promote (p, vol, err));
}

int
storage_send (struct plugin *p, const struct hv_volume *vol, const char *name,
              const char *from, int fd, struct error *err)
{
    NEED (storage.send, "send volumes: pools of types qcow2 and zfs have "
                        "snapshots, which can be sent");
    CALL (STREAM, "send", volume_text (p, vol),
          p->storage.send (&p->ctx, vol, name, from, fd));
}

int
storage_receive (struct plugin *p, const struct hv_volume *vol,
                 const char *name, int fd, struct error *err)
{
    NEED (storage.receive, "receive volumes: use a pool of type qcow2 or zfs");
    CALL (STREAM, "receive", volume_text (p, vol),
          p->storage.receive (&p->ctx, vol, name, fd));
}

static int
call_clone (struct plugin *p, const struct hv_volume *vol,
            const struct hv_volume *from, const char *name, struct error *err)
{
    NEED (storage.clone, "clone volumes");
    CALL (LONG, "clone", volume_text (p, vol),
          p->storage.clone (&p->ctx, vol, from, name));
}

/* Cloning may freeze the file that a running VM writes to; and a volume whose
 * backing file was replaced must not be cloned as it is. */
int
storage_clone (struct plugin *p, const struct hv_volume *vol,
               const struct hv_volume *from, const char *name,
               struct error *err)
{
    struct hv_chain chain = { 0 };
    struct hv_volume_info info = { 0 };
    struct error ignored = { 0 };

    if (storage_chain (p, from, &chain, &info, &ignored) == 0
        && layers_check_volume (p->h, from, &chain, err) < 0) {
        return fail_prefix (err, "%s", volume_text (p, from));
    }
    return made (p, vol,
                 changed (p, from, call_clone (p, vol, from, name, err)));
}

static int
call_copy (struct plugin *p, const struct hv_volume *vol, const char *image,
           struct error *err)
{
    CALL (LONG, "copy", volume_text (p, vol),
          p->storage.copy (&p->ctx, vol, image));
}

int
storage_create_on (struct plugin *p, const struct hv_volume *vol,
                   const char *image, struct error *err)
{
    struct hv_volume on = *vol;

    if (p->storage.copy) {
        return call_copy (p, vol, image, err);
    }
    on.backing = image;
    on.backing_format = "raw";
    return storage_create (p, &on, err);
}

int
storage_find (struct plugin *p, const struct hv_volume *vol, bool *found,
              struct error *err)
{
    struct hv_chain chain = { 0 };
    struct hv_volume_info info = { 0 };
    struct hv_list list = { 0 };
    struct error why = { 0 };

    *found = storage_chain (p, vol, &chain, &info, &why) == 0;
    if (*found) {
        return 0;
    }
    if (why.code != ENOENT) {
        *err = why;
        return -err->code;
    }
    if (storage_list (p, vol->options, &list, err) < 0) {
        return -err->code;
    }
    for (size_t i = 0; i < list.entries.n; i++) {
        const struct list_entry *e = list.entries.p[i];

        *found = *found || !strcmp (e->name, vol->name);
    }
    return 0;
}
