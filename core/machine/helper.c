/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/config/host.h"
#include "core/machine/descriptors.h"
#include "core/machine/launch.h"
#include "core/process/spawn.h"
#include "core/process/supervise.h"
#include "core/provider/network.h"
#include "core/provider/services.h"
#include "core/sandbox/violation.h"
#include "core/state/ending-text.h"
#include "core/state/journal.h"
#include "core/state/state-uid.h"
#include "core/state/state.h"

#define SOCKET_BUFFER (2 << 20) /* A burst of the largest frames. */

/* The file of a diagnosis has one writer.  'sandbox learn' must notice if this
 * process cannot work without a forbidden call. */
struct jail
helper_jail (const struct plan_nic *n, uid_t uid, enum sandbox_mode mode)
{
    return (struct jail){ .program = n->helper.argv.p[0],
                          .uid = uid,
                          .mode = mode == SANDBOX_LEARN      ? SANDBOX_KILL
                                  : mode == SANDBOX_DIAGNOSE ? SANDBOX_LOG
                                                             : mode };
}

static const char *
log_name (struct hvctl *h, const struct plan_nic *n)
{
    return arena_format (&h->arena, "nic-%s", n->def->name);
}

static int
open_all (struct hvctl *h, const char *vm, const struct helper *p, int fds[],
          struct error *err)
{
    const struct hv_launch *l = &p->nic->helper;

    if (descriptors_open_all (h, vm, NULL, l, fds, err) < 0) {
        return -err->code;
    }
    for (size_t i = 0; i < l->fds.n; i++) {
        const struct launch_fd *f = l->fds.p[i];

        if (f->kind == FD_PORT) {
            fds[i] = fcntl (p->peer, F_DUPFD_CLOEXEC, 3);
            if (fds[i] < 0) {
                return fail (err, errno,
                             "cannot duplicate a file descriptor: %m");
            }
        }
    }
    return 0;
}

/* Packets that do not fit are lost, and the guest's connections stall.  If even
 * the forced size cannot be set, it is not an error. */
static void
enlarge (const int pair[2])
{
    int size = SOCKET_BUFFER;

    for (int i = 0; i < 2; i++) {
        if (setsockopt (pair[i], SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size)
            < 0) {
            setsockopt (pair[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
        }
    }
}

/* Its standard input is the claim of its user id, which it so keeps for as long
 * as it lives: of all but that and its connection some versions of passt would
 * close what they inherit. */
static int
run (struct hvctl *h, enum sandbox_mode mode, struct helper *p, int log,
     const int fds[], struct error *err)
{
    const struct plan_nic *n = p->nic;
    static const char *const nothing[] = { NULL };
    CLEANUP_CLOSE int null_fd = open ("/dev/null", O_RDWR | O_CLOEXEC);
    CLEANUP_FREE char *weaker = NULL;
    const int streams[] = { p->uid_fd >= 0 ? p->uid_fd : null_fd, log, log };
    struct supervision sup = { .supervisor = h->host->supervisor,
                               .release = nothing,
                               .foreground = true };
    const struct launch_given given = { .streams = streams, .fds = fds };
    struct jail jail = helper_jail (n, (uid_t)p->uid, mode);

    launch_jail (h, n->plugin, &n->helper, &given, &jail);
    if (spawn_jailed (&jail, &sup, &p->process, &weaker, err) < 0) {
        return -err->code;
    }
    p->weaker = arena_dup (&h->arena, weaker);
    return 0;
}

int
helper_connect (struct helper *p, int *end, struct error *err)
{
    int pair[2];

    if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
        return fail (err, errno, "nic %s: cannot create a socket pair: %m",
                     p->nic->def->name);
    }
    enlarge (pair);
    *end = pair[0];
    p->peer = pair[1];
    p->connected = true;
    return 0;
}

/* Only once; and 'err' names the NIC. */
static int
start (struct hvctl *h, const char *vm, enum sandbox_mode mode,
       struct helper *p, struct error *err)
{
    const struct plan_nic *n = p->nic;
    CLEANUP_CLOSE int log = descriptors_open_log (h, vm, log_name (h, n), err);
    int *fds, rc;

    if (log < 0) {
        return -err->code;
    }
    if (h->host->root
        && state_take_uid (h,
                           arena_format (&h->arena, "%s.%s", vm, n->def->name),
                           &p->uid, &p->uid_lock, &p->uid_fd, err)
               < 0) {
        return -err->code;
    }
    fds = launch_fds (&h->arena, &n->helper);
    rc = open_all (h, vm, p, fds, err);
    if (rc == 0) {
        rc = run (h, mode, p, log, fds, err);
    }
    launch_close (&n->helper, fds);
    return rc;
}

int
helper_start (struct hvctl *h, const char *vm, enum sandbox_mode mode,
              struct helper *p, struct error *err)
{
    const char *nic = p->nic->def->name;
    int rc;

    if (!p->connected) {
        return 0;
    }
    p->uid_lock = p->uid_fd = -1;
    rc = start (h, vm, mode, p, err);
    close_fd (p->peer);
    p->connected = false;
    if (rc < 0) {
        close_fd (p->uid_lock);
        close_fd (p->uid_fd);
        return fail_prefix (err, "nic %s", nic);
    }
    p->started = true;
    /* Until it is sealed, it dies with us: so its number is recorded as soon as
     * it has one. */
    return journal_helper (h, vm, nic, p->process.pid, p->process.start_time,
                           err);
}

/* Its log, and the reason why it was killed, say more than the fact that it
 * exited. */
static int
explain_end (struct hvctl *h, const char *vm, const struct helper *p,
             struct error *err)
{
    struct victim v = { p->process.pid, (uid_t)p->uid, time (NULL) };
    CLEANUP_FREE char *violation = violation_find (&v, NULL);
    const char *words = ending_last_words (
        h, arena_format (&h->arena, "%s/%s.log", state_log_dir (h, vm),
                         log_name (h, p->nic)));

    if (!words && !violation) {
        return -err->code;
    }
    return fail (err, err->code, "%s: %s%s%s%s", err->text, words ? words : "",
                 words && violation ? "; " : "",
                 violation ? "killed by the sandbox: " : "",
                 violation ? violation : "");
}

int
helper_settle (struct hvctl *h, const char *vm, struct helper *p,
               struct error *err)
{
    const struct plan_nic *n = p->nic;

    if (!p->started) {
        return 0;
    }
    if (network_settled (n->plugin, &n->port, (int)p->process.pid, err) < 0) {
        return err->code == EINTR ? -err->code : explain_end (h, vm, p, err);
    }
    if (spawn_seal (&p->process, err) < 0) {
        return fail_prefix (err, "nic %s", n->def->name);
    }
    return 0;
}

void
helper_abort (struct helper *p)
{
    if (p->connected) {
        close_fd (p->peer);
        p->connected = false;
    }
    if (p->started) {
        spawn_abort (&p->process);
        helper_let_go (p);
    }
}

void
helper_let_go (struct helper *p)
{
    if (p->started) {
        close_fd (p->process.pidfd);
        close_fd (p->uid_lock);
        close_fd (p->uid_fd);
        p->process.pidfd = p->uid_lock = p->uid_fd = -1;
        p->started = false;
    }
}
