/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/provider.h"

#include <errno.h>
#include <string.h>

/* Limits, in milliseconds.  Creating and resizing copy data, perhaps. */
#define SHORT 10000
#define NORMAL 30000
#define LONG 600000

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
    hvctl_debug (p->h, "%s: %s %s: %d", p->name, op, object ? object : "",
                 rc);
    if (rc >= 0) {
        return rc;
    }
    if (hvctl_interrupted) {
        return fail (err, EINTR, "interrupted");
    }
    if (!p->failed) {
        fail (err, -rc, "%s: %s failed without a reason (%s): this is a bug "
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

        config_check ((struct hv_options *)p->options, p->info.keys,
                      &problems);
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

/* The frame of every wrapper below. */
#define CALL(timeout, op, object, call) \
    int rc_ = plugin_usable (p, err); \
    if (rc_ < 0) { \
        return rc_; \
    } \
    begin (p, timeout); \
    return done (p, op, object, call, err)

int
hypervisor_locate (struct plugin *p, const char *arch, const char **program,
                   struct error *err)
{
    CALL (SHORT, "locate", NULL,
          p->hypervisor.locate (&p->ctx, arch, program));
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
    if (!p->hypervisor.pause) {
        return unsupported (p, "pause a VM", err);
    }
    CALL (SHORT, "pause", NULL, p->hypervisor.pause (&p->ctx, vm));
}

int
hypervisor_resume (struct plugin *p, const struct hv_vm *vm,
                   struct error *err)
{
    if (!p->hypervisor.resume) {
        return unsupported (p, "resume a VM", err);
    }
    CALL (SHORT, "resume", NULL, p->hypervisor.resume (&p->ctx, vm));
}

static const char *
nic_text (const struct plugin *p, const struct hv_port *port)
{
    return arena_format (&p->h->arena, "nic %s", port->name);
}

int
network_check (struct plugin *p, const struct hv_port *port,
               struct hv_nic *out, struct error *err)
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
network_ready (struct plugin *p, const struct hv_port *port,
               struct error *err)
{
    if (!p->network.ready) {
        return 0;
    }
    CALL (NORMAL, "ready", nic_text (p, port),
          p->network.ready (&p->ctx, port));
}

int
network_detach (struct plugin *p, const struct hv_port *port,
                struct error *err)
{
    CALL (NORMAL, "detach", nic_text (p, port),
          p->network.detach (&p->ctx, port));
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
    if (!p->storage.resize) {
        return unsupported (p, "resize a volume", err);
    }
    CALL (LONG, "resize", volume_text (p, vol),
          p->storage.resize (&p->ctx, vol));
}

int
storage_list (struct plugin *p, const struct hv_options *pool,
              struct hv_list *out, struct error *err)
{
    if (!p->storage.list) {
        return 0;
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

void
plugin_operations (struct hvctl *h, const struct plugin *p,
                   struct hv_list *out)
{
    const struct {
        const char *name;
        bool has, there;
    } ops[] = {
        { "hypervisor.pause", p->has_hypervisor, p->hypervisor.pause },
        { "network.ready", p->has_network, p->network.ready },
        { "storage.resize", p->has_storage, p->storage.resize },
        { "storage.list", p->has_storage, p->storage.list },
        { "storage.activate", p->has_storage, p->storage.activate },
        { "firmware.list", p->has_firmware, p->firmware.list },
    };

    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
        if (ops[i].has) {
            struct list_entry *e = arena_alloc (&h->arena, sizeof *e);

            e->name = ops[i].name;
            e->detail = ops[i].there ? "yes" : "no";
            vec_add (&h->arena, &out->entries, e);
        }
    }
}
