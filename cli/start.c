/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* start, run, stop, kill, restart, pause, resume, save, release. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/crowd.h"
#include "cli/progress.h"
#include "common/cleanup.h"
#include "common/member.h"
#include "common/size.h"
#include "core/base/context.h"
#include "core/base/error.h"
#include "core/base/name.h"
#include "core/base/output.h"
#include "core/config/definition-find.h"
#include "core/config/definition.h"
#include "core/machine/changing.h"
#include "core/machine/pause.h"
#include "core/machine/prepare.h"
#include "core/machine/release.h"
#include "core/machine/running.h"
#include "core/machine/save-vm.h"
#include "core/machine/stop.h"
#include "core/machine/settle.h"
#include "core/machine/start.h"
#include "core/sandbox/jail.h"
#include "core/state/ending.h"
#include "core/state/state-changes.h"
#include "core/state/state-run.h"
#include "core/state/state.h"

/* ms that another hvctl may take for a change: a user who pauses a VM is in a
 * hurry. */
#define PAUSE_PATIENCE 20000

static void
say (struct cli *c, const char *name, const char *what)
{
    if (!c->json) {
        out ("%s %s\n", name, what);
    }
}

/* --sandbox, which only a start from the command line has. */
static int
choose_sandbox (struct cli *c, enum sandbox_mode *mode, struct error *err)
{
    const char *word =
        c->command->run == cmd_start ? option_value (c, "sandbox") : NULL;

    *mode = SANDBOX_KILL;
    if (!word) {
        return 0;
    }
    if (strcmp (word, "log") != 0 && strcmp (word, "diagnose") != 0) {
        return fail_exit (err, EXIT_USAGE, EINVAL,
                          "--sandbox=%s: use 'log' or 'diagnose'; the sandbox "
                          "cannot be switched off",
                          word);
    }
    *mode = *word == 'l' ? SANDBOX_LOG : SANDBOX_DIAGNOSE;
    return 0;
}

static int
start_one (struct cli *c, const char *name, bool foreground,
           struct vm_state *state, struct error *err)
{
    struct start_wish wish = {
        .name = name,
        .fresh = c->command->run == cmd_start && has_option (c, "fresh"),
        .foreground = foreground,
    };

    return choose_sandbox (c, &wish.sandbox, err) < 0
               ? -err->code
               : prepare_and_start (&c->h, &wish, NULL, state, err);
}

static const char *const ways[] = { "nothing", "acpi", "quit", "kill",
                                    "other" };

/* --autostart: those that run already are as they are to be. */
static bool
is_up_already (struct cli *c, const char *name, struct json_object *result)
{
    struct vm_state s;

    if (c->command->run != cmd_start || !has_option (c, "autostart")) {
        return false;
    }
    state_read (&c->h, name, &s);
    if (s.run <= RUN_UNKNOWN) {
        return false;
    }
    json_put_text_or_null (result, "state", state_run_text (s.run));
    json_put_text_or_null (result, "way", ways[STOP_NOTHING]);
    if (!c->json) {
        out ("%s is %s already\n", name, state_run_text (s.run));
    }
    return true;
}

int
each_start (struct cli *c, const char *name, struct json_object *result,
            struct error *err)
{
    struct vm_state state = { 0 };

    if (is_up_already (c, name, result)) {
        return 0;
    }
    if (start_one (c, name, false, &state, err) < 0) {
        return -err->code;
    }
    json_put_text_or_null (result, "state", state_run_text (state.run));
    json_put_number (result, "pid", state.pid);
    json_put_text_or_null (result, "hypervisor", state.hypervisor);
    json_put_text_or_null (result, "accelerator", state.accelerator);
    json_put_text_or_null (result, "sandbox", state.sandbox);
    if (!c->json) {
        out ("%s is %s (%s, %s, process %d)\n", name,
             state_run_text (state.run), state.hypervisor, state.accelerator,
             (int)state.pid);
    }
    return 0;
}

int
cmd_start (struct cli *c)
{
    bool console = has_option (c, "console");
    struct vec names = { 0 };
    struct error ignored = { 0 };
    int code;

    if (console && expand_names (c, &c->args, &names) < 0) {
        return report (c);
    }
    if (console && (names.n != 1 || c->json)) {
        fail_exit (
            &c->err, EXIT_USAGE, EINVAL,
            c->json
                ? "a console has no JSON output: leave out -o json or --console"
                : "--console is for one VM");
        return report (c);
    }
    code = for_all_vms (
        c, &(struct handling){ each_start, "start", "starting", true, false,
                               has_option (c, "autostart") ? TURNS_UP
                                                           : TURNS_NONE });
    if (code != EXIT_OK || !console) {
        return code;
    }
    output_flush (&ignored);
    c->args.p[0] = names.p[0];
    return cmd_console (c);
}

int
cmd_run (struct cli *c)
{
    struct vm_state state;

    /* Returns only on failure: otherwise this process becomes the
     * supervisor. */
    if (start_one (c, c->args.p[0], true, &state, &c->err) < 0) {
        return report (c);
    }
    return EXIT_OK;
}

/* Of an invalid definition, what it was at the start. */
static int64_t
defined_timeout (struct cli *c, const char *name)
{
    struct error ignored = { 0 };
    struct definition *def;
    struct vm_state state;
    struct running r;
    int64_t at_start = 60000;

    if (definition_load (&c->h, name, &def, &ignored) == 0) {
        return def->stop_timeout;
    }
    state_read (&c->h, name, &state);
    if (state.run > RUN_STALE && running_read (&c->h, &state, &r)) {
        if (json_member (r.plan, "stop_timeout", json_type_int)) {
            at_start = (int64_t)json_member_size (r.plan, "stop_timeout");
        }
        json_object_put (r.plan);
    }
    return at_start;
}

static int
stop_timeout (struct cli *c, const char *name, int64_t *timeout,
              struct error *err)
{
    const char *text = option_value (c, "timeout");

    if (text && !parse_duration (text, timeout)) {
        return fail_exit (err, EXIT_USAGE, EINVAL,
                          "--timeout %s is not a duration such as 90s", text);
    }
    if (!text) {
        *timeout = defined_timeout (c, name);
    }
    return 0;
}

/* Stopping an unknown VM is a typing error; stopping one that is not running is
 * a success. */
static int
must_exist (struct cli *c, const char *name, struct error *err)
{
    struct definition *def;
    struct vm_state state;

    if (name_validate ("VM", name, err) < 0) {
        return -err->code;
    }
    state_read (&c->h, name, &state);
    if (state.run == RUN_STOPPED && definition_load (&c->h, name, &def, err) < 0
        && err->exit_code == EXIT_NOT_FOUND) {
        return -err->code;
    }
    return 0;
}

static int
stop_one (struct cli *c, const char *name, int64_t *timeout, enum stop_way *way,
          struct error *err)
{
    if (must_exist (c, name, err) < 0
        || stop_timeout (c, name, timeout, err) < 0) {
        return -err->code;
    }
    return stop_vm (&c->h, name, *timeout, way, err);
}

static const char *
how_it_ended (struct cli *c, const char *name)
{
    int64_t when;
    const char *how = ending_last (&c->h, name, &when);

    return arena_format (&c->h.arena, "exited while it was shutting down: %s",
                         how ? how : "for an unknown reason");
}

static int
each_stop (struct cli *c, const char *name, struct json_object *result,
           struct error *err)
{
    static const char *const texts[][2] = {
        { "was not running", "was not running" },
        { "has shut down", "has shut down" },
        { "did not shut down in time: its hypervisor was asked to quit",
          "was not asked to shut down, since the timeout is 0: its hypervisor "
          "was asked to quit" },
        { "did not shut down in time, and was killed",
          "was not asked to shut down, since the timeout is 0: its hypervisor "
          "did not quit, and was killed" },
    };
    enum stop_way way;
    int64_t timeout;

    if (stop_one (c, name, &timeout, &way, err) < 0) {
        return -err->code;
    }
    json_put_text_or_null (result, "state", "stopped");
    json_put_text_or_null (result, "way", ways[way]);
    say (c, name,
         way == STOP_OTHER ? how_it_ended (c, name) : texts[way][timeout == 0]);
    return 0;
}

int
cmd_stop (struct cli *c)
{
    return for_all_vms (c,
                        &(struct handling){ each_stop, "shut down", "stopping",
                                            false, true, TURNS_DOWN });
}

static int
each_kill (struct cli *c, const char *name, struct json_object *result,
           struct error *err)
{
    enum stop_way way;

    /* A VM that is being created has no definition yet. */
    if (name_validate ("VM", name, err) < 0
        || (!state_is_changing (&c->h, name) && must_exist (c, name, err) < 0)
        || stop_kill (&c->h, name, &way, err) < 0) {
        return -err->code;
    }
    json_put_text_or_null (result, "state", "stopped");
    json_put_text_or_null (result, "way", ways[way]);
    say (c, name, way == STOP_NOTHING ? "was not running" : "was killed");
    return 0;
}

int
cmd_kill (struct cli *c)
{
    return for_all_vms (c, &(struct handling){ each_kill, "exit", "killing",
                                               false, false, TURNS_NONE });
}

/* If the start after the stop would be refused anyway, the running VM is not
 * stopped. */
static int
check_restart (struct cli *c, const char *name, struct error *err)
{
    struct vm_state state;

    state_read (&c->h, name, &state);
    if (state.run <= RUN_STALE || state.run == RUN_UNKNOWN
        || prepare_again (&c->h, name, err) == 0) {
        return 0;
    }
    return fail_prefix (err, "%s is still %s, since it could not start again",
                        name, state_run_text (state.run));
}

/* It was running before, which the user has to know. */
static int
fail_stopped (struct cli *c, const char *name, struct json_object *result,
              struct error *err)
{
    struct vm_state state;

    state_read (&c->h, name, &state);
    if (state.run == RUN_STOPPED || state.run == RUN_STALE) {
        json_put_text_or_null (result, "state", "stopped");
        fail_prefix (err, "%s is now stopped, and could not start again", name);
    }
    return -err->code;
}

static int
each_restart (struct cli *c, const char *name, struct json_object *result,
              struct error *err)
{
    enum stop_way way;
    int64_t timeout;

    if (check_restart (c, name, err) < 0
        || stop_one (c, name, &timeout, &way, err) < 0) {
        return -err->code;
    }
    json_put_text_or_null (result, "way", ways[way]);
    return each_start (c, name, result, err) < 0 && way != STOP_NOTHING
               ? fail_stopped (c, name, result, err)
               : -err->code;
}

int
cmd_restart (struct cli *c)
{
    return for_all_vms (c, &(struct handling){ each_restart, "restart",
                                               "restarting", false, true,
                                               TURNS_NONE });
}

static int
pause_or_resume (struct cli *c, const char *name, bool resume,
                 struct json_object *result, struct error *err)
{
    CLEANUP_CLOSE int lock = -1;

    /* Not in the middle of a snapshot. */
    if (must_exist (c, name, err) < 0
        || changing_lock_within (&c->h, name, true, PAUSE_PATIENCE, &lock, err)
               < 0
        || pause_vm (&c->h, name, resume, err) < 0) {
        return -err->code;
    }
    json_put_text_or_null (result, "state", resume ? "running" : "paused");
    say (c, name, resume ? "is resumed" : "is paused");
    return 0;
}

static int
each_pause (struct cli *c, const char *name, struct json_object *result,
            struct error *err)
{
    return pause_or_resume (c, name, false, result, err);
}

static int
each_resume (struct cli *c, const char *name, struct json_object *result,
             struct error *err)
{
    return pause_or_resume (c, name, true, result, err);
}

int
cmd_pause (struct cli *c)
{
    return for_all_vms (c, &(struct handling){ each_pause, "pause", "pausing",
                                               false, false, TURNS_NONE });
}

int
cmd_resume (struct cli *c)
{
    return for_all_vms (c,
                        &(struct handling){ each_resume, "resume", "resuming",
                                            false, false, TURNS_NONE });
}

static int
each_save (struct cli *c, const char *name, struct json_object *result,
           struct error *err)
{
    CLEANUP_CLOSE int lock = -1;
    struct definition *def;
    struct progress progress;
    int rc;

    if (must_exist (c, name, err) < 0
        || changing_lock (&c->h, name, true, &lock, err) < 0
        || definition_load (&c->h, name, &def, err) < 0) {
        return -err->code;
    }
    progress_begin (c, &progress, 0);
    rc = save_vm (&c->h, def, err);
    progress_end (c, &progress);
    if (rc == 0) {
        json_put_text_or_null (result, "state", "saved");
        say (c, name, "is saved");
    }
    return rc;
}

int
cmd_save (struct cli *c)
{
    return for_all_vms (c, &(struct handling){ each_save, "save", "saving",
                                               true, false, TURNS_NONE });
}

int
cmd_settle (struct cli *c)
{
    return settle_vm (&c->h, c->args.p[0], &c->err) < 0 ? report (c) : EXIT_OK;
}

/* The supervisor in the foreground has the terminal, or the journal, where the
 * exit is to be reported. */
int
cmd_release (struct cli *c)
{
    const char *name = c->args.p[0], *how = NULL;
    struct vm_state s;
    int64_t when = 0;

    state_read (&c->h, name, &s);
    if (has_option (c, "tell")) {
        how = ending_last (&c->h, name, &when);
        hvctl_warn ("%s: %s", name, how ? how : "how it exited is unknown");
    }
    if (release_finish (&c->h, &s, false, &c->err) < 0
        && c->err.exit_code != EXIT_RUNNING) {
        return report (c);
    }
    state_tidy_changes (&c->h); /* 'run' could not: it was our supervisor. */
    return EXIT_OK;
}
