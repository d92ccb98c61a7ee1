/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What one command of hvctl knows: configuration, plugins, limits.  The
 * modules of the core take it as their first argument. */
#ifndef CORE_HVCTL_H
#define CORE_HVCTL_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/config/config.h"
#include "core/base/error.h"

struct host;

struct hvctl {
    struct arena arena;
    struct host *host;
    struct vec plugins; /* struct plugin *, sorted by name */
    bool plugins_loaded;
    bool changes;       /* The command may change things: probes may
                         * be made, leftovers are swept. */
    bool kills;         /* What cannot be given back stays behind. */
    bool quiet;         /* Who started a machine is told of what is
                         * weaker by its state alone. */
    uint64_t probe_uid; /* For programs run in a jail. */
    int verbose;
    int64_t deadline; /* Of the operation that goes on. */
    int64_t limit;    /* Of each one of a hypervisor, in milliseconds; 0: its
                       * own. */
    int64_t until;    /* When all operations are to be over; 0: whenever. */
    /* Milliseconds that went to what was not named; see others.h. */
    int64_t for_others;
    struct vec held;     /* struct held_fd *, while a VM is started */
    struct vec holds;    /* Of volumes; see changing.h. */
    struct vec live;     /* UUIDs of the VMs that run */
    struct vec told;     /* What was warned of, once for all VMs */
    struct vec finished; /* struct finished *, see recover.h */

    /* Gets the progress of the operation, in bytes; total 0: unknown. */
    void (*progress) (void *data, uint64_t done, uint64_t total);
    void *progress_data;
    uint64_t total;
};

/* A descriptor of a port that the process was not given: its plugin hands it
 * over, perhaps; see hv_nic_fd(). */
struct held_fd {
    const char *nic;
    uint32_t queue;
    int fd;
};

/* Exit codes; documented in hvctl(1). */
enum {
    EXIT_OK = 0,
    EXIT_ERROR = 1, /* Anything else. */
    EXIT_USAGE = 2,
    EXIT_NOT_FOUND = 3,   /* No such VM, network, plugin, bridge, … */
    EXIT_UNSUPPORTED = 4, /* No plugin can do it. */
    EXIT_RUNNING = 5,     /* Is running, being started, or in use. */
    EXIT_NOT_RUNNING = 6,
    EXIT_CONFIG = 7, /* The configuration is wrong. */
    EXIT_DENIED = 8, /* Permission. */
    EXIT_TIMEOUT = 9,
    EXIT_DIFFERENT = 10, /* What was compared is not the same. */
    EXIT_INTERRUPTED = 130,
};

int exit_code_of (const struct error *err);

/* Fails and sets the exit code. */
int fail_exit (struct error *err, int exit_code, int code, const char *fmt, ...)
    ERROR_PRINTF (4, 5);

/* Prepares 'h'.  'conf' is the path given by the user or null. */
int hvctl_open (struct hvctl *h, const char *conf, struct error *err);
void hvctl_close (struct hvctl *h);

/* Writes a line to standard error, as "hvctl: ". */
void hvctl_warn (const char *fmt, ...) __attribute__ ((format (printf, 1, 2)));
void hvctl_debug (const struct hvctl *h, const char *fmt, ...)
    __attribute__ ((format (printf, 2, 3)));

/* Milliseconds of CLOCK_MONOTONIC. */
int64_t now_ms (void);

/* Set by SIGINT, SIGTERM and SIGHUP while a command may have to roll back.
 * Waits end early, steps are not begun. */
extern volatile int hvctl_interrupted;

/* What a plugin has left once a signal has come, in milliseconds: a hypervisor
 * that was told something answers within, or the plugin takes it back. */
#define AFTER_SIGNAL 500

/* For handlers of signals. */
void hvctl_interrupt (void);

/* Milliseconds of AFTER_SIGNAL that are left; 0 if no signal came. */
int64_t hvctl_after_signal (void);

/* From begin to end signals wait, and the one that came before is forgotten:
 * what takes back, or may not stop half-way, is not interrupted.  It has limits
 * of its own. */
struct undisturbed {
    sigset_t before;
    int interrupted;
};
void undisturbed_begin (struct undisturbed *u);
void undisturbed_end (const struct undisturbed *u);

#endif /* CORE_HVCTL_H */
