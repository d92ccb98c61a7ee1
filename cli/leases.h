/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The addresses that a DHCP server has given out: of dnsmasq, by its file, and
 * of Kea, by its control socket. */
#ifndef CLI_LEASES_H
#define CLI_LEASES_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/vec.h"

struct lease {
    const char *mac; /* As format_mac() writes it. */
    const char *address;
    const char *hostname; /* As the guest says, or null. */
};

/* Adds the valid leases of a dnsmasq file, or of the Kea server that listens at
 * a socket: struct lease *.  The message does not name the path. */
int leases_read (struct arena *a, const char *path, struct vec *all,
                 struct error *err);

/* Adds those of dnsmasq's file; 'now' is in seconds since 1970. */
void leases_parse_dnsmasq (struct arena *a, char *text, int64_t now,
                           struct vec *all);

/* Adds those of a server's answer to lease4-get-all or lease6-get-all.  Fails
 * if it is none, or says that it failed. */
int leases_parse_kea (struct arena *a, const char *text, int64_t now,
                      struct vec *all, struct error *err);

#endif /* CLI_LEASES_H */
