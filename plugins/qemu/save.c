/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The state of a guest to a file and back: a migration of which nothing but
 * the stream is made (docs/devel/migration.rst of QEMU).  The stream names
 * devices by their places, so what loads it must have been wired as what wrote
 * it was. */

#include "plugins/qemu/qemu.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>

#include "common/cleanup.h"
#include "plugins/qemu/qmp.h"

#define FILE_NAME "state"

/* QEMU's default is 1 Gbit/s; this is "as fast as the disk". */
#define BYTES_PER_SECOND (INT64_C (1) << 40)

/* The maximum time without progress, in milliseconds. */
#define STALLED 60000

const char *const qemu_state_files[] = { FILE_NAME, NULL };

/* ----------------------------------------------------- Can it be loaded? */

static int
not_described (struct plug *p, const char *what)
{
    return hv_fail (
        p->a.ctx, ENOTSUP,
        "%s, and QEMU can load a state only into a machine with the same "
        "devices: undo that change, or stop the VM instead",
        what);
}

/* Was a device attached at run time? */
static int
check_device (struct plug *p, const char *id)
{
    struct json_object *value = NULL;
    int rc = plug_get (p, hv_format (p->a.ctx, PERIPHERAL "%s", id),
                       "hotplugged", &value);

    if (rc == 0 && json_object_get_boolean (value)) {
        rc = not_described (
            p,
            hv_format (p->a.ctx, "'%s' was attached while it was running", id));
    }
    json_object_put (value);
    return rc;
}

/* Is 'id' a disk or NIC of the definition? */
static bool
is_defined (struct plug *p, const char *id)
{
    const struct hv_vm *vm = p->a.vm;

    for (size_t i = 0; vm->disks && vm->disks[i]; i++) {
        if (!strcmp (id, hv_format (p->a.ctx, "disk-%s", vm->disks[i]->name))) {
            return true;
        }
    }
    for (size_t i = 0; vm->nics && vm->nics[i]; i++) {
        if (!strcmp (id, hv_format (p->a.ctx, "nic-%s", vm->nics[i]->name))) {
            return true;
        }
    }
    return false;
}

static int
check_listed (struct plug *p, struct json_object *list, size_t *found)
{
    size_t n = json_object_is_type (list, json_type_array)
                   ? json_object_array_length (list)
                   : 0;
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < n; i++) {
        struct json_object *o = json_object_array_get_idx (list, i);
        const char *id =
            hv_format (p->a.ctx, "%.80s", json_member_text (o, "name"));

        if (strncmp (json_member_text (o, "type"), "child<", 6) != 0) {
            continue;
        }
        rc = check_device (p, id);
        if (rc == 0 && is_defined (p, id)) {
            (*found)++;
        } else if (rc == 0
                   && (!strncmp (id, "disk-", 5) || !strncmp (id, "nic-", 4))) {
            rc = not_described (
                p,
                hv_format (
                    p->a.ctx,
                    "'%s' is in the machine, but no longer in its definition",
                    id));
        }
    }
    return rc;
}

static int
check_devices (struct plug *p)
{
    const struct hv_vm *vm = p->a.vm;
    struct json_object *list = NULL;
    size_t found = 0, wanted = 0;
    int rc = qmp_execute (p->a.ctx, p->q, "qom-list",
                          one_string ("path", PERIPHERALS), -1, &list);

    if (rc == 0) {
        rc = check_listed (p, list, &found);
    }
    json_object_put (list);
    while (vm->disks && vm->disks[wanted]) {
        wanted++;
    }
    for (size_t i = 0; vm->nics && vm->nics[i]; i++) {
        wanted++;
    }
    return rc == 0 && found < wanted
               ? not_described (p, "its definition has a disk or NIC that the "
                                   "machine gets only at its next start")
               : rc;
}

/* Has the guest been asked to give back all memory that was added? */
static bool
is_giving_back (struct plug *p)
{
    struct json_object *value = NULL;
    bool all = plug_get (p, MEMORY_PATH, "requested-size", &value) == 0
               && json_object_is_type (value, json_type_int)
               && json_object_get_int64 (value) == 0;

    json_object_put (value);
    return all;
}

static int
memory_differs (struct plug *p, struct json_object *sizes)
{
    if (json_member_size (sizes, "base-memory") == p->a.vm->memory
        && is_giving_back (p)) {
        return hv_fail (p->a.ctx, EAGAIN,
                        "its guest has not yet given back the memory that it "
                        "was asked for: try again in a moment");
    }
    return not_described (
        p, json_member_size (sizes, "plugged-memory") > 0
               ? "its memory was resized while it was running"
               : "its memory differs from its definition until its next start");
}

static int
check_size (struct plug *p)
{
    struct json_object *sizes = NULL, *list = NULL;
    int rc = qmp_command (p->a.ctx, p->q, "query-memory-size-summary", &sizes);

    if (rc == 0) {
        rc = qmp_command (p->a.ctx, p->q, "query-cpus-fast", &list);
    }
    if (rc == 0
        && (json_member_size (sizes, "base-memory") != p->a.vm->memory
            || json_member_size (sizes, "plugged-memory") > 0)) {
        rc = memory_differs (p, sizes);
    }
    if (rc == 0
        && (!json_object_is_type (list, json_type_array)
            || json_object_array_length (list) != p->a.vm->cpus)) {
        rc = not_described (p, "its vCPUs differ from its definition");
    }
    json_object_put (sizes);
    json_object_put (list);
    return rc;
}

/* ------------------------------------------------------------ The stream */

/* Reads the state of a migration: "active", "completed", "failed", or "" if
 * there was none. */
static int
query (struct hv_ctx *ctx, struct qmp *q, const char **status,
       const char **reason, uint64_t *left)
{
    struct json_object *o = NULL, *ram;
    int rc = qmp_command (ctx, q, "query-migrate", &o);

    if (rc == 0) {
        ram = json_member (o, "ram", json_type_object);
        *status = hv_format (ctx, "%.40s", json_member_text (o, "status"));
        *reason = hv_format (ctx, "%.400s", json_member_text (o, "error-desc"));
        *left = json_member_size (ram, "remaining");
        if (ram && !strcmp (*status, "active")) {
            uint64_t total = json_member_size (ram, "total");

            hv_progress (ctx, *left < total ? total - *left : 0, total);
        }
    }
    json_object_put (o);
    return rc;
}

static bool
has_ended (const char *status)
{
    return !*status || !strcmp (status, "completed")
           || !strcmp (status, "failed") || !strcmp (status, "cancelled");
}

/* Waits for the end of the stream. */
static int
await_end (struct hv_ctx *ctx, struct qmp *q, const char *what)
{
    const char *status = "setup", *reason = "";
    uint64_t left = 0, before = UINT64_MAX;
    int rc = 0, waited = 0;

    for (int pause = 1; rc == 0; pause = pause < 50 ? pause * 2 : 50) {
        rc = query (ctx, q, &status, &reason, &left);
        if (rc < 0 || has_ended (status)) {
            break;
        }
        waited = left == before ? waited + pause : 0;
        before = left;
        if (waited > STALLED || hv_remaining (ctx) == 0) {
            return hv_fail (ctx, ETIMEDOUT,
                            "%s does not finish: %" PRIu64 " bytes are left",
                            what, left);
        }
        poll (NULL, 0, pause);
    }
    if (rc == 0 && strcmp (status, "completed") != 0) {
        rc = hv_fail (ctx, EIO, "%s failed: %s", what,
                      *reason ? reason : status);
    }
    return rc;
}

/* The name of a file for QEMU: "file:/dev/fdset/3", which it reads and writes
 * as a file, or "fd:state" for QEMU before 8.2.  The newer ones warn that this
 * is for sockets and pipes. */
struct stream {
    const char *uri;
    int64_t set; /* -1: none. */
};

/* A set is searched for the exact access mode, and who writes wants no more
 * than that: the descriptor that the core has can also read. */
static int
reopen (struct hv_ctx *ctx, int fd)
{
    int only =
        open (hv_format (ctx, "/proc/self/fd/%d", fd), O_WRONLY | O_CLOEXEC);

    return only < 0 ? hv_fail (ctx, errno,
                               "cannot open the file for the guest's state: %m")
                    : only;
}

static int
give_set (struct plug *p, int fd, bool write, struct stream *out)
{
    CLEANUP_CLOSE int only = write ? reopen (p->a.ctx, fd) : -1;
    int rc = write && only < 0 ? only
                               : plug_add_fd (p, write ? only : fd, &out->set);

    if (rc == 0) {
        out->uri = hv_format (p->a.ctx, "file:" FDSET "%" PRId64, out->set);
    }
    return rc;
}

/* Passes the file to QEMU, in the form that it supports. */
static int
give_file (struct plug *p, int fd, bool write, const char *can,
           struct stream *out)
{
    *out = (struct stream){ .uri = "fd:" FILE_NAME, .set = -1 };
    return qemu_can (can, CAN_MIGRATE_FILE)
               ? give_set (p, fd, write, out)
               : qmp_execute (p->a.ctx, p->q, "getfd",
                              one_string ("fdname", FILE_NAME), fd, NULL);
}

/* Starts the migration.  QEMU has its own descriptor then, so the set is
 * removed at once: otherwise it would keep the file on the disk if we were
 * killed. */
static int
begin (struct plug *p, const char *command, const struct stream *s)
{
    int rc = plug_do (p, command, one_string ("uri", s->uri));

    if (s->set >= 0) {
        if (rc < 0) {
            qmp_be_quiet (p->q);
        }
        plug_remove_set (p, s->set);
    }
    return rc;
}

static int
write_stream (struct plug *p, int fd)
{
    struct json_object *arguments = json_object_new_object ();
    struct stream s = { .set = -1 };
    const char *can = NULL;
    int rc;

    json_put_number (arguments, "max-bandwidth", BYTES_PER_SECOND);
    rc = plug_do (p, "migrate-set-parameters", arguments);
    if (rc == 0) {
        rc = ask_schema (p->a.ctx, p->q, &can);
    }
    if (rc == 0) {
        rc = give_file (p, fd, true, can, &s);
    }
    if (rc == 0) {
        rc = begin (p, "migrate", &s);
    }
    return rc == 0 ? await_end (p->a.ctx, p->q, "writing the guest's state")
                   : rc;
}

int
qemu_save (struct hv_ctx *ctx, const struct hv_vm *vm, const int fds[])
{
    struct plug p = { .a = { .ctx = ctx, .vm = vm } };
    int rc = qemu_connect (ctx, vm, &p.q);

    if (rc == 0) {
        rc = check_devices (&p);
    }
    if (rc == 0) {
        rc = check_size (&p);
    }
    if (rc == 0) {
        rc = write_stream (&p, fds[0]);
    }
    qmp_close (p.q);
    return rc;
}

int
qemu_end_save (struct hv_ctx *ctx, struct qmp *q)
{
    const char *status = "", *reason;
    uint64_t left;
    int rc = query (ctx, q, &status, &reason, &left);

    if (rc < 0 || has_ended (status)) {
        return rc;
    }
    rc = qmp_command (ctx, q, "migrate_cancel", NULL);
    while (rc == 0 && !has_ended (status) && hv_remaining (ctx) > 0) {
        poll (NULL, 0, 2);
        rc = query (ctx, q, &status, &reason, &left);
    }
    return rc;
}

/* The images are inserted before, or the devices would not find them.  The
 * program that was probed is the one that was just started. */
int
qemu_restore (struct hv_ctx *ctx, const struct hv_vm *vm, const int fds[])
{
    struct plug p = { .a = { .ctx = ctx, .vm = vm } };
    struct stream s = { .set = -1 };
    const char *can = hv_fact (ctx, "can");
    int rc = qemu_connect (ctx, vm, &p.q);

    if (rc == 0) {
        rc = insert_disks (ctx, vm, p.q);
    }
    /* On a busy host the probe may not have got an answer. */
    if (rc == 0 && !can) {
        rc = ask_schema (ctx, p.q, &can);
    }
    if (rc == 0) {
        rc = give_file (&p, fds[0], false, can, &s);
    }
    if (rc == 0) {
        rc = begin (&p, "migrate-incoming", &s);
    }
    if (rc == 0) {
        rc = await_end (ctx, p.q, "loading the guest's state");
    }
    qmp_close (p.q);
    return rc;
}
