/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Everything that is said about commands is said by the table. */
#include <string.h>

#include "cli/cli.h"

#define WIDTH 16

void
print_usage (FILE *f)
{
    fputs ("usage: hvctl [OPTION…] COMMAND [ARGUMENT…]\n\n", f);
    for (const struct command *cmd = commands; cmd->name; cmd++) {
        if (!(cmd->flags & CMD_HIDDEN)) {
            fprintf (f, "  %-*s %s\n", WIDTH, cmd->name, cmd->summary);
        }
    }
    fputs ("\n", f);
    for (const struct option_def *o = global_options; o->name; o++) {
        fprintf (f, "  -%c, --%s%s%s: %s\n", o->letter, o->name,
                 o->arg ? " " : "", o->arg ? o->arg : "", o->summary);
    }
    fputs ("\n'hvctl help COMMAND' tells more, and so do the manual pages "
           "hvctl(1) and\nhvctl.conf(5).\n",
           f);
}

void
print_help (const struct command *cmd, FILE *f)
{
    fprintf (f, "usage: hvctl %s%s %s\n\n%c%s.\n", cmd->name,
             cmd->options[0].name ? " [OPTION…]" : "", cmd->usage,
             cmd->summary[0] - 'a' + 'A', cmd->summary + 1);
    if (cmd->help) {
        fprintf (f, "%s\n", cmd->help);
    }
    if (cmd->options[0].name) {
        fputs ("\n", f);
    }
    for (const struct option_def *o = cmd->options; o->name; o++) {
        fprintf (f, "  ");
        if (o->letter) {
            fprintf (f, "-%c, ", o->letter);
        }
        fprintf (f, "--%s%s%s: %s\n", o->name, o->arg ? " " : "",
                 o->arg ? o->arg : "", o->summary);
    }
}

int
cmd_help (struct cli *c)
{
    size_t used;
    const struct command *cmd;

    if (!c->args.n) {
        print_usage (stdout);
        return EXIT_OK;
    }
    cmd = find_command ((const char *const *)c->args.p, c->args.n, &used);
    if (!cmd) {
        hvctl_warn ("there is no command '%s'", (const char *)c->args.p[0]);
        return EXIT_USAGE;
    }
    print_help (cmd, stdout);
    return EXIT_OK;
}
