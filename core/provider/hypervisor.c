/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/provider/hypervisor.h"

#include <errno.h>

#include "core/provider/answer.h"
#include "core/provider/provider-call.h"

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
hypervisor_can_attach_disk (struct plugin *p, struct error *err)
{
    NEED (hypervisor.attach_disk, "plug a disk into a running VM");
    return 0;
}

int
hypervisor_can_attach_nic (struct plugin *p, struct error *err)
{
    NEED (hypervisor.attach_nic, "plug a NIC into a running VM");
    return 0;
}

int
hypervisor_can_resize (struct plugin *p, struct error *err)
{
    NEED (hypervisor.resize, "resize a running VM");
    return 0;
}

int
hypervisor_can_resize_disk (struct plugin *p, struct error *err)
{
    NEED (hypervisor.resize_disk, "resize a disk of a running VM");
    return 0;
}

int
hypervisor_can_change (struct plugin *p, const struct hv_vm *vm,
                       const struct hv_change *change, struct error *err)
{
    if (!p->hypervisor.can_change) {
        return 0;
    }
    CALL (SHORT, "can_change", NULL,
          p->hypervisor.can_change (&p->ctx, vm, change));
}

int
hypervisor_attach_disk (struct plugin *p, const struct hv_vm *vm,
                        const struct hv_disk *disk,
                        const struct hv_files *files, struct error *err)
{
    if (hypervisor_can_attach_disk (p, err) < 0) {
        return -err->code;
    }
    CALL (NORMAL, "attach_disk", NULL,
          p->hypervisor.attach_disk (&p->ctx, vm, disk, files));
}

int
hypervisor_detach_disk (struct plugin *p, const struct hv_vm *vm,
                        const char *name, struct error *err)
{
    NEED (hypervisor.detach_disk, "unplug a disk from a running VM");
    CALL (NORMAL, "detach_disk", NULL,
          p->hypervisor.detach_disk (&p->ctx, vm, name));
}

int
hypervisor_attach_nic (struct plugin *p, const struct hv_vm *vm,
                       const struct hv_nic *nic, const int fds[],
                       struct error *err)
{
    if (hypervisor_can_attach_nic (p, err) < 0) {
        return -err->code;
    }
    CALL (NORMAL, "attach_nic", NULL,
          p->hypervisor.attach_nic (&p->ctx, vm, nic, fds));
}

int
hypervisor_detach_nic (struct plugin *p, const struct hv_vm *vm,
                       const char *name, struct error *err)
{
    NEED (hypervisor.detach_nic, "unplug a NIC from a running VM");
    CALL (NORMAL, "detach_nic", NULL,
          p->hypervisor.detach_nic (&p->ctx, vm, name));
}

int
hypervisor_resize (struct plugin *p, const struct hv_vm *vm, uint32_t cpus,
                   uint64_t memory, struct error *err)
{
    if (hypervisor_can_resize (p, err) < 0) {
        return -err->code;
    }
    CALL (NORMAL, "resize", NULL,
          p->hypervisor.resize (&p->ctx, vm, cpus, memory));
}

int
hypervisor_resize_disk (struct plugin *p, const struct hv_vm *vm,
                        const char *name, uint64_t size, struct error *err)
{
    if (hypervisor_can_resize_disk (p, err) < 0) {
        return -err->code;
    }
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
    NEED (hypervisor.restore, "restore a saved state");
    CALL (memory_time (vm), "restore", NULL,
          p->hypervisor.restore (&p->ctx, vm, fds));
}
