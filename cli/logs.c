/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* logs: of the console, and of the hypervisor. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "common/cleanup.h"
#include "common/size.h"
#include "core/base/arena.h"
#include "core/base/output.h"
#include "core/config/definition-find.h"
#include "core/config/definition.h"
#include "core/state/ending.h"
#include "core/state/state-run.h"
#include "core/state/state.h"

#define LOOK_EVERY 100 /* ms */

/* Returns where the last 'lines' lines begin. */
static off_t
tail_offset (int fd, uint64_t lines)
{
    off_t at = lseek (fd, 0, SEEK_END);
    uint64_t seen = 0;
    char byte;

    while (at > 0 && pread (fd, &byte, 1, at - 1) == 1) {
        if (byte == '\n' && ++seen > lines) {
            break;
        }
        at--;
    }
    return at;
}

/* A log that had grown too long was rotated by the supervisor, and each start
 * begins another one. */
static void
follow_to (int *fd, const char *path)
{
    struct stat here, there;

    if (fstat (*fd, &here) < 0) {
        return;
    }
    if (here.st_size < lseek (*fd, 0, SEEK_CUR)) {
        lseek (*fd, 0, SEEK_SET);
    }
    if (stat (path, &there) == 0
        && (there.st_ino != here.st_ino || there.st_dev != here.st_dev)) {
        int next = open (path, O_RDONLY | O_CLOEXEC);

        if (next >= 0) {
            close (*fd);
            *fd = next;
        }
    }
}

int
copy_log (int fd, struct error *err)
{
    char buffer[16384];
    ssize_t n;

    while ((n = read (fd, buffer, sizeof buffer)) > 0) {
        out_bytes (buffer, (size_t)n);
        if (output_flush (err) < 0) {
            return -err->code;
        }
    }
    return n < 0 ? fail (err, errno, "cannot read the log: %m") : 0;
}

/* Until the VM has stopped, or the output is closed. */
static int
follow (struct cli *c, const char *name, const char *path, int *fd)
{
    for (;;) {
        struct vm_state state;

        /* Its last output is there when it has exited. */
        state_read (&c->h, name, &state);
        follow_to (fd, path);
        if (copy_log (*fd, &c->err) < 0) {
            return -c->err.code;
        }
        if (state.run <= RUN_STALE) {
            return 0;
        }
        if (output_is_lost ()) {
            raise (SIGPIPE);
            return fail (&c->err, EPIPE, "nothing reads the output any more");
        }
        poll (NULL, 0, LOOK_EVERY);
    }
}

const char *
log_path (struct cli *c, const char *name, const char *file)
{
    return arena_format (&c->h.arena, "%s/%s", state_log_dir (&c->h, name),
                         file);
}

static bool
has_log (struct cli *c, const char *name, const char *file)
{
    return access (log_path (c, name, file), F_OK) == 0;
}

static bool
has_run (struct cli *c, const char *name, const struct vm_state *state)
{
    int64_t when;

    return state->run != RUN_STOPPED || ending_last (&c->h, name, &when)
           || has_log (c, name, "hypervisor.log")
           || has_log (c, name, "hypervisor.log.1");
}

/* Each start begins a log of the hypervisor first, then that of the console,
 * and keeps the previous ones. */
static void
no_console_log (struct cli *c, const char *name, const struct vm_state *state)
{
    if (state->run == RUN_STARTING) {
        fail (&c->err, ENOENT, "%s is starting: it has no console log yet",
              name);
    } else if (state->run > RUN_STALE) {
        const char *socket = arena_format (&c->h.arena, "%s/console.sock",
                                           state_dir (&c->h, name));

        fail (&c->err, ENOENT,
              "%s has no console log: its hypervisor, %s, keeps none, or the "
              "log was removed%s",
              name, state->hypervisor ? state->hypervisor : "?",
              access (socket, F_OK) == 0 ? "; 'hvctl console' shows new output"
                                         : "");
    } else {
        fail (&c->err, ENOENT,
              "the last run of %s left no console log: it stopped before the "
              "guest ran, its hypervisor keeps none, or the log was removed; "
              "the hypervisor's own output is in 'hvctl logs --hypervisor'",
              name);
    }
}

/* Explains why there is no such log. */
static void
no_log (struct cli *c, const char *name, const char *path)
{
    bool previous = has_option (c, "previous");
    bool console = !has_option (c, "hypervisor");
    bool has_previous = has_log (c, name, "hypervisor.log.1");
    struct vm_state state;

    state_read (&c->h, name, &state);
    if (state.run == RUN_UNKNOWN) {
        state_unknown (&c->h, &state, &c->err);
    } else if (!has_run (c, name, &state)) {
        fail (&c->err, ENOENT, "%s has not run yet: it has no log", name);
    } else if (!has_previous && !has_log (c, name, "hypervisor.log")) {
        fail (&c->err, ENOENT, "%s has run, but its logs were removed from %s",
              name, state_log_dir (&c->h, name));
    } else if (previous && !has_previous) {
        fail (&c->err, ENOENT,
              "%s has been started only once: there is no previous log", name);
    } else if (previous && console) {
        fail (&c->err, ENOENT,
              "the previous run of %s left no console log; its hypervisor's "
              "output is in 'hvctl logs --hypervisor --previous'",
              name);
    } else if (console) {
        no_console_log (c, name, &state);
    } else {
        fail (&c->err, ENOENT, "%s was removed", path);
    }
}

int
cmd_logs (struct cli *c)
{
    const char *name = c->args.p[0], *lines = option_value (c, "lines");
    const char *path;
    uint64_t n = 0;
    struct definition *def;
    CLEANUP_CLOSE int fd = -1;

    if (lines && !parse_uint (lines, &n)) {
        fail_exit (&c->err, EXIT_USAGE, EINVAL, "--lines takes a number");
        return report (c);
    }
    if (has_option (c, "follow") && has_option (c, "previous")) {
        fail_exit (&c->err, EXIT_USAGE, EINVAL,
                   "--follow and --previous exclude each other: a previous log "
                   "does not grow");
        return report (c);
    }
    if (definition_load (&c->h, name, &def, &c->err) < 0
        && c->err.exit_code != EXIT_CONFIG) {
        return report (c);
    }
    path = log_path (
        c, name,
        arena_format (&c->h.arena, "%s.log%s",
                      has_option (c, "hypervisor") ? "hypervisor" : "console",
                      has_option (c, "previous") ? ".1" : ""));
    fd = open (path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) {
        no_log (c, name, path);
        return report (c);
    }
    if (fd < 0) {
        fail (&c->err, errno, "cannot read %s: %m", path);
        return report (c);
    }
    if (lines) {
        lseek (fd, tail_offset (fd, n), SEEK_SET);
    }
    return (has_option (c, "follow") ? follow (c, name, path, &fd)
                                     : copy_log (fd, &c->err))
                   < 0
               ? report (c)
               : EXIT_OK;
}
