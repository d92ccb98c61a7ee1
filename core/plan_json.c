/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Plans and explanations as JSON.  Members come in the order in which this
 * file adds them, so the same plan gives the same bytes. */
#include <json-c/json.h>
#include <string.h>

#include "common/mac.h"
#include "core/groups.h"
#include "core/helper.h"
#include "core/plan.h"
#include "core/state.h"

static void
put (struct json_object *o, const char *key, const char *value)
{
    if (value) {
        json_object_object_add (o, key, json_object_new_string (value));
    }
}

static void
put_int (struct json_object *o, const char *key, int64_t value)
{
    json_object_object_add (o, key, json_object_new_int64 (value));
}

static void
put_bool (struct json_object *o, const char *key, bool value)
{
    json_object_object_add (o, key, json_object_new_boolean (value));
}

static struct json_object *
strings (const struct vec *v)
{
    struct json_object *a = json_object_new_array ();

    for (size_t i = 0; i < v->n; i++) {
        json_object_array_add (a, json_object_new_string (v->p[i]));
    }
    return a;
}

static struct json_object *
disks_json (const struct plan *plan)
{
    struct json_object *all = json_object_new_array ();

    for (size_t i = 0; i < plan->disks.n; i++) {
        const struct plan_disk *d = plan->disks.p[i];
        struct json_object *o = json_object_new_object ();
        struct json_object *layers = json_object_new_array ();

        put (o, "name", d->def->name);
        put (o, "plugin", d->plugin->name);
        put (o, "pool", d->volume.pool);
        put (o, "volume", d->volume.pool ? d->volume.name : NULL);
        put_int (o, "size", (int64_t)d->info.size);
        put_bool (o, "readonly", d->disk.readonly);
        put_bool (o, "cdrom", d->disk.cdrom);
        put_int (o, "boot", d->disk.boot);
        for (size_t k = 0; d->disk.layers[k]; k++) {
            struct json_object *layer = json_object_new_object ();

            put (layer, "path", d->disk.layers[k]->path);
            put (layer, "format", d->disk.layers[k]->format);
            json_object_array_add (layers, layer);
        }
        json_object_object_add (o, "layers", layers);
        json_object_array_add (all, o);
    }
    return all;
}

static struct json_object *
nics_json (const struct plan *plan)
{
    static const char *const kinds[] = { "tap", "user", "vhost-user", "pci",
                                         "stream" };
    struct json_object *all = json_object_new_array ();

    for (size_t i = 0; i < plan->nics.n; i++) {
        const struct plan_nic *n = plan->nics.p[i];
        struct json_object *o = json_object_new_object ();
        char mac[MAC_TEXT];

        put (o, "name", n->def->name);
        put (o, "plugin", n->plugin->name);
        put (o, "network", n->def->network);
        put (o, "kind", kinds[n->nic.kind]);
        put (o, "mac", format_mac (n->nic.mac, mac));
        put (o, "interface", n->nic.ifname);
        put_int (o, "queues", n->nic.queues);
        put_int (o, "mtu", n->nic.mtu);
        put_int (o, "boot", n->nic.boot);
        put (o, "why", n->nic.why);
        if (has_helper (n)) {
            json_object_object_add (
                o, "process", launch_json (n->helper.argv.p[0], &n->helper));
        }
        json_object_array_add (all, o);
    }
    return all;
}

/* Names of system calls, as often as the plugin's table has them. */
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

        put_int (o, "number", f->number);
        put (o, "kind", kinds[f->kind]);
        put (o, "name", f->name);
        if (f->kind == FD_OPEN) {
            put (o, "mode", modes[f->flags & 3]);
        } else if (f->kind == FD_PORT) {
            put_int (o, "queue", f->flags);
        }
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

        put (file, "path", f->path);
        put_bool (file, "write", f->flags & HV_RDWR);
        json_object_array_add (all, file);
    }
    return all;
}

struct json_object *
launch_json (const char *program, const struct hv_launch *l)
{
    struct json_object *o = json_object_new_object ();
    struct json_object *files = json_object_new_array ();

    put (o, "program", program);
    json_object_object_add (o, "arguments", strings (&l->argv));
    json_object_object_add (o, "descriptors", descriptors_json (l));
    for (size_t i = 0; i < l->files.n; i++) {
        const struct launch_file *f = l->files.p[i];
        struct json_object *file = json_object_new_object ();

        put (file, "path", f->path);
        put (file, "as", f->as);
        json_object_array_add (files, file);
    }
    json_object_object_add (o, "files", files);
    json_object_object_add (o, "lent", lent_json (l));
    json_object_object_add (o, "groups", strings (&l->groups));
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
    put (o, "plugin", plan->firmware->name);
    put (o, "code", plan->image.code);
    put (o, "variables", plan->image.vars);
    put (o, "template", plan->image.vars_template);
    put_bool (o, "secure_boot", plan->image.secure);
    return o;
}

struct json_object *
plan_json (struct hvctl *h, const struct plan *plan)
{
    const struct definition *def = plan->def;
    struct json_object *o = json_object_new_object ();

    put_int (o, "version", 1);
    put (o, "name", def->name);
    put (o, "uuid", def->uuid);
    put (o, "definition", def->file);
    put (o, "rundir", plan->vm.rundir);
    put (o, "hypervisor", plan->hypervisor->name);
    put (o, "arch", def->arch);
    put (o, "machine", plan->choice.machine);
    put (o, "accelerator", plan->choice.accelerator);
    put (o, "accelerator_why", plan->choice.accelerator_why);
    put (o, "cpu", plan->choice.cpu);
    put_int (o, "cpus", def->cpus);
    put_int (o, "memory", (int64_t)def->memory);
    put (o, "kernel", def->kernel);
    put (o, "initrd", def->initrd);
    put (o, "append", def->append);
    put_int (o, "stop_timeout", def->stop_timeout);
    json_object_object_add (o, "firmware", firmware_json (plan));
    json_object_object_add (o, "disks", disks_json (plan));
    json_object_object_add (o, "nics", nics_json (plan));
    json_object_object_add (o, "launch",
                            launch_json (plan->program, &plan->launch));
    return o;
}

static struct json_object *
role_json (const struct role *role)
{
    struct json_object *o = json_object_new_object ();
    struct json_object *needs = json_object_new_array ();
    struct json_object *candidates = json_object_new_array ();

    put (o, "role", role->name);
    put (o, "wants", role->wants);
    put (o, "winner", role->winner ? role->winner->name : NULL);
    put (o, "error", role->err.code ? role->err.text : NULL);
    for (size_t i = 0; i < role->requirements.n; i++) {
        const struct requirement *r = role->requirements.p[i];
        struct json_object *need = json_object_new_object ();

        put (need, "need", r->need);
        put (need, "from", r->from);
        put_int (need, "line", r->line);
        json_object_array_add (needs, need);
    }
    json_object_object_add (o, "requirements", needs);
    for (size_t i = 0; i < role->candidates.n; i++) {
        const struct candidate *c = role->candidates.p[i];
        struct json_object *candidate = json_object_new_object ();

        put (candidate, "plugin", c->plugin);
        put (candidate, "version", c->version);
        put_bool (candidate, "serves", c->serves);
        put (candidate, "reason", c->reason);
        json_object_array_add (candidates, candidate);
    }
    json_object_object_add (o, "candidates", candidates);
    return o;
}

/* The settings for other hypervisors: this one reads none of them. */
static struct json_object *
not_read_json (const struct plan *plan)
{
    struct json_object *all = json_object_new_array ();

    for (size_t i = 0; i < plan->def->plugins.n; i++) {
        const struct hv_options *s = plan->def->plugins.p[i];
        struct json_object *o;

        if (strcmp (s->name, plan->hypervisor->name) != 0) {
            o = json_object_new_object ();
            put (o, "section", s->name);
            put_int (o, "line", section_line (s));
            json_object_array_add (all, o);
        }
    }
    return all;
}

struct json_object *
explain_json (const struct plan *plan)
{
    struct json_object *o = json_object_new_object ();
    struct json_object *roles = json_object_new_array ();

    put (o, "name", plan->def->name);
    for (size_t i = 0; i < plan->roles.n; i++) {
        json_object_array_add (roles, role_json (plan->roles.p[i]));
    }
    json_object_object_add (o, "roles", roles);
    if (plan->hypervisor) {
        json_object_object_add (o, "not_read", not_read_json (plan));
        put (o, "machine", plan->choice.machine);
        put (o, "accelerator", plan->choice.accelerator);
        put (o, "accelerator_why", plan->choice.accelerator_why);
    }
    return o;
}
