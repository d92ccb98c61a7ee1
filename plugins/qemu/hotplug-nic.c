/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Hot-plugging of NICs. */

#include "plugins/qemu/qemu.h"

#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/forward.h"
#include "plugins/qemu/qmp.h"

static const char *
fd_name (struct plug *p, const struct hv_nic *nic, uint32_t queue)
{
    return hv_format (p->a.ctx, "nic-%s-%u", nic->name, queue);
}

/* Gives QEMU the port's descriptors, which netdev_add takes by their names. */
static int
send_fds (struct plug *p, const struct hv_nic *nic, const int fds[],
          const char **names)
{
    int rc = 0;

    *names = "";
    for (uint32_t q = 0; rc == 0 && q < nic->queues; q++) {
        const char *name = fd_name (p, nic, q);

        rc = qmp_execute (p->a.ctx, p->q, "getfd", one_string ("fdname", name),
                          fds[q], NULL);
        *names = hv_format (p->a.ctx, "%s%s%s", *names, q ? ":" : "", name);
    }
    return rc;
}

/* Descriptors that were not used are closed with the connection. */
static int
add_tap (struct plug *p, const struct hv_nic *nic, const int fds[],
         struct json_object *netdev)
{
    const char *names;
    int rc = send_fds (p, nic, fds, &names);

    if (rc < 0) {
        json_object_put (netdev);
        return rc;
    }
    json_put_text (netdev, "type", "tap");
    json_put_text (netdev, nic->queues > 1 ? "fds" : "fd", names);
    json_put_flag (netdev, "vhost", false);
    return plug_do (p, "netdev_add", netdev);
}

/* Not "stream" (args-net.c): QEMU connects that in a thread of its own, which
 * knows no descriptor by the name that the control connection gave it
 * (util/qemu-sockets.c: socket_get_fd), and fails without a word. */
static int
check_socket (struct plug *p)
{
    const char *can = NULL;
    int rc = ask_schema (p->a.ctx, p->q, &can);

    return rc == 0 && !qemu_can (can, CAN_SOCKET)
               ? hv_fail (p->a.ctx, ENOTSUP,
                          "this QEMU has no netdev 'socket', which attaching "
                          "it to a running machine needs")
               : rc;
}

static int
add_stream (struct plug *p, const struct hv_nic *nic, const int fds[],
            struct json_object *netdev)
{
    const char *name;
    int rc = check_socket (p);

    if (rc == 0) {
        rc = send_fds (p, nic, fds, &name);
    }
    if (rc < 0) {
        json_object_put (netdev);
        return rc;
    }
    json_put_text (netdev, "type", "socket");
    json_put_text (netdev, "fd", name);
    return plug_do (p, "netdev_add", netdev);
}

/* Reads the netdev of a NIC; "" if QEMU does not report it. */
static int
read_netdev (struct plug *p, const char *id, const char **netdev)
{
    struct json_object *value = NULL;
    int rc = plug_get (p, hv_format (p->a.ctx, PERIPHERAL "%s", id), "netdev",
                       &value);

    if (rc == 0) {
        *netdev = hv_format (p->a.ctx, "%.80s",
                             json_object_is_type (value, json_type_string)
                                 ? json_object_get_string (value)
                                 : "");
    }
    json_object_put (value);
    return rc;
}

/* Is the NIC "nic-NAME" detached by one of these changes? */
static bool
goes_before (const struct hv_change *c, const char *id)
{
    for (; c; c = c->before) {
        if (c->kind == HV_DETACH_NIC && !strcmp (c->name, id + 4)) {
            return true;
        }
    }
    return false;
}

/* Has it a NIC with a user-mode network, after the changes 'before'? */
static int
find_user_mode (struct plug *p, const struct hv_change *before, bool *found)
{
    struct json_object *list = NULL;
    int rc = qmp_execute (p->a.ctx, p->q, "qom-list",
                          one_string ("path", PERIPHERALS), -1, &list);

    *found = false;
    for (size_t i = 0; rc == 0 && !*found && i < json_array_size (list); i++) {
        const char *netdev = "",
                   *id = hv_format (
                       p->a.ctx, "%.80s",
                       json_member_text (json_object_array_get_idx (list, i),
                                         "name"));

        if (!strncmp (id, "nic-", 4) && !goes_before (before, id)) {
            rc = read_netdev (p, id, &netdev);
            *found = !strncmp (netdev, USER_NETDEV, strlen (USER_NETDEV));
        }
    }
    json_object_put (list);
    return rc;
}

/* Without such a NIC it has neither the host's network nor permission to create
 * a socket, and would be killed if it tried. */
static int
check_user_mode (struct plug *p, const struct hv_change *before)
{
    bool found = false;
    int rc = find_user_mode (p, before, &found);

    return rc == 0 && !found ? hv_fail (
               p->a.ctx, ENOTSUP,
               "the user-mode network runs in QEMU's own process, which has "
               "the host's network only if a NIC needs it from the start")
                             : rc;
}

static struct json_object *
forwards (struct plug *p, const struct hv_nic *nic)
{
    struct json_object *list = json_object_new_array ();
    const char *next = nic->forward;
    struct forward_rule f;

    while (next && *next && forward_next (&next, &f)) {
        json_object_array_add (
            list, one_string ("str", hv_format (p->a.ctx, "%s:%s:%u-:%u",
                                                f.udp ? "udp" : "tcp",
                                                f.address, f.from, f.to)));
    }
    return list;
}

static int
add_user (struct plug *p, const struct hv_nic *nic, struct json_object *netdev)
{
    int rc = check_user_mode (p, NULL);

    if (rc < 0) {
        json_object_put (netdev);
        return rc;
    }
    json_put_text (netdev, "type", "user");
    for (const struct user_key *k = user_keys; k->key; k++) {
        const char *value = user_value (p->a.ctx, nic, k->key);

        json_put_text (netdev, k->name, value);
    }
    if (user_is_restricted (p->a.ctx, nic)) {
        json_put_flag (netdev, "restrict", true);
    }
    json_object_object_add (netdev, "hostfwd", forwards (p, nic));
    return plug_do (p, "netdev_add", netdev);
}

static int
add_netdev (struct plug *p, const struct hv_nic *nic, const int fds[])
{
    struct json_object *netdev = one_string ("id", netdev_id (p->a.ctx, nic));

    return nic->kind == HV_NIC_USER     ? add_user (p, nic, netdev)
           : nic->kind == HV_NIC_STREAM ? add_stream (p, nic, fds, netdev)
                                        : add_tap (p, nic, fds, netdev);
}

/* Removes the netdev of a NIC whose device has disappeared; ENODEV: there is
 * none.  It has one of two names, and it does not matter that the other does
 * not exist. */
static int
remove_netdev (struct plug *p, const char *name)
{
    static const char *const prefixes[] = { "nic-", USER_NETDEV };
    int removed = -ENODEV;

    for (size_t i = 0; i < ARRAY_SIZE (prefixes); i++) {
        int rc = plug_do (
            p, "netdev_del",
            one_string ("id", hv_format (p->a.ctx, "%s%s", prefixes[i], name)));

        if (rc < 0 && rc != -ENODEV) {
            return rc;
        }
        removed = rc == 0 ? 0 : removed;
    }
    return removed;
}

/* Fails if the NIC exists; cleans up after an earlier one. */
static int
make_room (struct plug *p, const char *id, const char *name)
{
    bool there = false;
    int rc = plug_has (p, id, &there);

    if (rc == 0 && there) {
        return hv_fail (p->a.ctx, EEXIST, "a nic '%s' is already attached",
                        name);
    }
    if (rc == 0) {
        remove_netdev (p, name);
    }
    return rc;
}

/* The netdev, and the device without the offloads that this QEMU can switch
 * off. */
static int
plug_in (struct plug *p, const struct hv_nic *nic, const int fds[],
         const char *bus)
{
    int rc = ask_offloads (p->a.ctx, p->q, &p->a.offloads);

    if (rc == 0) {
        rc = add_netdev (p, nic, fds);
    }
    if (rc == 0) {
        rc = plug_add (p, bus, new_nic (&p->a, nic));
        if (rc < 0) {
            qmp_be_quiet (p->q);
            remove_netdev (p, nic->name);
        }
    }
    return rc;
}

static int
check_kind (struct hv_ctx *ctx, const struct hv_nic *nic)
{
    return nic->kind == HV_NIC_TAP || nic->kind == HV_NIC_USER
                   || nic->kind == HV_NIC_STREAM
               ? 0
               : hv_fail (ctx, ENOTSUP,
                          "only taps and user-mode networks can be attached");
}

int
plug_check_nic (struct plug *p, const struct hv_nic *nic,
                const struct hv_change *before)
{
    int rc = check_kind (p->a.ctx, nic);

    return rc < 0                       ? rc
           : nic->kind == HV_NIC_STREAM ? check_socket (p)
           : nic->kind == HV_NIC_USER   ? check_user_mode (p, before)
                                        : 0;
}

int
qemu_attach_nic (struct hv_ctx *ctx, const struct hv_vm *vm,
                 const struct hv_nic *nic, const int fds[])
{
    const char *bus = NULL;
    struct plug p;
    int rc = check_kind (ctx, nic);

    if (rc < 0) {
        return rc;
    }
    rc = plug_open (ctx, vm, &p);
    if (rc == 0) {
        rc = plug_find_bus (&p, 0, &bus);
    }
    if (rc == 0) {
        rc = make_room (&p, hv_format (ctx, "nic-%s", nic->name), nic->name);
    }
    if (rc == 0) {
        rc = plug_in (&p, nic, fds, bus);
    }
    plug_close (&p);
    return rc;
}

int
qemu_detach_nic (struct hv_ctx *ctx, const struct hv_vm *vm, const char *name)
{
    struct plug p;
    int rc = plug_open (ctx, vm, &p);

    if (rc == 0) {
        rc = plug_remove (&p, hv_format (ctx, "nic-%s", name));
    }
    /* The device may have been released after an earlier call had timed out. */
    if (rc == 0 || rc == -ENODEV) {
        rc = remove_netdev (&p, name);
    }
    plug_close (&p);
    return rc == -ENODEV
               ? hv_fail (ctx, ENOENT, "no nic '%s' is attached", name)
               : rc;
}
