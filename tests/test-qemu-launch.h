/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Starts what a hypervisor's describe() has described, as the core does: it
 * opens what was asked for, and executes. */
#ifndef TESTS_TEST_QEMU_LAUNCH_H
#define TESTS_TEST_QEMU_LAUNCH_H

#include <sys/types.h>

#include "tests/fake-host.h"

/* Sockets, logs and "stderr" are in 'dir'.  The process dies with the test. */
pid_t launch_described (struct fake *f, const struct hv_launch *l,
                        const char *dir);

/* Returns a descriptor, or -1. */
int connect_to (const char *path);

#endif /* TESTS_TEST_QEMU_LAUNCH_H */
