/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Per role: candidates × requirements × capabilities → the winner, and for
 * every loser the reason. */
#include "core/plan/resolve.h"

#include <errno.h>
#include <string.h>

#include "core/base/name.h"
#include "core/config/host.h"
#include "core/config/keys.h"
#include "core/config/problem.h"
#include "core/config/settings.h"
#include "core/plan/named.h"
#include "core/plan/plan-helper.h"
#include "core/provider/firmware.h"
#include "core/provider/loader.h"
#include "core/provider/network.h"
#include "core/provider/package.h"
#include "core/provider/services.h"
#include "core/provider/storage-near.h"
#include "core/provider/storage.h"

struct role *
resolve_add_role (struct hvctl *h, struct plan *plan, const char *name,
                  const char *wants)
{
    struct role *role = arena_alloc (&h->arena, sizeof *role);

    role->name = name;
    role->wants = wants;
    vec_add (&h->arena, &plan->roles, role);
    return role;
}

void
resolve_add_candidate (struct hvctl *h, struct role *role,
                       const struct plugin *p, bool serves, const char *reason)
{
    struct candidate *c = arena_alloc (&h->arena, sizeof *c);

    c->plugin = p->name;
    c->version = p->info.version ? p->info.version : "";
    c->serves = serves;
    c->reason = reason;
    vec_add (&h->arena, &role->candidates, c);
}

/* "No plugin …": names the missing kind, the package that would provide it, and
 * the broken plugins, since one of them may be the right one. */
static int
no_plugin (struct hvctl *h, const char *what, const char *prefix,
           const char *word, struct error *err)
{
    const char *broken = "";

    loader_load (h);
    for (size_t i = 0; i < h->plugins.n; i++) {
        const struct plugin *p = h->plugins.p[i];

        if (p->broken) {
            broken =
                arena_format (&h->arena, "%s; %s is installed but unusable: %s",
                              broken, p->name, p->broken);
        }
    }
    return fail (err, ENOTSUP, "no plugin in %s serves %s: %s%s",
                 name_list (&h->arena, &h->host->plugin_dirs, SIZE_MAX), what,
                 package_hint (h, prefix, word), broken);
}

/* Fails if the configuration names a provider that does not exist, even if
 * another plugin could serve it. */
static int
no_provider (struct hvctl *h, const struct hv_options *section,
             struct error *err)
{
    const char *pinned = settings_get (section, "provider"), *near;
    struct vec names = { 0 };

    if (!pinned || loader_find (h, pinned)) {
        return 0;
    }
    for (size_t i = 0; i < h->plugins.n; i++) {
        const struct plugin *p = h->plugins.p[i];

        vec_add (&h->arena, &names, p->name);
    }
    near = names.n ? name_nearest (pinned, (const char *const *)names.p) : NULL;
    return fail (err, ENOENT,
                 "%s: there is no plugin '%s': correct 'provider', or remove "
                 "it%s%s%s",
                 settings_where (&h->arena, section, "provider"), pinned,
                 near ? " (did you mean '" : "", near ? near : "",
                 near ? "'?)" : "");
}

/* Returns why a plugin is passed over: it is broken, excluded by 'provider', or
 * of another type.  Null if it is a candidate. */
static const char *
passed_over (struct hvctl *h, const struct plugin *p, const char *pinned,
             const char *serves, const char *wanted)
{
    if (p->broken) {
        return p->broken;
    }
    if (pinned && strcmp (pinned, p->name) != 0) {
        return arena_format (&h->arena, "the configuration sets provider = %s",
                             pinned);
    }
    if (strcmp (serves ? serves : "", wanted) != 0) {
        return arena_format (&h->arena, "serves %s, not %s",
                             serves ? serves : "nothing by path", wanted);
    }
    return NULL;
}

static size_t
count (const struct hv_key *keys)
{
    size_t n = 0;

    while (keys && keys[n].name) {
        n++;
    }
    return n;
}

/* The keys that are not the core's are the plugin's, and checked as soon as it
 * is known. */
int
resolve_check_section (struct hvctl *h, const struct hv_options *section,
                       const struct hv_key *theirs, struct error *err)
{
    const struct hv_key *ours =
        strcmp (section->kind, "network") == 0 ? network_keys : pool_keys;
    size_t n = count (ours), m = count (theirs);
    struct problems p = { .arena = &h->arena };
    struct hv_key *keys;

    if (section->keys) {
        return 0;
    }
    keys = arena_alloc (&h->arena, (n + m + 1) * sizeof *keys);
    memcpy (keys, ours, n * sizeof *keys);
    if (m) {
        memcpy (keys + n, theirs, m * sizeof *keys);
    }
    settings_check ((struct hv_options *)section, keys, &p);
    if (problem_fail (&p, err) < 0) {
        err->exit_code = EXIT_CONFIG;
        return -err->code;
    }
    return 0;
}

struct plugin *
resolve_storage (struct hvctl *h, const struct hv_volume *vol,
                 struct role *role, struct error *err)
{
    const char *wanted =
        vol->path ? vol->format : settings_get (vol->options, "type");
    const char *pinned =
        vol->path ? NULL : settings_get (vol->options, "provider");
    struct plugin *winner = NULL;

    loader_know (h);
    for (size_t i = 0; i < h->plugins.n; i++) {
        struct plugin *p = h->plugins.p[i];
        const char *why;

        if (!p->has_storage) {
            continue;
        }
        why = passed_over (h, p, pinned,
                           vol->path ? p->storage.format : p->storage.type,
                           wanted);
        if (!why && winner) {
            why = arena_format (&h->arena, "%s has precedence", winner->name);
        }
        if (!why && !loader_need (p)) {
            why = p->broken;
        }
        if (!why) {
            winner = p;
        }
        if (role) {
            resolve_add_candidate (h, role, p, !why,
                                   why ? why : "serves the type");
        }
    }
    if (!winner && !vol->path && no_provider (h, vol->options, err) < 0) {
        return NULL;
    }
    if (!winner) {
        no_plugin (
            h,
            arena_format (&h->arena, "%s %s",
                          vol->path ? "images of format" : "pools of type",
                          wanted),
            "storage-", wanted, err);
        return NULL;
    }
    if (vol->options
        && resolve_check_section (h, vol->options, winner->storage.keys, err)
               < 0) {
        return NULL;
    }
    return winner;
}

/* A volume is not looked for: any name does. */
struct plugin *
resolve_pool (struct hvctl *h, const struct hv_options *pool,
              struct hv_list *out, struct error *err)
{
    struct hv_volume any = { .name = "x", .pool = pool->name, .options = pool };
    struct plugin *p = resolve_storage (h, &any, NULL, err);

    return p && storage_list (p, pool, out, err) == 0 ? p : NULL;
}

int
resolve_volume (struct hvctl *h, const struct disk_def *d,
                struct hv_volume *out, struct error *err)
{
    memset (out, 0, sizeof *out);
    out->size = d->size;
    out->backing = d->backing;
    out->backing_format = d->backing_format;
    if (d->image) {
        out->name = d->name;
        out->path = d->image;
        out->format = d->format;
        return 0;
    }
    out->name = d->volume;
    out->pool = d->pool;
    out->options = host_pool (h, d->pool);
    if (!out->options) {
        host_no_such (h, &h->host->pools, "pool", d->pool, err);
        return fail_prefix (err, "%s: disk %s",
                            settings_where (&h->arena, d->section, "pool"),
                            d->name);
    }
    return name_validate ("volume", out->name, err);
}

/* Says which command creates a missing volume, if its storage can. */
static void
explain_missing (struct plan *plan, const struct plan_disk *d,
                 struct error *err)
{
    const struct disk_def *def = d->def;
    struct error refused = { 0 };

    if ((def->size || def->backing)
        && storage_check (d->plugin, &d->volume, &refused) < 0) {
        *err = refused;
        return;
    }
    if (settings_is_set (def->section, "volume")) {
        storage_near (d->plugin, &d->volume, NULL, err);
    }
    fail (err, ENOENT,
          def->size || def->backing || def->base
              ? "%s ('hvctl apply %s' creates it)"
              : "%s (with a 'size' in the definition, 'hvctl apply %s' "
                "creates it)",
          err->text, plan->def->name);
}

/* Is the volume itself missing, and not something that it needs? */
static bool
is_missing (struct plugin *p, const struct hv_volume *vol)
{
    struct error ignored = { 0 };
    bool found;

    return storage_find (p, vol, &found, &ignored) == 0 && !found;
}

int
resolve_disk (struct hvctl *h, struct plan *plan, const struct disk_def *def,
              struct error *err)
{
    struct plan_disk *d = arena_alloc (&h->arena, sizeof *d);
    struct hv_chain chain = { 0 };
    struct role *role;

    d->def = def;
    role = resolve_add_role (
        h, plan, arena_format (&h->arena, "disk %s", def->name), "");
    if (named_check_disk (h, def, false, err) < 0
        || resolve_volume (h, def, &d->volume, err) < 0) {
        return -err->code;
    }
    role->wants =
        def->image ? arena_format (&h->arena, "image format %s", def->format)
                   : arena_format (&h->arena, "pool %s of type %s", def->pool,
                                   settings_get (d->volume.options, "type"));
    d->plugin = resolve_storage (h, &d->volume, role, err);
    if (!d->plugin) {
        return fail_prefix (err, "disk %s", def->name);
    }
    role->winner = d->plugin;
    if (storage_chain (d->plugin, &d->volume, &chain, &d->info, err) < 0) {
        if (err->code == ENOENT && !def->image
            && is_missing (d->plugin, &d->volume)) {
            explain_missing (plan, d, err);
        }
        return fail_prefix (
            err, "%s: disk %s",
            settings_where (&h->arena, def->section, definition_disk_key (def)),
            def->name);
    }
    d->disk.name = def->name;
    d->disk.layers = (const struct hv_layer *const *)chain.layers.p;
    d->disk.readonly = def->readonly;
    d->disk.cdrom = def->cdrom;
    d->disk.boot = def->boot;
    d->disk.serial = def->serial;
    d->disk.wwn = def->wwn;
    d->disk.size = d->info.size;
    if (named_check_layers (h, d, err) < 0) {
        return -err->code;
    }
    vec_add (&h->arena, &plan->disks, d);
    vec_add (&h->arena, &plan->disk_views, &d->disk);
    return 0;
}

static void
fill_port (struct plan *plan, struct plan_nic *n)
{
    n->port.vm = plan->def->name;
    n->port.vm_uuid = plan->def->uuid;
    n->port.name = n->def->name;
    n->port.network = n->def->network;
    n->port.ifname = n->def->ifname;
    memcpy (n->port.mac, n->def->mac, sizeof n->port.mac);
    n->port.queues = n->def->queues;
    n->port.mtu = n->def->mtu;
    n->nic.name = n->def->name;
    memcpy (n->nic.mac, n->def->mac, sizeof n->nic.mac);
    n->nic.queues = n->def->queues;
    n->nic.boot = n->def->boot;
    n->nic.options = n->port.options;
    n->nic.forward = n->def->forward;
}

static struct plugin *
find_network (struct hvctl *h, const struct hv_options *network,
              struct role *role, struct error *err)
{
    const char *wanted = settings_get (network, "type");
    const char *pinned = settings_get (network, "provider");
    struct plugin *winner = NULL;

    loader_know (h);
    for (size_t i = 0; i < h->plugins.n; i++) {
        struct plugin *p = h->plugins.p[i];
        const char *why;

        if (!p->has_network) {
            continue;
        }
        why = passed_over (h, p, pinned, p->network.type, wanted);
        if (!why && winner) {
            why = arena_format (&h->arena, "%s has precedence", winner->name);
        }
        if (!why && !loader_need (p)) {
            why = p->broken;
        }
        winner = why ? winner : p;
        resolve_add_candidate (h, role, p, !why, why ? why : "serves the type");
    }
    if (!winner && no_provider (h, network, err) < 0) {
        return NULL;
    }
    if (!winner) {
        no_plugin (h, arena_format (&h->arena, "networks of type %s", wanted),
                   "net-", wanted, err);
        return NULL;
    }
    return resolve_check_section (h, network, winner->network.keys, err) < 0
               ? NULL
               : winner;
}

int
resolve_nic (struct hvctl *h, struct plan *plan, const struct nic_def *def,
             struct error *err)
{
    struct plan_nic *n = arena_alloc (&h->arena, sizeof *n);
    struct role *role;

    n->def = def;
    role = resolve_add_role (
        h, plan, arena_format (&h->arena, "nic %s", def->name),
        arena_format (&h->arena, "network %s", def->network));
    n->port.options = host_network (h, def->network);
    if (!n->port.options) {
        host_no_such (h, &h->host->networks, "network", def->network, err);
        return fail_prefix (err, "%s: nic %s",
                            settings_where (&h->arena, def->section, "network"),
                            def->name);
    }
    role->wants =
        arena_format (&h->arena, "network %s of type %s", def->network,
                      settings_get (n->port.options, "type"));
    fill_port (plan, n);
    n->plugin = find_network (h, n->port.options, role, err);
    if (!n->plugin) {
        return fail_prefix (err, "nic %s", def->name);
    }
    role->winner = n->plugin;
    if (network_check (n->plugin, &n->port, &n->nic, err) < 0) {
        return -err->code;
    }
    if (def->forward && n->nic.kind != HV_NIC_USER
        && n->nic.kind != HV_NIC_STREAM) {
        return fail_exit (err, EXIT_UNSUPPORTED, ENOTSUP,
                          "%s: nic %s: 'forward' is for user-mode "
                          "networks, and %s is of type %s",
                          settings_where (&h->arena, def->section, "forward"),
                          def->name, def->network,
                          settings_get (n->port.options, "type"));
    }
    if (plan_describe_helper (h, n, err) < 0) {
        return -err->code;
    }
    vec_add (&h->arena, &plan->nics, n);
    vec_add (&h->arena, &plan->nic_views, &n->nic);
    return 0;
}

int
resolve_firmware (struct hvctl *h, struct plan *plan, bool ask_all,
                  struct error *err)
{
    struct hv_firmware_want want = {
        .hypervisor = plan->hypervisor->name,
        .arch = plan->def->arch,
        .machine = plan->choice.machine,
        .uefi = true,
        .secure_boot = plan->def->secure_boot,
    };
    struct role *role =
        resolve_add_role (h, plan, "firmware",
                          want.secure_boot ? "UEFI with secure boot" : "UEFI");
    struct error last = { 0 };
    bool own = false;

    loader_know (h);
    for (size_t i = 0; i < h->plugins.n && (ask_all || !plan->firmware); i++) {
        struct plugin *p = h->plugins.p[i];
        struct hv_firmware_image image = { 0 };
        struct error why = { 0 };

        if (!p->has_firmware || !loader_need (p)) {
            continue;
        }
        if (firmware_find (p, &want, &image, &why) < 0) {
            resolve_add_candidate (h, role, p, false,
                                   arena_dup (&h->arena, why.text));
            /* The hypervisor's own firmware has priority. */
            last = own ? last : why;
            own |= p == plan->hypervisor;
        } else if (plan->firmware) {
            resolve_add_candidate (h, role, p, false,
                                   "another one has precedence");
        } else {
            resolve_add_candidate (h, role, p, true,
                                   arena_dup (&h->arena, image.code));
            plan->firmware = role->winner = p;
            plan->image = image;
        }
    }
    if (plan->firmware) {
        return 0;
    }
    if (last.code) {
        *err = last;
        return -err->code;
    }
    return no_plugin (
        h, arena_format (&h->arena, "firmware for %s", want.hypervisor),
        "firmware-", want.hypervisor, err);
}
