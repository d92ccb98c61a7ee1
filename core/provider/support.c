/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/provider/support.h"

#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/size.h"
#include "core/config/config.h"
#include "core/config/keys.h"

/* Keys that need no support of a hypervisor. */
static const struct hv_support ours[] = {
    { "identity", HV_EMULATED, "hvctl derives what is not set" },
    { "identity_base", HV_EMULATED, "hvctl derives MAC addresses from it" },
    { "templates", HV_EMULATED, "hvctl merges them with the definition" },
    { "count", HV_EMULATED, "hvctl defines so many VMs, each as if by itself" },
    { "first", HV_EMULATED, "hvctl counts them from this number on" },
    { "hypervisor", HV_EMULATED, "hvctl chooses the plugin" },
    { "stop_timeout", HV_EMULATED,
      "hvctl stop waits this long before it forces the VM off" },
    { "description", HV_EMULATED, "hvctl list shows it" },
    { "autostart", HV_EMULATED, "hvctl start --autostart starts the VM" },
    { "start_order", HV_EMULATED,
      "hvctl start --autostart begins with the lowest number" },
    { "start_delay", HV_EMULATED,
      "hvctl start --autostart waits before the next number" },
    { "disk.pool", HV_HONOURED, NULL },
    { "disk.volume", HV_HONOURED, NULL },
    { "disk.size", HV_EMULATED, "a new volume gets this size" },
    { "disk.backing", HV_EMULATED, "a new volume gets this backing file" },
    { "disk.backing_format", HV_EMULATED,
      "a new volume gets a backing file of this format" },
    { "cloud_init.user", HV_EMULATED, "in the user-data that hvctl writes" },
    { "cloud_init.ssh_keys", HV_EMULATED, "in the meta-data" },
    { "cloud_init.password_hash", HV_EMULATED, "in the user-data" },
    { "cloud_init.hostname", HV_EMULATED, "in the meta-data" },
    { "cloud_init.instance_id", HV_EMULATED, "in the meta-data" },
    { "cloud_init.user_data", HV_EMULATED, "a copy on a disk of hvctl's" },
    { "cloud_init.meta_data", HV_EMULATED, "a copy on a disk of hvctl's" },
    { "cloud_init.network_config", HV_EMULATED, "a copy on a disk of hvctl's" },
    { "cloud_init.seed", HV_HONOURED, "a read-only disk" },
    { "nic.address", HV_EMULATED, "hvctl derives the MAC address from it" },
    { NULL, HV_HONOURED, NULL },
};

/* For a plugin without a table: the capability that a key needs.  One that ends
 * in a colon has values, of which one is enough. */
static const struct {
    const char *key, *capability;
} needs[] = {
    { "arch", "arch:" },
    { "machine", "machine:" },
    { "accelerator", "accelerator:" },
    { "firmware", "firmware:" },
    { "secure_boot", "secure-boot" },
    { "kernel", "kernel" },
    { "initrd", "kernel" },
    { "append", "kernel" },
    { "rng", "rng" },
    { "agent", "agent" },
    { "disk.image", "disk:" },
    { "disk.format", "disk:" },
    { "disk.cdrom", "cdrom" },
    { "disk.readonly", "readonly" },
    { "disk.boot", "boot-order" },
    { "nic.network", "nic:" },
    { "nic.queues", "multiqueue" },
    { "nic.boot", "boot-order" },
    { "nic.forward", "nic:user" },
};

static const struct {
    const char *prefix;
    const struct hv_key *keys;
} sections[] = { { "", vm_keys },
                 { "disk.", disk_keys },
                 { "nic.", nic_keys },
                 { "cloud_init.", cloud_init_keys } };

static const struct hv_support *
find (const struct hv_support *table, const char *key)
{
    for (; table && table->key; table++) {
        if (!strcmp (table->key, key)) {
            return table;
        }
    }
    return NULL;
}

static void
add (struct hvctl *h, struct vec *out, const char *key, unsigned how,
     const char *text)
{
    static const char *const words[] = { "honoured", "emulated", "refused",
                                         "unstated" };
    struct key_support *k = arena_alloc (&h->arena, sizeof *k);

    k->key = key;
    k->how = words[how < ARRAY_SIZE (words) ? how : SUPPORT_UNSTATED];
    k->text = text;
    vec_add (&h->arena, out, k);
}

/* Returns the values of a capability such as "machine:", or "" for a capability
 * without values; null if it is missing. */
static const char *
capable (struct hvctl *h, const struct hv_list *have, const char *capability)
{
    size_t len = strlen (capability);
    bool values = capability[len - 1] == ':';
    const char *list = NULL;

    for (size_t i = 0; i < have->entries.n; i++) {
        const char *name = ((struct list_entry *)have->entries.p[i])->name;

        if (!values && !strcmp (name, capability)) {
            return "";
        }
        if (values && !strncmp (name, capability, len)) {
            list = list ? arena_format (&h->arena, "%s, %s", list, name + len)
                        : name + len;
        }
    }
    return list;
}

static void
judge (struct hvctl *h, const struct hv_list *have, const char *key,
       struct vec *out)
{
    for (size_t i = 0; have && i < ARRAY_SIZE (needs); i++) {
        const char *values;

        if (strcmp (needs[i].key, key) != 0) {
            continue;
        }
        values = capable (h, have, needs[i].capability);
        if (!values) {
            add (h, out, key, HV_REFUSED,
                 arena_format (&h->arena,
                               "it does not list the capability '%s'",
                               needs[i].capability));
        } else {
            add (h, out, key, HV_HONOURED, *values ? values : NULL);
        }
        return;
    }
    add (h, out, key, SUPPORT_UNSTATED, NULL);
}

void
support_list (struct hvctl *h, const struct plugin *p,
              const struct hv_list *have, struct vec *out)
{
    for (size_t i = 0; i < ARRAY_SIZE (sections); i++) {
        for (const struct hv_key *k = sections[i].keys; k->name; k++) {
            const char *key =
                arena_format (&h->arena, "%s%s", sections[i].prefix, k->name);
            const struct hv_support *s = find (ours, key);

            s = s ? s : find (p->hypervisor.support, key);
            if (s) {
                add (h, out, key, s->how, s->text);
            } else if (p->hypervisor.support) {
                add (h, out, key, SUPPORT_UNSTATED, NULL);
            } else {
                judge (h, have, key, out);
            }
        }
    }
    for (const struct hv_key *k = p->hypervisor.keys; k && k->name; k++) {
        add (h, out, arena_format (&h->arena, "plugin.%s", k->name),
             HV_HONOURED, k->summary);
    }
}

const char *
support_text (const struct plugin *p, const char *key)
{
    const struct hv_support *s = find (p->hypervisor.support, key);

    return s ? s->text : NULL;
}

bool
support_refuses (const struct plugin *p, const char *key)
{
    const struct hv_support *s = find (p->hypervisor.support, key);

    return s && s->how == HV_REFUSED;
}

/* Is the value the same as the default? */
static bool
is_default (const struct hv_key *key, const char *value)
{
    uint64_t n, default_n;
    bool b, default_b;

    if (!key->fallback) {
        return false;
    }
    switch (key->type) {
    case HV_BOOL:
        return parse_bool (value, &b) && parse_bool (key->fallback, &default_b)
               && b == default_b;
    case HV_UINT:
        return parse_uint (value, &n) && parse_uint (key->fallback, &default_n)
               && n == default_n;
    case HV_SIZE:
        return parse_size (value, &n) && parse_size (key->fallback, &default_n)
               && n == default_n;
    default:
        return !strcmp (value, key->fallback);
    }
}

/* Appends the refused keys of one section to 'refused' (or null). */
static const char *
refused_keys (struct hvctl *h, const struct hv_options *s, const char *prefix,
              const struct plugin *p, const char *refused)
{
    for (size_t i = 0; i < s->n_settings; i++) {
        const struct setting *set = &s->settings[i];
        const char *key = arena_format (&h->arena, "%s%s", prefix, set->key);
        const struct hv_support *found = find (p->hypervisor.support, key);
        const struct hv_key *k = s->keys;

        while (k && k->name && strcmp (k->name, set->key) != 0) {
            k++;
        }
        if (!found || found->how != HV_REFUSED || !k || !k->name
            || is_default (k, set->value)) {
            continue;
        }
        refused = arena_format (
            &h->arena, "%s%s%s:%d: %s refuses %s%s%s%s%s = %s: %s",
            refused ? refused : "", refused ? "; " : "", set->file, set->line,
            p->name, s->kind ? s->kind : "", s->kind ? " " : "",
            s->kind ? s->name : "", s->kind ? ": " : "", set->key, set->value,
            found->text ? found->text : "not supported");
    }
    return refused;
}

int
support_check (struct hvctl *h, const struct definition *def,
               const struct plugin *p, struct error *err)
{
    const char *refused;

    if (!p->hypervisor.support) {
        return 0;
    }
    refused = refused_keys (h, def->root, "", p, NULL);
    for (size_t i = 0; i < def->disks.n; i++) {
        const struct disk_def *d = def->disks.p[i];

        refused = refused_keys (h, d->section, "disk.", p, refused);
    }
    for (size_t i = 0; i < def->nics.n; i++) {
        const struct nic_def *n = def->nics.p[i];

        refused = refused_keys (h, n->section, "nic.", p, refused);
    }
    return refused ? fail (err, ENOTSUP, "%s", refused) : 0;
}
