/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* status: a VM in full, with its hypervisor's answer. */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/cli.h"
#include "cli/addresses.h"
#include "common/mac.h"
#include "common/member.h"
#include "core/base/arena.h"
#include "core/base/output.h"
#include "core/base/process.h"
#include "core/base/vec.h"
#include "core/config/definition-find.h"
#include "core/config/definition.h"
#include "core/config/settings.h"
#include "core/machine/counters.h"
#include "core/machine/recover.h"
#include "core/machine/status.h"
#include "core/machine/tend.h"
#include "core/state/ending.h"
#include "core/state/journal.h"
#include "core/state/state-run.h"
#include "core/state/state.h"

static void
line (const char *key, const char *value)
{
    if (value) {
        out ("  %-12s %s\n", key, value);
    }
}

/* A remark about its supervisor, or null. */
static const char *
watched_by (struct cli *c, const struct vm_state *s)
{
    uint64_t start_time;
    pid_t pid;
    int why;

    if (!s->hypervisor) {
        return NULL; /* Its lock is lost, too. */
    }
    if (s->run <= RUN_STARTING || !tend_lacks_supervisor (&c->h, s)) {
        pid = state_supervisor (&c->h, s->name, &why);
        start_time = pid > 0 ? process_start_time (pid) : 0;
        return process_is_stopped (pid, start_time)
                   ? arena_format (&c->h.arena,
                                   "process %d is suspended: the VM's logs are "
                                   "not rotated, and its exit is not recorded",
                                   (int)pid)
                   : NULL;
    }
    return "none, so the VM's logs are not rotated, and its exit is not "
           "recorded: the next command that makes a change starts one";
}

static void
status_running (struct cli *c, const struct vm_state *s)
{
    line ("hypervisor",
          s->hypervisor ? arena_format (&c->h.arena, "%s (%s)", s->hypervisor,
                                        s->program ? s->program : "?")
                        : NULL);
    line ("machine", s->machine);
    line ("accelerator", s->accelerator && s->accelerator_why
                             ? arena_format (&c->h.arena, "%s: %s",
                                             s->accelerator, s->accelerator_why)
                             : s->accelerator);
    line ("cpus", s->cpus ? arena_format (&c->h.arena, "%u", s->cpus) : NULL);
    line ("memory", s->memory ? table_size (c, s->memory) : NULL);
    line ("process", arena_format (&c->h.arena, "%d", (int)s->pid));
    line ("supervisor", watched_by (c, s));
    line ("since", s->started ? arena_format (
                       &c->h.arena, "%s (%s)",
                       arena_time (&c->h.arena, ARENA_TIME, s->started),
                       table_uptime (c, s->started))
                              : NULL);
    line ("sandbox",
          s->weaker ? arena_format (
              &c->h.arena, "%s: %s",
              state_sandbox_text (s->sandbox ? s->sandbox : "weaker"),
              s->weaker)
          : s->hypervisor ? "full"
                          : NULL);
}

static void
status_json (struct json_object *o, const struct vm_state *s,
             const struct definition *def, const char *text, const char *detail)
{
    bool runs = s->run > RUN_STALE;
    bool watched = process_is_alive (s->supervisor, s->supervisor_start);
    const struct vm_state none = { .run = RUN_STOPPED };
    uint64_t memory = runs ? s->memory : def ? def->memory : 0;
    uint32_t cpus = runs ? s->cpus : def ? def->cpus : 0;

    s = runs ? s : &none;
    json_put_text_or_null (o, "state", text);
    json_put_text_or_null (o, "detail", detail);
    json_put_number_or_null (o, "pid", s->pid > 0, s->pid);
    json_put_text_or_null (o, "uuid",
                           s->uuid ? s->uuid
                           : def   ? def->uuid
                                   : NULL);
    json_put_text_or_null (o, "hypervisor", s->hypervisor);
    json_put_text_or_null (o, "program", s->program);
    json_put_text_or_null (o, "machine", s->machine);
    json_put_text_or_null (o, "accelerator", s->accelerator);
    json_put_text_or_null (o, "accelerator_why", s->accelerator_why);
    json_put_number_or_null (o, "cpus", cpus > 0, cpus);
    json_put_number_or_null (o, "memory", memory > 0, (int64_t)memory);
    json_put_number_or_null (o, "started", s->started > 0, s->started);
    json_put_number_or_null (o, "uptime", s->started > 0,
                             (int64_t)time (NULL) - s->started);
    json_put_number_or_null (o, "uid", runs && s->uid, (int64_t)s->uid);
    json_put_number_or_null (o, "supervisor", watched, s->supervisor);
    json_put_text_or_null (o, "sandbox", s->sandbox);
    json_put_text_or_null (o, "sandbox_weaker", s->weaker);
}

/* ------------------------------------------------------- Disks and NICs */

#define LATER ", from the next start on"

static const char only_guest[] =
    "not in the definition: the guest keeps it until it stops";

/* The disks that the running guest has; false: that is not known. */
static bool
find_attached (struct cli *c, const char *name, bool answers, struct vec *names)
{
    struct hv_list counters = { 0 };
    struct error ignored = { 0 };

    if (!answers || counters_read (&c->h, name, &counters, &ignored) < 0) {
        return false;
    }
    counters_disks (&c->h.arena, &counters, names);
    return true;
}

/* 'd' is null for a disk that only the guest has. */
static void
status_disk (struct cli *c, const char *name, const struct disk_def *d,
             int attached, struct json_object *all)
{
    struct json_object *o = json_object_new_object ();
    const char *what;

    json_put_text_or_null (o, "name", name);
    json_put_text_or_null (o, "pool", d ? d->pool : NULL);
    json_put_text_or_null (o, "volume", d ? d->volume : NULL);
    json_put_text_or_null (o, "image", d ? d->image : NULL);
    json_object_object_add (o, "attached",
                            attached < 0 ? NULL
                                         : json_object_new_boolean (attached));
    json_object_array_add (all, o);
    if (c->json) {
        return;
    }
    what = !d ? only_guest
           : d->image
               ? d->image
               : arena_format (&c->h.arena, "volume %s/%s", d->pool, d->volume);
    line (arena_format (&c->h.arena, "disk %s", name),
          arena_format (&c->h.arena, "%s%s", what, attached ? "" : LATER));
}

static void
status_disks (struct cli *c, const char *name, const struct definition *def,
              bool answers, struct json_object *result)
{
    struct json_object *all = json_object_new_array ();
    struct vec attached = { 0 };
    bool known = find_attached (c, name, answers, &attached);

    for (size_t i = 0; def && i < def->disks.n; i++) {
        const struct disk_def *d = def->disks.p[i];

        status_disk (c, d->name, d, known ? vec_has (&attached, d->name) : -1,
                     all);
    }
    for (size_t i = 0; def && i < attached.n; i++) {
        if (!definition_disk (def, attached.p[i])) {
            status_disk (c, attached.p[i], NULL, true, all);
        }
    }
    json_object_object_add (result, "disks", all);
}

/* 'n' is null for a NIC that only the guest has. */
static void
status_nic (struct cli *c, const char *name, const struct nic_def *n,
            const char *address, int attached, struct json_object *all)
{
    struct json_object *o = json_object_new_object ();
    char text[MAC_TEXT];
    const char *mac = n ? format_mac (n->mac, text) : NULL;

    json_put_text_or_null (o, "name", name);
    json_put_text_or_null (o, "network", n ? n->network : NULL);
    json_put_text_or_null (o, "mac", mac);
    json_put_text_or_null (o, "address", address);
    json_object_object_add (o, "attached",
                            attached < 0 ? NULL
                                         : json_object_new_boolean (attached));
    json_object_array_add (all, o);
    if (!c->json) {
        line (arena_format (&c->h.arena, "nic %s", name),
              n ? arena_format (&c->h.arena, "network %s, %s%s%s%s", n->network,
                                mac, address ? ", address " : "",
                                address ? address : "", attached ? "" : LATER)
                : only_guest);
    }
}

/* The NICs that the running guest has are those with a port. */
static void
status_nics (struct cli *c, const char *name, const struct definition *def,
             enum run_state run, struct json_object *result)
{
    struct json_object *all = json_object_new_array ();
    struct vec attached = { 0 };
    bool known = run > RUN_STARTING && journal_ports (&c->h, name, &attached);

    for (size_t i = 0; def && i < def->nics.n; i++) {
        const struct nic_def *n = def->nics.p[i];

        status_nic (c, n->name, n,
                    run > RUN_STALE ? addresses_find (addresses_known (c), n)
                                    : NULL,
                    known ? vec_has (&attached, n->name) : -1, all);
    }
    for (size_t i = 0; def && i < attached.n; i++) {
        if (!definition_nic (def, attached.p[i])) {
            status_nic (c, attached.p[i], NULL, NULL, true, all);
        }
    }
    json_object_object_add (result, "nics", all);
}

/* The processes that serve NICs, except of a NIC that was never attached. */
static void
status_processes (struct cli *c, const char *name, const struct definition *def,
                  bool runs, struct json_object *result)
{
    struct json_object *all = json_object_new_array ();
    struct vec helpers = { 0 };

    if (runs) {
        journal_helpers (&c->h, name, &helpers);
    }
    for (size_t i = 0; i < helpers.n; i++) {
        const struct helper_entry *e = helpers.p[i];
        bool alive = process_is_alive (e->pid, e->start_time);
        struct json_object *o;

        if (!e->pid || (!alive && def && !definition_nic (def, e->nic))) {
            continue;
        }
        o = json_object_new_object ();
        json_put_text_or_null (o, "nic", e->nic);
        json_put_number (o, "pid", e->pid);
        json_object_object_add (o, "alive", json_object_new_boolean (alive));
        json_object_array_add (all, o);
        if (!c->json) {
            line (arena_format (&c->h.arena, "nic %s", e->nic),
                  arena_format (
                      &c->h.arena, "served by process %d%s", (int)e->pid,
                      alive ? ""
                            : ", which has exited: the guest has no network "
                              "there until the VM is started again"));
        }
    }
    json_object_object_add (result, "processes", all);
}

/* What the definition says about the VM, for people. */
static void
status_about (struct cli *c, const struct definition *def,
              struct json_object *result)
{
    struct json_object *labels = json_object_new_object ();
    struct vec texts = { 0 };

    for (size_t i = 0; def && def->labels && i < def->labels->n_settings; i++) {
        const char *key = def->labels->settings[i].key;
        const char *value = settings_get (def->labels, key);

        json_put_text_or_null (labels, key, value);
        vec_add (&c->h.arena, &texts,
                 arena_format (&c->h.arena, "%s=%s", key, value));
    }
    json_put_text_or_null (result, "description",
                           def ? def->description : NULL);
    json_object_object_add (result, "labels", labels);
    json_object_object_add (result, "autostart",
                            def ? json_object_new_boolean (def->autostart)
                                : NULL);
    json_put_number_or_null (result, "start_order", def,
                             def ? def->start_order : 0);
    if (!c->json && def) {
        line ("description", def->description);
        line ("labels", table_list (c, &texts));
        line ("autostart",
              !def->autostart    ? NULL
              : def->start_order ? arena_format (
                    &c->h.arena, "yes, start_order %u", def->start_order)
                                 : "yes");
    }
}

static int
each_status (struct cli *c, const char *name, struct json_object *result,
             struct error *err)
{
    struct vm_state s;
    struct definition *def = NULL;
    struct error wrong = { 0 };
    const char *text, *detail, *ended, *unfinished;
    int64_t when = 0;
    bool runs;
    bool answers = status_read (&c->h, name, &s, &text, &detail);

    if (s.run == RUN_UNKNOWN) {
        return state_unknown (&c->h, &s, err);
    }
    runs = s.run > RUN_STALE;
    c->down |= !runs;
    if (definition_load (&c->h, name, &def, &wrong) < 0 && !runs) {
        *err = wrong;
        return -err->code;
    }
    /* The exit of a saved VM was not its guest's. */
    ended = !runs && strcmp (text, "saved") != 0
                ? ending_last (&c->h, name, &when)
                : NULL;
    status_json (result, &s, def, text, detail);
    json_put_text_or_null (result, "ended", ended);
    json_put_number_or_null (result, "ended_at", when > 0, when);
    unfinished = recover_what (&c->h, name);
    json_put_text_or_null (result, "unfinished", unfinished);
    if (!c->json) {
        out ("%s is %s%s%s\n", name, text, detail ? ": " : "",
             detail ? detail : "");
        if (runs) {
            status_running (c, &s);
        } else if (ended) {
            line ("last run",
                  arena_format (&c->h.arena, "%s, %s", ended,
                                arena_time (&c->h.arena, ARENA_TIME, when)));
        }
    }
    if (!c->json && unfinished) {
        line ("unfinished",
              arena_format (&c->h.arena,
                            "%s: it was interrupted, and the next command that "
                            "makes a change completes it or rolls it back",
                            unfinished));
    }
    status_about (c, def, result);
    status_disks (c, name, def, answers, result);
    status_nics (c, name, def, s.run, result);
    status_processes (c, name, def, runs, result);
    return 0;
}

/* As with systemctl status, the exit code shows that something is down, without
 * an error. */
int
cmd_status (struct cli *c)
{
    int code = for_each_vm (c, each_status);

    return code != EXIT_OK ? code : c->down ? EXIT_NOT_RUNNING : EXIT_OK;
}
