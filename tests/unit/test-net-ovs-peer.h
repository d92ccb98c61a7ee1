/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* An ovsdb-server that does what a test tells it, in a process of its own. */
#ifndef TESTS_TEST_NET_OVS_PEER_H
#define TESTS_TEST_NET_OVS_PEER_H

#include <stdbool.h>
#include <sys/types.h>

struct peer {
    char dir[32], socket[48];
    pid_t pid;
    bool hangs;
};

/* Starts one.  The script is a list of steps, which ends in null:
 *
 *   "<TEXT"  reads a message, which has TEXT in it
 *   ">TEXT"  sends TEXT; "%id" stands for the id of the last request
 *   "~TEXT"  the same, byte by byte
 *   "100MB"  sends an unfinished reply of that size, as far as it can
 *   "hang"   does nothing any more
 *   "close"  closes the connection, and accepts another one
 *   "away"   closes the connection and the socket, and makes a new socket
 *            after 100 ms */
void peer_start (struct peer *peer, const char *const script[]);

/* Ends it.  Unless it hangs it must have come to the end of its script. */
void peer_end (struct peer *peer);

#endif /* TESTS_TEST_NET_OVS_PEER_H */
