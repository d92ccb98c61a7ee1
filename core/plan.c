/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/plan.h"

#include <errno.h>
#include <string.h>

#include "core/host.h"
#include "core/state.h"

/* A failure ends a plan, but not an explanation: there it is kept with the
 * role, and the other roles are still resolved. */
static bool
go_on (struct plan *plan, bool explain, const struct error *err)
{
    if (explain && plan->roles.n) {
        ((struct role *)plan->roles.p[plan->roles.n - 1])->err = *err;
    }
    return explain;
}

static int
resolve_all (struct hvctl *h, struct plan *plan, bool explain,
             struct error *err)
{
    const struct definition *def = plan->def;

    for (size_t i = 0; i < def->disks.n; i++) {
        if (resolve_disk (h, plan, def->disks.p[i], err) < 0
            && !go_on (plan, explain, err)) {
            return -err->code;
        }
    }
    for (size_t i = 0; i < def->nics.n; i++) {
        if (resolve_nic (h, plan, def->nics.p[i], err) < 0
            && !go_on (plan, explain, err)) {
            return -err->code;
        }
    }
    if (resolve_hypervisor (h, plan, explain, err) < 0
        && !go_on (plan, explain, err)) {
        return -err->code;
    }
    if (plan->hypervisor && plan->vm.uefi
        && resolve_firmware (h, plan, explain, err) < 0
        && !go_on (plan, explain, err)) {
        return -err->code;
    }
    return 0;
}

static void
apply_choice (struct hvctl *h, struct plan *plan)
{
    plan->vm.machine = plan->choice.machine;
    plan->vm.accelerator = plan->choice.accelerator;
    plan->vm.cpu = plan->choice.cpu;
    plan->vm.saved = plan->def->saved;
    if (plan->firmware) {
        if (plan->image.vars_template) {
            plan->image.vars = arena_format (
                &h->arena, "%s/vars.fd", state_keep_dir (h, plan->def->name));
        }
        plan->vm.firmware = &plan->image;
    }
}

int
plan_make (struct hvctl *h, struct definition *def, enum plan_depth depth,
           struct plan **out, struct error *err)
{
    struct plan *plan = arena_alloc (&h->arena, sizeof *plan);
    bool explain = depth == PLAN_RESOLVE;

    plan->def = def;
    *out = plan;
    if (resolve_all (h, plan, explain, err) < 0) {
        return fail_prefix (err, "%s", def->name);
    }
    if (!plan->hypervisor) {
        return 0;
    }
    apply_choice (h, plan);
    if (explain) {
        return 0;
    }
    if (hypervisor_describe (plan->hypervisor, &plan->vm, &plan->launch, err)
        < 0) {
        return fail_prefix (err, "%s", def->name);
    }
    if (depth == PLAN_COMMAND) {
        plan->vm.by_path = plan->command.by_path = true;
        if (hypervisor_describe (plan->hypervisor, &plan->vm, &plan->command,
                                 err)
            < 0) {
            return fail_prefix (err, "%s", def->name);
        }
        plan->vm.by_path = false;
    }
    if (!plan->launch.argv.n) {
        return fail (err, EIO, "%s: plugin %s described no arguments",
                     def->name, plan->hypervisor->name);
    }
    return 0;
}

/* Is every character one that no shell looks at? */
static bool
is_plain (const char *s)
{
    return *s
           && !s[strspn (s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV"
                            "WXYZ0123456789@%+=:,./_-")];
}

static const char *
shell_quote (struct arena *a, const char *s)
{
    char *quoted, *to;

    if (is_plain (s)) {
        return s;
    }
    quoted = to = arena_alloc (a, strlen (s) * 4 + 3);
    *to++ = '\'';
    for (; *s; s++) {
        if (*s == '\'') {
            memcpy (to, "'\\''", 4);
            to += 4;
        } else {
            *to++ = *s;
        }
    }
    *to = '\'';
    return quoted;
}

const char *
plan_command (struct hvctl *h, const struct plan *plan)
{
    const char *line = "";

    for (size_t i = 0; i < plan->command.argv.n; i++) {
        const char *arg = plan->command.argv.p[i];

        /* An option begins a new line, with its value beside it. */
        line = arena_format (&h->arena, "%s%s%s", line,
                             !i            ? ""
                             : *arg == '-' ? " \\\n    "
                                           : " ",
                             shell_quote (&h->arena, arg));
    }
    return line;
}
