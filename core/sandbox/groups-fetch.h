/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The group of hvctl-fetch, a client of web servers: libcurl, the resolver of
 * the C library, and OpenSSL or GnuTLS.  For groups.c only.
 *
 * It connects to addresses of its choice, since it follows redirects; it does
 * not listen.  The files that it may read are granted, each by its name, in
 * core/machine/image-fetch.c. */
#ifndef CORE_GROUPS_FETCH_H
#define CORE_GROUPS_FETCH_H

static const struct call_rule fetch[] = {
    { CALL (socket), ONE_OF (0, AF_INET, AF_INET6) },
    { CALL (socket), ONE_OF (0, AF_NETLINK),
      WHY ("getaddrinfo: has the host IPv6 addresses?") },
    { CALL (socket), ONE_OF (0, AF_UNIX), REFUSED, WHY ("nscd") },
    { CALL (bind), WHY ("of that netlink socket") },
    { CALL (connect) },
    { CALL (shutdown) },
    { CALL (sendto) },
    { CALL (sendmmsg), WHY ("two questions to a name server at once") },
    { CALL (recvfrom) },
    { CALL (getsockopt) },
    { CALL (setsockopt) },
    { CALL (ioctl), ONE_OF (1, FIONREAD, FIONBIO) },
};

#endif /* CORE_GROUPS_FETCH_H */
