/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/plan/plan.h"

#include <errno.h>
#include <string.h>

#include "core/config/cloud-init.h"
#include "core/plan/seed.h"

/* Is every character without a meaning for the shell? */
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

/* Formats one command; each option begins a new line, followed by its value. */
static const char *
command_text (struct arena *a, const struct hv_launch *l)
{
    const char *line = "";

    for (size_t i = 0; i < l->argv.n; i++) {
        const char *arg = l->argv.p[i];

        line = arena_format (a, "%s%s%s", line,
                             !i            ? ""
                             : *arg == '-' ? " \\\n    "
                                           : " ",
                             shell_quote (a, arg));
    }
    return line;
}

/* A port of a bridge must be created by the person who runs the command. */
static const char *
ports_text (struct arena *a, const struct plan *plan)
{
    const char *text = "";

    for (size_t i = 0; i < plan->nics.n; i++) {
        const struct plan_nic *n = plan->nics.p[i];

        if (n->nic.kind == HV_NIC_TAP || n->nic.kind == HV_NIC_VHOST_USER) {
            text = arena_format (a,
                                 "%s# NIC %s: 'hvctl start' creates its port "
                                 "%s in network %s; do so yourself\n",
                                 text, n->def->name,
                                 n->nic.ifname ? n->nic.ifname : "",
                                 n->def->network);
        }
    }
    return text;
}

/* So must the image for cloud-init. */
static const char *
seed_text (struct arena *a, const struct plan *plan)
{
    return plan->seed && !plan->def->cloud_init->seed
               ? arena_format (a,
                               "# disk " CLOUD_INIT_DISK
                               ": 'hvctl start' creates %s; do so yourself\n",
                               plan->seed->layer.path)
               : "";
}

const char *
plan_command (struct hvctl *h, const struct plan *plan)
{
    struct arena *a = &h->arena;
    const char *dir = shell_quote (a, plan->vm.rundir);
    const char *text = arena_format (
        a, "%s%smkdir -p %s\n", ports_text (a, plan), seed_text (a, plan), dir);

    for (size_t i = 0; i < plan->beside.n; i++) {
        text = arena_format (a, "%s(cd %s && %s)\n", text, dir,
                             command_text (a, plan->beside.p[i]));
    }
    return arena_format (a, "%s%s", text, command_text (a, &plan->command));
}
