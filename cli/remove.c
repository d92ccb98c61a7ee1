/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* rm: removes a definition, and its state; with --disks also its volumes and
 * their snapshots.  Half a VM is of no use: so everything is checked before
 * anything is removed. */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "cli/crowd.h"
#include "cli/loss.h"
#include "common/cleanup.h"
#include "common/member.h"
#include "core/base/arena.h"
#include "core/base/name.h"
#include "core/base/output.h"
#include "core/base/vec.h"
#include "core/config/definition-find.h"
#include "core/config/definition.h"
#include "core/machine/changing.h"
#include "core/machine/remove.h"
#include "core/state/state-run.h"
#include "core/state/state.h"

/* The disks of an invalid definition are removed, too, if the error is not
 * about them: otherwise they might be another VM's. */
static int
check_disks_known (struct cli *c, const char *name,
                   const struct definition *def, struct error *err)
{
    bool known = def != NULL;

    for (size_t i = 0; def && i < def->disks.n; i++) {
        known = known && !((const struct disk_def *)def->disks.p[i])->broken;
    }
    return known || !has_option (c, "disks")
               ? 0
               : fail_exit (
                   err, EXIT_CONFIG, EINVAL,
                   "%s: its disks cannot be determined, since its definition "
                   "is invalid: correct it (hvctl validate %s), or remove the "
                   "VM without --disks, and its volumes with 'hvctl volume rm'",
                   name, name);
}

/* Loads the VM to remove.  An invalid definition can be removed, too. */
static int
load (struct cli *c, const char *name, struct vec *disks, struct error *err)
{
    struct definition *def = NULL;
    struct vm_state state;

    state_read (&c->h, name, &state);
    if (state.run == RUN_UNKNOWN) {
        return state_unknown (&c->h, &state, err);
    }
    if (state.run > RUN_STALE) {
        return fail_exit (err, EXIT_RUNNING, EBUSY, "%s is %s: stop it first",
                          name, state_run_text (state.run));
    }
    disks->n = 0;
    if (definition_load (&c->h, name, &def, err) < 0
        && (err->exit_code != EXIT_CONFIG
            || check_disks_known (c, name, def, err) < 0)) {
        return -err->code;
    }
    memset (err, 0, sizeof *err);
    return has_option (c, "disks") && remove_look (&c->h, def, disks, err) < 0
               ? fail_prefix (err, "%s", name)
               : 0;
}

static int
check_meant (struct cli *c, const char *name, const struct vec *disks,
             struct error *err)
{
    const char *loss;

    if (has_option (c, "yes")) {
        return 0;
    }
    loss = loss_of_vm (c, name, disks);
    return confirm ("Remove %s%s?", name, loss)
               ? 0
               : fail_exit (err, EXIT_USAGE, ECANCELED, "%s is kept%s: %s",
                            name, loss, why_unconfirmed ());
}

static void
tell (struct cli *c, const char *name, const struct vec *disks,
      struct json_object *result)
{
    struct json_object *volumes = json_object_new_array ();
    const char *list = NULL;

    for (size_t i = 0; i < disks->n; i++) {
        const struct doomed *d = disks->p[i];
        const char *volume =
            arena_format (&c->h.arena, "%s/%s", d->vol.pool, d->vol.name);

        json_object_array_add (volumes, json_object_new_string (volume));
        list =
            list ? arena_format (&c->h.arena, "%s, %s", list, volume) : volume;
    }
    json_put_flag (result, "removed", true);
    json_object_object_add (result, "volumes", volumes);
    if (!c->json) {
        out ("%s is removed%s%s\n", name,
             list ? ", and so are its disks: " : "", list ? list : "");
    }
}

static int
each_rm (struct cli *c, const char *name, struct json_object *result,
         struct error *err)
{
    CLEANUP_CLOSE int lock = -1;
    struct vec disks = { 0 };

    if (name_validate ("VM", name, err) < 0 || load (c, name, &disks, err) < 0
        || check_meant (c, name, &disks, err) < 0) {
        return -err->code;
    }
    /* The user takes time to answer, so it is checked once more. */
    if (changing_lock_to_remove (&c->h, name, &lock, err) < 0
        || load (c, name, &disks, err) < 0) {
        return -err->code;
    }
    if (remove_vm (&c->h, name, &disks, has_option (c, "disks"), err) < 0) {
        return -err->code;
    }
    tell (c, name, &disks, result);
    return 0;
}

int
cmd_rm (struct cli *c)
{
    const struct handling how = { each_rm, "be removed", "removing",
                                  true,    false,        TURNS_NONE };

    /* Questions are asked one after another. */
    return has_option (c, "yes") ? for_all_vms (c, &how)
                                 : for_each_vm (c, each_rm);
}
