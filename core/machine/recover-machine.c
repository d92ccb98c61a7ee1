/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Interrupted changes to VMs that may be running.  Their hypervisors are asked,
 * but only briefly: the current command may be about another VM. */
#include "core/machine/recover-machine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/if-any.h"
#include "core/base/context.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/config/definition-find.h"
#include "core/config/definition.h"
#include "core/machine/agent-freeze.h"
#include "core/machine/change.h"
#include "core/machine/grow.h"
#include "core/machine/hotplug-finish.h"
#include "core/machine/hotplug.h"
#include "core/machine/running.h"
#include "core/machine/save.h"
#include "core/machine/saved-check.h"
#include "core/machine/saved.h"
#include "core/machine/snapshot-choose.h"
#include "core/machine/snapshot-set.h"
#include "core/machine/snapshot.h"
#include "core/machine/target.h"
#include "core/provider/hypervisor.h"
#include "core/state/ending.h"
#include "core/state/state.h"

static const char *
new_name (const struct recovery *r, const char *dir)
{
    return arena_format (&r->h->arena, "%s.new", dir);
}

static bool
find_running (const struct recovery *r, struct target *t)
{
    struct error ignored = { 0 };

    return target_find (r->h, r->key, t, &ignored) == 0;
}

/* ------------------------------------------------------ Saving, snapshots */

/* Resumes a guest that was stopped for the change.  Its saved state is removed
 * before, since its disks will change. */
int
recover_pause (struct recovery *r, struct json_object *e, struct error *err)
{
    const char *saved = saved_dir (r->h, r->key);
    struct target t = { .pidfd = -1 };
    int rc;

    (void)e;
    if (!find_running (r, &t)) {
        return 0;
    }
    if (rename_if_any (saved, new_name (r, saved)) < 0) {
        saved_remove (r->h, new_name (r, saved));
        rename (saved, new_name (r, saved));
    }
    rc = hypervisor_resume (t.plugin, &t.vm, err);
    if (rc == 0) {
        t.state.run = RUN_RUNNING;
        rc = target_write (r->h, &t, err);
    } else if (target_has_ended (&t, r->limit)) {
        /* It was told to quit, so it is saved. */
        *err = (struct error){ 0 };
        rename (new_name (r, saved), saved);
        rc = 0;
    }
    close_fd (t.pidfd);
    return rc;
}

/* A guest that runs again, and whose agent answers, is thawed; until then, its
 * file systems may be frozen. */
int
recover_freeze (struct recovery *r, struct json_object *e, struct error *err)
{
    (void)e;
    return agent_freeze_thaw (r->h, r->key, 2 * r->limit, err);
}

/* If its hypervisor is still running, the save was rolled back; otherwise it is
 * saved. */
int
recover_save (struct recovery *r, struct json_object *e, struct error *err)
{
    const char *dir = saved_dir (r->h, r->key);
    struct target t = { .pidfd = -1 };
    struct definition *def;

    (void)e;
    saved_remove (r->h, new_name (r, dir));
    if (find_running (r, &t)) {
        saved_remove (r->h, dir);
        ending_take_back (r->h, r->key);
        save_leave_stream (&t);
        close_fd (t.pidfd);
        return 0;
    }
    if (!saved_read (r->h, dir, NULL)) {
        return 0;
    }
    if (recovery_load (r, NULL, &def, err) < 0 && r->unreadable) {
        return -err->code;
    }
    if (!err->code) {
        saved_note_disks (r->h, def, err);
        r->finished = true;
    }
    *err = (struct error){ 0 };
    return 0;
}

int
recover_memory (struct recovery *r, struct json_object *e, struct error *err)
{
    const char *name = recovery_text (r, e, "name");
    const char *dir = name ? saved_memory_dir (r->h, r->key, name) : NULL;

    (void)err;
    if (dir) {
        saved_remove (r->h, new_name (r, dir));
    }
    if (dir && !r->finished) {
        saved_remove (r->h, dir);
    }
    return 0;
}

/* The guest has not run since, so the snapshots of the other disks match it. */
int
recover_snapshot (struct recovery *r, struct json_object *e, struct error *err)
{
    const char *name = recovery_text (r, e, "name");
    struct definition *def;

    if (!name || recovery_load (r, NULL, &def, err) < 0) {
        return name ? -err->code : 0;
    }
    snapshot_choose_again (r->h, e, def);
    return r->own ? snapshot_take_back (r->h, def, name, err)
                  : snapshot_finish (r->h, def, name, err);
}

/* The VM's saved state stays valid: the guest sees no difference. */
int
recover_note (struct recovery *r, struct json_object *e, struct error *err)
{
    struct definition *def;

    (void)e;
    return recovery_load (r, NULL, &def, err) < 0
                   || saved_note_disks (r->h, def, err) < 0
               ? -err->code
               : 0;
}

/* Repeats the operation on the snapshot that 'e' names. */
static int
once_more (struct recovery *r, struct json_object *e,
           int (*again) (struct hvctl *, struct definition *, const char *,
                         struct error *),
           struct error *err)
{
    const char *name = recovery_text (r, e, "name");
    struct definition *def;

    if (!name || recovery_load (r, NULL, &def, err) < 0) {
        return -err->code;
    }
    snapshot_choose_again (r->h, e, def);
    return again (r->h, def, name, err);
}

int
recover_revert (struct recovery *r, struct json_object *e, struct error *err)
{
    const char *name = recovery_text (r, e, "name");

    /* Its memory is copied. */
    if (r->h->until && name
        && saved_read (r->h, saved_memory_dir (r->h, r->key, name), NULL)) {
        return recovery_later (r, err);
    }
    return once_more (r, e, snapshot_revert_again, err);
}

int
recover_forget (struct recovery *r, struct json_object *e, struct error *err)
{
    return once_more (r, e, snapshot_delete_again, err);
}

int
recover_go (struct recovery *r, struct json_object *e, struct error *err)
{
    (void)e;
    (void)err;
    r->went_on = true;
    return 0;
}

int
recover_restore (struct recovery *r, struct json_object *e, struct error *err)
{
    (void)e;
    (void)err;
    /* Whatever the process is doing: a start that was killed half-way is
     * ended. */
    if (r->went_on) {
        saved_drop (r->h, r->key);
        r->finished = true;
    } else {
        saved_put_back (r->h, r->key);
    }
    return 0;
}

/* ------------------------------------------------------- Disks and NICs */

/* The definition as it is to be, or as it is. */
static int
load (struct recovery *r, bool after, struct definition **def,
      struct error *err)
{
    struct json_object *e = recovery_find (r, "define");
    const char *path =
        e ? recovery_text (r, e, after ? "temporary" : "path") : NULL;

    /* 'apply' changes no definition. */
    return !e     ? recovery_load (r, NULL, def, err)
           : path ? recovery_load (r, path, def, err)
                  : fail (err, EINVAL, "the journal of the change is damaged");
}

/* A change that has been made already is completed; otherwise it is rolled
 * back. If the hypervisor does not answer, neither is known. */
static int
decide (struct recovery *r, int rc, struct error *err)
{
    if (rc < 0
        && (r->unreadable || err->code == ETIMEDOUT
            || (err->code == EBUSY && r->may_wait))) {
        return rc;
    }
    if (rc < 0 && err->code != EEXIST) {
        r->refused = true;
    } else {
        r->finished = true;
    }
    *err = (struct error){ 0 };
    return 0;
}

/* Detaches the disk or NIC that 'e' names from the machine. */
static int
detach (struct recovery *r, struct json_object *e, struct definition *def,
        struct error *err)
{
    const char *name = recovery_text (r, e, "name");
    bool is_disk = strstr (recovery_text (r, e, "op"), "disk");
    const struct disk_def *disk = name ? definition_disk (def, name) : NULL;
    const struct nic_def *nic = name ? definition_nic (def, name) : NULL;
    enum change_way way;

    if (name && !recovery_find (r, "define")) {
        disk = disk ? disk : running_disk (r->h, r->key, name);
        nic = nic ? nic : running_nic (r->h, r->key, name);
    }

    return is_disk && disk   ? hotplug_detach_disk (r->h, def, disk, &way, err)
           : !is_disk && nic ? hotplug_detach_nic (r->h, def, nic, &way, err)
                             : 0;
}

/* The definition was changed in the meantime, and does not get the machine's
 * device. If the machine does not release it, it keeps it until it stops. */
static int
take_out (struct recovery *r, struct json_object *e, struct error *err)
{
    struct definition *def;

    if (load (r, true, &def, err) < 0 || detach (r, e, def, err) < 0) {
        if (r->unreadable || err->code == ETIMEDOUT) {
            return -err->code;
        }
        hvctl_warn ("%s: %s", recovery_shown (r->h, r->key), err->text);
        *err = (struct error){ 0 };
    }
    return 0;
}

/* Attaches the disk or NIC that 'e' names, unless the machine has it. */
static int
finish_plug (struct recovery *r, struct json_object *e, bool is_disk,
             struct error *err)
{
    const char *name = recovery_text (r, e, "name");
    const struct disk_def *disk;
    const struct nic_def *nic;
    struct definition *def;
    int rc;

    if (r->own || !name) {
        return 0;
    }
    if (r->other) {
        return take_out (r, e, err);
    }
    rc = load (r, true, &def, err);
    if (rc == 0) {
        disk = is_disk ? definition_disk (def, name) : NULL;
        nic = is_disk ? NULL : definition_nic (def, name);
        rc = disk  ? hotplug_finish_disk (r->h, def, disk, err)
             : nic ? hotplug_finish_nic (r->h, def, nic, err)
                   : -ENOENT;
    }
    return decide (r, rc, err);
}

int
recover_plug_disk (struct recovery *r, struct json_object *e, struct error *err)
{
    return finish_plug (r, e, true, err);
}

int
recover_plug_nic (struct recovery *r, struct json_object *e, struct error *err)
{
    return finish_plug (r, e, false, err);
}

int
recover_unplug (struct recovery *r, struct json_object *e, struct error *err)
{
    struct definition *def;
    int rc;

    if (r->own || r->other) {
        return 0;
    }
    rc = load (r, false, &def, err);
    if (rc == 0) {
        rc = detach (r, e, def, err);
    }
    return decide (r, rc, err);
}

/* Our own command does not know whether it is in the machine.  A later command
 * asks the hypervisor, and then the guest keeps it. */
int
recover_plugged (struct recovery *r, struct json_object *e, struct error *err)
{
    struct definition *def;

    return !r->own                         ? 0
           : load (r, true, &def, err) < 0 ? -err->code
                                           : detach (r, e, def, err);
}

int
recover_grow (struct recovery *r, struct json_object *e, struct error *err)
{
    const char *name = recovery_text (r, e, "name");
    const struct disk_def *disk;
    struct definition *def;
    enum change_way way;
    int rc;

    if (r->own || r->other || !name) {
        return 0;
    }
    rc = load (r, false, &def, err);
    disk = rc == 0 ? definition_disk (def, name) : NULL;
    if (disk) {
        rc = grow_disk (r->h, def, disk, (uint64_t)json_get_number (e, "size"),
                        &way, err);
    }
    return decide (r, rc, err);
}

int
recover_resize (struct recovery *r, struct json_object *e, struct error *err)
{
    struct definition *def;
    enum change_way way;
    int rc;

    if (r->own || r->other) {
        return 0;
    }
    rc = load (r, false, &def, err);
    if (rc == 0) {
        rc = hotplug_size (r->h, def, (uint32_t)json_get_number (e, "cpus"),
                           (uint64_t)json_get_number (e, "memory"), &way, err);
    }
    return decide (r, rc, err);
}
