/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "cli/neighbours.h"

#include <arpa/inet.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "common/cleanup.h"
#include "common/mac.h"

#define BUFFER 32768
#define MOST 65536 /* The kernel's own limit is 1024 by default. */

static bool
is_link_local (int family, const void *address)
{
    const struct in6_addr *in6 = address;

    return family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL (in6);
}

static unsigned
rank (const struct ndmsg *nd, const void *address)
{
    unsigned family = nd->ndm_family == AF_INET                  ? 0
                      : !is_link_local (nd->ndm_family, address) ? 2
                                                                 : 4;

    return family + !(nd->ndm_state & (NUD_REACHABLE | NUD_PERMANENT));
}

static const char *
address_text (struct arena *a, const struct ndmsg *nd, const void *address)
{
    char text[INET6_ADDRSTRLEN], interface[IF_NAMESIZE];

    if (!inet_ntop (nd->ndm_family, address, text, sizeof text)) {
        return NULL;
    }
    return is_link_local (nd->ndm_family, address)
                   && if_indextoname ((unsigned)nd->ndm_ifindex, interface)
               ? arena_format (a, "%s%%%s", text, interface)
               : arena_dup (a, text);
}

/* Those that failed, or are being asked for, have no MAC address. */
static void
add (struct arena *a, struct vec *all, const struct nlmsghdr *h)
{
    const struct ndmsg *nd = NLMSG_DATA (h);
    int left = (int)(h->nlmsg_len - NLMSG_LENGTH (sizeof *nd));
    size_t size = nd->ndm_family == AF_INET ? sizeof (struct in_addr)
                                            : sizeof (struct in6_addr);
    const void *mac = NULL, *address = NULL;
    struct neighbour *n;

    if (h->nlmsg_len < NLMSG_LENGTH (sizeof *nd)
        || (nd->ndm_family != AF_INET && nd->ndm_family != AF_INET6)
        || (nd->ndm_state & (NUD_INCOMPLETE | NUD_FAILED | NUD_NOARP))) {
        return;
    }
    for (const struct rtattr *r =
             (const void *)((const char *)nd + NLMSG_ALIGN (sizeof *nd));
         RTA_OK (r, left); r = RTA_NEXT (r, left)) {
        if (r->rta_type == NDA_LLADDR && RTA_PAYLOAD (r) == 6) {
            mac = RTA_DATA (r);
        } else if (r->rta_type == NDA_DST && RTA_PAYLOAD (r) == size) {
            address = RTA_DATA (r);
        }
    }
    if (!mac || !address) {
        return;
    }
    n = arena_alloc (a, sizeof *n);
    format_mac (mac, n->mac);
    n->address = address_text (a, nd, address);
    n->rank = rank (nd, address);
    if (n->address) {
        vec_add (a, all, n);
    }
}

/* NLMSG_OK() compares a signed number with an unsigned one, of which clang
 * warns; 'left' is less than 0 behind a message whose padding is missing. */
static bool
is_whole (const struct nlmsghdr *h, int left)
{
    return left >= (int)sizeof *h && h->nlmsg_len >= sizeof *h
           && h->nlmsg_len <= (unsigned)left;
}

/* Returns whether more is to come. */
static bool
add_all (struct arena *a, struct vec *all, const char *data, size_t size)
{
    int left = (int)size;

    for (const struct nlmsghdr *h = (const void *)data; is_whole (h, left);
         h = NLMSG_NEXT (h, left)) {
        if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR) {
            return false;
        }
        if (h->nlmsg_type == RTM_NEWNEIGH) {
            add (a, all, h);
        }
    }
    return all->n < MOST;
}

void
neighbours_read (struct arena *a, struct vec *all)
{
    CLEANUP_CLOSE int fd =
        socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    struct {
        struct nlmsghdr h;
        struct ndmsg nd;
    } request = {
        .h = { .nlmsg_len = sizeof request,
               .nlmsg_type = RTM_GETNEIGH,
               .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
    };
    struct timeval limit = { .tv_sec = 1 };
    char *data = arena_alloc (a, BUFFER);
    ssize_t n;

    if (fd < 0
        || setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) < 0
        || send (fd, &request, sizeof request, 0) < 0) {
        return;
    }
    do {
        n = recv (fd, data, BUFFER, 0);
    } while (n > 0 && add_all (a, all, data, (size_t)n));
}
