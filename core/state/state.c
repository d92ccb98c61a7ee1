/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/state/state.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/config/host.h"
#include "core/provider/services.h"
#include "core/state/state-kept.h"

const char *
state_dir (struct hvctl *h, const char *name)
{
    return arena_format (&h->arena, "%s/vm/%s", h->host->run_dir, name);
}

const char *
state_keep_dir (struct hvctl *h, const char *name)
{
    return arena_format (&h->arena, "%s/vm/%s", h->host->state_dir, name);
}

const char *
state_log_dir (struct hvctl *h, const char *name)
{
    return arena_format (&h->arena, "%s/%s", h->host->log_dir, name);
}

const char *
state_serial_dir (struct hvctl *h, const char *name)
{
    const char *dir = state_dir (h, name);
    const char *path =
        arena_format (&h->arena, "%s/" SERIAL_SOCKET ".sock", dir);

    return access (path, F_OK) == 0 ? dir : NULL;
}

const char *
state_run_text (enum run_state run)
{
    static const char *const texts[] = { "stopped",  "stopped", "unknown",
                                         "starting", "running", "paused" };

    return texts[run];
}

const char *
state_sandbox_text (const char *sandbox)
{
    return sandbox && !strcmp (sandbox, "weaker") ? "degraded" : sandbox;
}

const char *
state_read_line (struct hvctl *h, const char *path)
{
    CLEANUP_FREE char *text = file_read (path);

    return text && *text ? arena_dup_n (&h->arena, text, strcspn (text, "\n"))
                         : NULL;
}

bool
state_read_words (struct hvctl *h, struct vm_state *s)
{
    const char *path =
        arena_format (&h->arena, "%s/state", state_dir (h, s->name));
    struct json_object *o = json_read (path);
    const char *phase;

    s->run = RUN_UNKNOWN;
    if (!o) {
        return false;
    }
    phase = json_get_text (&h->arena, o, "state");
    s->run = !phase                        ? RUN_UNKNOWN
             : !strcmp (phase, "starting") ? RUN_STARTING
             : !strcmp (phase, "paused")   ? RUN_PAUSED
                                           : RUN_RUNNING;
    s->pid = (pid_t)json_get_number (o, "pid");
    s->start_time = (uint64_t)json_get_number (o, "start_time");
    s->supervisor = (pid_t)json_get_number (o, "supervisor");
    s->supervisor_start = (uint64_t)json_get_number (o, "supervisor_start");
    s->started = json_get_number (o, "started");
    s->memory = (uint64_t)json_get_number (o, "memory");
    s->cpus = (uint32_t)json_get_number (o, "cpus");
    s->uid = (uint64_t)json_get_number (o, "uid");
    s->uuid = json_get_text (&h->arena, o, "uuid");
    s->hypervisor = json_get_text (&h->arena, o, "hypervisor");
    s->arch = json_get_text (&h->arena, o, "arch");
    s->program = json_get_text (&h->arena, o, "program");
    s->machine = json_get_text (&h->arena, o, "machine");
    s->accelerator = json_get_text (&h->arena, o, "accelerator");
    s->accelerator_why = json_get_text (&h->arena, o, "accelerator_why");
    s->weaker = json_get_text (&h->arena, o, "weaker");
    s->sandbox = json_get_text (&h->arena, o, "sandbox");
    s->file = json_get_text (&h->arena, o, "definition");
    json_object_put (o);
    return s->hypervisor != NULL;
}

#define PREPARED "state.next"

static const char *
state_file (struct hvctl *h, const char *name, const char *file)
{
    return arena_format (&h->arena, "%s/%s", state_dir (h, name), file);
}

static int
write_to (struct hvctl *h, const struct vm_state *s, const char *file,
          struct error *err)
{
    struct json_object *o = json_object_new_object ();

    json_put_text (o, "name", s->name);
    json_put_text (o, "uuid", s->uuid);
    json_put_text (o, "state", state_run_text (s->run));
    json_put_number (o, "pid", s->pid);
    json_put_number (o, "start_time", (int64_t)s->start_time);
    json_put_number (o, "supervisor", s->supervisor);
    json_put_number (o, "supervisor_start", (int64_t)s->supervisor_start);
    json_put_number (o, "started", s->started);
    json_put_text (o, "hypervisor", s->hypervisor);
    json_put_text (o, "arch", s->arch);
    json_put_text (o, "program", s->program);
    json_put_text (o, "machine", s->machine);
    json_put_text (o, "accelerator", s->accelerator);
    json_put_text (o, "accelerator_why", s->accelerator_why);
    json_put_number (o, "memory", (int64_t)s->memory);
    json_put_number (o, "cpus", s->cpus);
    json_put_number (o, "uid", (int64_t)s->uid);
    json_put_text (o, "weaker", s->weaker);
    json_put_text (o, "sandbox", s->sandbox);
    json_put_text (o, "definition", s->file);
    return json_write (state_file (h, s->name, file), o, err);
}

int
state_write (struct hvctl *h, const struct vm_state *s, struct error *err)
{
    return write_to (h, s, "state", err);
}

int
state_prepare (struct hvctl *h, const struct vm_state *s, struct error *err)
{
    return write_to (h, s, PREPARED, err);
}

int
state_commit (struct hvctl *h, const struct vm_state *s, struct error *err)
{
    const char *path = state_file (h, s->name, "state");

    return rename (state_file (h, s->name, PREPARED), path) < 0
               ? fail (err, errno, "cannot write %s: %m", path)
               : 0;
}

bool
state_names (struct hvctl *h, struct vec *names)
{
    const char *dir = arena_format (&h->arena, "%s/vm", h->host->run_dir);
    int rc = file_names (&h->arena, dir, names);

    state_lost_names (h, names);
    vec_sort (names);
    return rc == 0 || rc == -ENOENT;
}

void
state_keep_names (struct hvctl *h, struct vec *names)
{
    file_names (&h->arena,
                arena_format (&h->arena, "%s/vm", h->host->state_dir), names);
}

void
state_remove (struct hvctl *h, const char *name)
{
    const char *dir = state_dir (h, name);

    state_forget_process (h, name);
    /* The file that we have locked is removed last, whatever the order of the
     * directory: until then it keeps others out, who would see the old files,
     * and lose theirs. */
    file_remove_all (dir, BUSY_FILE);
    rmdir (dir);
}
