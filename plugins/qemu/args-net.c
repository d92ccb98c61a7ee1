/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* NICs: taps by descriptor, and QEMU's own user-mode network.
 *
 * -netdev takes JSON only from QEMU 7.2 on, so it is "key=value,…" here.
 * Where the path behind a tap does not do them, all offloads are off that this
 * QEMU has: newer ones have more, and begin with all of them on. */

#include "plugins/qemu/qemu.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/forward.h"
#include "common/mac.h"
#include "common/member.h"
#include "common/size.h"

#define ARG(a, ...) hv_arg ((a)->ctx, (a)->out, __VA_ARGS__)

/* Returns the descriptors of a NIC's queues: "fd=5" or "fds=5:6". */
static const char *
queue_fds (const struct args *a, const struct hv_nic *nic)
{
    const char *fds = "";

    for (uint32_t i = 0; i < nic->queues; i++) {
        int fd = hv_port (a->ctx, a->out, nic->name, i);

        if (fd < 0) {
            return NULL;
        }
        fds = hv_format (a->ctx, "%s%s%d", fds, i ? ":" : "", fd);
    }
    return hv_format (a->ctx, "%s=%s", nic->queues > 1 ? "fds" : "fd", fds);
}

const char *
netdev_id (struct hv_ctx *ctx, const struct hv_nic *nic)
{
    return hv_format (ctx, "%s%s",
                      nic->kind == HV_NIC_USER ? USER_NETDEV : "nic-",
                      nic->name);
}

static void
add_tap (const struct args *a, const struct hv_nic *nic)
{
    const char *fds = queue_fds (a, nic);

    hv_need (a->ctx, a->out, "net");
    ARG (a, "-netdev");
    if (fds) {
        ARG (a, "tap,id=nic-%s,%s,vhost=off", nic->name, fds);
        return;
    }
    ARG (a, "tap,id=nic-%s,ifname=%s,script=no,downscript=no,queues=%" PRIu32,
         nic->name, quote (a->ctx, nic->ifname ? nic->ifname : nic->name),
         nic->queues);
}

/* A connected socket, in which each frame has its length before it.  What
 * QEMUs before 7.2 have for that needs one more system call. */
static void
add_stream (const struct args *a, const struct hv_nic *nic)
{
    int fd = hv_port (a->ctx, a->out, nic->name, 0);

    ARG (a, "-netdev");
    if (fd < 0) {
        ARG (a, "stream,id=nic-%s,server=off,addr.type=unix,addr.path=%s",
             nic->name,
             quote (a->ctx, hv_format (a->ctx, "%s/nic-%s.sock", a->vm->rundir,
                                       nic->name)));
    } else if (qemu_can (hv_fact (a->ctx, "can"), CAN_STREAM)) {
        ARG (a, "stream,id=nic-%s,server=off,addr.type=fd,addr.str=%d",
             nic->name, fd);
    } else {
        hv_need (a->ctx, a->out, "stream");
        ARG (a, "socket,id=nic-%s,fd=%d", nic->name, fd);
    }
}

/* QEMU's names for the keys of the plugin net-user. */
const struct user_key user_keys[] = {
    { "subnet", "net" },        { "dns", "dns" }, { "dhcp_start", "dhcpstart" },
    { "hostname", "hostname" }, { NULL, NULL },
};

/* Returns ",NAME=VALUE" if the network's section sets 'key'. */
static const char *
user_option (const struct args *a, const struct hv_nic *nic,
             const struct user_key *key)
{
    const char *value = user_value (a->ctx, nic, key->key);

    return value
               ? hv_format (a->ctx, ",%s=%s", key->name, quote (a->ctx, value))
               : "";
}

const char *
user_value (struct hv_ctx *ctx, const struct hv_nic *nic, const char *key)
{
    return nic->options ? hv_option (ctx, nic->options, key) : NULL;
}

bool
user_is_restricted (struct hv_ctx *ctx, const struct hv_nic *nic)
{
    const char *value = user_value (ctx, nic, "restrict");
    bool on = false;

    return value && parse_bool (value, &on) && on;
}

static const char *
user_forward (const struct args *a, const struct hv_nic *nic)
{
    const char *all = "", *p = nic->forward;
    struct forward_rule f;

    while (p && *p && forward_next (&p, &f)) {
        all = hv_format (a->ctx, "%s,hostfwd=%s:%s:%u-:%u", all,
                         f.udp ? "udp" : "tcp", f.address, f.from, f.to);
    }
    return all;
}

static void
add_user (const struct args *a, const struct hv_nic *nic)
{
    const char *options = "";

    for (const struct user_key *k = user_keys; k->key; k++) {
        options = hv_format (a->ctx, "%s%s", options, user_option (a, nic, k));
    }
    hv_need (a->ctx, a->out, "slirp");
    ARG (a, "-netdev");
    ARG (a, "user,id=%s%s%s%s", netdev_id (a->ctx, nic), options,
         user_is_restricted (a->ctx, nic) ? ",restrict=on" : "",
         user_forward (a, nic));
}

/* Where the path behind a tap does not complete checksums and segmentation, the
 * guest must neither rely on that, nor expect it. */
static void
set_no_offload (const struct args *a, struct json_object *device)
{
    static const char every_qemu[] =
        "csum gso host_tso4 host_tso6 host_ecn host_ufo guest_csum guest_tso4 "
        "guest_tso6 guest_ecn guest_ufo";
    const char *p = a->offloads ? a->offloads : every_qemu;

    while (*p) {
        size_t len = strcspn (p, " ="), all = strcspn (p, " ");
        const char *name = hv_format (a->ctx, "%.*s", (int)len, p);

        if (all > len) {
            json_put_text (device, name, "off");
        } else {
            json_put_flag (device, name, false);
        }
        p += all + strspn (p + all, " ");
    }
}

/* The vectors that it needs; -1: QEMU's default.  QEMU 7.2 crashes if a guest
 * that it emulates gets the interrupts of a vhost-user port by MSI-X
 * (hw/virtio/virtio-pci.c: virtio_pci_set_guest_notifiers() lets the vectors be
 * used, which only KVM has made). */
static int
vectors_of (const struct args *a, const struct hv_nic *nic)
{
    if (nic->kind == HV_NIC_VHOST_USER && strcmp (a->vm->accelerator, "kvm")) {
        return 0;
    }
    return nic->queues > 1 ? 2 * (int)nic->queues + 2 : -1;
}

/* Without a boot order its ROM is not needed.  Two vectors for each queue's
 * two rings, one for configuration, one for the control queue. */
struct json_object *
new_nic (const struct args *a, const struct hv_nic *nic)
{
    const char *id = hv_format (a->ctx, "nic-%s", nic->name);
    struct json_object *device = new_device (virtio_model (a, "net"), id);
    bool pci = a->family != FAMILY_MICROVM;
    char mac[MAC_TEXT];

    json_put_text (device, "netdev", netdev_id (a->ctx, nic));
    json_put_text (device, "mac", format_mac (nic->mac, mac));
    if (nic->queues > 1) {
        json_put_flag (device, "mq", true);
    }
    if (pci && vectors_of (a, nic) >= 0) {
        json_put_number (device, "vectors", vectors_of (a, nic));
    }
    if (nic->mtu) {
        json_put_number (device, "host_mtu", nic->mtu);
    }
    if (nic->kind == HV_NIC_TAP && !nic->offload) {
        set_no_offload (a, device);
    }
    if (nic->boot) {
        json_put_number (device, "bootindex", nic->boot);
    } else if (pci) {
        json_put_text (device, "romfile", "");
    }
    return device;
}

bool
has_vhost_user (const struct hv_vm *vm)
{
    for (size_t i = 0; vm->nics && vm->nics[i]; i++) {
        if (vm->nics[i]->kind == HV_NIC_VHOST_USER) {
            return true;
        }
    }
    return false;
}

void
add_shared_memory (const struct args *a)
{
    if (has_vhost_user (a->vm)) {
        ARG (a, "-object");
        ARG (a,
             "memory-backend-memfd,id=" SHARED_MEMORY ",size=%" PRIu64
             "M,share=on",
             a->vm->memory >> 20);
    }
}

/* QEMU is the server.  It wants to have made the socket itself: one that is
 * handed over does not count as one that descriptors come by (7.2:
 * chardev/char-socket.c, "TODO SOCKET_ADDRESS_FD where fd has AF_UNIX").  So
 * it binds one, and gets a copy of the port's. */
static void
add_vhost_user (const struct args *a, const struct hv_nic *nic)
{
    const char *path = hv_port (a->ctx, a->out, nic->name, 0) < 0
                           ? nic->socket
                           : hv_format (a->ctx, "vhost-%s.sock", nic->name);

    hv_need (a->ctx, a->out, "net");
    hv_need (a->ctx, a->out, "vhost-user");
    ARG (a, "-chardev");
    ARG (a, "socket,id=vhost-%s,path=%s,server=on", nic->name,
         quote (a->ctx, path));
    ARG (a, "-netdev");
    ARG (a, "vhost-user,id=nic-%s,chardev=vhost-%s,queues=%" PRIu32, nic->name,
         nic->name, nic->queues);
}

static void
add_nic (const struct args *a, const struct hv_nic *nic, unsigned int index,
         unsigned int n)
{
    struct json_object *device = new_nic (a, nic);

    place_virtio (a, device, 4, MAX_PCI_NICS / 8, index, n);
    add_json (a, "-device", device);
}

void
add_nics (const struct args *a)
{
    const struct hv_nic *const *nics = a->vm->nics;
    unsigned int n = 0;

    while (nics && nics[n]) {
        n++;
    }
    for (unsigned int i = 0; i < n; i++) {
        if (nics[i]->kind == HV_NIC_USER) {
            add_user (a, nics[i]);
        } else if (nics[i]->kind == HV_NIC_STREAM) {
            add_stream (a, nics[i]);
        } else if (nics[i]->kind == HV_NIC_VHOST_USER) {
            add_vhost_user (a, nics[i]);
        } else {
            add_tap (a, nics[i]);
        }
        add_nic (a, nics[i], i, n);
    }
}
