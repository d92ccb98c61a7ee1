/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The VMs that a command is for: one after another, or all at once. */
#include <errno.h>
#include <fnmatch.h>
#include <json-c/json.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "common/member.h"
#include "cli/cli.h"
#include "core/base/clock.h"
#include "core/base/interrupt.h"
#include "core/base/name.h"
#include "core/base/output.h"
#include "core/config/definition-find.h"
#include "core/process/branch.h"

#define AT_ONCE 64
#define FIRST_WORD                                                             \
    1000 /* ms, before the VMs that are waited for are named.                  \
          */
#define NEXT_WORD 10000

static bool
is_pattern (const char *s)
{
    return strpbrk (s, "*?[") != NULL;
}

int
expand_names (struct cli *c, struct vec *names)
{
    struct vec all = { 0 };
    bool loaded = false;

    for (size_t i = 0; i < c->args.n; i++) {
        const char *arg = c->args.p[i];
        bool any = false;

        if (is_pattern (arg) && !loaded
            && definition_names (&c->h, &all, &c->err) < 0) {
            return -c->err.code;
        }
        loaded |= is_pattern (arg);
        for (size_t k = 0; is_pattern (arg) && k < all.n; k++) {
            if (fnmatch (arg, all.p[k], 0) == 0) {
                any = true;
                if (!vec_has (names, all.p[k])) {
                    vec_add (&c->h.arena, names, all.p[k]);
                }
            }
        }
        if (!any && !vec_has (names, arg)) {
            vec_add (&c->h.arena, names, arg);
        }
    }
    return 0;
}

int
name_check (const char *name, struct error *err)
{
    return is_pattern (name) ? fail_exit (err, EXIT_NOT_FOUND, ENOENT,
                                          "no VM matches '%s'", name)
                             : name_validate ("VM", name, err);
}

/* Returns the exit code. */
static int
do_one (struct cli *c, each_fn *each, const char *name, struct json_object *one)
{
    struct error err = { 0 };

    json_put_text_or_null (one, "name", name);
    if (is_finished (c, name, one)) {
        return EXIT_OK;
    }
    if (name_check (name, &err) < 0 || each (c, name, one, &err) < 0) {
        /* Another hvctl was changing it at first: the change was completed only
         * now. */
        if (is_finished (c, name, one)) {
            return EXIT_OK;
        }
        json_object_object_add (one, "error", error_json (&err));
        if (!c->json) {
            hvctl_warn ("%s", err.text);
        }
        return exit_code_of (&err);
    }
    return EXIT_OK;
}

static int
print_all (struct cli *c, struct json_object *all, bool complete, int code)
{
    if (c->json) {
        out_json (all);
    } else {
        json_object_put (all);
    }
    /* VMs that were done before the signal came are done. */
    return !complete && !code ? EXIT_INTERRUPTED : code;
}

int
for_each_vm (struct cli *c, each_fn *each)
{
    struct json_object *all = json_object_new_array ();
    struct vec names = { 0 };
    int code = EXIT_OK;
    size_t i = 0;

    if (expand_names (c, &names) < 0) {
        json_object_put (all);
        return report (c);
    }
    for (; i < names.n && !interrupt_came; i++) {
        struct json_object *one = json_object_new_object ();
        int failed = do_one (c, each, names.p[i], one);

        code = code ? code : failed;
        json_object_array_add (all, one);
    }
    return print_all (c, all, i == names.n, code);
}

/* ----------------------------------------------------------- All at once */

struct job {
    const char *name;
    struct branch branch;
    bool started, ended;
    int code;
};

struct crowd {
    struct cli *c;
    each_fn *each;
    const char *to_do;
    struct job *jobs;
    size_t n, begun, running;
    int64_t say_at;
    bool told; /* That we were interrupted. */
};

static void
begin (struct crowd *w, struct job *job)
{
    struct json_object *one;
    struct error err = { 0 };
    int rc = branch_start (&job->branch, &err), code;

    if (rc == 1) {
        one = json_object_new_object ();
        code = do_one (w->c, w->each, job->name, one);
        branch_end (&job->branch, json_object_to_json_string (one), code);
    }
    job->started = rc == 0;
    job->ended = rc < 0;
    w->running += rc == 0;
    if (rc < 0) {
        job->code = exit_code_of (&err);
        hvctl_warn ("%s: %s", job->name, err.text);
    }
}

static void
say_who (struct crowd *w)
{
    const char *list = NULL;

    for (size_t i = 0; i < w->n; i++) {
        if (!w->jobs[i].ended) {
            list = list ? arena_format (&w->c->h.arena, "%s, %s", list,
                                        w->jobs[i].name)
                        : w->jobs[i].name;
        }
    }
    if (list) {
        hvctl_warn ("waiting for %s to %s", list, w->to_do);
    }
    w->say_at = now_ms () + NEXT_WORD;
}

static void
end (struct crowd *w, struct job *job, int status)
{
    job->ended = true;
    w->running--;
    job->code = WIFEXITED (status) ? WEXITSTATUS (status) : EXIT_ERROR;
    if (!WIFEXITED (status)) {
        hvctl_warn ("%s: the process that should %s it was killed by signal %d",
                    job->name, w->to_do, WTERMSIG (status));
    }
}

/* Checks once all child processes. */
static void
attend (struct crowd *w)
{
    struct pollfd fds[AT_ONCE];
    struct job *of[AT_ONCE];
    size_t n = 0;
    int64_t left = w->say_at - now_ms ();

    for (size_t i = 0; i < w->begun && n < AT_ONCE; i++) {
        if (w->jobs[i].started && !w->jobs[i].ended) {
            fds[n] =
                (struct pollfd){ .fd = w->jobs[i].branch.fd, .events = POLLIN };
            of[n++] = &w->jobs[i];
        }
    }
    if (interrupt_came && !w->told) {
        w->told = true;
        for (size_t i = 0; i < n; i++) {
            branch_signal (&of[i]->branch, SIGTERM);
        }
    }
    if (poll (fds, n, left > 0 ? (int)left : 0) < 0) {
        return;
    }
    for (size_t i = 0; i < n; i++) {
        int status;

        if (fds[i].revents && branch_read (&of[i]->branch, &status)) {
            end (w, of[i], status);
        }
    }
    if (now_ms () >= w->say_at) {
        say_who (w);
    }
}

/* The results of the child processes, in the order of the names. */
static int
collect (struct crowd *w)
{
    struct json_object *all = json_object_new_array ();
    int code = EXIT_OK;

    for (size_t i = 0; i < w->begun; i++) {
        struct job *job = &w->jobs[i];
        struct json_object *one =
            job->branch.text ? json_tokener_parse (job->branch.text) : NULL;

        if (one) {
            json_object_array_add (all, one);
        }
        code = code ? code : job->code;
        branch_free (&job->branch);
    }
    return print_all (w->c, all, w->begun == w->n, code);
}

int
for_all_vms (struct cli *c, each_fn *each, const char *to_do)
{
    struct crowd w = { .c = c, .each = each, .to_do = to_do };
    struct vec names = { 0 };

    if (expand_names (c, &names) < 0) {
        return report (c);
    }
    w.n = names.n;
    w.jobs = arena_alloc (&c->h.arena, (w.n + 1) * sizeof *w.jobs);
    w.say_at = now_ms () + FIRST_WORD;
    for (size_t i = 0; i < w.n; i++) {
        w.jobs[i].name = names.p[i];
        w.jobs[i].branch.fd = -1;
    }
    while (w.running || (w.begun < w.n && !interrupt_came)) {
        if (w.begun < w.n && w.running < AT_ONCE && !interrupt_came) {
            begin (&w, &w.jobs[w.begun++]);
        } else {
            attend (&w);
        }
    }
    return collect (&w);
}
