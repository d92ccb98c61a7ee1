/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/sockets.h"

#include <errno.h>
#include <string.h>

#include "core/base/file.h"
#include "core/provider/services.h"
#include "core/state/state.h"

/* The descriptor that the hypervisor takes of the port, or null. */
static const struct launch_fd *
socket_of (const struct plan *plan, const struct plan_nic *n)
{
    for (size_t i = 0; i < plan->launch.fds.n; i++) {
        const struct launch_fd *f = plan->launch.fds.p[i];

        if (f->kind == FD_PORT && f->flags == 0
            && !strcmp (f->name, n->def->name)) {
            return f;
        }
    }
    return NULL;
}

bool
sockets_are (const struct plan *plan)
{
    for (size_t i = 0; i < plan->nics.n; i++) {
        const struct plan_nic *n = plan->nics.p[i];

        if (n->nic.kind == HV_NIC_VHOST_USER) {
            return true;
        }
    }
    return false;
}

/* With user-mode networking in the process, it may bind() any address without
 * the broker. */
int
sockets_check (const struct plan *plan, struct error *err)
{
    bool slirp = vec_has (&plan->launch.groups, "slirp");

    for (size_t i = 0; i < plan->nics.n; i++) {
        const struct plan_nic *n = plan->nics.p[i];

        if (n->nic.kind == HV_NIC_VHOST_USER
            && (slirp || plan->launch.lent.n || !socket_of (plan, n))) {
            return fail_exit (
                err, EXIT_UNSUPPORTED, ENOTSUP,
                "nic %s uses vhost-user, whose socket this hypervisor cannot "
                "have in the sandbox%s: use a network without vhost-user, or "
                "run the command that 'hvctl plan --command' prints",
                n->def->name,
                slirp ? " while user-mode networking runs inside the "
                        "hypervisor (install "
                        "passt)"
                      : "");
        }
    }
    return 0;
}

const char *
sockets_path (struct hvctl *h, const char *vm)
{
    return arena_format (&h->arena, "%s/binds", state_dir (h, vm));
}

int
sockets_write (struct hvctl *h, const struct plan *plan, struct error *err)
{
    const char *text = "";

    for (size_t i = 0; i < plan->nics.n; i++) {
        const struct plan_nic *n = plan->nics.p[i];

        if (n->nic.kind == HV_NIC_VHOST_USER) {
            text = arena_format (&h->arena, "%sl %d vhost-%s.sock\n", text,
                                 socket_of (plan, n)->number, n->def->name);
        }
    }
    return file_write (sockets_path (h, plan->def->name), 0600, text, err);
}

void
sockets_explain (const struct plan *plan, struct error *err)
{
    for (size_t i = 0; i < plan->nics.n && err->code == ETIMEDOUT; i++) {
        const struct plan_nic *n = plan->nics.p[i];

        if (n->nic.kind == HV_NIC_VHOST_USER) {
            fail_prefix (err,
                         "perhaps nothing connects to %s of nic %s: is the "
                         "switch allowed to open it?",
                         n->nic.socket, n->def->name);
            return;
        }
    }
}
