/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/agent-address.h"

#include <arpa/inet.h>
#include <json-c/json.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

#include "common/mac.h"
#include "common/member.h"
#include "core/machine/agent.h"

#define MAX_ADDRESSES 256

/* Writes it as everybody does; false if it is none at which others reach the
 * guest.  A link-local one is nothing without an interface. */
static bool
normalise (const char *given, char text[INET6_ADDRSTRLEN])
{
    struct in_addr v4;
    struct in6_addr v6;

    if (inet_pton (AF_INET, given, &v4) == 1) {
        uint32_t n = ntohl (v4.s_addr);

        return n >> 24 != 127 && n >> 24 != 0 && n >> 16 != 0xa9fe
               && n >> 28 < 0xe
               && inet_ntop (AF_INET, &v4, text, INET6_ADDRSTRLEN);
    }
    return inet_pton (AF_INET6, given, &v6) == 1 && !IN6_IS_ADDR_LOOPBACK (&v6)
           && !IN6_IS_ADDR_UNSPECIFIED (&v6) && !IN6_IS_ADDR_LINKLOCAL (&v6)
           && !IN6_IS_ADDR_MULTICAST (&v6) && !IN6_IS_ADDR_V4MAPPED (&v6)
           && inet_ntop (AF_INET6, &v6, text, INET6_ADDRSTRLEN);
}

static void
take_interface (struct arena *a, struct json_object *interface, struct vec *out)
{
    struct json_object *all =
        json_member (interface, "ip-addresses", json_type_array);
    char mac[MAC_TEXT], text[INET6_ADDRSTRLEN];
    uint8_t bytes[6];

    if (!parse_mac (json_member_text (interface, "hardware-address"), bytes)) {
        return;
    }
    format_mac (bytes, mac);
    for (size_t i = 0; i < json_array_size (all) && out->n < MAX_ADDRESSES;
         i++) {
        struct json_object *o = json_object_array_get_idx (all, i);
        struct agent_address *new;

        if (normalise (json_member_text (o, "ip-address"), text)) {
            new = arena_alloc (a, sizeof *new);
            *new = (struct agent_address){ .mac = arena_dup (a, mac),
                                           .text = arena_dup (a, text) };
            vec_add (a, out, new);
        }
    }
}

void
agent_address_take (struct arena *a, struct json_object *reply, struct vec *out)
{
    for (size_t i = 0; i < json_array_size (reply); i++) {
        take_interface (a, json_object_array_get_idx (reply, i), out);
    }
}

int
agent_address_read (struct hvctl *h, const char *name, int64_t until,
                    struct vec *out, struct error *err)
{
    struct json_object *reply = NULL;
    int rc = agent_ask (h, name, "guest-network-get-interfaces", NULL, until,
                        &reply, err);

    if (rc == 0) {
        agent_address_take (&h->arena, reply, out);
    }
    json_object_put (reply);
    return rc;
}
