/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The capabilities that a definition, with its disks and NICs resolved,
 * requires of a hypervisor: the strings of plugin.h's capabilities(). */
#include "core/plan/requirements.h"

#include <string.h>

#include "core/config/config.h"
#include "core/config/definition.h"
#include "core/config/cloud-init.h"
#include "core/config/settings.h"

static void
require (struct hvctl *h, struct role *role, const char *need, const char *from,
         const char *key, const struct hv_options *section, const char *at)
{
    struct requirement *r = arena_alloc (&h->arena, sizeof *r);

    for (size_t i = 0; i < role->requirements.n; i++) {
        if (!strcmp (((struct requirement *)role->requirements.p[i])->need,
                     need)) {
            return;
        }
    }
    r->need = need;
    r->from = from;
    r->key = key;
    r->file = section ? settings_file (section, at) : NULL;
    r->line = section ? settings_line (section, at) : 0;
    vec_add (&h->arena, &role->requirements, r);
}

static void
require_boot (struct hvctl *h, const struct definition *def, struct role *role)
{
    const struct hv_options *root = def->root;

    if (def->kernel) {
        require (h, role, "kernel", "kernel", "kernel", root, "kernel");
    } else if (def->firmware) {
        require (h, role,
                 arena_format (&h->arena, "firmware:%s", def->firmware),
                 "firmware", "firmware", root, "firmware");
    }
    if (def->secure_boot) {
        require (h, role, "secure-boot", "secure_boot", "secure_boot", root,
                 "secure_boot");
    }
}

/* A value that is not from the definition has no line in it. */
static void
require_setting (struct hvctl *h, const struct definition *def,
                 struct role *role, const char *key, const char *value)
{
    bool set = settings_is_set (def->root, key);
    const char *elsewhere =
        !strcmp (key, "arch") ? "this host" : definition_source (def, key);

    require (h, role, arena_format (&h->arena, "%s:%s", key, value),
             set ? key : elsewhere, key, set ? def->root : NULL, key);
}

static void
require_machine (struct hvctl *h, const struct definition *def,
                 struct role *role)
{
    require_setting (h, def, role, "arch", def->arch);
    if (def->machine) {
        require_setting (h, def, role, "machine", def->machine);
    }
    if (strcmp (def->accelerator, "auto") != 0) {
        require_setting (h, def, role, "accelerator", def->accelerator);
    }
    /* The default device is not a requirement. */
    if (def->rng && settings_is_set (def->root, "rng")) {
        require (h, role, "rng", "rng", "rng", def->root, "rng");
    }
    if (def->agent) {
        require (h, role, "agent", "agent", "agent", def->root, "agent");
    }
}

static void
require_of_disk (struct hvctl *h, const struct disk_def *d, struct role *role,
                 const char *need, const char *key)
{
    require (h, role, need, arena_format (&h->arena, "disk %s", d->name),
             arena_format (&h->arena, "disk.%s", key), d->section, key);
}

static void
require_disk (struct hvctl *h, const struct plan_disk *d, struct role *role)
{
    const char *which = d->def->image ? "format" : "pool";

    for (size_t i = 0; d->disk.layers[i]; i++) {
        require_of_disk (
            h, d->def, role,
            arena_format (&h->arena, "disk:%s", d->disk.layers[i]->format),
            which);
    }
    if (d->disk.layers[0] && d->disk.layers[1]) {
        require_of_disk (h, d->def, role, "overlay", which);
    }
    if (d->disk.cdrom) {
        require_of_disk (h, d->def, role, "cdrom", "cdrom");
    } else if (d->disk.readonly) {
        require_of_disk (h, d->def, role, "readonly", "readonly");
    }
    if (d->disk.boot) {
        require_of_disk (h, d->def, role, "boot-order", "boot");
    }
}

static void
require_seed (struct hvctl *h, const struct cloud_init *c, struct role *role)
{
    require (h, role, "disk:raw", "cloud_init", "cloud_init", c->section, NULL);
    require (h, role, "readonly", "cloud_init", "cloud_init", c->section, NULL);
}

static void
require_of_nic (struct hvctl *h, const struct nic_def *n, struct role *role,
                const char *need, const char *key)
{
    require (h, role, need, arena_format (&h->arena, "nic %s", n->name),
             arena_format (&h->arena, "nic.%s", key), n->section, key);
}

static void
require_nic (struct hvctl *h, const struct plan_nic *n, struct role *role)
{
    static const char *const kinds[] = { "nic:tap", "nic:user",
                                         "nic:vhost-user", "nic:pci",
                                         "nic:stream" };

    require_of_nic (h, n->def, role, kinds[n->nic.kind], "network");
    if (n->nic.queues > 1) {
        require_of_nic (h, n->def, role, "multiqueue", "queues");
    }
    if (n->nic.boot) {
        require_of_nic (h, n->def, role, "boot-order", "boot");
    }
}

void
requirements_gather (struct hvctl *h, const struct plan *plan,
                     struct role *role)
{
    require_machine (h, plan->def, role);
    require_boot (h, plan->def, role);
    for (size_t i = 0; i < plan->disks.n; i++) {
        require_disk (h, plan->disks.p[i], role);
    }
    if (plan->seed) {
        require_seed (h, plan->def->cloud_init, role);
    }
    for (size_t i = 0; i < plan->nics.n; i++) {
        require_nic (h, plan->nics.p[i], role);
    }
}
