/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Help texts, which come from the table of commands. */
#include <string.h>

#include "cli/cli.h"
#include "core/base/arena.h"
#include "core/base/output.h"

#define WIDTH 16

const char *
usage_text (struct cli *c)
{
    struct arena *a = &c->h.arena;
    const char *s = USAGE_LINE "\n\n";

    EACH_COMMAND (cmd) {
        if (!(cmd->flags & CMD_HIDDEN)) {
            s = arena_format (a, "%s  %-*s %s\n", s, WIDTH, cmd->name,
                              cmd->summary);
        }
    }
    s = arena_format (a, "%s\n", s);
    for (const struct option_def *o = global_options; o->name; o++) {
        s = arena_format (a, "%s  -%c, --%s%s%s: %s\n", s, o->letter, o->name,
                          o->arg ? " " : "", o->arg ? o->arg : "", o->summary);
    }
    return arena_format (
        a,
        "%s\n'hvctl help COMMAND' explains a command; see also the "
        "manual pages hvctl(1) and\nhvctl.conf(5).",
        s);
}

static void
print_help (const struct command *cmd)
{
    out ("usage: hvctl %s%s %s\n\n%c%s.\n", cmd->name,
         cmd->options[0].name ? " [OPTION…]" : "", cmd->usage,
         cmd->summary[0] - 'a' + 'A', cmd->summary + 1);
    if (cmd->help) {
        out ("%s\n", cmd->help);
    }
    if (cmd->options[0].name) {
        out ("\n");
    }
    for (const struct option_def *o = cmd->options; o->name; o++) {
        out ("  ");
        if (o->letter) {
            out ("-%c, ", o->letter);
        }
        out ("--%s%s%s: %s\n", o->name, o->arg ? " " : "", o->arg ? o->arg : "",
             o->summary);
    }
}

/* Prints the commands of a group, such as "volume". */
static bool
print_group (const char *group)
{
    size_t len = strlen (group);
    bool any = false;

    EACH_COMMAND (cmd) {
        if (strncmp (cmd->name, group, len) || cmd->name[len] != ' ') {
            continue;
        }
        if (!any) {
            out ("usage: hvctl %s COMMAND [ARGUMENT…]\n\n", group);
        }
        any = true;
        out ("  %-*s %s\n", WIDTH, cmd->name, cmd->summary);
    }
    if (any) {
        out ("\n'hvctl help %s COMMAND' explains a command.\n", group);
    }
    return any;
}

int
print_help_of (struct cli *c, const char *const words[], size_t n)
{
    size_t used;
    const struct command *cmd = find_command (words, n, &used);

    if (!n) {
        out ("%s\n", usage_text (c));
    } else if (cmd) {
        print_help (cmd);
    } else if (n > 1 || !print_group (words[0])) {
        return unknown_command (c, words, n);
    }
    return EXIT_OK;
}

int
cmd_help (struct cli *c)
{
    return print_help_of (c, (const char *const *)c->args.p, c->args.n);
}
