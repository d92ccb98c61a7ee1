/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/learn/doctor-host.h"

#include <grp.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/find.h"
#include "core/base/name.h"
#include "core/base/vec.h"
#include "core/config/config.h"
#include "core/config/definition-find.h"
#include "core/config/definition.h"
#include "core/config/host.h"
#include "core/config/rewrite.h"
#include "core/learn/doctor-needs.h"
#include "core/plan/sections.h"
#include "core/provider/firmware.h"
#include "core/provider/hypervisor.h"
#include "core/provider/loaded.h"
#include "core/provider/loader.h"
#include "core/provider/services.h"
#include "core/provider/storage.h"
#include "core/state/state-kept.h"
#include "core/state/state.h"

/* -------------------------------------------------------------------- host */

static void
check_user (struct doctor *d)
{
    struct arena *a = &d->h->arena;

    if (d->h->host->root) {
        doctor_add (d, "host", "user", DOCTOR_OK, "root", NULL);
        return;
    }
    doctor_add (d, "host", "user", DOCTOR_DEGRADED,
                arena_format (a,
                              "user ID %u: only networks of type user, and VMs "
                              "run under your own user ID",
                              (unsigned)geteuid ()),
                "run it as root for all features");
}

/* The directory, or its nearest parent that exists. */
static bool
can_be_written (struct arena *a, const char *dir)
{
    char *path = arena_dup (a, dir), *slash;

    while (access (path, F_OK) < 0 && errno == ENOENT
           && (slash = strrchr (path, '/')) && slash > path) {
        *slash = '\0';
    }
    return access (path, W_OK | X_OK) == 0;
}

static void
check_places (struct doctor *d)
{
    const struct host *host = d->h->host;
    const char *const dirs[] = { host->run_dir, host->state_dir,
                                 host->log_dir };
    struct arena *a = &d->h->arena;
    bool good = true;

    for (size_t i = 0; i < ARRAY_SIZE (dirs); i++) {
        if (!can_be_written (a, dirs[i])) {
            good = false;
            doctor_fail (d, "host", "places",
                         arena_format (a, "%s is not writable: %m", dirs[i]),
                         "make it writable, or set another directory in "
                         "hvctl.conf (run_dir, state_dir, log_dir)",
                         EXIT_DENIED);
        }
    }
    if (access (host->supervisor, X_OK) < 0) {
        good = false;
        doctor_fail (
            d, "host", "places",
            arena_format (a, "%s cannot be executed: %m", host->supervisor),
            "install hvctl again: the supervisor is part of it", EXIT_ERROR);
    }
    if (good) {
        doctor_add (d, "host", "places", DOCTOR_OK,
                    arena_format (a, "%s, %s, %s", dirs[0], dirs[1], dirs[2]),
                    NULL);
    }
}

void
doctor_host (struct doctor *d)
{
    struct arena *a = &d->h->arena;
    enum distribution like;
    struct utsname u;

    uname (&u);
    doctor_add (d, "host", "system", DOCTOR_OK,
                arena_format (a, "hvctl %s, %s, Linux %s, %s", PACKAGE_VERSION,
                              doctor_system (a, &like), u.release, u.machine),
                NULL);
    check_user (d);
    check_places (d);
#ifndef HAVE_LINUX_LANDLOCK_H
    doctor_add (d, "host", "build", DOCTOR_DEGRADED,
                "built without linux/landlock.h: no Landlock",
                "build it with the headers of Linux 5.13 or newer");
#endif
}

/* ----------------------------------------------------------------- plugins */

/* A user's PATH may lack the directories of the system's own programs. */
static bool
is_installed (const char *program)
{
    static const char *const others[] = { "/usr/sbin", "/sbin" };
    CLEANUP_FREE char *path = NULL;
    struct error err = { 0 };
    bool found = find_program (program, &path, &err) == 0;

    for (size_t i = 0; !found && i < ARRAY_SIZE (others); i++) {
        CLEANUP_FREE char *other = xformat ("%s/%s", others[i], program);

        found = access (other, X_OK) == 0;
    }
    return found;
}

/* The program that an installed plugin lacks, or null. */
static const struct need *
missing_program (const char *plugin)
{
    bool arm = strcmp (name_host_arch (), "x86_64") != 0;

    for (const struct need *n = doctor_needs; n->plugin; n++) {
        if (!strcmp (n->plugin, plugin) && (arm ? n->arm : n->x86)
            && strcmp (n->program, "firmware") != 0
            && !is_installed (n->program)) {
            return n;
        }
    }
    return NULL;
}

static void
check_firmware (struct doctor *d, struct plugin *p)
{
    struct arena *a = &d->h->arena;
    struct error err = { 0 };
    struct hv_list list = { 0 };

    if (firmware_list (p, &list, &err) == 0 && list.entries.n) {
        doctor_add (d, "plugins", p->name, DOCTOR_OK,
                    arena_format (a, "%zu firmware images", list.entries.n),
                    NULL);
        return;
    }
    doctor_add (d, "plugins", p->name, DOCTOR_ABSENT,
                err.code
                    ? arena_dup (a, err.text)
                    : "no UEFI firmware: VMs with firmware = uefi cannot start",
                doctor_install (a, "firmware"));
}

static void
check_hypervisor (struct doctor *d, struct plugin *p)
{
    struct arena *a = &d->h->arena;
    struct error err = { 0 };
    const char *program, *install = NULL;

    if (hypervisor_locate (p, name_host_arch (), &program, &err) == 0) {
        doctor_add (d, "plugins", p->name, DOCTOR_OK, program, NULL);
        return;
    }
    if (err.code == EINVAL) { /* It may exist, but be configured wrongly. */
        doctor_add (d, "plugins", p->name, DOCTOR_DEGRADED,
                    arena_dup (a, err.text), NULL);
        return;
    }
    for (const struct need *n = doctor_needs; !install && n->plugin; n++) {
        if (!strcmp (n->plugin, p->name)) {
            install = doctor_install (a, n->program);
        }
    }
    doctor_add (d, "plugins", p->name, DOCTOR_ABSENT, arena_dup (a, err.text),
                install);
}

static void
check_plugin (struct doctor *d, struct plugin *p)
{
    struct arena *a = &d->h->arena;
    const struct need *lacks;

    if (p->broken) {
        doctor_add (d, "plugins", p->name, DOCTOR_DEGRADED,
                    arena_format (a, "%s: %s", p->path, p->broken),
                    "install its package again, with its dependencies");
        return;
    }
    if (p->has_hypervisor) {
        check_hypervisor (d, p);
        return;
    }
    if (p->has_firmware) {
        check_firmware (d, p);
        return;
    }
    lacks = missing_program (p->name);
    if (lacks) {
        doctor_add (d, "plugins", p->name, DOCTOR_ABSENT,
                    arena_format (a, "%s is not installed", lacks->program),
                    doctor_install (a, lacks->program));
        return;
    }
    doctor_add (
        d, "plugins", p->name, DOCTOR_OK,
        arena_format (a, "%s %s", p->has_network ? "networks" : "pools",
                      p->has_network ? p->network.type : p->storage.type),
        NULL);
}

/* Plugins of this tree that are not installed: "name=no (why);" was not
 * built. */
static void
check_left_out (struct doctor *d)
{
    const char *all = HVCTL_PLUGINS_BUILT;
    struct arena *a = &d->h->arena;

    while (*all) {
        size_t len = strcspn (all, ";"), name = strcspn (all, "=");
        const char *plugin = arena_dup_n (a, all, name);
        const char *built = arena_dup_n (a, all + name + 1, len - name - 1);

        all += len + 1;
        if (loader_find (d->h, plugin)) {
            continue;
        }
        doctor_add (d, "plugins", plugin, DOCTOR_ABSENT,
                    strcmp (built, "yes") ? arena_format (
                        a, "left out of this build%s", built + 2)
                                          : "not installed",
                    strcmp (built, "yes")
                        ? NULL
                        : arena_format (a, "install hvctl-plugin-%s", plugin));
    }
}

void
doctor_plugins (struct doctor *d)
{
    loader_load (d->h);
    if (!d->h->plugins.n) {
        doctor_fail (
            d, "plugins", "all",
            arena_format (&d->h->arena, "there are no plugins in %s",
                          d->h->host->plugin_dirs.n
                              ? (const char *)d->h->host->plugin_dirs.p[0]
                              : "any directory"),
            "install hvctl-plugin-qemu, hvctl-plugin-storage-qcow2 and "
            "hvctl-plugin-net-user, or set plugin_dir",
            EXIT_UNSUPPORTED);
    }
    for (size_t i = 0; i < d->h->plugins.n; i++) {
        check_plugin (d, d->h->plugins.p[i]);
    }
    check_left_out (d);
}

/* ----------------------------------------------------------- configuration */

static int
check_definition (struct doctor *d, const char *name, struct error *err)
{
    struct definition *def;

    return definition_load (d->h, name, &def, err);
}

static void
complain (struct doctor *d, const char *what, const char *name,
          const char *remedy, struct error *err)
{
    struct arena *a = &d->h->arena;

    doctor_add (d, "configuration", arena_format (a, "%s %s", what, name),
                DOCTOR_DEGRADED, arena_dup (a, err->text), remedy);
    *err = (struct error){ 0 };
}

/* Text of edits that were not saved: 'hvctl edit' continues it, if there is
 * still such a VM. */
static void
check_edited (struct doctor *d)
{
    struct arena *a = &d->h->arena;
    const char *dir = d->h->host->vm_dir;
    struct vec names = { 0 };

    file_names (a, dir, &names);
    vec_sort (&names);
    for (size_t i = 0; i < names.n; i++) {
        const char *name = names.p[i];
        size_t len = strlen (name), end = strlen (".conf" REWRITE_KEPT);
        const char *vm;
        bool there;

        if (len <= end || strcmp (name + len - end, ".conf" REWRITE_KEPT)) {
            continue;
        }
        vm = arena_dup_n (a, name, len - end);
        there = definition_exists (d->h, vm);
        doctor_add (d, "configuration", arena_format (a, "VM %s", vm),
                    DOCTOR_DEGRADED,
                    arena_format (a,
                                  "%s/%s is the text of an edit that was "
                                  "not saved%s",
                                  dir, name,
                                  there ? "" : ", of a VM that is not defined"),
                    there ? arena_format (a, "hvctl edit %s continues it", vm)
                          : "remove it");
    }
}

/* VMs that run although their run directories have been removed. */
static void
check_lost (struct doctor *d)
{
    struct arena *a = &d->h->arena;
    struct vec names = { 0 };

    state_lost_names (d->h, &names);
    for (size_t i = 0; i < names.n; i++) {
        const char *name = names.p[i];
        struct vm_state s = { .name = name };

        if (state_kept_process (d->h, &s)) {
            doctor_add (d, "configuration", arena_format (a, "VM %s", name),
                        DOCTOR_DEGRADED,
                        arena_format (a,
                                      "it is running (process %d), but %s has "
                                      "been removed, so it can only be killed",
                                      (int)s.pid, state_dir (d->h, name)),
                        arena_format (a, "hvctl kill %s", name));
        }
    }
}

void
doctor_configuration (struct doctor *d)
{
    const struct host *host = d->h->host;
    struct arena *a = &d->h->arena;
    struct error err = { 0 };
    struct vec names = { 0 };

    for (size_t i = 0; i < host->networks.n; i++) {
        const struct hv_options *s = host->networks.p[i];

        if (sections_try_network (d->h, s, &err) < 0) {
            complain (d, "network", s->name, NULL, &err);
        }
    }
    for (size_t i = 0; i < host->pools.n; i++) {
        const struct hv_options *s = host->pools.p[i];

        if (sections_try_pool (d->h, s, &err) < 0) {
            complain (d, "pool", s->name, NULL, &err);
        }
    }
    if (definition_names (d->h, &names, &err) < 0) {
        complain (d, "folder", host->vm_dir, NULL, &err);
    }
    for (size_t i = 0; i < names.n; i++) {
        if (check_definition (d, names.p[i], &err) < 0) {
            complain (d, "VM", names.p[i], "hvctl validate", &err);
        }
    }
    check_edited (d);
    check_lost (d);
    doctor_add (d, "configuration", "hvctl.conf", DOCTOR_OK,
                arena_format (a, "%s: %zu networks, %zu pools; %s: %zu VMs",
                              host->found ? host->file : "built in",
                              host->networks.n, host->pools.n, host->vm_dir,
                              names.n),
                NULL);
}
