/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What the tests of the cloud-hypervisor plugin that start a process share:
 * include after cmocka.h. */
#ifndef TESTS_TEST_CH_H
#define TESTS_TEST_CH_H

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "tests/ch-server/run.h"

/* An operation on the VM of the variable r. */
#define OP(op, ...) (hv_plugin.hypervisor->op (&r.f->ctx, &r.vm, ##__VA_ARGS__))

#define DISKS(...)                                                             \
    (const struct hv_disk *const[])                                            \
    {                                                                          \
        __VA_ARGS__, NULL                                                      \
    }

static const char *program; /* The one that is tested now. */

static inline void
prepare (struct run *r, const char *cmdline)
{
    run_prepare (r, program, cmdline);
}

/* Starts it and lets the guest run. */
static inline void
run (struct run *run)
{
    struct run r = *run;

    run_start (&r);
    *run = r;
    if (OP (ready) < 0 || OP (go) < 0) {
        fail_msg ("%s\n%s", r.f->message, run_text (&r, "hypervisor.log"));
    }
}

static inline void
assert_state (struct run *run, enum hv_state state)
{
    struct hv_status status = { .state = HV_STOPPED };
    struct run r = *run;

    assert_int_equal (OP (status, &status), 0);
    assert_int_equal (status.state, state);
}

static inline void
assert_message (struct run *r, const char *text)
{
    assert_non_null (r->f->message);
    if (!strstr (r->f->message, text)) {
        fail_msg ("not in '%s': '%s'", r->f->message, text);
    }
}

/* First all with the contract server, then what both can do with the real
 * program, if there is one and KVM. */
#define RUN_BOTH(both, server_only)                                            \
    __extension__({                                                            \
        int failed_;                                                           \
                                                                               \
        program = contract_server ();                                          \
        failed_ = cmocka_run_group_tests_name ("contract", both, NULL, NULL);  \
        failed_ += cmocka_run_group_tests_name ("contract only", server_only,  \
                                                NULL, NULL);                   \
        program = real_program ();                                             \
        if (program && access ("/dev/kvm", R_OK | W_OK) == 0) {                \
            failed_ += cmocka_run_group_tests_name ("real", both, NULL, NULL); \
        } else {                                                               \
            print_message (                                                    \
                "no cloud-hypervisor and KVM: the contract only\n");           \
        }                                                                      \
        failed_;                                                               \
    })

#endif /* TESTS_TEST_CH_H */
