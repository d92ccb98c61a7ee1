/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* main: parse, open the configuration, run one command of the table. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "core/machine.h"

static void
on_signal (int signal)
{
    (void)signal;
    hvctl_interrupted = 1;
}

/* Commands that change something roll back when interrupted; others just
 * end.  No SA_RESTART: waits are to end. */
static void
catch_signals (void)
{
    struct sigaction action = { .sa_handler = on_signal };

    sigaction (SIGINT, &action, NULL);
    sigaction (SIGTERM, &action, NULL);
    sigaction (SIGHUP, &action, NULL);
    signal (SIGPIPE, SIG_IGN);
}

static int
run (struct cli *c, int argc, char **argv)
{
    int rc = parse_command_line (c, argc, argv);

    if (rc >= 0) {
        return rc;
    }
    if (!(c->command->flags & CMD_NO_CONFIG)
        && hvctl_open (&c->h, c->conf, &c->err) < 0) {
        return report (c);
    }
    c->h.changes = c->command->flags & CMD_CHANGES;
    if (c->h.changes) {
        catch_signals ();
        machine_sweep (&c->h);
    }
    rc = c->command->run (c);
    if (fflush (stdout) != 0 || ferror (stdout)) {
        hvctl_warn ("cannot write the output: %s", strerror (errno));
        rc = rc ? rc : EXIT_ERROR;
    }
    return rc;
}

int
main (int argc, char **argv)
{
    struct cli c = { .conf = NULL };
    int rc = run (&c, argc, argv);

    hvctl_close (&c.h);
    return rc;
}
