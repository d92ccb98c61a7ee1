/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Interfaces by rtnetlink; see netlink.h.  Requests are built by libnl's link
 * objects and sent as they are: libnl's own "change" operations compare and
 * retry, which costs messages. */
#include "plugins/common/netlink.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <netlink/addr.h>
#include <netlink/cache.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <netlink/route/link/macvlan.h>
#include <netlink/route/link/macvtap.h>
#include <netlink/socket.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#define CLEANUP_LINK __attribute__ ((cleanup (cleanup_link)))

static void
cleanup_link (struct rtnl_link **link)
{
    if (*link) {
        rtnl_link_put (*link);
    }
}

/* Keeps the reason why a request failed. */
static int
failed (struct netlink *nl, int err, const char *text)
{
    nl->error = err;
    snprintf (nl->reason, sizeof nl->reason, "%s",
              text ? text : strerror (err));
    return -err;
}

/* Stores the error of a failed request: as on_error() got it from the kernel,
 * or else as far as libnl's codes tell. */
static int
failed_nl (struct netlink *nl, int code)
{
    if (nl->error) {
        return -nl->error;
    }
    switch (-code) {
    case NLE_NODEV:
    case NLE_OBJ_NOTFOUND:
        return failed (nl, ENODEV, NULL);
    case NLE_PERM:
    case NLE_NOACCESS:
        return failed (nl, EPERM, NULL);
    case NLE_NOMEM:
        return failed (nl, ENOMEM, NULL);
    case NLE_AGAIN:
        return failed (nl, ETIMEDOUT, "the kernel did not answer in time");
    default:
        /* Errors without a libnl code are left in errno. */
        return code == -NLE_FAILURE && errno
                   ? failed (nl, errno, NULL)
                   : failed (nl, EIO, nl_geterror (code));
    }
}

/* The sentence that newer kernels add to an error: an attribute behind the
 * request, of which NLM_F_CAPPED leaves the header only. */
static const char *
kernel_words (struct nlmsgerr *e)
{
    const struct nlmsghdr *h = (void *)((char *)e - NLMSG_HDRLEN);
    size_t skip = sizeof *e;
    struct nlattr *text;

    if (!(h->nlmsg_flags & NLM_F_ACK_TLVS)) {
        return NULL;
    }
    if (!(h->nlmsg_flags & NLM_F_CAPPED)) {
        skip = NLMSG_ALIGN (skip + e->msg.nlmsg_len - NLMSG_HDRLEN);
    }
    if (skip > h->nlmsg_len - NLMSG_HDRLEN) {
        return NULL;
    }
    text =
        nla_find ((void *)((char *)e + skip),
                  (int)(h->nlmsg_len - NLMSG_HDRLEN - skip), NLMSGERR_ATTR_MSG);
    return text && nla_len (text) > 0
                   && memchr (nla_data (text), '\0', (size_t)nla_len (text))
               ? nla_data (text)
               : NULL;
}

static int
on_error (struct sockaddr_nl *who, struct nlmsgerr *e, void *data)
{
    struct netlink *nl = data;
    const char *words = kernel_words (e);

    failed (nl, e->error < 0 ? -e->error : EIO, NULL);
    if (words) {
        snprintf (nl->reason, sizeof nl->reason, "%s (%s)", words,
                  strerror (nl->error));
    }
    return NL_STOP;
}

int
netlink_open (struct netlink *nl, int64_t timeout)
{
    struct timeval limit = { .tv_sec = timeout / 1000,
                             .tv_usec = timeout % 1000 * 1000 + 1 };
    int on = 1, err;

    nl->socket = nl_socket_alloc ();
    if (!nl->socket) {
        return failed (nl, ENOMEM, NULL);
    }
    nl_socket_modify_err_cb (nl->socket, NL_CB_CUSTOM, on_error, nl);
    err = nl_connect (nl->socket, NETLINK_ROUTE);
    if (err < 0) {
        return failed_nl (nl, err);
    }
    /* An old kernel cannot do this; its errors come without text. */
    setsockopt (nl_socket_get_fd (nl->socket), SOL_NETLINK, NETLINK_CAP_ACK,
                &on, sizeof on);
    setsockopt (nl_socket_get_fd (nl->socket), SOL_NETLINK, NETLINK_EXT_ACK,
                &on, sizeof on);
    if (setsockopt (nl_socket_get_fd (nl->socket), SOL_SOCKET, SO_RCVTIMEO,
                    &limit, sizeof limit)
        < 0) {
        return failed (nl, errno, NULL);
    }
    return 0;
}

void
netlink_close (struct netlink *nl)
{
    int saved = errno;

    if (nl->socket) {
        nl_socket_free (nl->socket);
        nl->socket = NULL;
    }
    errno = saved;
}

static void
copy_text (char *to, size_t size, const char *from)
{
    snprintf (to, size, "%s", from ? from : "");
}

static void
describe (struct rtnl_link *link, struct netlink_link *out)
{
    const struct nl_addr *mac = rtnl_link_get_addr (link);

    memset (out, 0, sizeof *out);
    out->index = rtnl_link_get_ifindex (link);
    out->lower = rtnl_link_get_link (link);
    out->master = rtnl_link_get_master (link);
    out->flags = rtnl_link_get_flags (link);
    out->type = rtnl_link_get_arptype (link);
    out->mtu = rtnl_link_get_mtu (link);
    copy_text (out->name, sizeof out->name, rtnl_link_get_name (link));
    copy_text (out->kind, sizeof out->kind, rtnl_link_get_type (link));
    copy_text (out->alias, sizeof out->alias, rtnl_link_get_ifalias (link));
    if (mac && nl_addr_get_len (mac) == sizeof out->mac) {
        memcpy (out->mac, nl_addr_get_binary_addr (mac), sizeof out->mac);
    }
    if (rtnl_link_is_macvtap (link)) {
        out->mode = rtnl_link_macvtap_get_mode (link);
    } else if (rtnl_link_is_macvlan (link)) {
        out->mode = rtnl_link_macvlan_get_mode (link);
    }
}

static int
get (struct netlink *nl, int index, const char *name, struct netlink_link *out)
{
    CLEANUP_LINK struct rtnl_link *link = NULL;
    int err;

    nl->error = errno = 0;
    err = rtnl_link_get_kernel (nl->socket, index, name, &link);
    if (err < 0 || !link) {
        return failed_nl (nl, err < 0 ? err : -NLE_NODEV);
    }
    describe (link, out);
    return 0;
}

int
netlink_get (struct netlink *nl, const char *name, struct netlink_link *out)
{
    if (!*name || strlen (name) >= IF_NAMESIZE) {
        return failed (nl, ENODEV, NULL); /* The kernel would say ERANGE. */
    }
    return get (nl, 0, name, out);
}

int
netlink_get_index (struct netlink *nl, int index, struct netlink_link *out)
{
    return get (nl, index, NULL, out);
}

int
netlink_each (struct netlink *nl,
              bool (*each) (const struct netlink_link *, void *data),
              void *data)
{
    struct nl_cache *all;
    struct netlink_link link;
    int err;

    nl->error = 0;
    err = rtnl_link_alloc_cache (nl->socket, AF_UNSPEC, &all);
    if (err < 0) {
        return failed_nl (nl, err);
    }
    for (struct nl_object *o = nl_cache_get_first (all); o;
         o = nl_cache_get_next (o)) {
        describe ((struct rtnl_link *)o, &link);
        if (!each (&link, data)) {
            break;
        }
    }
    nl_cache_free (all);
    return 0;
}

/* Sends a request, which is freed, and waits for its acknowledgement. */
static int
request (struct netlink *nl, struct nl_msg *msg)
{
    int err;

    nl->error = errno = 0;
    err = nl_send_sync (nl->socket, msg);
    return err < 0 ? failed_nl (nl, err) : 0;
}

/* Adds a change to a link object of libnl. */
static int
fill (struct rtnl_link *link, const struct netlink_change *change)
{
    if (change->index) {
        rtnl_link_set_ifindex (link, change->index);
    } else {
        rtnl_link_set_name (link, change->name);
    }
    if (change->mac) {
        struct nl_addr *mac = nl_addr_build (AF_LLC, change->mac, 6);

        if (!mac) {
            return -ENOMEM;
        }
        rtnl_link_set_addr (link, mac);
        nl_addr_put (mac);
    }
    if (change->alias) {
        rtnl_link_set_ifalias (link, change->alias);
    }
    if (change->master) {
        rtnl_link_set_master (link, change->master);
    }
    if (change->mtu) {
        rtnl_link_set_mtu (link, change->mtu);
    }
    if (change->up) {
        rtnl_link_set_flags (link, IFF_UP);
    }
    if (change->down) {
        rtnl_link_unset_flags (link, IFF_UP);
    }
    return 0;
}

/* Without NLM_F_CREATE an RTM_NEWLINK changes an existing interface, all in one
 * message. */
static int
send_link (struct netlink *nl, struct rtnl_link *link,
           const struct netlink_change *change, int flags)
{
    struct nl_msg *msg;
    int err;

    if (!link || fill (link, change) < 0) {
        return failed (nl, ENOMEM, NULL);
    }
    err = rtnl_link_build_add_request (link, flags, &msg);
    nl->error = 0;
    return err < 0 ? failed_nl (nl, err) : request (nl, msg);
}

int
netlink_set (struct netlink *nl, const struct netlink_change *change)
{
    CLEANUP_LINK struct rtnl_link *link = rtnl_link_alloc ();

    return send_link (nl, link, change, 0);
}

int
netlink_add_macvtap (struct netlink *nl, const struct netlink_change *change)
{
    CLEANUP_LINK struct rtnl_link *link = rtnl_link_macvtap_alloc ();

    if (link) {
        rtnl_link_set_link (link, change->lower);
        rtnl_link_macvtap_set_mode (link, change->mode);
        if (change->queues > 1) {
            rtnl_link_set_num_tx_queues (link, change->queues);
            rtnl_link_set_num_rx_queues (link, change->queues);
        }
    }
    return send_link (nl, link, change, NLM_F_CREATE | NLM_F_EXCL);
}

/* The kernel applies the data of a slave before the flags of the interface,
 * but not in the message that makes it a slave: so a port is joined while it
 * is down, and this second message isolates it before a packet can pass. */
int
netlink_isolate (struct netlink *nl, const char *name)
{
    CLEANUP_LINK struct rtnl_link *link = rtnl_link_alloc ();
    struct netlink_change change = { .name = name, .up = true };
    struct nlattr *info, *data;
    struct nl_msg *msg;
    int err;

    if (!link || fill (link, &change) < 0) {
        return failed (nl, ENOMEM, NULL);
    }
    nl->error = 0;
    err = rtnl_link_build_add_request (link, 0, &msg);
    if (err < 0) {
        return failed_nl (nl, err);
    }
    info = nla_nest_start (msg, IFLA_LINKINFO);
    if (!info || nla_put_string (msg, IFLA_INFO_SLAVE_KIND, "bridge") < 0
        || !(data = nla_nest_start (msg, IFLA_INFO_SLAVE_DATA))
        || nla_put_u8 (msg, IFLA_BRPORT_ISOLATED, 1) < 0) {
        nlmsg_free (msg);
        return failed (nl, ENOMEM, NULL);
    }
    nla_nest_end (msg, data);
    nla_nest_end (msg, info);
    return request (nl, msg);
}

int
netlink_delete (struct netlink *nl, int index)
{
    CLEANUP_LINK struct rtnl_link *link = rtnl_link_alloc ();
    int err;

    if (!link) {
        return failed (nl, ENOMEM, NULL);
    }
    rtnl_link_set_ifindex (link, index);
    nl->error = 0;
    err = rtnl_link_delete (nl->socket, link);
    return err < 0 ? failed_nl (nl, err) : 0;
}
