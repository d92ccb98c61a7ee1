/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Run directories.  RUN/vm/NAME contains, while a VM is running:
 *
 *   busy       locked (an open file description lock) by the hvctl that starts
 *              or releases the VM, while it does so; names it
 *   starter    locked by the hvctl that starts the VM, or tends a running one,
 *              and names it: a VM that is "starting" without it was left
 *              half-started
 *   lock       locked by the hypervisor, which may only read it, and
 *   supervisor by the supervisor: the kernel tells who that is, and drops the
 *              lock with the process, however that ends; see state-run.c
 *   state      what is known of the process, JSON, replaced by rename: words
 *              only, whether it runs is the kernel's to say
 *   journal    what has been acquired; see journal.h
 *   plan       what was started, JSON
 *   devices    its disks and NICs since one was attached or detached, JSON;
 *              see running.h
 *   end        written by the supervisor: how the process ended
 *   late       it took others too long to give back what it had; see others.h
 *   lent       what the process may open for as long as it runs;
 *              see broker-list.h
 *   watch      the log whose word means that the guest has shut down, and
 *   ender      who ended the process then; see settle.h
 *   *.sock     control channel, console; serial.sock if the supervisor stands
 *              between the two
 *
 * It is created by a start and removed by the release.  STATE/vm/NAME contains
 * what outlives it: firmware variables, how the last run ended.  While the VM
 * is running, STATE/processes/NAME has its process, in case the run directory
 * is lost. */
#ifndef CORE_STATE_H
#define CORE_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/base/context.h"
#include "core/base/error.h"

enum run_state {
    RUN_STOPPED,  /* There is no process. */
    RUN_STALE,    /* Leftovers of a process that has exited. */
    RUN_UNKNOWN,  /* It cannot be determined: another user's, for example. */
    RUN_STARTING, /* No guest instruction was executed. */
    RUN_RUNNING,
    RUN_PAUSED, /* By hvctl pause. */
};

struct vm_state {
    const char *name;
    enum run_state run;
    int why; /* RUN_UNKNOWN: a positive errno value. */
    pid_t pid;
    uint64_t start_time; /* Of the process: distinguishes reused IDs. */
    pid_t supervisor;    /* 0: none, or in the foreground. */
    uint64_t supervisor_start;
    int64_t started; /* Seconds since the epoch. */
    const char *uuid, *hypervisor, *arch, *program, *machine, *accelerator,
        *accelerator_why, *weaker, *file;
    const char *sandbox; /* "full", "weaker", "log", "diagnose" */
    uint64_t memory;
    uint32_t cpus;
    uint64_t uid;
};

const char *state_dir (struct hvctl *h, const char *name);
const char *state_keep_dir (struct hvctl *h, const char *name);
const char *state_log_dir (struct hvctl *h, const char *name);

/* Returns the run directory if it contains a serial.sock, or null. */
const char *state_serial_dir (struct hvctl *h, const char *name);

const char *state_run_text (enum run_state run);

/* The value of 'sandbox' in words for people; JSON has it as it is. */
const char *state_sandbox_text (const char *sandbox);

/* Reads the state file; returns false if it is lost, or not usable. */
bool state_read_words (struct hvctl *h, struct vm_state *s);

/* Replaces the state file. */
int state_write (struct hvctl *h, const struct vm_state *s, struct error *err);

/* The same in two steps, of which the second is a rename: for a state that will
 * be true when there is no time to write. */
int state_prepare (struct hvctl *h, const struct vm_state *s,
                   struct error *err);
int state_commit (struct hvctl *h, const struct vm_state *s, struct error *err);

/* Stores the names of all run directories, and of VMs that run without one,
 * sorted.  Returns false if there may be more, since it is not ours to read. */
bool state_names (struct hvctl *h, struct vec *names);

/* Stores the names of VMs of which something is kept, sorted. */
void state_keep_names (struct hvctl *h, struct vec *names);

#define BUSY_FILE "busy"
#define PROCESS_FILE "lock"
#define SUPERVISOR_FILE "supervisor"
#define STARTER_FILE "starter"
#define LATE_FILE "late"

/* In the state directory. */
#define CHANGES_LOCK "changes.lock"

/* Removes the run directory.  The caller has its lock. */
void state_remove (struct hvctl *h, const char *name);

/* Returns how a run ended, or null: "exit 0 1763701234". */
const char *state_read_line (struct hvctl *h, const char *path);

#endif /* CORE_STATE_H */
