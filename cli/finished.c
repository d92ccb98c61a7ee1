/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Handles a command that is repeated after it was interrupted, and that
 * recovery has just completed: the request is fulfilled, and executing it once
 * more would fail. */
#include <json-c/json.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/document.h"
#include "common/cleanup.h"
#include "common/member.h"
#include "core/base/arena.h"
#include "core/base/output.h"
#include "core/machine/recovery.h"
#include "core/state/images.h"

/* Commands whose arguments are complete.  An attached disk has more properties,
 * so a user who wants another one has to see that it exists. */
static const char *const clear[] = {
    "rm",
    "rename",
    "clone",
    "save",
    "detach-disk",
    "detach-nic",
    "volume rm",
    "image rm",
    "volume promote",
    "volume snapshot",
    "snapshot create",
    "snapshot delete",
};

static bool
says_all (struct cli *c)
{
    for (size_t i = 0; i < ARRAY_SIZE (clear); i++) {
        if (!strcmp (c->command->name, clear[i])) {
            return strcmp (clear[i], "snapshot create") != 0
                   || (!has_option (c, "memory") && !has_option (c, "disk"));
        }
    }
    return false;
}

/* The change that the command is about, of that VM. */
static struct finished
change_of_vm (struct cli *c, const char *vm)
{
    const char *command = c->command->name;
    const char *name =
        c->command->args == ARGS_VM_MORE && c->args.n > 1 ? c->args.p[1] : NULL;

    if (!strcmp (command, "rm") && has_option (c, "disks")) {
        name = "disks";
    }
    return !strcmp (command, "clone") && c->args.n > 1
               ? (struct finished){ c->args.p[1], command, NULL, NULL }
               : (struct finished){ vm, command, name, NULL };
}

/* POOL/VOLUME@SNAPSHOT */
static struct finished
change_of_volume (struct cli *c)
{
    const char *spec = c->args.p[0], *slash = strchr (spec, '/');
    const char *volume = slash ? slash + 1 : spec, *at = strchr (volume, '@');
    const char *name = arena_dup_n (&c->h.arena, volume, strcspn (volume, "@"));

    return (struct finished){
        slash ? arena_format (&c->h.arena, "%.*s@%s", (int)(slash - spec), spec,
                              name)
              : arena_format (&c->h.arena, "default@%s", name),
        c->command->name, name, at ? at + 1 : NULL
    };
}

static struct finished
change_of_image (struct cli *c)
{
    const char *name = c->args.p[0];

    return (struct finished){ images_key (&c->h, name), c->command->name, name,
                              NULL };
}

static bool
say (struct cli *c, const char *what, struct json_object *result)
{
    if (result) {
        json_put_text_or_null (result, "done", "finished");
    }
    if (!c->json) {
        out ("%s: '%s' had been interrupted, and is now completed\n", what,
             c->command->name);
    }
    return true;
}

bool
is_finished (struct cli *c, const char *vm, struct json_object *result)
{
    struct finished f = change_of_vm (c, vm);

    if (!says_all (c)) {
        return false;
    }
    if (recovery_has_finished (&c->h, &f)) {
        return say (c, vm, result);
    }
    /* The completed change covers more than this command. */
    f.name = !strcmp (f.command, "rm") ? "disks" : f.name;
    return recovery_has_finished (&c->h, &f) && say (c, vm, result);
}

/* A generated name would be another one now. */
bool
is_finished_already (struct cli *c)
{
    bool volume = !strncmp (c->command->name, "volume ", 7);
    bool image = !strncmp (c->command->name, "image ", 6);
    struct json_object *o = NULL;
    struct finished f;

    if (!says_all (c) || !c->args.n
        || (!volume && !image
            && (c->command->args != ARGS_VM_MORE || c->args.n < 2))) {
        return false;
    }
    f = volume  ? change_of_volume (c)
        : image ? change_of_image (c)
                : change_of_vm (c, c->args.p[0]);
    if (!recovery_has_finished (&c->h, &f)) {
        return false;
    }
    if (c->json) {
        o = json_object_new_object ();
        json_put_text_or_null (o, "name", c->args.p[0]);
    }
    say (c, c->args.p[0], o);
    if (o) {
        document_print (c, o);
    }
    return true;
}
