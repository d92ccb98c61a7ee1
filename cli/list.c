/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* list and status. */
#include <errno.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "common/size.h"
#include "core/journal.h"
#include "core/saved.h"

/* VMs that are defined, and those that run without a definition.  'running'
 * are those with a run directory. */
static int
all_names (struct cli *c, struct vec *names, struct vec *running)
{
    size_t defined;

    if (definition_names (&c->h, names, &c->err) < 0) {
        return -c->err.code;
    }
    defined = names->n;
    state_names (&c->h, running);
    for (size_t i = 0; i < running->n; i++) {
        const struct vec known = { names->p, defined, 0 };

        if (!vec_has (&known, running->p[i])) {
            vec_add (&c->h.arena, names, running->p[i]);
        }
    }
    return 0;
}

static bool
is_wanted (const struct cli *c, const char *name)
{
    for (size_t i = 0; i < c->args.n; i++) {
        if (fnmatch (c->args.p[i], name, 0) == 0) {
            return true;
        }
    }
    return c->args.n == 0;
}

/* For people with a unit, for programs in bytes. */
static const char *
size_text (struct cli *c, uint64_t bytes)
{
    char buffer[32];

    if (!bytes) {
        return NULL;
    }
    return c->json ? arena_format (&c->h.arena, "%" PRIu64, bytes)
                   : arena_dup (&c->h.arena,
                                format_size (bytes, buffer, sizeof buffer));
}

/* A definition that cannot be read is listed, too: with its trouble. */
static void
list_one (struct cli *c, struct table *t, const char *name, bool has_state,
          bool is_saved)
{
    struct vm_state s = { .run = RUN_STOPPED };
    struct definition *def;
    struct error err = { 0 };
    const char *cells[7] = { name };

    if (has_state) {
        state_read (&c->h, name, &s);
    }
    cells[1] = run_state_text (s.run);
    if (s.run != RUN_STOPPED && s.run != RUN_STALE) {
        cells[2] = s.cpus ? arena_format (&c->h.arena, "%u", s.cpus) : NULL;
        cells[3] = size_text (c, s.memory);
        cells[4] = s.hypervisor;
        cells[5] = s.pid ? arena_format (&c->h.arena, "%d", (int)s.pid) : NULL;
        cells[6] = s.sandbox;
    } else if (has_option (c, "running")) {
        return;
    } else if (definition_load (&c->h, name, &def, &err) < 0) {
        cells[1] = err.exit_code == EXIT_CONFIG ? "invalid" : cells[1];
    } else {
        cells[1] = is_saved ? "saved" : cells[1];
        cells[2] = arena_format (&c->h.arena, "%u", def->cpus);
        cells[3] = size_text (c, def->memory);
    }
    table_row (t, cells);
}

int
cmd_list (struct cli *c)
{
    static const char *const keys[] = { "name",    "state",      "#cpus",
                                        "#memory", "hypervisor", "#pid",
                                        "sandbox", NULL };
    static const char *const name_only[] = { "name", NULL };
    bool names_only = has_option (c, "names");
    struct vec names = { 0 }, running = { 0 }, saved = { 0 };
    struct table *t = NULL;

    if (all_names (c, &names, &running) < 0) {
        return report (c);
    }
    if (!names_only || c->json) {
        t = table_new (c, names_only ? name_only : keys);
        saved_names (&c->h, &saved);
    }
    for (size_t i = 0; i < names.n; i++) {
        const char *name = names.p[i];

        if (!is_wanted (c, name)) {
            continue;
        }
        if (!names_only) {
            list_one (c, t, name, vec_has (&running, name),
                      vec_has (&saved, name));
        } else if (t) {
            table_row (t, &name);
        } else {
            puts (name);
        }
    }
    if (t) {
        table_print (t);
    }
    return EXIT_OK;
}

static void
line (const char *key, const char *value)
{
    if (value) {
        printf ("  %-12s %s\n", key, value);
    }
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
    line ("cpus", arena_format (&c->h.arena, "%u", s->cpus));
    line ("memory", size_text (c, s->memory));
    line ("process", arena_format (&c->h.arena, "%d", (int)s->pid));
    line ("since", arena_time (&c->h.arena, ARENA_TIME, s->started));
    line ("sandbox", s->weaker ? arena_format (
                         &c->h.arena, "%s: %s",
                         s->sandbox ? s->sandbox : "weaker", s->weaker)
                               : "full");
}

static void
status_json (struct json_object *o, const struct vm_state *s, const char *text,
             const char *detail)
{
    bool runs = s->run > RUN_STALE;

    json_text (o, "state", text);
    json_text (o, "detail", detail);
    json_put_number (o, "pid", runs ? s->pid : 0);
    json_text (o, "uuid", s->uuid);
    json_text (o, "hypervisor", runs ? s->hypervisor : NULL);
    json_text (o, "program", runs ? s->program : NULL);
    json_text (o, "machine", runs ? s->machine : NULL);
    json_text (o, "accelerator", runs ? s->accelerator : NULL);
    json_text (o, "accelerator_why", runs ? s->accelerator_why : NULL);
    json_put_number (o, "cpus", s->cpus);
    json_put_number (o, "memory", (int64_t)s->memory);
    json_put_number (o, "started", runs ? s->started : 0);
    json_put_number (o, "uid", runs ? (int64_t)s->uid : 0);
    json_put_number (o, "supervisor", runs ? s->supervisor : 0);
    json_text (o, "sandbox", runs ? s->sandbox : NULL);
    json_text (o, "sandbox_weaker", runs ? s->weaker : NULL);
}

/* The processes that serve NICs. */
static void
status_processes (struct cli *c, const char *name, struct json_object *result)
{
    struct json_object *all = json_object_new_array ();
    struct vec helpers = { 0 };

    journal_helpers (&c->h, name, &helpers);
    for (size_t i = 0; i < helpers.n; i++) {
        const struct helper_entry *e = helpers.p[i];
        bool alive = process_is_alive (e->pid, e->start_time);
        struct json_object *o;

        if (!e->pid) {
            continue;
        }
        o = json_object_new_object ();
        json_text (o, "nic", e->nic);
        json_put_number (o, "pid", e->pid);
        json_object_object_add (o, "alive", json_object_new_boolean (alive));
        json_object_array_add (all, o);
        if (!c->json) {
            line (arena_format (&c->h.arena, "nic %s", e->nic),
                  arena_format (&c->h.arena, "process %d%s", (int)e->pid,
                                alive ? ""
                                      : " has ended: the guest has no network "
                                        "there until it is started again"));
        }
    }
    json_object_object_add (result, "processes", all);
}

static int
each_status (struct cli *c, const char *name, struct json_object *result,
             struct error *err)
{
    struct vm_state s;
    struct definition *def;
    const char *text, *detail, *ended;
    int64_t when = 0;

    if (check_name ("VM", name, err) < 0) {
        return -err->code;
    }
    machine_status (&c->h, name, &s, &text, &detail);
    if (s.run <= RUN_STALE && definition_load (&c->h, name, &def, err) < 0) {
        return -err->code;
    }
    /* The end of one that is saved is none of its guest's. */
    ended = s.run <= RUN_STALE && strcmp (text, "saved") != 0
                ? machine_last_end (&c->h, name, &when)
                : NULL;
    status_json (result, &s, text, detail);
    json_text (result, "ended", ended);
    json_put_number (result, "ended_at", when);
    if (!c->json) {
        printf ("%s is %s%s%s\n", name, text, detail ? ": " : "",
                detail ? detail : "");
        if (s.run > RUN_STALE) {
            status_running (c, &s);
        } else if (ended) {
            line ("last run",
                  arena_format (&c->h.arena, "%s, %s", ended,
                                arena_time (&c->h.arena, ARENA_TIME, when)));
        }
    }
    if (s.run > RUN_STALE) {
        status_processes (c, name, result);
    }
    return s.run > RUN_STALE ? 0 : 1;
}

/* As with systemctl status: something that is down shows in the exit code,
 * without an error. */
int
cmd_status (struct cli *c)
{
    struct vec names = { 0 };
    int code = for_each_vm (c, each_status);

    if (code != EXIT_OK || expand_names (c, &names) < 0) {
        return code;
    }
    for (size_t i = 0; i < names.n; i++) {
        struct vm_state s;

        state_read (&c->h, names.p[i], &s);
        if (s.run <= RUN_STALE) {
            return EXIT_NOT_RUNNING;
        }
    }
    return EXIT_OK;
}
