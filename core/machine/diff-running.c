/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/diff-running.h"

#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/member.h"
#include "common/size.h"
#include "core/config/config.h"
#include "core/config/settings.h"
#include "core/machine/counters.h"
#include "core/machine/diff-refused.h"
#include "core/machine/running.h"
#include "core/machine/target.h"
#include "core/plan/plan-diff.h"
#include "core/plan/plan-json.h"
#include "core/plan/resolve.h"
#include "core/provider/hypervisor.h"
#include "core/provider/support.h"

/* One comparison. */
struct view {
    struct hvctl *h;
    struct diff *d;
    struct target t;
    struct running running;
    const struct plan *plan;
    struct json_object *will;
};

/* -------------------------------------------------- What the guest has */

/* A device that the record does not have: nothing but its name is known. */
static void
add_disk_of_guest (struct json_object *disks, const char *name)
{
    struct json_object *o = json_object_new_object ();

    json_put_text (o, "name", name);
    json_object_array_add (disks, o);
}

/* Asks the hypervisor for its disks: a guest may have released one, and one may
 * have been attached that was not recorded.  A hypervisor that cannot tell, or
 * does not answer now, has those that were recorded. */
static void
ask_guest (struct view *v)
{
    struct arena *a = &v->h->arena;
    struct json_object *had =
        json_member (v->running.plan, "disks", json_type_array);
    struct json_object *has = json_object_new_array ();
    struct hv_list counters = { 0 };
    struct error ignored = { 0 };
    struct vec names = { 0 };

    if (hypervisor_counters (v->t.plugin, &v->t.vm, &counters, &ignored) == 0) {
        counters_disks (a, &counters, &names);
    }
    if (!names.n) {
        json_object_put (has);
        return;
    }
    for (size_t i = 0; i < json_array_size (had); i++) {
        struct json_object *o = json_object_array_get_idx (had, i);

        if (vec_has (&names, json_member_text (o, "name"))) {
            json_object_array_add (has, json_object_get (o));
        }
    }
    for (size_t i = 0; i < names.n; i++) {
        if (!plan_diff_device (v->running.plan, "disks", names.p[i])) {
            add_disk_of_guest (has, names.p[i]);
        }
    }
    json_object_object_add (v->running.plan, "disks", has);
}

/* The disks that have no volume yet are a part of the plan, too. */
static int
add_unmade (struct view *v, const struct vec *unmade, struct error *err)
{
    struct json_object *disks = json_member (v->will, "disks", json_type_array);

    for (size_t i = 0; i < unmade->n; i++) {
        struct plan_disk d = { .def = unmade->p[i] };

        if (resolve_volume (v->h, d.def, &d.volume, err) < 0) {
            return -err->code;
        }
        d.plugin = resolve_storage (v->h, &d.volume, NULL, err);
        if (!d.plugin) {
            return -err->code;
        }
        json_object_array_add (disks, plan_json_disk (&v->h->arena, &d));
    }
    return 0;
}

/* ------------------------------------------------------- When, and why */

/* A limit that the VM was started with, by its plugin's section; 0: it has
 * none. */
static uint64_t
started_limit (const struct view *v, const char *key)
{
    struct json_object *list =
        json_member (v->running.plan, "settings", json_type_array);
    size_t len = strlen (key);
    uint64_t n = 0;

    for (size_t i = 0; i < json_array_size (list); i++) {
        const char *text =
            json_object_get_string (json_object_array_get_idx (list, i));

        if (!strncmp (text, key, len) && text[len] == '=') {
            parse_size (text + len + 1, &n);
        }
    }
    return n;
}

/* Does the plugin have such a key?  Otherwise its limits are not known. */
static bool
has_key (const struct view *v, const char *key)
{
    const struct hv_options *s = v->plan->vm.options;

    for (const struct hv_key *k = s ? s->keys : NULL; k && k->name; k++) {
        if (!strcmp (k->name, key)) {
            return true;
        }
    }
    return false;
}

static void
check_resize (struct view *v, struct diff_line *l)
{
    bool cpus = !strcmp (l->key, "cpus");
    uint64_t base = cpus ? v->running.cpus : v->running.memory;
    const char *key = cpus ? "max_cpus" : "max_memory";
    uint64_t most = started_limit (v, key);
    struct error err = { 0 };

    l->step = STEP_RESIZE;
    l->size = cpus ? v->d->def->cpus : v->d->def->memory;
    if (hypervisor_can_resize (v->t.plugin, &err) < 0) {
        l->why = arena_dup (&v->h->arena, err.text);
    } else if (has_key (v, key) && l->size > (most > base ? most : base)) {
        l->why = arena_format (&v->h->arena,
                               "it was started without room for that: '%s' in "
                               "its section 'plugin %s' makes room",
                               key, v->t.plugin->name);
    } else if (has_key (v, key) && l->size < base) {
        l->why = "it cannot have less than at its start";
    }
    l->when = l->why ? DIFF_AT_START : DIFF_NOW;
}

/* Returns whether a NIC of that kind can be attached to a running VM. */
static bool
is_pluggable (struct json_object *nic)
{
    const char *kind = json_member_text (nic, "kind");

    return !strcmp (kind, "tap") || !strcmp (kind, "user")
           || !strcmp (kind, "stream");
}

static void
check_device (struct view *v, struct diff_line *l, bool added)
{
    bool disk = !strncmp (l->item, "disk ", 5);
    struct json_object *o = plan_diff_device (added ? v->will : v->running.plan,
                                              disk ? "disks" : "nics", l->name);
    struct error err = { 0 };

    l->step = disk ? (added ? STEP_ATTACH_DISK : STEP_DETACH_DISK)
                   : (added ? STEP_ATTACH_NIC : STEP_DETACH_NIC);
    if ((disk ? hypervisor_can_attach_disk (v->t.plugin, &err)
              : hypervisor_can_attach_nic (v->t.plugin, &err))
        < 0) {
        l->why = arena_dup (&v->h->arena, err.text);
    } else if (disk && json_member_flag (o, "cdrom")) {
        l->why = "a CD-ROM drive cannot be attached or detached while the VM "
                 "is running";
    } else if (!disk && added && !is_pluggable (o)) {
        l->why = "such a NIC cannot be attached while the VM is running";
    } else if (added
               && support_check (v->h, v->d->def, v->t.plugin, &err) < 0) {
        l->why = arena_dup (&v->h->arena, err.text);
    }
    l->when = l->why ? DIFF_AT_START : DIFF_NOW;
}

/* A disk without a volume cannot be attached. */
static void
check_volume (struct view *v, struct diff_line *l)
{
    for (size_t i = 0; l->step == STEP_ATTACH_DISK && i < v->d->lines.n; i++) {
        const struct diff_line *other = v->d->lines.p[i];

        if (other->step == STEP_CREATE && other->when == DIFF_IMPOSSIBLE
            && !strcmp (other->name, l->name)) {
            l->when = DIFF_IMPOSSIBLE;
            l->why = "its volume cannot be created";
        }
    }
}

static void
check_refused (struct view *v, struct diff_line *l)
{
    if (l->when == DIFF_NOW
        && vec_has (&v->running.refused, diff_change_name (&v->h->arena, l))) {
        l->when = DIFF_AT_START;
        l->why = "its hypervisor has refused it while the VM is running";
    }
}

/* A volume that the guest has, and its pool does not, was moved, or the pool
 * was: an empty one in its place would be no help. */
static void
check_created (struct view *v, struct diff_line *l)
{
    struct arena *a = &v->h->arena;
    struct json_object *has =
        plan_diff_device (v->running.plan, "disks", l->name);
    struct json_object *will = plan_diff_device (v->will, "disks", l->name);
    const char *source = has ? plan_diff_source (a, has) : NULL;

    if (l->step == STEP_CREATE && source
        && !strcmp (source, plan_diff_source (a, will))) {
        l->when = DIFF_IMPOSSIBLE;
        l->why = "the running guest has it, and it is no longer in its pool";
    }
}

/* ---------------------------------------------------------------- Lines */

static void
add_line (struct view *v, const struct plan_difference *p)
{
    struct arena *a = &v->h->arena;
    const char *item =
        p->object ? arena_format (a, "%s %s", p->part, p->object) : NULL;
    struct diff_line *l = diff_add (v->h, v->d, item, p->key);

    l->of = p->of;
    if (p->of) {
        l->what = arena_format (a, "%s%s%s %s", item ? item : "",
                                item ? ": " : "", p->of, p->key);
    }
    l->from = p->from;
    l->to = p->to;
    l->where = p->where;
    l->name = p->object;
    l->when = p->how == PLAN_NEVER ? DIFF_IMPOSSIBLE : DIFF_AT_START;
    if (p->how == PLAN_NEVER) {
        l->why = "it was chosen when the volume was created";
    } else if (p->how == PLAN_RESIZED) {
        check_resize (v, l);
    } else if (p->object && !p->key) {
        check_device (v, l, p->to != NULL);
    }
    check_refused (v, l);
    check_volume (v, l);
}

static int
compare (struct view *v, const struct vec *unmade, struct error *err)
{
    struct vec all = { 0 };

    if (add_unmade (v, unmade, err) < 0) {
        return -err->code;
    }
    for (size_t i = 0; i < v->d->lines.n; i++) {
        check_created (v, v->d->lines.p[i]);
    }
    ask_guest (v);
    plan_diff (v->h, v->running.plan, v->will, v->d->def, &all);
    for (size_t i = 0; i < all.n; i++) {
        add_line (v, all.p[i]);
    }
    diff_refused (v->h, v->d, &v->t, v->plan);
    return 0;
}

int
diff_running (struct hvctl *h, struct diff *d, struct plan *plan,
              const struct vec *unmade, struct error *err)
{
    struct view v = { .h = h, .d = d, .plan = plan };
    int rc;

    if (target_find (h, d->def->name, &v.t, err) < 0) {
        return -err->code;
    }
    if (!running_read (h, &v.t.state, &v.running)) {
        close_fd (v.t.pidfd);
        return fail (err, EIO,
                     "the plan that it was started from is lost: what its "
                     "definition changes is known after its next start");
    }
    v.will = plan_json (h, plan);
    rc = compare (&v, unmade, err);
    json_object_put (v.will);
    json_object_put (v.running.plan);
    close_fd (v.t.pidfd);
    return rc;
}
