/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The groups of processes that serve a user-mode network: passt, of 2023 to
 * 2026.  From the '#syscalls' in its sources, from which it builds a filter of
 * its own, and the calls of main() before it loads that; traced.  For groups.c
 * only.
 *
 * passt confines itself: it creates a user namespace, mounts an empty root,
 * drops privileges.  Its jail has done more by then, so these calls do
 * nothing here, and report success; its own filter is loaded in addition.
 * The files that it reads in /proc are in jail-items.c. */
#ifndef CORE_GROUPS_PASST_H
#define CORE_GROUPS_PASST_H

static const struct call_rule passt[] = {
    { CALL (socket), ONE_OF (0, AF_INET) },
    { CALL (socket), ONE_OF (0, AF_INET6), REFUSED, WHY ("it serves IPv4") },
    { CALL (bind), WHY ("UDP and ICMP get a port of the host each") },
    { CALL (connect), REFUSED, WHY ("see group outbound") },
    { CALL (shutdown) },
    { CALL (sendto) },
    { CALL (recvfrom) },
    { CALL (sendmmsg) },
    { CALL (recvmmsg) },
    { CALL (getsockopt), WHY ("TCP_INFO") },
    { CALL (setsockopt) },
    { CALL (timerfd_create), WHY ("one for each TCP connection") },
    { CALL (timerfd_settime) },
    { CALL (timerfd_gettime) },
    { CALL (ioctl), ONE_OF (1, TIOCOUTQ), WHY ("how much is not sent yet") },

    { CALL (socket), ONE_OF (0, AF_UNIX, AF_NETLINK), STARTUP,
      WHY ("the interface's number; /dev/log, which is not there") },
    { CALL (ioctl), ONE_OF (1, SIOCGIFINDEX, SIOCGIFNAME), STARTUP },
    { CALL (close_range), STARTUP, WHY ("what it would have inherited") },
    { CALL (prlimit64), EXACTLY (0, 0), STARTUP, WHY ("only downwards") },
    { CALL (prctl), ONE_OF (0, PR_SET_DUMPABLE, PR_SET_SECCOMP), STARTUP,
      WHY ("its own, narrower filter") },
    { CALL (capget), STARTUP },

    { CALL (capset), NOTHING_DONE },
    { CALL (unshare), NOTHING_DONE },
    { CALL (mount), NOTHING_DONE },
    { CALL (umount2), NOTHING_DONE },
    { CALL (pivot_root), NOTHING_DONE },
    { CALL (chdir), NOTHING_DONE },
    { CALL (clone), ONE_OF (0, CLONE_NEWUSER | SIGCHLD), NO_CHILD,
      WHY ("to enter its user namespace; see supervisor/attend.c") },
    { CALL (setns), NOTHING_DONE },
    { CALL (kill), NOTHING_DONE, WHY ("that child") },
    { CALL (setuid), NOTHING_DONE },
    { CALL (setgid), NOTHING_DONE },
    { CALL (setgroups), REFUSED },
    { CALL (prctl), ONE_OF (0, PR_CAPBSET_DROP), REFUSED },
    { CALL (execve), REFUSED, WHY ("of the variant for newer processors") },
};

/* Calls that a network with 'restrict' does not have: its guest can only
 * answer. */
static const struct call_rule outbound[] = {
    { CALL (connect) },
};

#endif /* CORE_GROUPS_PASST_H */
