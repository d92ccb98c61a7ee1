/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Checks whether hvctl works on this host: runs a test guest with each
 * hypervisor, and reports what is missing and how to get it. */
#ifndef CORE_DOCTOR_H
#define CORE_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/context.h"
#include "core/base/error.h"

enum doctor_state {
    DOCTOR_OK,
    DOCTOR_DEGRADED, /* It works, but could be better. */
    DOCTOR_ABSENT,   /* It is missing, and not needed. */
    DOCTOR_FAILED,
};

struct finding {
    const char *area; /* "host", "plugins", "configuration", "qemu" */
    const char *what; /* "KVM" */
    enum doctor_state state;
    const char *text;
    const char *remedy; /* Advice; or null. */
};

struct doctor {
    struct vec findings; /* struct finding * */
    size_t machines;     /* Hypervisors that passed every test. */
    size_t degraded;     /* Findings. */
    size_t refused; /* Hypervisors whose VMs hvctl.conf does not allow... */
    bool no_user_networks; /* ...or only those on such a network. */
    int exit_code;         /* Of the first failure. */
    struct hvctl *h;
    /* Is called with each finding when it is added. */
    void (*tell) (const struct finding *f, void *data);
    void *data;
};

/* Fails only if nothing could be tested, or when interrupted.  Leaves nothing
 * behind except the records of tested.h. */
int doctor_run (struct doctor *d, struct error *err);

/* Adds a finding; 'code' is the exit code of a failure. */
void doctor_add (struct doctor *d, const char *area, const char *what,
                 enum doctor_state state, const char *text, const char *remedy);
void doctor_fail (struct doctor *d, const char *area, const char *what,
                  const char *text, const char *remedy, int code);

#endif /* CORE_DOCTOR_H */
