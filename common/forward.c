/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "common/forward.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "common/size.h"

static bool
parse_port (const char *text, unsigned *out)
{
    uint64_t port;

    if (!text || !parse_uint (text, &port) || port < 1 || port > 65535) {
        return false;
    }
    *out = (unsigned)port;
    return true;
}

bool
forward_next (const char **rules, struct forward_rule *out)
{
    size_t len = strcspn (*rules, ",");
    char copy[64], *rest = copy;
    const char *proto, *address, *from, *to;
    struct in_addr ip;

    if (len >= sizeof copy) {
        return false;
    }
    snprintf (copy, sizeof copy, "%.*s", (int)len, *rules);
    *rules = (*rules)[len] ? *rules + len + 1 : NULL;
    proto = strsep (&rest, ":");
    address = strsep (&rest, ":");
    from = strsep (&rest, ":");
    to = strsep (&rest, ":");
    out->udp = !strcmp (proto, "udp");
    if ((!out->udp && strcmp (proto, "tcp") != 0) || !address
        || inet_pton (AF_INET, address, &ip) != 1
        || !parse_port (from, &out->from) || !parse_port (to, &out->to)
        || rest) {
        return false;
    }
    snprintf (out->address, sizeof out->address, "%s", address);
    return true;
}

bool
forward_is_any (const struct forward_rule *rule)
{
    return !strcmp (rule->address, "0.0.0.0");
}

bool
forward_overlap (const struct forward_rule *a, const struct forward_rule *b)
{
    return a->udp == b->udp && a->from == b->from
           && (forward_is_any (a) || forward_is_any (b)
               || !strcmp (a->address, b->address));
}
