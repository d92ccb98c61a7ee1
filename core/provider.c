/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/provider.h"

#include <errno.h>
#include <string.h>

/* Limits, in milliseconds.  Creating and resizing copy data, perhaps. */
#define SHORT 10000
#define NORMAL 30000
#define LONG 600000
#define STREAM INT64_C (86400000) /* Who stalls is told earlier. */

static void
begin (struct plugin *p, int64_t timeout)
{
    p->failed = false;
    memset (&p->err, 0, sizeof p->err);
    p->h->deadline = now_ms () + timeout;
}

/* Ends an operation: passes its message on, with who and what before it. */
static int
done (struct plugin *p, const char *op, const char *object, int rc,
      struct error *err)
{
    hvctl_debug (p->h, "%s: %s %s: %d", p->name, op, object ? object : "", rc);
    if (rc >= 0) {
        return rc;
    }
    if (hvctl_interrupted) {
        return fail (err, EINTR, "interrupted");
    }
    if (!p->failed) {
        fail (err, -rc,
              "%s: %s failed without a reason (%s): this is a bug "
              "of the plugin",
              p->name, op, strerror (-rc));
    } else {
        *err = p->err;
        err->code = -rc;
    }
    return object ? fail_prefix (err, "%s (%s)", object, p->name)
                  : fail_prefix (err, "%s", p->name);
}

static int
unsupported (struct plugin *p, const char *what, struct error *err)
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
        begin (p, NORMAL);
        rc = done (p, "open", NULL, p->info.open (&p->ctx), err);
        if (rc < 0) {
            return rc;
        }
    }
    p->opened = true;
    return 0;
}

/* Gives a null operation its meaning, where that is a refusal. */
#define NEED(op, what)                                                         \
    if (p->op == NULL) {                                                       \
        return unsupported (p, what, err);                                     \
    }

/* The frame of every wrapper below. */
#define CALL(timeout, op, object, call)                                        \
    int rc_ = plugin_usable (p, err);                                          \
    if (rc_ < 0) {                                                             \
        return rc_;                                                            \
    }                                                                          \
    begin (p, timeout);                                                        \
    return done (p, op, object, call, err)

int
hypervisor_locate (struct plugin *p, const char *arch, const char **program,
                   struct error *err)
{
    CALL (SHORT, "locate", NULL, p->hypervisor.locate (&p->ctx, arch, program));
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
    CALL (NORMAL, "check", NULL, p->hypervisor.check (&p->ctx, vm, out));
}

int
hypervisor_describe (struct plugin *p, const struct hv_vm *vm,
                     struct hv_launch *out, struct error *err)
{
    CALL (SHORT, "describe", NULL, p->hypervisor.describe (&p->ctx, vm, out));
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
    CALL (2000, "status", NULL, p->hypervisor.status (&p->ctx, vm, out));
}

int
hypervisor_pause (struct plugin *p, const struct hv_vm *vm, struct error *err)
{
    NEED (hypervisor.pause, "pause a VM");
    CALL (SHORT, "pause", NULL, p->hypervisor.pause (&p->ctx, vm));
}

int
hypervisor_resume (struct plugin *p, const struct hv_vm *vm, struct error *err)
{
    NEED (hypervisor.resume, "resume a VM");
    CALL (SHORT, "resume", NULL, p->hypervisor.resume (&p->ctx, vm));
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
    CALL (SHORT, "counters", NULL, p->hypervisor.counters (&p->ctx, vm, out));
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
    CALL (SHORT, "check", nic_text (p, port),
          p->network.check (&p->ctx, port, out));
}

int
network_attach (struct plugin *p, const struct hv_port *port, int fds[],
                struct error *err)
{
    CALL (NORMAL, "attach", nic_text (p, port),
          p->network.attach (&p->ctx, port, fds));
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
    CALL (SHORT, "helper", nic_text (p, port),
          p->network.helper (&p->ctx, port, nic, out));
}

int
network_settled (struct plugin *p, const struct hv_port *port, int pid,
                 struct error *err)
{
    CALL (NORMAL, "settled", nic_text (p, port),
          p->network.settled (&p->ctx, port, pid));
}

static const char *
volume_text (const struct plugin *p, const struct hv_volume *vol)
{
    return vol->path ? arena_format (&p->h->arena, "image %s", vol->path)
                     : arena_format (&p->h->arena, "volume %s of pool %s",
                                     vol->name, vol->pool);
}

int
storage_chain (struct plugin *p, const struct hv_volume *vol,
               struct hv_chain *out, struct hv_volume_info *info,
               struct error *err)
{
    CALL (SHORT, "chain", volume_text (p, vol),
          p->storage.chain (&p->ctx, vol, out, info));
}

int
storage_create (struct plugin *p, const struct hv_volume *vol,
                struct error *err)
{
    CALL (LONG, "create", volume_text (p, vol),
          p->storage.create (&p->ctx, vol));
}

int
storage_destroy (struct plugin *p, const struct hv_volume *vol,
                 struct error *err)
{
    CALL (NORMAL, "destroy", volume_text (p, vol),
          p->storage.destroy (&p->ctx, vol));
}

int
storage_resize (struct plugin *p, const struct hv_volume *vol,
                struct error *err)
{
    NEED (storage.resize, "resize a volume");
    CALL (LONG, "resize", volume_text (p, vol),
          p->storage.resize (&p->ctx, vol));
}

int
storage_list (struct plugin *p, const struct hv_options *pool,
              struct hv_list *out, struct error *err)
{
    if (!p->storage.list) {
        return plugin_usable (p, err);
    }
    CALL (NORMAL, "list", NULL, p->storage.list (&p->ctx, pool, out));
}

bool
storage_has_activate (const struct plugin *p)
{
    return p->storage.activate != NULL;
}

int
storage_activate (struct plugin *p, const struct hv_volume *vol,
                  struct error *err)
{
    if (!p->storage.activate) {
        return 0;
    }
    CALL (NORMAL, "activate", volume_text (p, vol),
          p->storage.activate (&p->ctx, vol));
}

int
storage_deactivate (struct plugin *p, const struct hv_volume *vol,
                    struct error *err)
{
    if (!p->storage.deactivate) {
        return 0;
    }
    CALL (NORMAL, "deactivate", volume_text (p, vol),
          p->storage.deactivate (&p->ctx, vol));
}

int
storage_snapshot (struct plugin *p, const struct hv_volume *vol,
                  const char *name, struct error *err)
{
    NEED (storage.snapshot, "make snapshots");
    CALL (NORMAL, "snapshot", volume_text (p, vol),
          p->storage.snapshot (&p->ctx, vol, name));
}

int
storage_snapshots (struct plugin *p, const struct hv_volume *vol,
                   struct hv_list *out, struct error *err)
{
    NEED (storage.snapshots, "make snapshots");
    CALL (NORMAL, "snapshots", volume_text (p, vol),
          p->storage.snapshots (&p->ctx, vol, out));
}

int
storage_revert (struct plugin *p, const struct hv_volume *vol, const char *name,
                struct error *err)
{
    NEED (storage.revert, "make snapshots");
    CALL (LONG, "revert", volume_text (p, vol),
          p->storage.revert (&p->ctx, vol, name));
}

int
storage_forget (struct plugin *p, const struct hv_volume *vol, const char *name,
                struct error *err)
{
    NEED (storage.forget, "make snapshots");
    CALL (LONG, "forget", volume_text (p, vol),
          p->storage.forget (&p->ctx, vol, name));
}

int
storage_promote (struct plugin *p, const struct hv_volume *vol,
                 struct error *err)
{
    NEED (storage.promote, "make clones");
    CALL (LONG, "promote", volume_text (p, vol),
          p->storage.promote (&p->ctx, vol));
}

int
storage_send (struct plugin *p, const struct hv_volume *vol, const char *name,
              int fd, struct error *err)
{
    NEED (storage.send, "send volumes");
    CALL (STREAM, "send", volume_text (p, vol),
          p->storage.send (&p->ctx, vol, name, fd));
}

int
storage_receive (struct plugin *p, const struct hv_volume *vol, int fd,
                 struct error *err)
{
    NEED (storage.receive, "receive volumes");
    CALL (STREAM, "receive", volume_text (p, vol),
          p->storage.receive (&p->ctx, vol, fd));
}

int
storage_clone (struct plugin *p, const struct hv_volume *vol,
               const struct hv_volume *from, const char *name,
               struct error *err)
{
    NEED (storage.clone, "clone volumes");
    CALL (LONG, "clone", volume_text (p, vol),
          p->storage.clone (&p->ctx, vol, from, name));
}

int
firmware_find (struct plugin *p, const struct hv_firmware_want *want,
               struct hv_firmware_image *out, struct error *err)
{
    CALL (SHORT, "find", NULL, p->firmware.find (&p->ctx, want, out));
}

int
firmware_list (struct plugin *p, struct hv_list *out, struct error *err)
{
    if (!p->firmware.list) {
        return 0;
    }
    CALL (SHORT, "list", NULL, p->firmware.list (&p->ctx, out));
}
