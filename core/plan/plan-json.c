/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Plans and explanations as JSON.  Members come in the order in which this
 * file adds them, so the same plan gives the same bytes. */
#include "core/plan/plan-json.h"

#include <json-c/json.h>
#include <string.h>

#include "common/mac.h"
#include "common/member.h"
#include "core/base/json.h"
#include "core/config/config.h"
#include "core/config/definition.h"
#include "core/config/identity.h"
#include "core/plan/plan-helper.h"
#include "core/plan/plan-settings.h"
#include "core/plan/seed.h"
#include "core/sandbox/groups.h"

struct json_object *
plan_json_disk (struct arena *a, const struct plan_disk *d)
{
    struct json_object *o = json_object_new_object ();
    struct json_object *layers = json_object_new_array ();
    char wwn[WWN_TEXT];

    json_put_text_or_null (o, "name", d->def->name);
    json_put_text_or_null (o, "plugin", d->plugin ? d->plugin->name : NULL);
    json_put_text_or_null (o, "pool", d->volume.pool);
    json_put_text_or_null (o, "volume", d->volume.pool ? d->volume.name : NULL);
    json_put_number (o, "size", (int64_t)d->info.size);
    json_put_flag (o, "readonly", d->def->readonly);
    json_put_flag (o, "cdrom", d->def->cdrom);
    json_put_number (o, "boot", d->def->boot);
    json_put_text_or_null (o, "serial", d->disk.serial);
    json_put_text_or_null (
        o, "wwn", d->disk.wwn ? identity_format_wwn (d->disk.wwn, wwn) : NULL);
    json_put_text_or_null (o, "backing", d->def->backing);
    json_put_text_or_null (o, "backing_format", d->def->backing_format);
    json_object_object_add (o, "settings",
                            plan_settings_json (a, d->volume.options));
    for (size_t k = 0; d->disk.layers && d->disk.layers[k]; k++) {
        struct json_object *layer = json_object_new_object ();

        json_put_text_or_null (layer, "path", d->disk.layers[k]->path);
        json_put_text_or_null (layer, "format", d->disk.layers[k]->format);
        json_object_array_add (layers, layer);
    }
    json_object_object_add (o, "layers", layers);
    return o;
}

static struct json_object *
disks_json (struct hvctl *h, const struct plan *plan)
{
    struct json_object *all = json_object_new_array ();

    for (size_t i = 0; i < plan->disks.n; i++) {
        json_object_array_add (all,
                               plan_json_disk (&h->arena, plan->disks.p[i]));
    }
    return all;
}

struct json_object *
plan_json_nic (struct arena *a, const struct plan_nic *n)
{
    static const char *const kinds[] = { "tap", "user", "vhost-user", "pci",
                                         "stream" };
    struct json_object *o = json_object_new_object ();
    char mac[MAC_TEXT];

    json_put_text_or_null (o, "name", n->def->name);
    json_put_text_or_null (o, "plugin", n->plugin->name);
    json_put_text_or_null (o, "network", n->def->network);
    json_put_text_or_null (o, "kind", kinds[n->nic.kind]);
    json_put_text_or_null (o, "mac", format_mac (n->nic.mac, mac));
    json_put_text_or_null (o, "interface", n->nic.ifname);
    json_put_number (o, "queues", n->nic.queues);
    json_put_number (o, "mtu", n->nic.mtu);
    json_put_number (o, "boot", n->nic.boot);
    json_put_text_or_null (o, "forward", n->def->forward);
    json_object_object_add (o, "settings",
                            plan_settings_json (a, n->port.options));
    json_put_text_or_null (o, "why", n->nic.why);
    json_object_object_add (
        o, "process",
        plan_has_helper (n) ? plan_json_launch (n->helper.argv.p[0], &n->helper)
                            : NULL);
    return o;
}

static struct json_object *
nics_json (struct hvctl *h, const struct plan *plan)
{
    struct json_object *all = json_object_new_array ();

    for (size_t i = 0; i < plan->nics.n; i++) {
        json_object_array_add (all, plan_json_nic (&h->arena, plan->nics.p[i]));
    }
    return all;
}

/* Names of system calls, with the repetitions of the plugin's table. */
static struct json_object *
own_calls (const struct vec *rules)
{
    struct json_object *a = json_object_new_array ();

    for (size_t i = 0; i < rules->n; i++) {
        const struct call_rule *rule = rules->p[i];

        json_object_array_add (a, json_object_new_string (rule->name));
    }
    return a;
}

static struct json_object *
descriptors_json (const struct hv_launch *l)
{
    static const char *const kinds[] = { "open", "listen", "log", "port" };
    static const char *const modes[] = { "read", "read-write", "append" };
    struct json_object *all = json_object_new_array ();

    for (size_t i = 0; i < l->fds.n; i++) {
        const struct launch_fd *f = l->fds.p[i];
        struct json_object *o = json_object_new_object ();

        json_put_number (o, "number", f->number);
        json_put_text_or_null (o, "kind", kinds[f->kind]);
        json_put_text_or_null (o, "name", f->name);
        json_put_text_or_null (o, "mode",
                               f->kind == FD_OPEN ? modes[f->flags & 3] : NULL);
        json_put_number_or_null (o, "queue", f->kind == FD_PORT, f->flags);
        json_object_array_add (all, o);
    }
    return all;
}

static struct json_object *
lent_json (const struct hv_launch *l)
{
    struct json_object *all = json_object_new_array ();

    for (size_t i = 0; i < l->lent.n; i++) {
        const struct launch_lent *f = l->lent.p[i];
        struct json_object *file = json_object_new_object ();

        json_put_text_or_null (file, "path", f->path);
        json_put_flag (file, "write", f->flags & HV_RDWR);
        json_object_array_add (all, file);
    }
    return all;
}

struct json_object *
plan_json_launch (const char *program, const struct hv_launch *l)
{
    struct json_object *o = json_object_new_object ();
    struct json_object *files = json_object_new_array ();

    json_put_text_or_null (o, "program", program);
    json_object_object_add (o, "arguments", json_texts (&l->argv));
    json_object_object_add (o, "descriptors", descriptors_json (l));
    for (size_t i = 0; i < l->files.n; i++) {
        const struct launch_file *f = l->files.p[i];
        struct json_object *file = json_object_new_object ();

        json_put_text_or_null (file, "path", f->path);
        json_put_text_or_null (file, "as", f->as);
        json_object_array_add (files, file);
    }
    json_object_object_add (o, "files", files);
    json_object_object_add (o, "lent", lent_json (l));
    json_object_object_add (o, "groups", json_texts (&l->groups));
    json_object_object_add (o, "own_calls", own_calls (&l->calls));
    return o;
}

static struct json_object *
firmware_json (const struct plan *plan)
{
    struct json_object *o;

    if (!plan->firmware) {
        return NULL;
    }
    o = json_object_new_object ();
    json_put_text_or_null (o, "plugin", plan->firmware->name);
    json_put_text_or_null (o, "code", plan->image.code);
    json_put_text_or_null (o, "variables", plan->image.vars);
    json_put_text_or_null (o, "template", plan->image.vars_template);
    json_put_flag (o, "secure_boot", plan->image.secure);
    return o;
}

struct json_object *
plan_json (struct hvctl *h, const struct plan *plan)
{
    const struct definition *def = plan->def;
    struct json_object *o = json_object_new_object ();

    json_put_number (o, "version", 1);
    json_put_text_or_null (o, "name", def->name);
    json_put_text_or_null (o, "uuid", def->uuid);
    json_put_text_or_null (o, "definition", def->file);
    json_put_text_or_null (o, "rundir", plan->vm.rundir);
    json_put_text_or_null (o, "hypervisor", plan->hypervisor->name);
    json_put_text_or_null (o, "arch", def->arch);
    json_put_text_or_null (o, "machine", plan->choice.machine);
    json_put_text_or_null (o, "accelerator", plan->choice.accelerator);
    json_put_text_or_null (o, "accelerator_why", plan->choice.accelerator_why);
    json_put_text_or_null (o, "cpu", plan->choice.cpu);
    json_put_number (o, "cpus", def->cpus);
    json_put_number (o, "memory", (int64_t)def->memory);
    json_put_text_or_null (o, "kernel", def->kernel);
    json_put_text_or_null (o, "initrd", def->initrd);
    json_put_text_or_null (o, "append", def->append);
    json_put_flag (o, "rng", def->rng);
    json_put_flag (o, "agent", def->agent);
    json_put_number (o, "stop_timeout", def->stop_timeout);
    json_put_text_or_null (o, "saved", def->saved);
    json_object_object_add (o, "settings",
                            plan_settings_json (&h->arena, plan->vm.options));
    json_object_object_add (o, "firmware", firmware_json (plan));
    json_object_object_add (o, "cloud_init", seed_json (plan));
    json_object_object_add (o, "disks", disks_json (h, plan));
    json_object_object_add (o, "nics", nics_json (h, plan));
    json_object_object_add (o, "launch",
                            plan_json_launch (plan->program, &plan->launch));
    return o;
}

static struct json_object *
role_json (const struct role *role)
{
    struct json_object *o = json_object_new_object ();
    struct json_object *needs = json_object_new_array ();
    struct json_object *candidates = json_object_new_array ();

    json_put_text_or_null (o, "role", role->name);
    json_put_text_or_null (o, "wants", role->wants);
    json_put_text_or_null (o, "winner",
                           role->winner ? role->winner->name : NULL);
    json_put_text_or_null (o, "error", role->err.code ? role->err.text : NULL);
    for (size_t i = 0; i < role->requirements.n; i++) {
        const struct requirement *r = role->requirements.p[i];
        struct json_object *need = json_object_new_object ();

        json_put_text_or_null (need, "need", r->need);
        json_put_text_or_null (need, "from", r->from);
        json_put_text_or_null (need, "file", r->file);
        json_put_number_or_null (need, "line", r->line > 0, r->line);
        json_object_array_add (needs, need);
    }
    json_object_object_add (o, "requirements", needs);
    for (size_t i = 0; i < role->candidates.n; i++) {
        const struct candidate *c = role->candidates.p[i];
        struct json_object *candidate = json_object_new_object ();

        json_put_text_or_null (candidate, "plugin", c->plugin);
        json_put_text_or_null (candidate, "version", c->version);
        json_put_flag (candidate, "serves", c->serves);
        json_put_text_or_null (candidate, "reason", c->reason);
        json_object_array_add (candidates, candidate);
    }
    json_object_object_add (o, "candidates", candidates);
    return o;
}

/* Settings for other hypervisors, which this one ignores. */
static struct json_object *
not_read_json (const struct plan *plan)
{
    struct json_object *all = json_object_new_array ();

    for (size_t i = 0; plan->hypervisor && i < plan->def->plugins.n; i++) {
        const struct hv_options *s = plan->def->plugins.p[i];
        struct json_object *o;

        if (strcmp (s->name, plan->hypervisor->name) != 0) {
            o = json_object_new_object ();
            json_put_text_or_null (o, "section", s->name);
            json_put_text_or_null (o, "file", s->file);
            json_put_number (o, "line", s->line);
            json_object_array_add (all, o);
        }
    }
    return all;
}

struct json_object *
plan_json_explain (const struct plan *plan)
{
    struct json_object *o = json_object_new_object ();
    struct json_object *roles = json_object_new_array ();

    json_put_text_or_null (o, "name", plan->def->name);
    for (size_t i = 0; i < plan->roles.n; i++) {
        json_object_array_add (roles, role_json (plan->roles.p[i]));
    }
    json_object_object_add (o, "roles", roles);
    json_object_object_add (o, "not_read", not_read_json (plan));
    json_put_text_or_null (o, "machine", plan->choice.machine);
    json_put_text_or_null (o, "accelerator", plan->choice.accelerator);
    json_put_text_or_null (o, "accelerator_why", plan->choice.accelerator_why);
    return o;
}
