/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/base/clock.h"
#include "core/base/context.h"
#include "core/base/interrupt.h"
#include "core/provider/answer.h"
#include "core/provider/guard.h"
#include "core/provider/provider-call.h"

#include "core/provider/provider.h"

#include <errno.h>
#include <string.h>

#define MAX_ERRNO 4095

void
provider_begin (struct plugin *p, const char *op, int64_t timeout)
{
    p->failed = p->unsure = false;
    p->misuse = NULL;
    memset (&p->err, 0, sizeof p->err);
    if (p->has_hypervisor && p->h->limit && p->h->limit < timeout) {
        timeout = p->h->limit;
    }
    if (p->h->until) {
        /* The guard leaves a plugin that goes on half as long again. */
        int64_t left = (p->h->until - now_ms ()) * 2 / 3;

        timeout = left < 1 ? 1 : left < timeout ? left : timeout;
    }
    p->h->deadline = now_ms () + timeout;
    guard_enter (p->name, op, timeout);
}

int
provider_escaped (struct plugin *p)
{
    char text[256];
    int rc = guard_escaped (text, sizeof text);

    p->unsure = true;
    p->failed = false;
    p->misuse = arena_dup (&p->h->arena, text);
    return rc;
}

/* What a plugin did that the contract does not allow, or null. */
static const char *
find_bug (const struct plugin *p, int rc, const char *wrong)
{
    if (p->misuse || wrong) {
        return p->misuse ? p->misuse : wrong;
    }
    if (rc > 0) {
        return arena_format (&p->h->arena, "it returned %d, and success is 0",
                             rc);
    }
    if (rc < 0 && !p->failed) {
        return arena_format (&p->h->arena, "it failed without a reason (%s)",
                             rc < -MAX_ERRNO ? "no errno" : strerror (-rc));
    }
    return NULL;
}

int
provider_done (struct plugin *p, const char *op, const char *object, int rc,
               const char *wrong, struct error *err)
{
    const char *bug = find_bug (p, rc, wrong);

    hvctl_debug (p->h, "%s: %s %s: %d", p->name, op, object ? object : "", rc);
    if (rc == 0 && !bug) {
        return 0;
    }
    if (interrupt_came && !bug) {
        return fail (err, EINTR, "interrupted");
    }
    if (bug) {
        p->unsure |= rc >= 0;
        fail (err, rc < 0 && rc >= -MAX_ERRNO ? -rc : EPROTO,
              "%s: %s: this is a bug of the plugin", op, bug);
    } else {
        *err = p->err;
        err->code = -rc;
    }
    return object ? fail_prefix (err, "%s (%s)", object, p->name)
                  : fail_prefix (err, "%s", p->name);
}

int
provider_unsupported (struct plugin *p, const char *what, struct error *err)
{
    return fail (err, ENOTSUP, "%s cannot %s", p->name, what);
}

int
plugin_usable (struct plugin *p, struct error *err)
{
    int rc;

    if (p->broken) {
        return fail (err, ENOTSUP, "plugin %s cannot be used: %s", p->name,
                     p->broken);
    }
    if (p->h->until && now_ms () >= p->h->until) {
        return fail (err, ETIMEDOUT, "it takes longer than others may wait");
    }
    if (p->opened) {
        return 0;
    }
    if (p->options) {
        struct problems problems = { .arena = &p->h->arena };

        config_check ((struct hv_options *)p->options, p->info.keys, &problems);
        if (problems_fail (&problems, err) < 0) {
            err->exit_code = EXIT_CONFIG;
            return -err->code;
        }
    }
    if (p->info.open) {
        provider_begin (p, "open", NORMAL);
        rc = sigsetjmp (guard_frame, 0) ? provider_escaped (p)
                                        : p->info.open (&p->ctx);
        guard_leave ();
        rc = provider_done (p, "open", NULL, rc, NULL, err);
        if (rc < 0) {
            return rc;
        }
    }
    p->opened = true;
    return 0;
}

void
plugin_close (struct plugin *p)
{
    struct error err = { 0 };
    int rc;

    if (!p->opened || !p->info.close) {
        return;
    }
    provider_begin (p, "close", SHORT);
    if (sigsetjmp (guard_frame, 0)) {
        rc = provider_escaped (p);
    } else {
        p->info.close (&p->ctx);
        rc = 0;
    }
    guard_leave ();
    if (provider_done (p, "close", NULL, rc, NULL, &err) < 0) {
        hvctl_warn ("%s", err.text);
    }
}

int
hypervisor_locate (struct plugin *p, const char *arch, const char **program,
                   struct error *err)
{
    CALL_AND (SHORT, "locate", NULL,
              p->hypervisor.locate (&p->ctx, arch, program),
              answer_program (&p->h->arena, *program));
}

int
hypervisor_probe (struct plugin *p, const char *arch, const char *program,
                  struct hv_list *facts, struct error *err)
{
    CALL (2 * NORMAL, "probe", NULL,
          p->hypervisor.probe (&p->ctx, arch, program, facts));
}

int
hypervisor_capabilities (struct plugin *p, const char *arch,
                         struct hv_list *out, struct error *err)
{
    CALL (SHORT, "capabilities", NULL,
          p->hypervisor.capabilities (&p->ctx, arch, out));
}

int
hypervisor_check (struct plugin *p, const struct hv_vm *vm,
                  struct hv_choice *out, struct error *err)
{
    CALL_AND (NORMAL, "check", NULL, p->hypervisor.check (&p->ctx, vm, out),
              answer_choice (out));
}

int
hypervisor_describe (struct plugin *p, const struct hv_vm *vm,
                     struct hv_launch *out, struct error *err)
{
    CALL_AND (SHORT, "describe", NULL,
              p->hypervisor.describe (&p->ctx, vm, out),
              answer_launch (&p->h->arena, vm, out));
}

int
hypervisor_ready (struct plugin *p, const struct hv_vm *vm, int64_t timeout,
                  struct error *err)
{
    CALL (timeout, "ready", NULL, p->hypervisor.ready (&p->ctx, vm));
}

int
hypervisor_go (struct plugin *p, const struct hv_vm *vm, struct error *err)
{
    CALL (NORMAL, "go", NULL, p->hypervisor.go (&p->ctx, vm));
}

int
hypervisor_powerdown (struct plugin *p, const struct hv_vm *vm,
                      struct error *err)
{
    CALL (SHORT, "powerdown", NULL, p->hypervisor.powerdown (&p->ctx, vm));
}

int
hypervisor_quit (struct plugin *p, const struct hv_vm *vm, struct error *err)
{
    CALL (SHORT, "quit", NULL, p->hypervisor.quit (&p->ctx, vm));
}

int
hypervisor_status (struct plugin *p, const struct hv_vm *vm,
                   struct hv_status *out, struct error *err)
{
    CALL_AND (2000, "status", NULL, p->hypervisor.status (&p->ctx, vm, out),
              answer_status (&p->h->arena, out));
}

int
hypervisor_pause (struct plugin *p, const struct hv_vm *vm, struct error *err)
{
    if (hypervisor_can_pause (p, err) < 0) {
        return -err->code;
    }
    CALL (SHORT, "pause", NULL, p->hypervisor.pause (&p->ctx, vm));
}

int
hypervisor_resume (struct plugin *p, const struct hv_vm *vm, struct error *err)
{
    NEED (hypervisor.resume, "resume a VM");
    CALL (SHORT, "resume", NULL, p->hypervisor.resume (&p->ctx, vm));
}

int
hypervisor_can_pause (struct plugin *p, struct error *err)
{
    NEED (hypervisor.pause, "pause a VM");
    return 0;
}

int
hypervisor_can_save (struct plugin *p, struct error *err)
{
    NEED (hypervisor.save, "save a VM's memory");
    return 0;
}

int
hypervisor_attach_disk (struct plugin *p, const struct hv_vm *vm,
                        const struct hv_disk *disk,
                        const struct hv_files *files, struct error *err)
{
    NEED (hypervisor.attach_disk, "plug a disk into a running VM");
    CALL (NORMAL, "attach_disk", NULL,
          p->hypervisor.attach_disk (&p->ctx, vm, disk, files));
}

int
hypervisor_detach_disk (struct plugin *p, const struct hv_vm *vm,
                        const char *name, struct error *err)
{
    NEED (hypervisor.detach_disk, "unplug a disk of a running VM");
    CALL (NORMAL, "detach_disk", NULL,
          p->hypervisor.detach_disk (&p->ctx, vm, name));
}

int
hypervisor_attach_nic (struct plugin *p, const struct hv_vm *vm,
                       const struct hv_nic *nic, const int fds[],
                       struct error *err)
{
    NEED (hypervisor.attach_nic, "plug a NIC into a running VM");
    CALL (NORMAL, "attach_nic", NULL,
          p->hypervisor.attach_nic (&p->ctx, vm, nic, fds));
}

int
hypervisor_detach_nic (struct plugin *p, const struct hv_vm *vm,
                       const char *name, struct error *err)
{
    NEED (hypervisor.detach_nic, "unplug a NIC of a running VM");
    CALL (NORMAL, "detach_nic", NULL,
          p->hypervisor.detach_nic (&p->ctx, vm, name));
}

int
hypervisor_resize (struct plugin *p, const struct hv_vm *vm, uint32_t cpus,
                   uint64_t memory, struct error *err)
{
    NEED (hypervisor.resize, "resize a running VM");
    CALL (NORMAL, "resize", NULL,
          p->hypervisor.resize (&p->ctx, vm, cpus, memory));
}

int
hypervisor_resize_disk (struct plugin *p, const struct hv_vm *vm,
                        const char *name, uint64_t size, struct error *err)
{
    NEED (hypervisor.resize_disk, "resize a disk of a running VM");
    CALL (NORMAL, "resize_disk", NULL,
          p->hypervisor.resize_disk (&p->ctx, vm, name, size));
}

int
hypervisor_overlay_disk (struct plugin *p, const struct hv_vm *vm,
                         const struct hv_disk *disk,
                         const struct hv_files *files, struct error *err)
{
    NEED (hypervisor.overlay_disk, "snapshot this disk while its VM runs");
    CALL (NORMAL, "overlay_disk", NULL,
          p->hypervisor.overlay_disk (&p->ctx, vm, disk, files));
}

int
hypervisor_counters (struct plugin *p, const struct hv_vm *vm,
                     struct hv_list *out, struct error *err)
{
    NEED (hypervisor.counters, "count");
    CALL_AND (SHORT, "counters", NULL,
              p->hypervisor.counters (&p->ctx, vm, out),
              answer_numbers (&p->h->arena, out));
}

/* A minute for each GiB: a slow disk, with other work. */
static int64_t
memory_time (const struct hv_vm *vm)
{
    return LONG + (int64_t)(vm->memory >> 30) * 60000;
}

int
hypervisor_save (struct plugin *p, const struct hv_vm *vm, const int fds[],
                 struct error *err)
{
    if (hypervisor_can_save (p, err) < 0) {
        return -err->code;
    }
    CALL (memory_time (vm), "save", NULL,
          p->hypervisor.save (&p->ctx, vm, fds));
}

int
hypervisor_restore (struct plugin *p, const struct hv_vm *vm, const int fds[],
                    struct error *err)
{
    NEED (hypervisor.restore, "go on from a saved state");
    CALL (memory_time (vm), "restore", NULL,
          p->hypervisor.restore (&p->ctx, vm, fds));
}

static const char *
nic_text (const struct plugin *p, const struct hv_port *port)
{
    return arena_format (&p->h->arena, "nic %s", port->name);
}

int
network_check (struct plugin *p, const struct hv_port *port, struct hv_nic *out,
               struct error *err)
{
    CALL_AND (SHORT, "check", nic_text (p, port),
              p->network.check (&p->ctx, port, out),
              answer_nic (&p->h->arena, port, out));
}

static int
attach (struct plugin *p, const struct hv_port *port, int fds[],
        struct error *err)
{
    CALL (NORMAL, "attach", nic_text (p, port),
          p->network.attach (&p->ctx, port, fds));
}

int
network_attach (struct plugin *p, const struct hv_port *port,
                const struct hv_nic *nic, int fds[], struct error *err)
{
    int rc = attach (p, port, fds, err);
    const char *wrong =
        rc == 0 ? answer_fds (&p->h->arena, nic, port->queues, fds) : NULL;

    if (wrong) {
        return provider_done (p, "attach", nic_text (p, port), 0, wrong, err);
    }
    return rc;
}

int
network_ready (struct plugin *p, const struct hv_port *port, struct error *err)
{
    if (!p->network.ready) {
        return 0;
    }
    CALL (NORMAL, "ready", nic_text (p, port),
          p->network.ready (&p->ctx, port));
}

int
network_detach (struct plugin *p, const struct hv_port *port, struct error *err)
{
    CALL (NORMAL, "detach", nic_text (p, port),
          p->network.detach (&p->ctx, port));
}

int
network_sweep (struct plugin *p, const struct hv_options *network,
               const char *const live[], struct error *err)
{
    if (!p->network.sweep) {
        return 0;
    }
    CALL (SHORT, "sweep", NULL, p->network.sweep (&p->ctx, network, live));
}

bool
network_has_helper (const struct plugin *p)
{
    return p->network.helper != NULL;
}

int
network_helper (struct plugin *p, const struct hv_port *port,
                const struct hv_nic *nic, struct hv_launch *out,
                struct error *err)
{
    CALL_AND (SHORT, "helper", nic_text (p, port),
              p->network.helper (&p->ctx, port, nic, out),
              answer_helper (&p->h->arena, port, out));
}

int
network_settled (struct plugin *p, const struct hv_port *port, int pid,
                 struct error *err)
{
    CALL (NORMAL, "settled", nic_text (p, port),
          p->network.settled (&p->ctx, port, pid));
}

int
firmware_find (struct plugin *p, const struct hv_firmware_want *want,
               struct hv_firmware_image *out, struct error *err)
{
    CALL_AND (SHORT, "find", NULL, p->firmware.find (&p->ctx, want, out),
              answer_firmware (&p->h->arena, out));
}

int
firmware_list (struct plugin *p, struct hv_list *out, struct error *err)
{
    if (!p->firmware.list) {
        return 0;
    }
    CALL (SHORT, "list", NULL, p->firmware.list (&p->ctx, out));
}
