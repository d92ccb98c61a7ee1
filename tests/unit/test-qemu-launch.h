/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Starts what a hypervisor's describe() has described, as the core does: it
 * opens what was asked for, and executes. */
#ifndef TESTS_TEST_QEMU_LAUNCH_H
#define TESTS_TEST_QEMU_LAUNCH_H

#include <sys/types.h>

#include "tests/kit/fake-host.h"

/* Sockets, logs and "stderr" are in 'dir'.  The process dies with the test. */
pid_t launch_described (struct fake *f, const struct hv_launch *l,
                        const char *dir);

/* ------------------------------------------------------------- Machines */

extern const struct hv_hypervisor *qemu; /* After setup(). */

struct machine {
    struct fake *f;
    struct hv_vm vm;
    pid_t pid;
};

typedef int (*operation) (struct hv_ctx *, const struct hv_vm *);

/* A file in a directory that setup() makes and teardown() removes. */
const char *in_dir (struct fake *f, const char *name);
int setup (void **state);
int teardown (void **state);

/* Makes a fake with the facts of a real probe, and a VM; or skips. */
void prepare (struct machine *m, const char *arch);

/* From the VM to a process, by what the plugin says alone. */
void launch (struct machine *m);

/* Runs an operation with a fresh connection to the machine at hand; the
 * second form has to succeed. */
int op (struct machine *m, operation run);
void must (struct machine *m, operation run);

/* Returns its wait status. */
int wait_end (struct machine *m);

/* Runs qemu-img; skips if it is not there. */
void image (struct fake *f, const char *const argv[]);

/* Makes an overlay "top" on a raw "base". */
const struct hv_layer *const *make_chain (struct fake *f, const char *top,
                                          const char *base);

#endif /* TESTS_TEST_QEMU_LAUNCH_H */
