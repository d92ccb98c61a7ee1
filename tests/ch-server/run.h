/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Starts what the plugin describes, as the core does but without a jail: the
 * contract server, or the real program that the variable CLOUD_HYPERVISOR
 * names or that is on PATH. */
#ifndef TESTS_CH_SERVER_RUN_H
#define TESTS_CH_SERVER_RUN_H

#include <stdbool.h>
#include <sys/types.h>

#include "tests/kit/fake-host.h"

#define GUEST_HELLO "hvctl tiny guest: hello"

struct run {
    struct fake *f;
    struct hv_vm vm;
    char dir[64];
    pid_t pid;  /* Of the process, or null. */
    int status; /* As it ended. */
    bool real;
};

/* The programs to test; the second may be null. */
const char *contract_server (void);
const char *real_program (void);

/* Makes a VM with 'cmdline' for the guest in a new directory, and a fake with
 * the facts of a probe. */
void run_prepare (struct run *r, const char *program, const char *cmdline);

/* Starts it; the caller goes on with ready(). */
void run_start (struct run *r);

/* Waits up to 'ms' until it has ended by itself. */
bool run_ends (struct run *r, int ms);

/* Ends it, if it has not, and removes the directory. */
void run_finish (struct run *r);

/* Returns a path in the directory; what is in the file of that name. */
const char *run_path (struct run *r, const char *name);
const char *run_text (struct run *r, const char *name);

/* Waits until that is in the file. */
bool run_says (struct run *r, const char *name, const char *text);

/* Waits until the guest has said that on its serial port. */
bool run_guest_says (struct run *r, const char *text);

/* Makes a raw image in the directory and returns its path. */
const char *run_image (struct run *r, const char *name, off_t size);

#endif /* TESTS_CH_SERVER_RUN_H */
