/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A temporary test machine, for learn.c and doctor.c.  It has a context of its
 * own: a directory with a configuration and run, state and log directories,
 * which is removed at the end.  It uses our plugins, and their sections. */
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
    TRIAL_SKIPPED, /* Not supported by this host or this hypervisor. */
    TRIAL_FAILED,
};

/* A test step on a machine. */
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
    int64_t patience;       /* For a guest that is being shut down. */
    struct arena *out;      /* For the results. */
    struct vec steps;       /* struct trial_step * */

    /* The context, and the machine that is being tested. */
    struct hvctl h;
    char *dir;
    int lock; /* Of the directory. */
    const char *machine, *text;
    struct vm_state state;
    int64_t since; /* The end of the last step. */
};

/* Creates the context, based on 'h'; trial_close() removes it.  Leftovers of an
 * hvctl that was killed are removed before. */
int trial_open (struct trial *t, const struct hvctl *h, struct error *err);
void trial_close (struct trial *t);

/* Forgets the previous machine; 'text' is the definition of the next. */
void trial_machine (struct trial *t, const char *machine, const char *text);

/* Records a step.  An error is reported and cleared; ENOTSUP says that
 * this machine does not support it.  Returns false if it was not done. */
bool trial_step (struct trial *t, const char *what, struct error *err);

/* Returns the definition, with these lines added. */
struct definition *trial_define (struct trial *t, const char *more,
                                 struct error *err);

/* Probes a hypervisor's program: returns false if there is none, or if it
 * cannot be run, which is recorded, and does not depend on this host. */
bool trial_probe (struct trial *t, struct plugin *p, const char *arch);

/* Each of these records its step; it returns false if it was not done. */
bool trial_start (struct trial *t, const char *what, struct plan **plan);
bool trial_plug (struct trial *t, const char *what, const char *text);
bool trial_network (struct trial *t); /* Are the processes of NICs alive? */
void trial_stop (struct trial *t);

/* Waits until the guest that boots "boot.raw" (see trial_disk()) says on its
 * serial port that it has read what it wrote before it reset its machine. */
int trial_await_boot (struct trial *t, int timeout, struct error *err);

/* Waits until the supervisor has released a machine that has stopped. */
void trial_await_release (struct trial *t);

/* Fails if the running guest did not get the change. */
void trial_online (enum change_way way, struct error *err);

/* Returns a disk with our boot sector, as lines of a definition. */
const char *trial_disk (struct trial *t);

#endif /* CORE_TRIAL_H */
