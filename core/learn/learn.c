/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/learn/learn.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "common/cleanup.h"
#include "core/base/interrupt.h"
#include "core/config/definition-find.h"
#include "core/config/definition.h"
#include "core/learn/learn-table.h"
#include "core/learn/trial-text.h"
#include "core/learn/trial.h"
#include "core/machine/change.h"
#include "core/machine/grow.h"
#include "core/machine/pause.h"
#include "core/machine/save-vm.h"
#include "core/machine/snapshot-create.h"
#include "core/plan/plan.h"
#include "core/plan/tested.h"
#include "core/provider/loaded.h"
#include "core/provider/loader.h"
#include "core/sandbox/jail.h"
#include "core/state/diagnosis.h"

#define BOOT_TIMEOUT 60000
#define KVM_TIMEOUT 15000 /* It is fast, or does not get there. */
#define WORK_TIME 1500    /* The guest's own actions. */

struct session {
    struct hvctl *ours;
    struct trial trial;
    struct learn *learn;
    struct tally *tally;
    bool booted;      /* A machine under TCG did. */
    struct vec tried; /* For tested.h. */
};

/* Steps for which the guest need not do anything. */
static void
exercise (struct trial *t)
{
    struct error err = { 0 };
    struct definition *def = trial_define (t, "", &err);
    enum change_way way = CHANGED_LATER;

    if (!def) {
        trial_step (t, "read the definition", &err);
        return;
    }
    pause_vm (&t->h, t->name, false, &err);
    trial_step (t, "pause", &err);
    pause_vm (&t->h, t->name, true, &err);
    trial_step (t, "resume", &err);
    if (def->disks.n) {
        snapshot_create (&t->h, def, "one", true, &way, &err);
        trial_online (way, &err);
        trial_step (t, "snapshot", &err);
        grow_disk (&t->h, def, def->disks.p[0], 48 << 20, &way, &err);
        trial_online (way, &err);
        trial_step (t, "enlarge a disk", &err);
    }
}

/* QEMU cannot save attached devices, so this comes last. */
static void
plug_in (struct trial *t)
{
    struct error err = { 0 };
    struct definition *def = trial_define (t, "", &err);

    if (!def) {
        trial_step (t, "read the definition", &err);
        return;
    }
    trial_plug (t, "plug in a disk", "disk more { size = 16M }\n");
    if (def->nics.n) {
        trial_plug (t, "plug in a NIC", "nic more { network = user }\n");
    }
    poll (NULL, 0, WORK_TIME / 3);
    if (def->nics.n) {
        trial_network (t);
    }
}

/* Counts what a run that has ended did. */
static void
take_down (struct session *s, const struct plan *plan)
{
    struct hvctl *h = &s->trial.h;
    struct vec seen = { 0 };

    trial_await_release (&s->trial);
    diagnosis_load (h, s->trial.name, &seen);
    learn_tally_add (h, s->tally, plan, s->trial.machine, &seen, s->learn);
}

/* Ends the run with a save, and begins another that restores it; returns
 * whether there is one. */
static bool
save_and_restore (struct session *s, struct plan **plan)
{
    struct trial *t = &s->trial;
    struct error err = { 0 };
    struct definition *def = trial_define (t, "", &err);

    if (def) {
        save_vm (&t->h, def, &err);
    }
    if (!trial_step (t, "save", &err)) {
        return true; /* It continues as before. */
    }
    take_down (s, *plan);
    return trial_start (t, "restore", plan);
}

/* A guest that boots under TCG, but not under KVM, reveals a problem of the
 * host, which usually is a virtual machine itself. */
static void
await_boot (struct session *s, const struct plan *plan)
{
    struct error err = { 0 };
    bool kvm = !strcmp (plan->choice.accelerator, "kvm");

    trial_await_boot (&s->trial, kvm ? KVM_TIMEOUT : BOOT_TIMEOUT, &err);
    if (err.code == ETIMEDOUT && kvm && s->booted) {
        fail (&err, ENOTSUP,
              "KVM on this host cannot run a guest that TCG can");
    }
    if (trial_step (&s->trial, "read, write, reset, read", &err)) {
        s->booted |= !kvm;
        poll (NULL, 0, WORK_TIME);
    }
}

static void
try_machine (struct session *s, const char *name, const char *text, bool boots)
{
    struct plan *plan = NULL;

    if (interrupt_came) {
        return;
    }
    trial_machine (&s->trial, name, text);
    hvctl_debug (s->ours, "learn: %s", name);
    if (!trial_start (&s->trial, "start", &plan)) {
        return;
    }
    s->learn->machines++;
    if (boots) {
        await_boot (s, plan);
    }
    if (!interrupt_came) {
        exercise (&s->trial);
        if (!save_and_restore (s, &plan)) {
            return;
        }
        plug_in (&s->trial);
    }
    trial_stop (&s->trial);
    take_down (s, plan);
    tested_add (&s->ours->arena, plan, &s->tried);
}

/* Without a VM of the user's: firmware, and disks of ours. */
static void
try_usual (struct session *s, const char *arch)
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
    struct arena *a = s->trial.out;

    for (size_t i = 0; i < ARRAY_SIZE (all); i++) {
        bool memory = strstr (all[i].text, "memory") != NULL;

        if (!strcmp (all[i].arch, arch)) {
            try_machine (
                s, all[i].name,
                arena_format (a, "arch = %s\n%s%s%s%s", arch,
                              memory ? "" : "memory = 64M\n", all[i].text,
                              trial_disk (&s->trial),
                              all[i].nic ? "nic lan { network = user }\n" : ""),
                all[i].boots);
        }
    }
}

/* The result: a step that was not done is not a success. */
static int
judge (struct session *s, struct error *err)
{
    struct learn *l = s->learn;

    l->steps = s->trial.steps;
    for (size_t i = 0; i < l->steps.n; i++) {
        const struct trial_step *step = l->steps.p[i];

        l->skipped += step->result == TRIAL_SKIPPED;
        l->failed += step->result == TRIAL_FAILED;
        if (step->result == TRIAL_FAILED && !l->exit_code) {
            l->exit_code = step->exit_code;
        }
    }
    if (interrupt_came) {
        return fail (err, EINTR, "interrupted");
    }
    if (!l->machines && !l->failed) {
        const struct trial_step *step = l->steps.n ? l->steps.p[0] : NULL;

        return fail_exit (
            err, EXIT_UNSUPPORTED, ENOTSUP, "no machine could be started: %s",
            step ? step->why_not : "no machine is known for this architecture");
    }
    return l->failed || l->differences
               ? 0
               : tested_save (s->ours, &s->tried, "sandbox learn", err);
}

int
learn_run (struct hvctl *h, const char *arch, const struct vec *names,
           struct learn *out, struct error *err)
{
    struct session s = { .ours = h,
                         .trial = { .name = "learn",
                                    .mode = SANDBOX_LEARN,
                                    .patience = 1000,
                                    .out = &h->arena },
                         .learn = out,
                         .tally = learn_tally_new (&h->arena) };
    int rc = 0;

    if (trial_open (&s.trial, h, err) < 0) {
        return -err->code;
    }
    loader_load (&s.trial.h);
    for (size_t i = 0; i < s.trial.h.plugins.n; i++) {
        struct plugin *p = s.trial.h.plugins.p[i];

        if (p->has_hypervisor && !p->broken) {
            trial_probe (&s.trial, p, arch);
        }
    }
    for (size_t i = 0; rc == 0 && i < names->n; i++) {
        struct definition *def;

        rc = definition_load (h, names->p[i], &def, err);
        if (rc == 0) {
            try_machine (&s, def->name, trial_vm_text (&h->arena, def), false);
        }
    }
    if (rc == 0 && !names->n) {
        try_usual (&s, arch);
    }
    if (rc == 0) {
        rc = judge (&s, err);
    }
    learn_tally_unused (&h->arena, s.tally, out);
    trial_close (&s.trial);
    return rc;
}
