/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Run directories.  RUN/vm/NAME holds, while a VM is there:
 *
 *   lock       an open file description lock, taken by hvctl before anything
 *              else and inherited by the hypervisor: who holds it is alive.
 *              The kernel drops it with the process, however that ends.
 *   starter    locked by the hvctl that starts it, and not inherited: a VM that
 *              is "starting" without it was left half-way
 *   state      what is known of the process, JSON, replaced by rename
 *   journal    what has been acquired; see journal.h
 *   plan       what was started, JSON
 *   end        written by the supervisor: how the process ended
 *   lent       what the process may open for as long as it runs; see lend.h
 *   watch      the log whose word means that the guest has shut down, and
 *   ender      who ended the process then; see watch.h
 *   *.sock     control channel, console
 *
 * It is made by a start and removed by the release.  STATE/vm/NAME holds what
 * outlives it: firmware variables, how the last run ended. */
#ifndef CORE_STATE_H
#define CORE_STATE_H

#include <sys/types.h>

#include "core/hvctl.h"

enum run_state {
    RUN_STOPPED,  /* Nothing there. */
    RUN_STALE,    /* Leftovers of a process that is gone. */
    RUN_STARTING, /* Locked, no guest instruction executed. */
    RUN_RUNNING,
    RUN_PAUSED, /* By hvctl pause. */
};

struct vm_state {
    const char *name;
    enum run_state run;
    pid_t pid;
    uint64_t start_time; /* Of the process: tells pids apart. */
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
const char *run_state_text (enum run_state run);

/* Reads what there is of 'name', changing nothing.  What cannot be read is
 * RUN_STALE. */
void state_read (struct hvctl *h, const char *name, struct vm_state *out);

/* Replaces the state file. */
int state_write (struct hvctl *h, const struct vm_state *s, struct error *err);

/* Names of all run directories. */
void state_names (struct hvctl *h, struct vec *names);

/* Makes the run directory and takes its lock; '*fd' is to be kept open, and
 * passed on.  Fails with EXIT_RUNNING if another process holds it.  Who only
 * cleans up after a VM that has ended is waited for, for 20 seconds or for
 * 'patience' milliseconds; then it fails with EXIT_TIMEOUT. */
int state_lock (struct hvctl *h, const char *name, int *fd, struct error *err);
int state_lock_within (struct hvctl *h, const char *name, int64_t patience,
                       int *fd, struct error *err);

/* Takes the starter's lock, to be closed when the start is over. */
int state_lock_starter (struct hvctl *h, const char *name, int *fd,
                        struct error *err);

/* Keeps others from changing the VM (its definition, disks and snapshots), or,
 * not 'alone', from anything but starting it, until '*fd' is closed.  Waits
 * for them for a minute; then it fails with EXIT_TIMEOUT. */
int state_lock_changes (struct hvctl *h, const char *name, bool alone, int *fd,
                        struct error *err);

/* Is the hvctl that starts 'name' alive? */
bool state_has_starter (struct hvctl *h, const char *name);

/* Removes the run directory.  The caller has its lock. */
void state_remove (struct hvctl *h, const char *name);

/* Takes a user id that no running VM has; '*fd' is a lock to be inherited by
 * the process that has it. */
int state_take_uid (struct hvctl *h, const char *name, uint64_t *uid, int *fd,
                    struct error *err);

/* How a run ended, or null: "exit 0 1763701234". */
const char *state_read_line (struct hvctl *h, const char *path);

/* Writes 'text' to 'path' by a temporary file and a rename. */
int write_file (const char *path, unsigned mode, const char *text,
                struct error *err);

/* Reads a file of at most 1 MiB; malloc'ed; null if it cannot be. */
char *read_small_file (const char *path);

#endif /* CORE_STATE_H */
