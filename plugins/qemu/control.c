/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Communication with a running QEMU, over the socket "qmp" of args.c.  It
 * serves one client at a time, so a connection is kept only from ready() to
 * go(): a start has two requests, and two for each disk of one layer. */

#include "plugins/qemu/qemu.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/qemu/qmp.h"

/* A connection that waits for go(). */
struct session {
    struct session *next;
    const char *rundir; /* Names the VM. */
    struct qmp *qmp;
};

struct self {
    struct session *sessions;
};

int
qemu_open (struct hv_ctx *ctx)
{
    ctx->self = hv_alloc (ctx, sizeof (struct self));
    return 0;
}

void
qemu_close (struct hv_ctx *ctx)
{
    struct self *self = ctx->self;

    for (struct session *s = self->sessions; s; s = s->next) {
        qmp_close (s->qmp);
    }
}

static void
keep (struct hv_ctx *ctx, const struct hv_vm *vm, struct qmp *q)
{
    struct self *self = ctx->self;
    struct session *s = hv_alloc (ctx, sizeof *s);

    s->rundir = hv_format (ctx, "%s", vm->rundir);
    s->qmp = q;
    s->next = self->sessions;
    self->sessions = s;
}

/* Returns the connection that ready() kept, the caller's from now on; or
 * null. */
static struct qmp *
take_kept (struct hv_ctx *ctx, const struct hv_vm *vm)
{
    struct self *self = ctx->self;

    for (struct session *s = self->sessions; s; s = s->next) {
        if (s->qmp && !strcmp (s->rundir, vm->rundir)) {
            struct qmp *q = s->qmp;

            s->qmp = NULL;
            return q;
        }
    }
    return NULL;
}

static int
make (struct hv_ctx *ctx, const struct hv_vm *vm, bool first, struct qmp **out)
{
    int fd = hv_connect (ctx, vm->rundir, "qmp");

    return fd < 0 ? fd : qmp_open (ctx, fd, first, out);
}

/* Takes the connection that ready() kept, or makes one.  Through one that waits
 * for the end of a command no other can be sent. */
static int
take (struct hv_ctx *ctx, const struct hv_vm *vm, struct qmp **out)
{
    *out = take_kept (ctx, vm);
    if (*out && qmp_is_held (*out)) {
        qmp_close (*out);
        *out = NULL;
    }
    return *out ? 0 : make (ctx, vm, false, out);
}

int
qemu_connect (struct hv_ctx *ctx, const struct hv_vm *vm, struct qmp **out)
{
    return take (ctx, vm, out);
}

/* A connection of which it is unknown whether QEMU still serves it. */
static bool
is_gone (int rc)
{
    return rc == -ECONNRESET || rc == -ECONNREFUSED || rc == -ENOENT;
}

/* Sends one command.  'must': it is an error if QEMU has exited. */
static int
tell (struct hv_ctx *ctx, const struct hv_vm *vm, const char *command,
      bool must)
{
    struct qmp *q = NULL;
    int rc = take (ctx, vm, &q);

    if (rc == 0) {
        rc = qmp_command (ctx, q, command, NULL);
    }
    qmp_close (q);
    return !must && is_gone (rc) ? 0 : rc;
}

/* The greeting may come before the machine is built; the answer to
 * qmp_capabilities does not, it comes from the main loop.  A start of the VM
 * that failed after it was ready has left a connection to another QEMU. */
int
qemu_ready (struct hv_ctx *ctx, const struct hv_vm *vm)
{
    struct qmp *q = NULL;
    int rc;

    qmp_close (take_kept (ctx, vm));
    rc = make (ctx, vm, true, &q);
    if (rc == 0) {
        keep (ctx, vm, q);
        rc = vm->saved ? 0 : announce_disks (ctx, vm, q);
    }
    return rc;
}

static int
query_status (struct hv_ctx *ctx, struct qmp *q, const char **state)
{
    struct json_object *result = NULL;
    int rc = qmp_command (ctx, q, "query-status", &result);

    if (rc == 0) {
        *state = hv_format (ctx, "%.64s", json_member_text (result, "status"));
    }
    json_object_put (result);
    return rc;
}

/* Is it one of the states that a guest leaves when it first runs? */
static bool
is_before_go (const char *state)
{
    return !strcmp (state, "prelaunch") || !strcmp (state, "paused")
           || !strcmp (state, "inmigrate");
}

/* Waits until the guest runs, unless QEMU has said so.  A guest may have
 * powered off before we ask: then it ran. */
static int
await_run (struct hv_ctx *ctx, struct qmp *q)
{
    const char *state = "prelaunch";
    int rc = 0;

    while (rc == 0 && !qmp_has_resumed (q) && is_before_go (state)) {
        rc = query_status (ctx, q, &state);
        if (rc == 0 && !qmp_has_resumed (q) && is_before_go (state)) {
            poll (NULL, 0, 1);
            rc = hv_remaining (ctx) > 0
                     ? 0
                     : hv_fail (ctx, ETIMEDOUT,
                                "QEMU was told to run the guest, but its state "
                                "remains '%s'",
                                state);
        }
    }
    return is_gone (rc) ? 0 : rc;
}

int
qemu_go (struct hv_ctx *ctx, const struct hv_vm *vm)
{
    struct qmp *q = take_kept (ctx, vm);
    int rc = q ? 0 : make (ctx, vm, false, &q);

    if (rc == 0 && !vm->saved) {
        rc = insert_disks (ctx, vm, q);
    }
    if (rc == 0) {
        rc = qmp_command (ctx, q, "cont", NULL);
    }
    if (rc == 0) {
        rc = await_run (ctx, q);
    }
    qmp_close (q);
    return rc;
}

int
qemu_powerdown (struct hv_ctx *ctx, const struct hv_vm *vm)
{
    return tell (ctx, vm, "system_powerdown", false);
}

int
qemu_quit (struct hv_ctx *ctx, const struct hv_vm *vm)
{
    return tell (ctx, vm, "quit", false);
}

int
qemu_pause (struct hv_ctx *ctx, const struct hv_vm *vm)
{
    return tell (ctx, vm, "stop", true);
}

int
qemu_resume (struct hv_ctx *ctx, const struct hv_vm *vm)
{
    struct qmp *q = NULL;
    int rc = take (ctx, vm, &q);

    if (rc == 0) {
        rc = qemu_end_save (ctx, q);
    }
    if (rc == 0) {
        rc = qmp_command (ctx, q, "cont", NULL);
    }
    qmp_close (q);
    return rc;
}

const char *
disk_name (struct hv_ctx *ctx, const char *qdev)
{
    const char *from = strstr (qdev, "/disk-");

    from = from ? from + 6 : !strncmp (qdev, "disk-", 5) ? qdev + 5 : "?";
    from = hv_format (ctx, "%.*s", (int)strcspn (from, "/"), from);
    return is_word (from, "_.-") && strlen (from) <= 63 ? from : "?";
}

/* Reports which disk stopped the guest, and why. */
static const char *
disk_trouble (struct hv_ctx *ctx, struct qmp *q)
{
    struct json_object *result = NULL;
    const char *detail = "a disk is full or has failed";
    size_t n;

    if (qmp_command (ctx, q, "query-block", &result) < 0) {
        return detail;
    }
    n = json_object_is_type (result, json_type_array)
            ? json_object_array_length (result)
            : 0;
    for (size_t i = 0; i < n; i++) {
        struct json_object *block = json_object_array_get_idx (result, i);
        const char *io = json_member_text (block, "io-status");
        const char *disk = disk_name (ctx, json_member_text (block, "qdev"));

        if (!strcmp (io, "nospace")) {
            detail = hv_format (ctx, "no space left on the host for disk '%s'",
                                disk);
        } else if (!strcmp (io, "failed")) {
            detail = hv_format (ctx, "I/O error on disk '%s'", disk);
        }
    }
    json_object_put (result);
    return detail;
}

/* qapi/run-state.json: RunState. */
static const struct {
    const char *name;
    enum hv_state state;
    const char *detail;
} states[] = {
    { "running", HV_RUNNING, NULL },
    { "prelaunch", HV_PREPARED, NULL },
    { "inmigrate", HV_PREPARED, "waiting for an incoming migration" },
    { "paused", HV_PAUSED, NULL },
    { "debug", HV_PAUSED, "stopped by a debugger" },
    { "suspended", HV_PAUSED, "the guest is suspended to memory" },
    { "watchdog", HV_PAUSED, "the guest's watchdog fired" },
    { "save-vm", HV_PAUSED, "saving its state" },
    { "restore-vm", HV_PAUSED, "restoring its state" },
    { "finish-migrate", HV_PAUSED, "migrates" },
    { "postmigrate", HV_PAUSED, NULL },
    { "colo", HV_RUNNING, NULL },
    { "shutdown", HV_PAUSED, "the guest has powered off" },
    { "internal-error", HV_FAILED, "internal error of the hypervisor" },
    { "guest-panicked", HV_FAILED, "the guest panicked" },
};

static void
translate (struct hv_ctx *ctx, struct qmp *q, const char *state,
           struct hv_status *out)
{
    if (!strcmp (state, "io-error")) {
        out->state = HV_PAUSED;
        out->detail = disk_trouble (ctx, q);
        return;
    }
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        if (!strcmp (states[i].name, state)) {
            out->state = states[i].state;
            out->detail = states[i].detail;
            return;
        }
    }
    out->state = HV_FAILED;
    out->detail = "in an unknown state";
}

int
qemu_status (struct hv_ctx *ctx, const struct hv_vm *vm, struct hv_status *out)
{
    struct qmp *q = NULL;
    const char *state;
    int rc = take (ctx, vm, &q);

    if (rc == 0) {
        rc = query_status (ctx, q, &state);
    }
    if (rc == 0) {
        translate (ctx, q, state, out);
    }
    qmp_close (q);
    return rc;
}
