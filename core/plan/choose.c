/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The resolver's part for hypervisors: candidates in the host's order of
 * preference, requirements against capabilities, then the plugin's check. */
#include "core/plan/choose.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "core/config/config.h"
#include "core/config/definition.h"
#include "core/config/host.h"
#include "core/config/problem.h"
#include "core/config/settings.h"
#include "core/plan/requirements.h"
#include "core/plan/resolve.h"
#include "core/plan/sections.h"
#include "core/provider/facts.h"
#include "core/provider/hypervisor.h"
#include "core/provider/loaded.h"
#include "core/provider/loader.h"
#include "core/provider/package.h"
#include "core/provider/provider.h"
#include "core/provider/services.h"
#include "core/provider/support.h"
#include "core/sandbox/jail-plan.h"

/* Hypervisors that hvctl.conf prefers, in its order, then the others by
 * name. */
static void
in_preference_order (struct hvctl *h, struct vec *out)
{
    loader_know (h);
    for (size_t i = 0; i < h->host->hypervisors.n; i++) {
        struct plugin *p = loader_known (h, h->host->hypervisors.p[i]);

        if (p) {
            vec_add (&h->arena, out, p);
        }
    }
    for (size_t i = 0; i < h->plugins.n; i++) {
        struct plugin *p = h->plugins.p[i];
        bool there = false;

        for (size_t k = 0; k < out->n; k++) {
            there = there || out->p[k] == p;
        }
        if (!there && p->has_hypervisor) {
            vec_add (&h->arena, out, p);
        }
    }
}

static bool
has_capability (const struct hv_list *have, const char *need)
{
    const char *colon = strchr (need, ':');

    for (size_t i = 0; i < have->entries.n; i++) {
        const char *name = ((struct list_entry *)have->entries.p[i])->name;

        if (!strcmp (name, need)
            || (colon && !strncmp (name, need, (size_t)(colon - need) + 1)
                && !strcmp (name + (colon - need), ":*"))) {
            return true;
        }
    }
    return false;
}

/* " (nic lan: network, FILE:10): note of the plugin's table about the key" */
static const char *
where_and_why (struct hvctl *h, const struct plan *plan, const struct plugin *p,
               const struct requirement *r)
{
    const char *dot = strchr (r->key, '.'), *why = support_text (p, r->key);
    const char *where =
        r->line ? arena_format (&h->arena, " (%s%s%s, %s:%d)", r->from,
                                dot ? ": " : "", dot ? dot + 1 : "", r->file,
                                r->line)
                : arena_format (&h->arena, " (%s)", r->from);

    return why ? arena_format (&h->arena, "%s: %s", where, why) : where;
}

/* Fails with every requirement that is not met; if 'told', without those of
 * keys that support_check() has reported. */
static int
match (struct hvctl *h, const struct plan *plan, const struct role *role,
       const struct plugin *p, const struct hv_list *have, bool told,
       struct error *err)
{
    const char *missing = NULL;

    for (size_t i = 0; i < role->requirements.n; i++) {
        const struct requirement *r = role->requirements.p[i];

        if (!has_capability (have, r->need)
            && !(told && r->line && support_refuses (p, r->key))) {
            missing = arena_format (&h->arena, "%s%s%s%s",
                                    missing ? missing : "", missing ? "; " : "",
                                    r->need, where_and_why (h, plan, p, r));
        }
    }
    return missing
               ? fail (err, ENOTSUP, "%s does not support %s", p->name, missing)
               : 0;
}

static const struct hv_options *
section_for (const struct definition *def, const struct plugin *p)
{
    for (size_t i = 0; i < def->plugins.n; i++) {
        const struct hv_options *s = def->plugins.p[i];

        if (!strcmp (s->name, p->name)) {
            return s;
        }
    }
    return NULL;
}

/* Returns the VM's section for a hypervisor, which has been checked. */
static const struct hv_options *
options_for (struct hvctl *h, const struct definition *def,
             const struct plugin *p)
{
    const struct hv_options *given = section_for (def, p);
    struct hv_options *none;

    if (given) {
        return given;
    }
    none = arena_alloc (&h->arena, sizeof *none);
    none->file = def->file;
    none->kind = "plugin";
    none->name = p->name;
    none->keys = p->hypervisor.keys;
    return none;
}

static void
fill_vm (struct hvctl *h, const struct plan *plan, struct hv_vm *vm)
{
    const struct definition *def = plan->def;
    static const struct hv_disk *const no_disks[] = { NULL };
    static const struct hv_nic *const no_nics[] = { NULL };

    memset (vm, 0, sizeof *vm);
    vm->name = def->name;
    vm->uuid = def->uuid;
    vm->rundir =
        arena_format (&h->arena, "%s/vm/%s", h->host->run_dir, def->name);
    vm->memory = def->memory;
    vm->cpus = def->cpus;
    vm->arch = def->arch;
    vm->machine = def->machine;
    vm->accelerator = def->accelerator;
    vm->cpu = def->cpu;
    vm->kernel = def->kernel;
    vm->initrd = def->initrd;
    vm->cmdline = def->append;
    vm->uefi = def->firmware && !strcmp (def->firmware, "uefi");
    vm->secure_boot = def->secure_boot;
    vm->rng = def->rng;
    vm->agent = def->agent;
    vm->disks = plan->disk_views.n
                    ? (const struct hv_disk *const *)plan->disk_views.p
                    : no_disks;
    vm->nics = plan->nic_views.n
                   ? (const struct hv_nic *const *)plan->nic_views.p
                   : no_nics;
}

/* Fails with the keys that the plugin's table refuses; then with every
 * requirement that is not met, so that all of them are reported at once. */
static int
check_keys (struct hvctl *h, const struct plan *plan, const struct role *role,
            struct plugin *p, struct error *err)
{
    struct hv_list have = { 0 };
    struct error more = { 0 };

    if (support_check (h, plan->def, p, err) == 0) {
        return 0;
    }
    if (hypervisor_capabilities (p, plan->def->arch, &have, &more) == 0
        && match (h, plan, role, p, &have, true, &more) < 0) {
        fail (err, ENOTSUP, "%s; %s", arena_dup (&h->arena, err->text),
              more.text);
    }
    return -err->code;
}

static bool
is_located (const struct plan *plan, struct plugin *p)
{
    struct error ignored = { 0 };
    const char *program = NULL;

    return hypervisor_locate (p, plan->def->arch, &program, &ignored) == 0;
}

static void
note_absent (struct role *role, bool absent)
{
    ((struct candidate *)role->candidates.p[role->candidates.n - 1])->absent =
        absent;
}

/* A plugin does not know which key of which section a request comes from. */
static void
explain_accelerator (struct hvctl *h, struct plan *plan)
{
    const struct definition *def = plan->def;

    if (!plan->choice.accelerator_why
        && strcmp (def->accelerator, "auto") != 0) {
        plan->choice.accelerator_why = arena_format (
            &h->arena, "%s sets it", definition_source (def, "accelerator"));
    }
}

/* Part of the facts, which the next plan may reload. */
static void
keep_choice (struct hvctl *h, struct hv_choice *choice)
{
    const char **const texts[] = { &choice->machine, &choice->accelerator,
                                   &choice->accelerator_why, &choice->cpu };

    for (size_t i = 0; i < ARRAY_SIZE (texts); i++) {
        *texts[i] = arena_dup (&h->arena, *texts[i]);
    }
}

/* Tries one candidate.  On success it becomes the plan's hypervisor, if there
 * is none yet.  'absent': the plugin or its program is not installed. */
static int
try_hypervisor (struct hvctl *h, struct plan *plan, const struct role *role,
                struct plugin *p, bool *absent, struct error *err)
{
    const char *program = NULL;
    struct hv_list have = { 0 };
    struct hv_choice choice = { 0 };
    struct hv_vm vm;

    loader_need (p);
    fill_vm (h, plan, &vm);
    vm.options = options_for (h, plan->def, p);
    if (provider_usable (p, err) < 0
        || check_keys (h, plan, role, p, err) < 0) {
        *absent = p->broken != NULL || !is_located (plan, p);
        return -err->code;
    }
    if (hypervisor_locate (p, plan->def->arch, &program, err) < 0) {
        *absent = err->code == ENOENT;
        err->exit_code = *absent               ? EXIT_UNSUPPORTED
                         : err->code == EINVAL ? EXIT_CONFIG
                                               : err->exit_code;
        return -err->code;
    }
    if (jail_check_program (program, err) < 0) {
        return fail_prefix (err, "%s", p->name);
    }
    if (facts_load (h, p, plan->def->arch, program, err) < 0
        || hypervisor_capabilities (p, plan->def->arch, &have, err) < 0
        || match (h, plan, role, p, &have, false, err) < 0) {
        return -err->code;
    }
    vm.program = program;
    vm.rng = vm.rng && has_capability (&have, "rng");
    if (hypervisor_check (p, &vm, &choice, err) < 0) {
        return -err->code;
    }
    if (!plan->hypervisor) {
        plan->hypervisor = p;
        plan->program = program;
        plan->choice = choice;
        keep_choice (h, &plan->choice);
        plan->vm = vm;
        explain_accelerator (h, plan);
    }
    return 0;
}

static int
no_hypervisor (struct hvctl *h, const struct role *role, const char *pinned,
               const struct error *last, struct error *err)
{
    const char *reasons = "";
    size_t asked = 0;

    if (!role->candidates.n || (pinned && !last->code)) {
        return fail (err, pinned ? ENOENT : ENOTSUP,
                     "there is no hypervisor plugin%s%s%s: %s",
                     pinned ? " '" : "", pinned ? pinned : "",
                     pinned ? "'" : "",
                     package_hint (h, "", pinned ? pinned : "qemu"));
    }
    for (size_t i = 0; i < role->candidates.n; i++) {
        const struct candidate *c = role->candidates.p[i];
        struct error one = { .code = ENOTSUP };

        asked += !c->absent;
        snprintf (one.text, sizeof one.text, "%s", c->reason);
        fail_prefix (&one, "%s", c->plugin);
        reasons = arena_format (&h->arena, "%s%s%s", reasons,
                                *reasons ? "; " : "", one.text);
    }
    /* A hypervisor that is not installed must not hide a mistake in a
     * definition. */
    if (role->candidates.n == 1 || pinned || asked == 1) {
        *err = *last;
        return -err->code;
    }
    return fail (err, ENOTSUP, "no hypervisor can run it: %s", reasons);
}

/* A section that no hypervisor could ever use is an error, and so is a mistake
 * in that of a hypervisor that another one is preferred to. */
static int
check_sections (struct hvctl *h, const struct definition *def,
                struct error *err)
{
    struct problems problems = { .arena = &h->arena };

    for (size_t i = 0; i < def->plugins.n; i++) {
        const struct hv_options *s = def->plugins.p[i];
        const struct plugin *p = loader_find (h, s->name);

        if (!p || (!p->has_hypervisor && !p->broken)) {
            problem (&problems, s->file, s->line,
                     "plugin %s: there is no hypervisor plugin of this name: "
                     "install it, or remove the section",
                     s->name);
        }
    }
    sections_check_plugins (h, def, &problems);
    if (problem_fail (&problems, err) < 0) {
        err->exit_code = EXIT_CONFIG;
        return -err->code;
    }
    return 0;
}

/* A hypervisor that has not been tried yet may turn out to be unusable. */
static const char *
why_it_wins (struct hvctl *h, const struct plan *plan, const struct plugin *p)
{
    return p->facts
               ? "meets every requirement"
               : arena_format (&h->arena,
                               "meets every requirement if %s works, which has "
                               "not been tried yet: the first start does",
                               plan->program);
}

int
choose_hypervisor (struct hvctl *h, struct plan *plan, bool ask_all,
                   struct error *err)
{
    const char *pinned = plan->def->hypervisor;
    struct role *role = resolve_add_role (h, plan, "hypervisor", pinned);
    struct vec candidates = { 0 };
    struct error last = { 0 };

    if (!strcmp (pinned, "auto")) {
        pinned = NULL;
    }
    if (check_sections (h, plan->def, err) < 0) {
        return -err->code;
    }
    requirements_gather (h, plan, role);
    in_preference_order (h, &candidates);
    for (size_t i = 0; i < candidates.n && (ask_all || !plan->hypervisor);
         i++) {
        struct plugin *p = candidates.p[i];
        struct error why = { 0 };
        bool absent = false;

        if (pinned && strcmp (pinned, p->name) != 0) {
            resolve_add_candidate (
                h, role, p, false,
                arena_format (&h->arena, "%s sets hypervisor = %s",
                              definition_source (plan->def, "hypervisor"),
                              pinned));
        } else if (try_hypervisor (h, plan, role, p, &absent, &why) < 0) {
            resolve_add_candidate (h, role, p, false,
                                   arena_dup (&h->arena, why.text));
            note_absent (role, absent);
            last = absent && last.code ? last : why;
        } else if (role->winner) {
            resolve_add_candidate (h, role, p, true,
                                   arena_format (&h->arena, "%s is preferred",
                                                 role->winner->name));
        } else {
            resolve_add_candidate (h, role, p, true, why_it_wins (h, plan, p));
            role->winner = p;
        }
    }
    return role->winner ? 0 : no_hypervisor (h, role, pinned, &last, err);
}
