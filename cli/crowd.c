/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Several VMs at once: each is handled by a copy of this process, after the
 * plugins were loaded.  Nothing else is shared: a copy that hangs, or is killed
 * by a plugin, costs no other VM anything. */
#include "cli/crowd.h"

#include <errno.h>
#include <json-c/json.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/live.h"
#include "cli/tell.h"
#include "common/cleanup.h"
#include "common/member.h"
#include "common/size.h"
#include "core/base/clock.h"
#include "core/base/interrupt.h"
#include "core/base/output.h"
#include "core/process/branch.h"
#include "core/provider/loader.h"
#include "core/state/state-run.h"
#include "core/state/state.h"

#define WAITING_JOBS 64
#define FIRST_WORD                                                             \
    1000 /* ms, before the VMs that are waited for are named.                  \
          */
#define NEXT_WORD 10000
#define TABLE_TURN 100

struct job {
    const char *name;
    const struct turn *turn;
    struct branch branch;
    bool ended;
    bool ran; /* The VM, before we began. */
    int64_t since;
    int code;
    struct json_object *result;
};

struct crowd {
    struct cli *c;
    const struct handling *how;
    struct vec names;         /* In their turns. */
    const struct turn *turns; /* Of each. */
    struct job *jobs;
    size_t begun, running, failed, limit;
    struct pollfd *fds; /* Of those that are running, */
    struct job **of;    /* and which they are. */
    int64_t say_at;
    int64_t next_at;     /* When the next start_order may begin, ... */
    const char *delayed; /* ...and the VM that delays it, or null. */
    struct live live;
    bool told; /* That we were interrupted. */
    struct told errors;
};

/* ------------------------------------------------------ In a copy of hvctl */

static void
say_stage (void *data, const char *stage)
{
    branch_say (data, stage);
}

static void work (struct crowd *w, struct job *job) __attribute__ ((noreturn));

static void
work (struct crowd *w, struct job *job)
{
    struct json_object *one = json_object_new_object ();
    int code;

    if (w->live.on) {
        w->c->h.stage = say_stage;
        w->c->h.stage_data = &job->branch;
    }
    /* The number of descriptors is limited, and a VM needs many. */
    for (size_t i = 0; i < w->begun; i++) {
        branch_close (&w->jobs[i].branch);
    }
    code = do_for_vm (w->c, w->how->each, job->name, one);
    branch_end (&job->branch, json_object_to_json_string (one), code);
}

/* ------------------------------------------------------ In the original one */

/* Only VMs that have been started delay others. */
static void
note_delay (struct crowd *w, const struct job *job)
{
    int64_t at = now_ms () + job->turn->delay;

    if (job->turn->delay && !job->ran && job->code == EXIT_OK
        && at > w->next_at) {
        w->next_at = at;
        w->delayed = job->name;
    }
}

/* Without a copy: there was no room for one. */
static void
work_here (struct crowd *w, struct job *job)
{
    live_clear (&w->live);
    job->result = json_object_new_object ();
    job->code = do_for_vm (w->c, w->how->each, job->name, job->result);
    tell_error (w->c, &w->errors, job->name, job->result);
    job->ended = true;
    w->failed += job->code != EXIT_OK;
    note_delay (w, job);
}

/* Begins with the next VM.  The host may have no room for another copy: then
 * that VM waits until one has ended. */
static void
begin (struct crowd *w)
{
    struct job *job = &w->jobs[w->begun];
    struct error err = { 0 };
    sigset_t before;
    int rc;

    if (w->how->turns == TURNS_UP) {
        struct vm_state s;

        state_read (&w->c->h, job->name, &s);
        job->ran = s.run > RUN_STALE;
    }
    interrupt_hold (&before);
    /* One that is made after the signal would not get ours. */
    rc =
        interrupt_came ? -EINTR : branch_start (&job->branch, w->live.on, &err);
    interrupt_let (&before);
    if (rc == 1) {
        work (w, job);
    }
    if (rc == 0) {
        job->since = now_ms ();
        w->running++;
        w->begun++;
    } else if (rc != -EINTR && w->running) {
        hvctl_debug (&w->c->h, "%s has to wait: %s", job->name, err.text);
        w->limit = w->running;
    } else if (rc != -EINTR) {
        w->begun++;
        work_here (w, job);
    }
}

/* The copy has ended without a result. */
static void
note_loss (struct crowd *w, struct job *job, int status)
{
    struct error err = { 0 };

    if (WIFEXITED (status)) {
        fail (&err, EIO, "%s: the process that was %s it exited with status %d",
              job->name, w->how->doing, WEXITSTATUS (status));
    } else {
        fail (&err, EIO,
              "%s: the process that was %s it was killed by signal %d",
              job->name, w->how->doing, WTERMSIG (status));
    }
    job->code = exit_code_of (&err);
    job->result = json_object_new_object ();
    json_put_text_or_null (job->result, "name", job->name);
    json_object_object_add (job->result, "error", error_json (&err));
}

static void
end (struct crowd *w, struct job *job, int status)
{
    CLEANUP_FREE char *text = branch_output (&job->branch, 0);
    CLEANUP_FREE char *errors = branch_output (&job->branch, 1);

    job->ended = true;
    w->running--;
    if (text || errors) {
        live_clear (&w->live);
        out ("%s", text ? text : "");
        err_out ("%s", errors ? errors : "");
    }
    job->result = job->branch.text && WIFEXITED (status)
                      ? json_tokener_parse (job->branch.text)
                      : NULL;
    if (job->result) {
        job->code = WEXITSTATUS (status);
    } else {
        note_loss (w, job, status);
    }
    if (job->code != EXIT_OK) {
        live_clear (&w->live);
        tell_error (w->c, &w->errors, job->name, job->result);
    }
    w->failed += job->code != EXIT_OK;
    branch_free (&job->branch);
    note_delay (w, job);
}

/* Is it the turn of the next VM? */
static bool
may_begin (const struct crowd *w)
{
    const struct job *next = &w->jobs[w->begun];

    if (w->begun == w->names.n || w->running == w->limit || interrupt_came) {
        return false;
    }
    return !w->begun || next->turn->order == next[-1].turn->order
           || (!w->running && now_ms () >= w->next_at);
}

/* The seconds that are left until the next start_order. */
static int
delay_left (const struct crowd *w)
{
    int64_t left = w->next_at - now_ms ();

    return w->running || w->begun == w->names.n || left <= 0
               ? 0
               : (int)((left + 999) / 1000);
}

static void
say_who (struct crowd *w, size_t n)
{
    CLEANUP_FREE char *list = NULL;

    for (size_t i = 0; i < n; i++) {
        char *before = list;

        list = xformat ("%s%s%s", before ? before : "", before ? ", " : "",
                        w->of[i]->name);
        free (before);
    }
    if (list && w->begun < w->names.n) {
        hvctl_warn ("waiting for %s to %s, and then for %zu more", list,
                    w->how->to_do, w->names.n - w->begun);
    } else if (list) {
        hvctl_warn ("waiting for %s to %s", list, w->how->to_do);
    } else if (delay_left (w)) {
        hvctl_warn ("waiting %d s (start_delay of %s) before start_order %u",
                    delay_left (w), w->delayed, w->jobs[w->begun].turn->order);
    }
    w->say_at = now_ms () + NEXT_WORD;
}

static void
draw (struct crowd *w, size_t n)
{
    struct live_row rows[MOST_JOBS];
    char failed[32] = "", more[128] = "", summary[256];
    int delay = delay_left (w);

    if (w->failed) {
        snprintf (failed, sizeof failed, ", %zu failed", w->failed);
    }

    for (size_t i = 0; i < n; i++) {
        rows[i] = (struct live_row){ w->of[i]->name, w->how->doing,
                                     w->of[i]->branch.said, w->of[i]->since };
    }
    if (w->told) {
        snprintf (more, sizeof more, ": interrupted");
    } else if (delay) {
        snprintf (more, sizeof more, " %d s (start_delay of %s)", delay,
                  w->delayed);
    }
    snprintf (summary, sizeof summary, "%zu of %zu VMs done%s, %zu waiting%s",
              w->begun - w->running, w->names.n, failed, w->names.n - w->begun,
              more);
    live_draw (&w->live, rows, n, summary);
}

/* How long to wait for copies: until there is something to show, or it is the
 * turn of others. */
static int
patience (const struct crowd *w)
{
    int64_t left = w->live.on ? TABLE_TURN : w->say_at - now_ms ();
    int64_t delay = w->next_at - now_ms ();

    if (!w->running && delay < left) {
        left = delay;
    }
    return left > 0 ? (int)left : 0;
}

static size_t
list_running (struct crowd *w)
{
    size_t n = 0;

    for (size_t i = 0; i < w->begun && n < w->limit; i++) {
        if (!w->jobs[i].ended) {
            w->fds[n] =
                (struct pollfd){ .fd = w->jobs[i].branch.fd, .events = POLLIN };
            w->of[n++] = &w->jobs[i];
        }
    }
    return n;
}

/* Waits for copies.  A signal is passed on to them, once. */
static int
wait_for_them (struct crowd *w, size_t n)
{
    int ms = patience (w), ready;
    struct timespec t = { .tv_sec = ms / 1000,
                          .tv_nsec = ms % 1000 * 1000000L };
    sigset_t before;

    interrupt_hold (&before);
    for (size_t i = 0; interrupt_came && !w->told && i < n; i++) {
        branch_signal (&w->of[i]->branch, SIGTERM);
    }
    w->told |= interrupt_came;
    ready = ppoll (w->fds, n, &t, &before);
    interrupt_let (&before);
    return ready;
}

/* Checks once all copies. */
static void
attend (struct crowd *w)
{
    size_t n = list_running (w);

    if (live_is_due (&w->live)) {
        draw (w, n);
    } else if (!w->live.on && now_ms () >= w->say_at) {
        say_who (w, n);
    }
    if (wait_for_them (w, n) < 0) {
        return;
    }
    for (size_t i = 0; i < n; i++) {
        int status;

        if (w->fds[i].revents && branch_read (&w->of[i]->branch, &status)) {
            end (w, w->of[i], status);
        }
    }
}

/* The results of the copies, in the order of the names. */
static int
collect (struct crowd *w)
{
    struct json_object *all = json_object_new_array ();
    int code = EXIT_OK;

    live_clear (&w->live);
    tell_same (w->c, &w->errors);
    for (size_t i = 0; i < w->begun; i++) {
        json_object_array_add (all, w->jobs[i].result);
        code = code ? code : w->jobs[i].code;
    }
    return print_vms (w->c, &w->names, w->begun, code, all);
}

static size_t
processors (void)
{
    cpu_set_t set;

    return sched_getaffinity (0, sizeof set, &set) == 0
               ? (size_t)CPU_COUNT (&set)
               : 1;
}

/* How many at once? */
static size_t
usual_limit (const struct crowd *w)
{
    size_t n = w->how->computes ? 2 * processors () : WAITING_JOBS;

    return n < MOST_JOBS ? n : MOST_JOBS;
}

static int
handle_all (struct crowd *w)
{
    size_t n = w->names.n;
    struct arena *a = &w->c->h.arena;

    w->jobs = arena_alloc (a, (n + 1) * sizeof *w->jobs);
    w->fds = arena_alloc (a, w->limit * sizeof *w->fds);
    w->of = arena_alloc (a, w->limit * sizeof *w->of);
    w->say_at = now_ms () + FIRST_WORD;
    for (size_t i = 0; i < n; i++) {
        w->jobs[i].name = w->names.p[i];
        w->jobs[i].turn = &w->turns[i];
    }
    if (n > 1) {
        live_begin (&w->live);
        loader_load (&w->c->h);
    }
    while (w->running || (w->begun < n && !interrupt_came)) {
        if (may_begin (w)) {
            begin (w);
        } else {
            attend (w);
        }
    }
    return collect (w);
}

int
jobs_option (struct cli *c, size_t *jobs, struct error *err)
{
    const char *text = option_value (c, "jobs");
    uint64_t n;

    if (!text) {
        return 0;
    }
    if (!parse_uint (text, &n) || n < 1 || n > MOST_JOBS) {
        return fail_exit (err, EXIT_USAGE, EINVAL,
                          "--jobs %s is not a number from 1 to %d", text,
                          MOST_JOBS);
    }
    *jobs = (size_t)n;
    return 0;
}

int
for_these_vms (struct cli *c, const struct handling *how,
               const struct vec *names)
{
    struct crowd w = { .c = c, .how = how };
    bool delays = how->turns == TURNS_UP && names->n > 1;

    w.limit = usual_limit (&w);
    if (jobs_option (c, &w.limit, &c->err) < 0) {
        return report (c);
    }
    w.turns = turns_sort (c, how->turns, names);
    for (size_t i = 0; i < names->n; i++) {
        vec_add (&c->h.arena, &w.names, w.turns[i].name);
    }
    if (!how->is_long && !delays && (names->n < 2 || w.limit < 2)) {
        return for_vms (c, how->each, &w.names);
    }
    return handle_all (&w);
}

int
for_all_vms (struct cli *c, const struct handling *how)
{
    struct vec names = { 0 };

    return expand_names (c, &c->args, &names) < 0
               ? report (c)
               : for_these_vms (c, how, &names);
}
