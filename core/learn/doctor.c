/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/learn/doctor.h"

#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "core/base/interrupt.h"
#include "core/base/name.h"
#include "core/base/process.h"
#include "core/config/definition.h"
#include "core/learn/doctor-host.h"
#include "core/learn/doctor-needs.h"
#include "core/learn/trial.h"
#include "core/machine/change.h"
#include "core/machine/preflight.h"
#include "core/machine/snapshot-create.h"
#include "core/plan/plan-helper.h"
#include "core/plan/plan.h"
#include "core/plan/tested.h"
#include "core/provider/hypervisor.h"
#include "core/provider/loaded.h"
#include "core/provider/loader.h"
#include "core/provider/services.h"
#include "core/sandbox/jail.h"

#define BOOT_TIMEOUT 30000
#define KVM_TIMEOUT 5000 /* It is fast, or does not get there. */

struct session {
    struct doctor *d;
    struct trial trial;
    const struct plugin *plugin; /* The hypervisor that is tried. */
    bool boots;                  /* The sector of trial-boot.h. */
    struct vec tried;            /* For tested.h. */
    struct vec weaker;           /* The findings about the sandbox so far. */
};

void
doctor_add (struct doctor *d, const char *area, const char *what,
            enum doctor_state state, const char *text, const char *remedy)
{
    struct arena *a = &d->h->arena;
    struct finding *f = arena_alloc (a, sizeof *f);

    /* Findings of a trial outlive it. */
    *f = (struct finding){ arena_dup (a, area), arena_dup (a, what), state,
                           arena_dup (a, text), arena_dup (a, remedy) };
    vec_add (a, &d->findings, f);
    d->degraded += state == DOCTOR_DEGRADED;
    if (d->tell) {
        d->tell (f, d->data);
    }
}

void
doctor_fail (struct doctor *d, const char *area, const char *what,
             const char *text, const char *remedy, int code)
{
    doctor_add (d, area, what, DOCTOR_FAILED, text, remedy);
    d->exit_code = d->exit_code ? d->exit_code : code;
}

/* ------------------------------------------------------- what a start says */

static void
tell_accelerator (struct session *s, const struct plan *plan)
{
    const struct hv_choice *c = &plan->choice;
    bool denied;

    if (!strcmp (c->accelerator, "kvm") || !c->accelerator_why) {
        return; /* Reported when its guest has booted. */
    }
    denied = strstr (c->accelerator_why, "group kvm") != NULL;
    doctor_add (s->d, s->plugin->name, "accelerator", DOCTOR_DEGRADED,
                arena_format (&s->d->h->arena,
                              "guests are emulated, which is slow: %s",
                              c->accelerator_why),
                denied ? "usermod -aG kvm USER, and log in again" : NULL);
}

/* Each line only once, whichever hypervisor it is from. */
static void
tell_weaker (struct session *s)
{
    struct arena *a = &s->d->h->arena;
    const char *rest = s->trial.state.weaker;

    while (rest && *rest) {
        const char *end = strstr (rest, "; ");
        size_t len = end ? (size_t)(end - rest) : strlen (rest);
        const char *line = arena_dup_n (a, rest, len);

        rest += len + (end ? 2 : 0);
        if (strncmp (line, "nic ", 4) != 0 && !vec_has (&s->weaker, line)) {
            vec_add (a, &s->weaker, line);
            doctor_add (s->d, s->plugin->name, "sandbox", DOCTOR_DEGRADED, line,
                        NULL);
        }
    }
}

/* The restrictions of hvctl.conf do not apply to the trial: would this VM be
 * refused, or only its network? */
static void
tell_policy (struct session *s, const struct plan *plan)
{
    struct doctor *d = s->d;
    struct plan bare = *plan;
    struct vec groups = { 0 };
    struct error err = { 0 }, more = { 0 };

    if (preflight (d->h, plan, s->trial.mode, &err) == 0) {
        return;
    }
    for (size_t i = 0; i < plan->launch.groups.n; i++) {
        if (strcmp (plan->launch.groups.p[i], "slirp") != 0) {
            vec_add (&d->h->arena, &groups, plan->launch.groups.p[i]);
        }
    }
    bare.launch.groups = groups;
    bare.nics.n = 0;
    if (plan->nics.n && preflight (d->h, &bare, s->trial.mode, &more) == 0) {
        d->no_user_networks = true;
    } else {
        d->refused++;
    }
    doctor_add (d, s->plugin->name, "policy", DOCTOR_DEGRADED,
                arena_format (&d->h->arena, "%s are refused: %s",
                              !d->no_user_networks
                                  ? "VMs"
                                  : "VMs with a NIC in a network of type "
                                    "user",
                              err.text),
                NULL);
}

static void
tell_network (struct session *s, const struct plan *plan)
{
    for (size_t i = 0; i < plan->nics.n; i++) {
        const struct plan_nic *n = plan->nics.p[i];

        if (n->nic.kind == HV_NIC_USER && n->nic.why) {
            doctor_add (
                s->d, s->plugin->name, "network", DOCTOR_DEGRADED,
                arena_format (&s->d->h->arena,
                              "user-mode networking runs inside the "
                              "hypervisor, which degrades the sandbox: %s",
                              n->nic.why),
                /* A program that hvctl.conf names wrongly may still be
                 * installed. */
                strstr (n->nic.why, "not installed")
                    ? doctor_install (&s->d->h->arena, "passt")
                    : NULL);
        }
    }
}

/* --------------------------------------------------------------- the trial */

static const struct trial_step *
last_step (const struct trial *t)
{
    return t->steps.p[t->steps.n - 1];
}

/* The remedy for a failed step. */
static const char *
remedy_of (struct session *s, const struct trial_step *step)
{
    if (strstr (step->why_not, "system call")
        || strstr (step->why_not, "Bad system call")
        || strstr (step->why_not, "not implemented")) {
        return "hvctl sandbox learn lists the system calls that the sandbox "
               "lacks: report them";
    }
    if (strstr (step->why_not, "qemu-img is missing")) {
        return doctor_install (&s->d->h->arena, "qemu-img");
    }
    return NULL;
}

/* Adds one finding for all steps since 'first' that were done, or one for each
 * that was not.  Returns false if a step failed. */
static bool
tell_steps (struct session *s, size_t first, const char *how)
{
    struct arena *a = &s->d->h->arena;
    const char *done = NULL;
    int64_t took = 0;
    bool good = true;

    for (size_t i = first; i < s->trial.steps.n; i++) {
        const struct trial_step *step = s->trial.steps.p[i];

        took += step->took;
        if (step->result == TRIAL_DONE) {
            done = arena_format (a, "%s%s%s", done ? done : "",
                                 done ? ", " : "", step->what);
        } else if (step->result == TRIAL_SKIPPED) {
            doctor_add (s->d, s->plugin->name, step->what, DOCTOR_DEGRADED,
                        step->why_not, NULL);
        } else {
            good = false;
            doctor_fail (s->d, s->plugin->name, step->what, step->why_not,
                         remedy_of (s, step),
                         step->exit_code ? step->exit_code : EXIT_ERROR);
        }
    }
    if (done) {
        doctor_add (s->d, s->plugin->name, "guest", DOCTOR_OK,
                    arena_format (a, "%s: %s: %lld.%lld s", how, done,
                                  (long long)took / 1000,
                                  (long long)took % 1000 / 100),
                    NULL);
    }
    return good;
}

/* The changes to a running guest. */
static void
exercise (struct session *s)
{
    struct trial *t = &s->trial;
    struct error err = { 0 };
    struct definition *def = trial_define (t, "", &err);
    enum change_way way = CHANGED_LATER;

    if (def) {
        snapshot_create (&t->h, def, "one", false, &way, &err);
    }
    trial_online (way, &err);
    trial_step (t, "snapshot", &err);
    if (!interrupt_came) {
        trial_plug (t, "plug in a disk", "disk more { size = 16M }\n");
    }
    if (def && def->nics.n) {
        trial_network (t);
    }
}

static const char *
machine_text (struct session *s, const char *accelerator, bool nic)
{
    const char *disk = "disk root { size = 32M }\n";

    return arena_format (s->trial.out,
                         "hypervisor = %s\nmemory = 64M\naccelerator = %s\n"
                         "%s%s%s",
                         s->plugin->name, accelerator,
                         s->boots ? "firmware = bios\n" : "",
                         s->boots ? trial_disk (&s->trial) : disk,
                         nic ? "nic lan { network = user }\n" : "");
}

/* A guest that boots under TCG only: KVM is available, but of no use. */
static bool
boots (struct session *s, bool kvm)
{
    struct error err = { 0 };

    trial_await_boot (&s->trial, kvm ? KVM_TIMEOUT : BOOT_TIMEOUT, &err);
    return trial_step (&s->trial, "boot", &err);
}

/* Stops a guest that does not boot under KVM, and reports it; returns false if
 * the failure is another. */
static bool
give_up_kvm (struct session *s)
{
    bool hangs =
        process_is_alive (s->trial.state.pid, s->trial.state.start_time);

    trial_stop (&s->trial);
    if (hangs) {
        doctor_add (s->d, s->plugin->name, "KVM", DOCTOR_DEGRADED,
                    "a guest starts under KVM but does not boot: perhaps this "
                    "host is itself a virtual machine",
                    "set accelerator = tcg in the definition, or in defaults { "
                    "} of hvctl.conf");
    }
    return hangs;
}

/* Runs a machine through all steps; returns false if a guest hung under KVM,
 * and has to be tried without. */
static bool
try_machine (struct session *s, const char *accelerator, bool nic)
{
    struct trial *t = &s->trial;
    size_t first = t->steps.n;
    struct plan *plan = NULL;
    bool kvm;

    trial_machine (t, s->plugin->name, machine_text (s, accelerator, nic));
    if (!trial_start (t, "start", &plan)) {
        tell_steps (s, first, "");
        return true;
    }
    kvm = !strcmp (plan->choice.accelerator, "kvm");
    tell_accelerator (s, plan);
    tell_weaker (s);
    tell_network (s, plan);
    tell_policy (s, plan);
    if (s->boots && !boots (s, kvm) && kvm && give_up_kvm (s)) {
        return false;
    }
    if (!interrupt_came) {
        exercise (s);
    }
    trial_stop (t);
    if (!interrupt_came
        && tell_steps (
            s, first,
            arena_format (t->out, "64 MiB, %s%s%s", plan->choice.accelerator,
                          nic ? ", network " : "",
                          !nic                                ? ""
                          : plan_has_helper (plan->nics.p[0]) ? "passt"
                                                              : "user"))) {
        s->d->machines++;
        tested_add (&s->d->h->arena, plan, &s->tried);
    }
    return true;
}

static bool
has_capability (struct hv_list *list, const char *name)
{
    for (size_t i = 0; i < list->entries.n; i++) {
        const struct list_entry *e = list->entries.p[i];

        if (!strcmp (e->name, name)) {
            return true;
        }
    }
    return false;
}

/* The host's plugins are ours, but opened for the trial's host. */
static void
try_hypervisor (struct session *s, struct plugin *p)
{
    struct error err = { 0 };
    struct hv_list have = { 0 };
    bool nic = loader_find (s->d->h, "net-user") != NULL;
    size_t first = s->trial.steps.n;
    int failed = s->d->exit_code;

    s->plugin = p;
    if (!trial_probe (&s->trial, p, name_host_arch ())) {
        tell_steps (s, first, "");
        return; /* One that is not installed is told with the plugins. */
    }
    hypervisor_capabilities (p, name_host_arch (), &have, &err);
    s->boots = has_capability (&have, "firmware:bios");
    if (!try_machine (s, "auto", nic)) {
        try_machine (s, "tcg", nic);
    }
    /* Is it the network?  Then the rest is tried without. */
    if (nic && !failed && s->d->exit_code
        && strstr (last_step (&s->trial)->why_not
                       ? last_step (&s->trial)->why_not
                       : "",
                   "nic lan")) {
        try_machine (s, "tcg", false);
    }
}

static int
judge (struct session *s, struct error *err)
{
    struct doctor *d = s->d;

    if (interrupt_came) {
        return fail (err, EINTR, "interrupted");
    }
    if (!d->machines && !d->exit_code) {
        doctor_fail (
            d, "host", "hypervisor", "no hypervisor works here: see 'plugins'",
            doctor_install (&d->h->arena, strcmp (name_host_arch (), "x86_64")
                                              ? "qemu-system-aarch64"
                                              : "qemu-system-x86_64"),
            EXIT_UNSUPPORTED);
    }
    if (d->refused && d->refused >= d->machines) {
        doctor_fail (d, "host", "policy",
                     "hvctl.conf forbids every VM that could run here: see "
                     "'policy' above",
                     NULL, EXIT_DENIED);
    }
    return d->exit_code ? 0 : tested_save (d->h, &s->tried, "doctor", err);
}

int
doctor_run (struct doctor *d, struct error *err)
{
    struct session s = { .d = d,
                         .trial = { .name = "doctor",
                                    .mode = SANDBOX_KILL,
                                    .patience = 100,
                                    .out = &d->h->arena } };
    int rc;

    doctor_host (d);
    doctor_plugins (d);
    doctor_configuration (d);
    if (trial_open (&s.trial, d->h, err) < 0) {
        return -err->code;
    }
    loader_load (&s.trial.h);
    for (size_t i = 0; i < s.trial.h.plugins.n && !interrupt_came; i++) {
        struct plugin *p = s.trial.h.plugins.p[i];

        if (p->has_hypervisor && !p->broken) {
            try_hypervisor (&s, p);
        }
    }
    rc = judge (&s, err);
    trial_close (&s.trial);
    return rc;
}
