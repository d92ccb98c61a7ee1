/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A hypervisor takes three turns of its main loop to answer, some 0.3 ms, in
 * which nobody has anything to do: so several are asked at once. */
#include "core/machine/status-all.h"

#include <stdlib.h>

#include "common/cleanup.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/process.h"
#include "core/machine/status.h"
#include "core/machine/target.h"
#include "core/process/branch.h"
#include "core/provider/hypervisor.h"
#include "core/provider/loader.h"

#define COPIES 4
#define WORTH_A_COPY 8 /* VMs: to make one costs as much as to ask two. */
#define SILENT '-'

/* The VMs from 'first' on, each 'step'th. */
struct share {
    const struct vm_state *vms;
    size_t n, first, step;
    int64_t each, all;
};

/* Returns an enum hv_state, which is HV_STOPPED if it has just exited, or
 * -1. */
static int
ask (struct hvctl *h, const struct vm_state *s)
{
    struct target t = { .state = *s, .pidfd = -1 };
    struct hv_status status = { 0 };
    struct error err = { 0 };
    int state = -1;

    if (target_open (h, &t, &err) == 0) {
        state = hypervisor_status (t.plugin, &t.vm, &status, &err) == 0
                    ? (int)status.state
                : status_is_ending (&t, &err) ? HV_STOPPED
                                              : -1;
    } else if (!process_is_alive (s->pid, s->start_time)) {
        state = HV_STOPPED;
    }
    close_fd (t.pidfd);
    return state;
}

/* Returns a digit for each VM. */
static char *
ask_share (struct hvctl *h, const struct share *share)
{
    char *answers = arena_alloc (&h->arena, share->n + 1);
    int64_t left = share->all;
    size_t n = 0;

    h->limit = share->each;
    for (size_t i = share->first; i < share->n; i += share->step) {
        int64_t before = now_ms ();
        int state = left > 0 ? ask (h, &share->vms[i]) : -1;

        left -= state < 0 ? now_ms () - before : 0;
        answers[n++] = state < 0 ? SILENT : (char)('0' + state);
    }
    h->limit = 0;
    return answers;
}

static void
take (const struct share *share, const char *answers, const char **texts)
{
    for (size_t i = share->first; *answers && i < share->n; i += share->step) {
        if (*answers >= '0' && *answers <= '0' + HV_FAILED) {
            texts[i] = status_text (*answers - '0');
        }
        answers++;
    }
}

void
status_ask_all (struct hvctl *h, const struct vm_state *vms, size_t n,
                int64_t each, int64_t all, const char **texts)
{
    size_t copies = n / WORTH_A_COPY < COPIES ? n / WORTH_A_COPY : COPIES;
    struct share share = { vms, n, 0, copies ? copies : 1, each, all };
    struct branch branches[COPIES];
    struct error ignored = { 0 };
    int status;

    /* Loaded once, not by each copy. */
    for (size_t i = 0; i < n; i++) {
        if (vms[i].hypervisor) {
            loader_find (h, vms[i].hypervisor);
        }
    }
    for (size_t i = 1; i < copies; i++) {
        share.first = i;
        if (branch_start (&branches[i], false, &ignored) == 1) {
            branch_end (&branches[i], ask_share (h, &share), 0);
        }
    }
    /* Ours, and those for which there was no room for a copy. */
    for (size_t i = 0; i < share.step; i++) {
        share.first = i;
        if (i == 0 || !branches[i].pid) {
            take (&share, ask_share (h, &share), texts);
        }
    }
    for (size_t i = 1; i < copies; i++) {
        while (branches[i].pid && !branch_read (&branches[i], &status)) {
        }
        share.first = i;
        take (&share, branches[i].text ? branches[i].text : "", texts);
        branch_free (&branches[i]);
    }
}
