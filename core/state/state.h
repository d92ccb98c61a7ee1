/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Run directories.  RUN/vm/NAME holds, while a VM is there:
 *
 *   busy       locked (an open file description lock) by the hvctl that starts
 *              or releases the VM, for as long as it is at it; names it
 *   starter    locked by the hvctl that starts it, or looks after one that
 * runs, and names it: a VM that is "starting" without it was left half-way lock
 * locked by the hypervisor, which may only read it, and supervisor by the
 * supervisor: the kernel tells who that is, and drops the lock with the
 * process, however that ends; see state-run.c state      what is known of the
 * process, JSON, replaced by rename: words only, whether it runs is the
 * kernel's to say journal    what has been acquired; see journal.h plan what
 * was started, JSON end        written by the supervisor: how the process ended
 *   late       it took others too long to give back what it had; see others.h
 *   lent       what the process may open for as long as it runs; see lend.h
 *   watch      the log whose word means that the guest has shut down, and
 *   ender      who ended the process then; see watch.h
 *   *.sock     control channel, console; serial.sock if the supervisor stands
 *              between the two
 *
 * It is made by a start and removed by the release.  STATE/vm/NAME holds what
 * outlives it: firmware variables, how the last run ended; and, while the VM is
 * there, which process that is, should the run directory get lost. */
#ifndef CORE_STATE_H
#define CORE_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/base/context.h"
#include "core/base/error.h"

enum run_state {
    RUN_STOPPED,  /* Nothing there. */
    RUN_STALE,    /* Leftovers of a process that is gone. */
    RUN_UNKNOWN,  /* It cannot be told: another user's, say. */
    RUN_STARTING, /* No guest instruction executed. */
    RUN_RUNNING,
    RUN_PAUSED, /* By hvctl pause. */
};

struct vm_state {
    const char *name;
    enum run_state run;
    int why; /* RUN_UNKNOWN: a positive errno value. */
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

/* The run directory if there is a serial.sock in it, or null. */
const char *serial_dir (struct hvctl *h, const char *name);

const char *run_state_text (enum run_state run);

/* Does it run, as which process, in which phase, and may we know?  Changes
 * nothing. */
void state_read (struct hvctl *h, const char *name, struct vm_state *out);

/* The same for who has the starter's lock and is not starting it. */
void state_read_held (struct hvctl *h, const char *name, struct vm_state *out);

/* Fails: why it cannot be told. */
int state_unknown (struct hvctl *h, const struct vm_state *s,
                   struct error *err);

/* Its supervisor; 0: none, or if '*why' is an errno value, it cannot be told.
 */
pid_t state_supervisor (struct hvctl *h, const char *name, int *why);

/* Reads the state file; false: it is lost, or has no words for us. */
bool state_read_words (struct hvctl *h, struct vm_state *s);

/* Replaces the state file. */
int state_write (struct hvctl *h, const struct vm_state *s, struct error *err);

/* Names of all run directories, and of VMs that run although theirs is lost. */
void state_names (struct hvctl *h, struct vec *names);

/* Keeps which process a VM has outside of its run directory, as far as that can
 * be done; false: there is none, or 's' gets it. */
void state_keep_process (struct hvctl *h, const struct vm_state *s);
bool state_kept_process (struct hvctl *h, struct vm_state *s);

/* The same is over; true if there was something. */
bool state_forget_process (struct hvctl *h, const char *name);

/* Adds the names of VMs that run although they have no run directory. */
void state_lost_names (struct hvctl *h, struct vec *names);

#define BUSY_FILE "busy"
#define PROCESS_FILE "lock"
#define SUPERVISOR_FILE "supervisor"
#define STARTER_FILE "starter"
#define LATE_FILE "late"
#define CHANGES_FILE "changes"

/* Makes the run directory and takes its lock, for as long as '*fd' is open.
 * Fails with EXIT_RUNNING if the VM has a process, or is being started.  Who
 * only cleans up after a VM that has ended is waited for, for 20 seconds or
 * for 'patience' milliseconds; then it fails with EXIT_TIMEOUT. */
int state_lock (struct hvctl *h, const char *name, int *fd, struct error *err);
int state_lock_within (struct hvctl *h, const char *name, int64_t patience,
                       int *fd, struct error *err);

/* Takes the starter's lock, to be closed when the start is over. */
int state_lock_starter (struct hvctl *h, const char *name, int *fd,
                        struct error *err);

/* Opens, to read, what the hypervisor's process is to lock. */
int state_open_process (struct hvctl *h, const char *name, int *fd,
                        struct error *err);

/* The hvctl that has the lock of 'file' (BUSY_FILE, STARTER_FILE): its pid and
 * the time of its start; false if it cannot be told. */
bool state_holder (struct hvctl *h, const char *name, const char *file,
                   pid_t *pid, uint64_t *start_time);

/* How long who changes something is waited for, in milliseconds: who unplugs
 * something may wait for the guest for half of that. */
#define CHANGE_PATIENCE 60000

/* Keeps others from changing the VM (its definition, disks and snapshots), or,
 * not 'alone', from anything but starting it, until '*fd' is closed.  Waits
 * for them for a minute; then it fails with EXIT_TIMEOUT. */
int state_lock_changes (struct hvctl *h, const char *name, bool alone, int *fd,
                        struct error *err);

/* The same, with another limit than the minute that an unplug may take. */
int state_lock_changes_within (struct hvctl *h, const char *name, bool alone,
                               int64_t ms, int *fd, struct error *err);

/* The same without waiting: fails with EBUSY if somebody is at it. */
int state_try_changes (struct hvctl *h, const char *name, int *fd,
                       struct error *err);

/* Has anybody the lock of the VM's changes?  For those that change nothing. */
bool state_is_changing (struct hvctl *h, const char *name);

/* That lock: a file, and which of its bytes. */
const char *state_changes_path (struct hvctl *h);
uint64_t state_changes_byte (const char *name);

/* Has anybody that lock? */
bool state_is_held (struct hvctl *h, const char *name, const char *file);

/* Removes the run directory.  The caller has its lock. */
void state_remove (struct hvctl *h, const char *name);

/* Takes a user id that no process has; '*lock' keeps others from taking it
 * until there is one that has.  '*fd', which can only be read, is for that: the
 * kernel knows whose user ids are in use, but of other pid namespaces does not
 * tell. */
int state_take_uid (struct hvctl *h, const char *name, uint64_t *uid, int *lock,
                    int *fd, struct error *err);

/* How a run ended, or null: "exit 0 1763701234". */
const char *state_read_line (struct hvctl *h, const char *path);

#endif /* CORE_STATE_H */
