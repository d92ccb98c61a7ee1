/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Which changes a running machine would refuse: the checks of hotplug-disk.c,
 * hotplug-nic.c and resize.c alone, in the running QEMU, which knows what it
 * was started with. */

#include "plugins/qemu/qemu.h"

/* The ports that are used by these changes, less those that they free.  A PC
 * has no ports. */
static int
ports_used (const struct hv_change *c)
{
    int n = 0;

    for (; c; c = c->before) {
        n += c->kind == HV_ATTACH_DISK || c->kind == HV_ATTACH_NIC   ? 1
             : c->kind == HV_DETACH_DISK || c->kind == HV_DETACH_NIC ? -1
                                                                     : 0;
    }
    return n;
}

static int
can_attach (struct plug *p, const struct hv_change *c)
{
    const char *bus;
    int rc = plug_find_bus (p, ports_used (c->before), &bus);

    return rc < 0    ? rc
           : c->disk ? plug_check_disk (p->a.ctx, c->disk)
                     : (c->nic ? plug_check_nic (p, c->nic, c->before) : 0);
}

static int
can_detach (struct plug *p, const char *kind, const char *name)
{
    return plug_can_remove (p, hv_format (p->a.ctx, "%s-%s", kind, name));
}

int
qemu_can_change (struct hv_ctx *ctx, const struct hv_vm *vm,
                 const struct hv_change *change)
{
    struct plug p;
    int rc = plug_open (ctx, vm, &p);

    if (rc == 0) {
        rc = change->kind == HV_RESIZE
                 ? plug_check_size (&p, change->cpus, change->memory)
             : change->kind == HV_DETACH_DISK
                 ? can_detach (&p, "disk", change->name)
             : change->kind == HV_DETACH_NIC
                 ? can_detach (&p, "nic", change->name)
                 : can_attach (&p, change);
    }
    plug_close (&p);
    return rc;
}
