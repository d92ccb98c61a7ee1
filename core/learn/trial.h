/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A machine that is tried and thrown away, for learn.c and doctor.c.  It runs
 * on a host of its own: a directory with a configuration and run, state and
 * log directories, which is removed at the end.  It takes the plugins of ours,
 * and their sections. */
#ifndef CORE_TRIAL_H
#define CORE_TRIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/definition.h"
#include "core/machine/change.h"
#include "core/plan/plan.h"
#include "core/provider/loaded.h"
#include "core/sandbox/jail.h"
#include "core/state/state.h"

enum trial_result {
    TRIAL_DONE,
    TRIAL_SKIPPED, /* Not for this host or this hypervisor. */
    TRIAL_FAILED,
};

/* What was tried on a machine. */
struct trial_step {
    const char *machine; /* "q35-tcg" */
    const char *what;    /* "plug in a disk" */
    enum trial_result result;
    const char *why_not; /* Null: it was done. */
    int exit_code;       /* Of a failure. */
    int64_t took;        /* Milliseconds. */
};

struct trial {
    const char *name;       /* Of the VM, and in the directory's. */
    enum sandbox_mode mode; /* Of its machines. */
    int64_t patience;       /* With a guest that is asked to shut down. */
    struct arena *out;      /* Of what is told. */
    struct vec steps;       /* struct trial_step * */

    /* The host, and the machine that is tried now. */
    struct hvctl h;
    char *dir;
    int lock; /* Of the directory. */
    const char *machine, *text;
    struct vm_state state;
    int64_t since; /* The last step ended. */
};

/* Makes the host, like 'h'; trial_close() removes it.  What an hvctl left that
 * was killed is removed before. */
int trial_open (struct trial *t, const struct hvctl *h, struct error *err);
void trial_close (struct trial *t);

/* Forgets the machine before; 'text' is the definition of the next. */
void trial_machine (struct trial *t, const char *machine, const char *text);

/* Notes what was tried.  An error is told and forgotten; ENOTSUP says that
 * it is not for this machine.  False if it was not done. */
bool trial_step (struct trial *t, const char *what, struct error *err);

/* The definition, with these lines more. */
struct definition *trial_define (struct trial *t, const char *more,
                                 struct error *err);

/* Asks a hypervisor's program what it can do: false if there is none, or if it
 * cannot be run, which is noted, and is no matter of what this host has. */
bool trial_probe (struct trial *t, struct plugin *p, const char *arch);

/* Each of these notes what it tried; false: it was not done. */
bool trial_start (struct trial *t, const char *what, struct plan **plan);
bool trial_plug (struct trial *t, const char *what, const char *text);
bool trial_network (struct trial *t); /* Are those alive that serve NICs? */
void trial_stop (struct trial *t);

/* Waits until the guest that boots "boot.raw" (see trial_disk()) says on its
 * serial port that it has read what it wrote before it reset its machine. */
int trial_await_boot (struct trial *t, int timeout, struct error *err);

/* Waits until the supervisor has let go of a machine that has ended. */
void trial_await_release (struct trial *t);

/* Fails if what was changed is not so in the running guest. */
void trial_online (enum change_way way, struct error *err);

/* A disk to boot, laid over a sector of ours, as lines of a definition. */
const char *trial_disk (struct trial *t);

#endif /* CORE_TRIAL_H */
