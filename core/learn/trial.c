/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/learn/trial.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/interrupt.h"
#include "core/base/process.h"
#include "core/config/definition-find.h"
#include "core/config/host.h"
#include "core/hvctl.h"
#include "core/learn/trial-boot.h"
#include "core/learn/trial-left.h"
#include "core/learn/trial-text.h"
#include "core/machine/hotplug.h"
#include "core/machine/prepare.h"
#include "core/machine/saved.h"
#include "core/machine/stop.h"
#include "core/plan/resolve.h"
#include "core/provider/facts.h"
#include "core/provider/hypervisor.h"
#include "core/provider/storage.h"
#include "core/sandbox/violation.h"
#include "core/state/ending.h"
#include "core/state/journal.h"

#define RELEASE_TIMEOUT 10000
#define UIDS 16

/* ------------------------------------------------------------ the directory */

static int
remove_one (const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove (path) < 0 && errno != ENOENT ? -1 : 0;
}

static int
make_boot_disk (struct trial *t, struct error *err)
{
    const char *path = arena_format (t->out, "%s/boot.raw", t->dir);
    CLEANUP_CLOSE int fd =
        open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

    if (fd < 0
        || pwrite (fd, trial_boot, sizeof trial_boot, 0) != sizeof trial_boot
        || pwrite (fd, "\x55\xaa", 2, 510) != 2
        || ftruncate (fd, 16 << 20) < 0) {
        return fail (err, errno, "cannot write %s: %m", path);
    }
    return 0;
}

/* In a build tree hvctl finds its own plugins without being told. */
static bool
is_built_in (const struct host *ours, const char *dir)
{
    static const char tail[] = "plugins/.libs";
    size_t len = strlen (dir), top = len - strlen (tail);

    return len > strlen (tail) && !strcmp (dir + top, tail)
           && !strncmp (dir, ours->supervisor, top);
}

static const char *
conf_text (struct trial *t, const struct host *ours)
{
    struct arena *a = t->out;
    const char *text = "";

    for (size_t i = 0; i < ours->plugin_dirs.n; i++) {
        const char *dir = ours->plugin_dirs.p[i];

        if (!is_built_in (ours, dir)) {
            text = arena_format (a, "%s%s\"%s\"", text,
                                 *text ? ", " : "plugin_dir = {", dir);
        }
    }
    /* The last of our user ids: VMs take the first. */
    text = arena_format (
        a,
        "%s%s\nrun_dir = \"%s/run\"\nstate_dir = \"%s/state\"\n"
        "log_dir = \"%s/log\"\nuid_base = %llu\nuid_count = %d\n",
        text, *text ? "}" : "", t->dir, t->dir, t->dir,
        (unsigned long long)(ours->uid_base
                             + (ours->uid_count > UIDS ? ours->uid_count - UIDS
                                                       : 0)),
        UIDS);
    for (size_t i = 0; i < ours->plugins.n; i++) {
        text = arena_format (a, "%s%s", text,
                             trial_plugin_text (a, ours->plugins.p[i]));
    }
    return text;
}

static void
remove_tree (const char *dir)
{
    if (nftw (dir, remove_one, 16, FTW_DEPTH | FTW_PHYS) < 0
        && errno != ENOENT) {
        hvctl_warn ("%s could not be removed: %s", dir, strerror (errno));
    }
}

static int
fill (struct trial *t, const struct hvctl *h, struct error *err)
{
    const char *conf = arena_format (t->out, "%s/hvctl.conf", t->dir);

    if (file_write (conf, 0644, conf_text (t, h->host), err) < 0
        || file_make_dirs (arena_format (t->out, "%s/vm.d", t->dir), 0755, err)
               < 0
        || file_make_dirs (arena_format (t->out, "%s/state", t->dir), 0755, err)
               < 0
        || make_boot_disk (t, err) < 0) {
        return -err->code;
    }
    return hvctl_open (&t->h, conf, err);
}

int
trial_open (struct trial *t, const struct hvctl *h, struct error *err)
{
    trial_sweep (t->out);
    if (trial_make_dir (t, err) < 0) {
        return -err->code;
    }
    if (chmod (t->dir, 0755) < 0 || fill (t, h, err) < 0) {
        if (!err->code) {
            fail (err, errno, "%s: %m", t->dir);
        }
        trial_close (t);
        return -err->code;
    }
    t->h.changes = true;
    t->h.verbose = h->verbose;
    t->since = now_ms ();
    return 0;
}

void
trial_close (struct trial *t)
{
    hvctl_close (&t->h);
    remove_tree (t->dir);
    close_fd (t->lock);
}

void
trial_machine (struct trial *t, const char *machine, const char *text)
{
    static const char *const dirs[] = { "state", "log" };

    for (size_t i = 0; i < ARRAY_SIZE (dirs); i++) {
        const char *dir = arena_format (t->out, "%s/%s", t->dir, dirs[i]);

        remove_tree (dir);
        mkdir (dir, 0755);
    }
    t->machine = arena_dup (t->out, machine);
    t->text = text;
    t->since = now_ms ();
}

/* ------------------------------------------------------------------- steps */

static bool
note (struct trial *t, const char *what, enum trial_result unless,
      struct error *err)
{
    struct trial_step *s = arena_alloc (t->out, sizeof *s);
    int64_t now = now_ms ();

    s->machine = t->machine;
    s->what = what;
    s->result = err->code ? unless : TRIAL_DONE;
    s->why_not = err->code ? arena_dup (t->out, err->text) : NULL;
    s->exit_code = exit_code_of (err);
    s->took = now - t->since;
    t->since = now;
    vec_add (t->out, &t->steps, s);
    *err = (struct error){ 0 };
    return s->result == TRIAL_DONE;
}

bool
trial_step (struct trial *t, const char *what, struct error *err)
{
    return note (t, what, err->code == ENOTSUP ? TRIAL_SKIPPED : TRIAL_FAILED,
                 err);
}

struct definition *
trial_define (struct trial *t, const char *more, struct error *err)
{
    const char *file = definition_path (&t->h, t->name);
    struct definition *def = NULL;

    t->text = arena_format (t->out, "%s%s", t->text, more);
    return file_write (file, 0644, t->text, err) < 0
                   || definition_load (&t->h, t->name, &def, err) < 0
               ? NULL
               : def;
}

static int
make_disk (struct trial *t, const struct disk_def *disk, struct error *err)
{
    struct hv_volume volume;
    struct plugin *p;

    if (resolve_volume (&t->h, disk, &volume, err) < 0) {
        return -err->code;
    }
    if (volume.path) {
        return 0;
    }
    p = resolve_storage (&t->h, &volume, NULL, err);
    return p ? storage_create (p, &volume, err) : -err->code;
}

static int
make_disks (struct trial *t, struct error *err)
{
    struct definition *def = trial_define (t, "", err);
    bool saved = saved_read (&t->h, saved_dir (&t->h, t->name), NULL);

    for (size_t i = 0; def && !saved && i < def->disks.n; i++) {
        if (make_disk (t, def->disks.p[i], err) < 0) {
            return -err->code;
        }
    }
    return -err->code;
}

bool
trial_probe (struct trial *t, struct plugin *p, const char *arch)
{
    struct error err = { 0 };
    const char *program;

    t->machine = arena_dup (t->out, p->name);
    if (hypervisor_locate (p, arch, &program, &err) < 0) {
        return false;
    }
    return facts_load (&t->h, p, arch, program, &err) == 0
           || note (t, "probe", TRIAL_FAILED, &err);
}

/* What the host has not is found out before anything runs. */
bool
trial_start (struct trial *t, const char *what, struct plan **out)
{
    struct start_wish wish = { .name = t->name,
                               .sandbox = t->mode,
                               .quiet = true };
    enum trial_result unless = TRIAL_FAILED;
    struct error err = { 0 };

    *out = NULL;
    if (make_disks (t, &err) == 0) {
        prepare_and_start (&t->h, &wish, out, &t->state, &err);
    }
    if (!*out && (err.code == ENOENT || err.code == ENOTSUP)) {
        unless = TRIAL_SKIPPED;
    }
    return note (t, what, unless, &err);
}

int
trial_await_boot (struct trial *t, int timeout, struct error *err)
{
    const char *log =
        arena_format (t->out, "%s/console.log", state_log_dir (&t->h, t->name));
    int64_t until = now_ms () + timeout;

    while (now_ms () < until && !interrupt_came) {
        CLEANUP_FREE char *text = file_read (log);

        if (text && strstr (text, TRIAL_BOOT_SAYS)) {
            return 0;
        }
        if (!process_is_alive (t->state.pid, t->state.start_time)) {
            return fail (err, ECHILD, "its hypervisor has exited");
        }
        poll (NULL, 0, 10);
    }
    return fail (err, ETIMEDOUT, "the guest printed nothing within %d seconds",
                 timeout / 1000);
}

void
trial_online (enum change_way way, struct error *err)
{
    if (!err->code && way != CHANGED_ONLINE) {
        fail (err, ENOTSUP,
              "its hypervisor cannot do that while the VM is running");
    }
}

bool
trial_plug (struct trial *t, const char *what, const char *text)
{
    struct error err = { 0 };
    struct definition *def = trial_define (t, text, &err);
    enum change_way way = CHANGED_LATER;

    if (def && !strncmp (text, "disk", 4)) {
        const struct disk_def *disk = def->disks.p[def->disks.n - 1];

        if (make_disk (t, disk, &err) == 0) {
            hotplug_attach_disk (&t->h, def, disk, &way, &err);
        }
    } else if (def) {
        hotplug_attach_nic (&t->h, def, def->nics.p[def->nics.n - 1], &way,
                            &err);
    }
    trial_online (way, &err);
    return trial_step (t, what, &err);
}

bool
trial_network (struct trial *t)
{
    struct error err = { 0 };
    struct vec all = { 0 };

    journal_helpers (&t->h, t->name, &all);
    for (size_t i = 0; i < all.n; i++) {
        const struct helper_entry *e = all.p[i];

        if (!process_is_alive (e->pid, e->start_time)) {
            struct victim v = { .pid = e->pid, .ended = time (NULL) };
            CLEANUP_FREE char *why = violation_find (&v, NULL);

            fail (&err, ECHILD, "the process that serves nic %s has exited%s%s",
                  e->nic, why ? ", killed by the sandbox: " : "",
                  why ? why : "");
        }
    }
    return trial_step (t, "network", &err);
}

/* The supervisor runs hvctl for the VM, too, which must not find, or create,
 * directories that we remove. */
void
trial_await_release (struct trial *t)
{
    int64_t until = now_ms () + RELEASE_TIMEOUT;

    while (
        now_ms () < until
        && process_is_alive (t->state.supervisor, t->state.supervisor_start)) {
        poll (NULL, 0, 2);
    }
}

/* A machine that no longer exists has not survived the previous steps. */
void
trial_stop (struct trial *t)
{
    struct error err = { 0 }, ignored = { 0 };
    enum stop_way way = STOP_NOTHING;
    int64_t when;

    if (stop_vm (&t->h, t->name, t->patience, &way, &err) < 0) {
        trial_step (t, "stop", &err);
        stop_kill (&t->h, t->name, &way, &ignored);
    } else {
        if (way == STOP_NOTHING) {
            const char *how = ending_last (&t->h, t->name, &when);

            fail (&err, ECHILD, "it had stopped before: %s",
                  how ? how : "why is unknown");
        }
        trial_step (t, way == STOP_KILL ? "kill" : "stop", &err);
    }
    trial_await_release (t);
}

const char *
trial_disk (struct trial *t)
{
    return arena_format (t->out,
                         "disk root {\n    size = 32M\n    boot = 1\n"
                         "    backing = \"%s/boot.raw\"\n"
                         "    backing_format = raw\n}\n",
                         t->dir);
}
