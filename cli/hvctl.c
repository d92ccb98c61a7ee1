/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* main: parse, open the configuration, run one command of the table. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/identify.h"
#include "cli/select.h"
#include "core/base/clock.h"
#include "core/base/interrupt.h"
#include "core/base/output.h"
#include "core/hvctl.h"
#include "core/machine/tend-all.h"
#include "core/provider/guard.h"

/* A program such as timeout(1) sends its signal to us, and at once to our
 * process group: that counts as one. */
#define TWICE 100

/* The first signal starts the rollback.  The second one takes effect at once:
 * it aborts a plugin that goes on, or hvctl; so does a third one.  Unfinished
 * work is in the journals. */
static void
on_signal (int signal)
{
    static const char *const words[] = {
        "hvctl: interrupted again: the next command that makes a change "
        "completes this one or rolls it back\n",
        NULL
    };
    static volatile int64_t first, times;
    int saved = errno;

    (void)signal;
    interrupt_note ();
    if (!first) {
        first = now_ms ();
        guard_interrupt (false);
    } else if (now_ms () - first > TWICE
               && (times++ > 0 || !guard_interrupt (true))) {
        err_at_once (words);
        syscall (SYS_exit_group, EXIT_INTERRUPTED);
    }
    errno = saved;
}

/* Commands that make changes roll back when interrupted; others just exit.  No
 * SA_RESTART: waits must end. */
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
open_host (struct cli *c)
{
    unsigned flags = c->command->flags;

    return flags & CMD_NO_CONFIG ? 0
           : flags & CMD_DESPITE ? hvctl_open_despite (&c->h, c->conf, &c->err)
                                 : hvctl_open (&c->h, c->conf, &c->err);
}

static int
run (struct cli *c, int argc, char **argv)
{
    int rc = parse_command_line (c, argc, argv);

    if (rc >= 0) {
        return rc;
    }
    if (open_host (c) < 0) {
        return report (c);
    }
    c->h.changes = c->command->flags & CMD_CHANGES;
    if (c->h.changes) {
        catch_signals ();
    }
    if (identify_args (c) < 0 || select_vms (c) < 0) {
        return report (c);
    }
    if (c->h.changes) {
        tend_all (&c->h, c->command->run == cmd_kill ? NULL
                         : c->is_chosen              ? &c->chosen
                                                     : &c->args);
        if (is_finished_already (c)) {
            return EXIT_OK;
        }
    }
    return c->command->run (c);
}

int
main (int argc, char **argv)
{
    struct cli c = { .conf = NULL };
    struct error lost = { 0 };
    int rc;

    /* Our caller may ignore it, which an execution does not change: the kernel
     * would wait for our children, and we could not. */
    signal (SIGCHLD, SIG_DFL);
    output_begin ();
    rc = run (&c, argc, argv);
    if (output_end (&lost) < 0) {
        hvctl_warn ("%s", lost.text);
        rc = rc ? rc : EXIT_ERROR;
    }
    hvctl_close (&c.h);
    return rc;
}
