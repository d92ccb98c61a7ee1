/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The machines run in a host of their own: a directory with a configuration,
 * run, state and log directories, which is removed at the end.  It takes the
 * plugins of ours, and their sections. */
#include "core/learn.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/change.h"
#include "core/diagnosis.h"
#include "core/host.h"
#include "core/learn-boot.h"
#include "core/saved.h"
#include "core/state.h"

#define NAME "learn"
#define BOOT_TIMEOUT 60000
#define KVM_TIMEOUT 15000 /* It is fast, or does not get there. */
#define WORK_TIME 1500    /* What the guest does of its own. */
#define RELEASE_TIMEOUT 10000
#define UIDS 16

struct world {
    struct hvctl h;    /* The host of its own. */
    struct arena *out; /* Of what is told. */
    struct learn *learn;
    struct tally *tally;
    const char *machine; /* That is tried. */
    const char *text;    /* Its definition. */
    bool boots;          /* The sector of learn-boot.h. */
    struct vm_state state;
    char *dir;
};

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
make_boot_disk (struct world *w, struct error *err)
{
    const char *path = arena_format (w->out, "%s/boot.raw", w->dir);
    CLEANUP_CLOSE int fd =
        open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

    if (fd < 0
        || pwrite (fd, learn_boot, sizeof learn_boot, 0) != sizeof learn_boot
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
conf_text (struct world *w, const struct host *ours)
{
    struct arena *a = w->out;
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
        text, *text ? "}" : "", w->dir, w->dir, w->dir,
        (unsigned long long)(ours->uid_base
                             + (ours->uid_count > UIDS ? ours->uid_count - UIDS
                                                       : 0)),
        UIDS);
    for (size_t i = 0; i < ours->plugins.n; i++) {
        text = arena_format (a, "%s%s", text,
                             learn_plugin_text (a, ours->plugins.p[i]));
    }
    return text;
}

static int
open_world (struct world *w, const struct hvctl *h, struct error *err)
{
    const char *conf, *place = getenv ("TMPDIR");

    w->dir = arena_format (w->out, "%s/hvctl-learn.XXXXXX",
                           place && *place == '/' ? place : "/tmp");
    if (!mkdtemp (w->dir) || chmod (w->dir, 0755) < 0) {
        return fail (err, errno, "cannot make %s: %m", w->dir);
    }
    conf = arena_format (w->out, "%s/hvctl.conf", w->dir);
    if (write_file (conf, 0644, conf_text (w, h->host), err) < 0
        || make_dirs (arena_format (w->out, "%s/vm.d", w->dir), 0755, err) < 0
        || make_dirs (arena_format (w->out, "%s/state", w->dir), 0755, err) < 0
        || make_boot_disk (w, err) < 0 || hvctl_open (&w->h, conf, err) < 0) {
        return -err->code;
    }
    w->h.changes = true;
    w->h.verbose = h->verbose;
    return 0;
}

static void
close_world (struct world *w)
{
    hvctl_close (&w->h);
    if (nftw (w->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS) < 0) {
        hvctl_warn ("%s could not be removed: %s", w->dir, strerror (errno));
    }
}

/* ------------------------------------------------------------------ machines
 */

/* What was tried; an error is told and forgotten. */
static bool
step (struct world *w, const char *what, struct error *err)
{
    struct learn_step *s = arena_alloc (w->out, sizeof *s);
    bool done = !err->code;

    s->machine = w->machine;
    s->what = what;
    s->why_not = done ? NULL : arena_dup (w->out, err->text);
    vec_add (w->out, &w->learn->steps, s);
    *err = (struct error){ 0 };
    return done;
}

/* Loads the definition with these lines more. */
static struct definition *
define (struct world *w, const char *more, struct error *err)
{
    const char *file = definition_path (&w->h, NAME);
    struct definition *def = NULL;

    w->text = arena_format (w->out, "%s%s", w->text, more);
    return write_file (file, 0644, w->text, err) < 0
                   || definition_load (&w->h, NAME, &def, err) < 0
               ? NULL
               : def;
}

static int
make_disk (struct world *w, const struct disk_def *disk, struct error *err)
{
    struct hv_volume volume;
    struct plugin *p;

    if (disk_volume (&w->h, disk, &volume, err) < 0) {
        return -err->code;
    }
    if (volume.path) {
        return 0;
    }
    p = find_storage (&w->h, &volume, NULL, err);
    return p ? storage_create (p, &volume, err) : -err->code;
}

static int
start (struct world *w, struct plan **plan, struct error *err)
{
    struct definition *def = define (w, "", err);
    bool saved = saved_read (&w->h, saved_dir (&w->h, NAME), NULL);

    for (size_t i = 0; def && !saved && i < def->disks.n; i++) {
        if (make_disk (w, def->disks.p[i], err) < 0) {
            return -err->code;
        }
    }
    if (!def || saved_apply (&w->h, def, err) < 0
        || plan_make (&w->h, def, PLAN_FULL, plan, err) < 0) {
        return -err->code;
    }
    (*plan)->sandbox = SANDBOX_LEARN;
    return machine_start (&w->h, *plan, false, &w->state, err);
}

static int
await_boot (struct world *w, struct error *err)
{
    const char *log =
        arena_format (w->out, "%s/console.log", state_log_dir (&w->h, NAME));
    int timeout = strstr (w->machine, "kvm") ? KVM_TIMEOUT : BOOT_TIMEOUT;
    int64_t until = now_ms () + timeout;

    while (now_ms () < until && !hvctl_interrupted) {
        CLEANUP_FREE char *text = read_small_file (log);

        if (text && strstr (text, LEARN_BOOT_SAYS)) {
            poll (NULL, 0, WORK_TIME);
            return 0;
        }
        poll (NULL, 0, 50);
    }
    return fail (err, ETIMEDOUT, "the guest said nothing within %d seconds",
                 timeout / 1000);
}

static void
late (enum change_way way, struct error *err)
{
    if (!err->code && way != CHANGED_ONLINE) {
        fail (err, ENOTSUP, "its hypervisor cannot do that while it runs");
    }
}

static void
plug (struct world *w, const char *what, const char *text, struct error *err)
{
    struct definition *def = define (w, text, err);
    enum change_way way = CHANGED_LATER;

    if (def && strstr (what, "disk")) {
        const struct disk_def *disk = def->disks.p[def->disks.n - 1];

        if (make_disk (w, disk, err) == 0) {
            change_attach_disk (&w->h, def, disk, &way, err);
        }
    } else if (def) {
        change_attach_nic (&w->h, def, def->nics.p[def->nics.n - 1], &way, err);
    }
    late (way, err);
    step (w, what, err);
}

/* What a guest need not help with. */
static void
exercise (struct world *w, struct error *err)
{
    struct definition *def = define (w, "", err);
    enum change_way way = CHANGED_LATER;

    if (!def) {
        step (w, "read the definition", err);
        return;
    }
    machine_pause (&w->h, NAME, false, err);
    step (w, "pause", err);
    machine_pause (&w->h, NAME, true, err);
    step (w, "resume", err);
    if (def->disks.n) {
        snapshot_create (&w->h, def, "one", true, &way, err);
        late (way, err);
        step (w, "snapshot", err);
        change_disk_size (&w->h, def, def->disks.p[0], 48 << 20, &way, err);
        late (way, err);
        step (w, "enlarge a disk", err);
    }
}

/* QEMU saves nothing of what was plugged in, so this comes last. */
static void
plug_in (struct world *w, struct error *err)
{
    struct definition *def = define (w, "", err);

    if (!def) {
        step (w, "read the definition", err);
        return;
    }
    plug (w, "plug in a disk", "disk more { size = 16M }\n", err);
    if (def->nics.n) {
        plug (w, "plug in a NIC", "nic more { network = user }\n", err);
    }
    poll (NULL, 0, WORK_TIME / 3);
}

/* The supervisor has hvctl look after the VM, too: it is not to find, or make,
 * directories that we remove. */
static void
await_release (struct world *w)
{
    int64_t until = now_ms () + RELEASE_TIMEOUT;

    while (
        now_ms () < until
        && process_is_alive (w->state.supervisor, w->state.supervisor_start)) {
        poll (NULL, 0, 10);
    }
}

/* Counts what a run that has ended did. */
static void
take_down (struct world *w, const struct plan *plan)
{
    struct vec seen = { 0 };

    await_release (w);
    diagnosis_load (&w->h, NAME, &seen);
    tally_add (&w->h, w->tally, plan, w->machine, &seen, w->learn);
}

/* Ends the run by a save, and begins another that goes on; returns whether
 * there is one. */
static bool
save_and_go_on (struct world *w, struct plan **plan, struct error *err)
{
    struct definition *def = define (w, "", err);

    if (def) {
        machine_save (&w->h, def, err);
    }
    if (!step (w, "save", err)) {
        return true; /* It goes on as it was. */
    }
    take_down (w, *plan);
    start (w, plan, err);
    return step (w, "go on", err);
}

static void
end (struct world *w, struct error *err)
{
    enum stop_way way;

    if (machine_stop (&w->h, NAME, 1000, &way, err) < 0) {
        step (w, "stop", err);
        machine_kill (&w->h, NAME, &way, err);
        *err = (struct error){ 0 };
    } else {
        step (w, way == STOP_KILL ? "kill" : "stop", err);
    }
}

/* Runs what w->machine and w->text say. */
static void
try (struct world *w)
{
    struct error err = { 0 };
    struct plan *plan = NULL;

    hvctl_debug (&w->h, "learn: %s", w->machine);
    start (w, &plan, &err);
    if (!step (w, "start", &err)) {
        return;
    }
    w->learn->machines++;
    if (w->boots) {
        await_boot (w, &err);
        step (w, "read, write, reset, read", &err);
    }
    if (!hvctl_interrupted) {
        exercise (w, &err);
        if (!save_and_go_on (w, &plan, &err)) {
            return;
        }
        plug_in (w, &err);
    }
    end (w, &err);
    take_down (w, plan);
}

static void
clean (struct world *w)
{
    static const char *const dirs[] = { "state", "log" };

    for (size_t i = 0; i < ARRAY_SIZE (dirs); i++) {
        const char *dir = arena_format (w->out, "%s/%s", w->dir, dirs[i]);

        nftw (dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
        mkdir (dir, 0755);
    }
}

static void
try_machine (struct world *w, const char *name, const char *text, bool boots)
{
    if (!hvctl_interrupted) {
        clean (w);
        w->machine = arena_dup (w->out, name);
        w->text = text;
        w->boots = boots;
        try (w);
    }
}

/* ------------------------------------------------------------------ the list
 */

/* Without a VM of the user's: firmware, and disks of ours. */
static void
try_usual (struct world *w, const char *arch)
{
    static const struct {
        const char *name, *arch, *text;
        bool boots, nic; /* User-mode networking allows more calls. */
    } all[] = {
        { "q35-tcg", "x86_64",
          "machine = q35\naccelerator = tcg\nfirmware = bios\ncpus = 2\n", true,
          false },
        { "q35-kvm", "x86_64",
          "machine = q35\naccelerator = kvm\nfirmware = bios\ncpu = qemu64\n",
          true, false },
        { "pc-tcg", "x86_64",
          "machine = pc\naccelerator = tcg\nfirmware = bios\nrng = no\n", true,
          true },
        { "q35-uefi-tcg", "x86_64",
          "machine = q35\naccelerator = tcg\nfirmware = uefi\n"
          "memory = 256M\n",
          false, true },
        { "virt-tcg", "aarch64",
          "machine = virt\naccelerator = tcg\nfirmware = uefi\n"
          "memory = 256M\n",
          false, true },
        { "virt-kvm", "aarch64",
          "machine = virt\naccelerator = kvm\nfirmware = uefi\n"
          "memory = 256M\n",
          false, true },
    };

    for (size_t i = 0; i < ARRAY_SIZE (all); i++) {
        bool memory = strstr (all[i].text, "memory") != NULL;

        if (!strcmp (all[i].arch, arch)) {
            try_machine (
                w, all[i].name,
                arena_format (
                    w->out,
                    "arch = %s\n%s%sdisk root {\n    size = 32M\n    boot = 1\n"
                    "    backing = \"%s/boot.raw\"\n"
                    "    backing_format = raw\n}\n%s",
                    arch, memory ? "" : "memory = 64M\n", all[i].text, w->dir,
                    all[i].nic ? "nic lan { network = user }\n" : ""),
                all[i].boots);
        }
    }
}

int
learn_run (struct hvctl *h, const char *arch, const struct vec *names,
           struct learn *out, struct error *err)
{
    struct world w = { .out = &h->arena,
                       .learn = out,
                       .tally = tally_new (&h->arena) };
    int rc = open_world (&w, h, err);

    for (size_t i = 0; rc == 0 && i < names->n; i++) {
        struct definition *def;

        rc = definition_load (h, names->p[i], &def, err);
        if (rc == 0) {
            try_machine (&w, def->name, learn_vm_text (&h->arena, def), false);
        }
    }
    if (rc == 0 && !names->n) {
        try_usual (&w, arch);
    }
    if (rc == 0 && hvctl_interrupted) {
        rc = fail (err, EINTR, "interrupted");
    } else if (rc == 0 && !out->machines) {
        const struct learn_step *s = out->steps.n ? out->steps.p[0] : NULL;

        rc = fail_exit (err, EXIT_UNSUPPORTED, ENOTSUP,
                        "no machine could be started: %s",
                        s ? s->why_not : "none is known for this architecture");
    }
    tally_unused (&h->arena, w.tally, out);
    close_world (&w);
    return rc;
}
