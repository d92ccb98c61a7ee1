/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* See scope.h; org.freedesktop.systemd1(5) has the call.  libsystemd is opened
 * when it is needed and not linked: to load it takes longer than 'hvctl list',
 * and packages should not depend on it. */
#include "core/machine/scope.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#ifdef HAVE_SD_BUS

#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <systemd/sd-bus.h>

#include "common/cleanup.h"
#include "core/base/clock.h"
#include "core/base/file.h"

#define LIMIT (2 * 1000 * 1000) /* Microseconds, for the answer. */

/* The functions of libsystemd.so.0 that are used here. */
#define FUNCTIONS(X)                                                           \
    X (sd_bus_open_system)                                                     \
    X (sd_bus_flush_close_unref)                                               \
    X (sd_bus_message_new_method_call)                                         \
    X (sd_bus_message_append)                                                  \
    X (sd_bus_message_append_array)                                            \
    X (sd_bus_message_open_container)                                          \
    X (sd_bus_message_close_container)                                         \
    X (sd_bus_message_unref)                                                   \
    X (sd_bus_call)                                                            \
    X (sd_bus_error_free)

#define MEMBER(name) __typeof__ (name) *name;
struct library {
    void *handle;
    FUNCTIONS (MEMBER)
};

static int
load (struct library *l, struct error *err)
{
    l->handle = dlopen ("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!l->handle) {
        return fail (err, ENOENT, "%s", dlerror ());
    }
#define FIND(name)                                                             \
    l->name = (__typeof__ (name) *)dlsym (l->handle, #name);                   \
    if (!l->name) {                                                            \
        return fail (err, ENOSYS, "libsystemd has no function %s", #name);     \
    }
    FUNCTIONS (FIND)
    return 0;
}

/* Appends the property of the scope that is a list of processes. */
static int
append_pids (const struct library *l, sd_bus_message *m, const pid_t *pids,
             size_t n)
{
    int r;

    if ((r = l->sd_bus_message_open_container (m, 'r', "sv")) < 0
        || (r = l->sd_bus_message_append (m, "s", "PIDs")) < 0
        || (r = l->sd_bus_message_open_container (m, 'v', "au")) < 0
        || (r = l->sd_bus_message_append_array (m, 'u', pids, n * sizeof *pids))
               < 0
        || (r = l->sd_bus_message_close_container (m)) < 0) {
        return r;
    }
    return l->sd_bus_message_close_container (m);
}

static int
fill (const struct library *l, sd_bus_message *m, const char *name,
      const char *vm, const pid_t *pids, size_t n)
{
    CLEANUP_FREE char *text = xformat ("Virtual machine %s", vm);
    int r;

    if ((r = l->sd_bus_message_append (m, "ss", name, "fail")) < 0
        || (r = l->sd_bus_message_open_container (m, 'a', "(sv)")) < 0
        || (r = l->sd_bus_message_append (
                m, "(sv)(sv)(sv)(sv)(sv)(sv)", "Description", "s", text,
                "Slice", "s", "machine.slice", "Delegate", "b", 1, "Before",
                "as", 1, "hvctl-guests.service", "Wants", "as", 1,
                "hvctl-guests.service", "CollectMode", "s",
                "inactive-or-failed"))
               < 0
        || (r = append_pids (l, m, pids, n)) < 0
        || (r = l->sd_bus_message_close_container (m)) < 0) {
        return r;
    }
    return l->sd_bus_message_append (m, "a(sa(sv))", 0);
}

static int
ask (const struct library *l, const char *name, const char *vm,
     const pid_t *pids, size_t n, struct error *err)
{
    sd_bus_error refusal = SD_BUS_ERROR_NULL;
    sd_bus_message *m = NULL;
    sd_bus *bus = NULL;
    int r = l->sd_bus_open_system (&bus);

    if (r >= 0) {
        r = l->sd_bus_message_new_method_call (
            bus, &m, "org.freedesktop.systemd1", "/org/freedesktop/systemd1",
            "org.freedesktop.systemd1.Manager", "StartTransientUnit");
    }
    if (r >= 0) {
        r = fill (l, m, name, vm, pids, n);
    }
    if (r >= 0) {
        r = l->sd_bus_call (bus, m, LIMIT, &refusal, NULL);
    }
    if (r < 0) {
        fail (err, -r, "%s", refusal.message ? refusal.message : strerror (-r));
    }
    l->sd_bus_error_free (&refusal);
    l->sd_bus_message_unref (m);
    l->sd_bus_flush_close_unref (bus);
    return r < 0 ? -err->code : 0;
}

/* Is the process in that scope, or gone? */
static bool
moved (pid_t pid, const char *name)
{
    CLEANUP_FREE char *path = xformat ("/proc/%d/cgroup", (int)pid);
    char text[4096];

    return file_read_kernel (path, text, sizeof text) < 0
           || strstr (text, name);
}

/* The answer comes before the processes are moved.  hvctl's caller may exit
 * right after hvctl, and with it everything in its control group. */
static int
await (pid_t pid, const char *name, struct error *err)
{
    int64_t deadline = now_ms () + LIMIT / 1000;

    while (!moved (pid, name)) {
        if (now_ms () >= deadline) {
            return fail (err, ETIMEDOUT, "%s did not appear within %d seconds",
                         name, LIMIT / 1000000);
        }
        poll (NULL, 0, 2);
    }
    return 0;
}

/* The hypervisor's number is in the name: systemd forgets a scope some time
 * after its last process, and the VM may be started again before. */
int
scope_enter (const char *vm, const pid_t *pids, size_t n, struct error *err)
{
    CLEANUP_FREE char *name = xformat ("hvctl-%s-%d.scope", vm, (int)pids[0]);
    struct library l = { 0 };
    int rc;

    /* sd_booted(3) looks for this. */
    if (geteuid () != 0 || access ("/run/systemd/system/", F_OK) < 0) {
        return 0;
    }
    rc = load (&l, err);
    if (rc == 0) {
        rc = ask (&l, name, vm, pids, n, err);
    }
    if (rc == 0) {
        rc = await (pids[0], name, err);
    }
    if (l.handle) {
        dlclose (l.handle);
    }
    return rc;
}

#else /* !HAVE_SD_BUS */

int
scope_enter (const char *vm, const pid_t *pids, size_t n, struct error *err)
{
    return 0;
}

#endif
