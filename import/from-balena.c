/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* guests.yml of balenaVirt: templates are options of QEMU, and guests say how
 * many there are of each. */
#include <string.h>

#include "common/size.h"
#include "core/base/name.h"
#include "import/balena-net.h"
#include "import/balena.h"
#include "import/draft-note.h"

#define LONGEST_NAME 200

static const char *const reasons[] = {
    "smp",     "hvctl has no CPU topology yet",
    "chardev", "hvctl adds the devices that it needs itself",
    "serial",  "each VM has a console: hvctl console",
    "monitor", "hvctl keeps QEMU's monitor for itself",
    "qmp",     "hvctl keeps QEMU's monitor for itself",
    "bios",    "hvctl chooses firmware that fits",
    "display", "hvctl has no displays yet",
    "vnc",     "hvctl has no displays yet",
    "spice",   "hvctl has no displays yet",
    "vga",     "hvctl has no displays yet",
    "smbios",  "hvctl has no SMBIOS settings yet",
    NULL
};

static const char *const cpu_words[] = { "sockets", "cores", "threads" };

/* "4", or {cores: 4, threads: 2} */
static void
add_smp (struct import *im, struct draft *d, struct tree *smp)
{
    const char *text;
    uint64_t all = 1, n;

    balena_split (im, smp, "cpus");
    text = tree_text (smp, "cpus");
    smp->used = true;
    for (size_t i = 0; !text && i < 3; i++) {
        const char *part = tree_text (smp, cpu_words[i]);

        if (part && (!parse_uint (part, &n) || !n || n > 4096)) {
            draft_problem (im, smp, "smp: %s=%s is no number from 1 to 4096",
                           cpu_words[i], part);
            return;
        }
        all *= part ? n : 1;
    }
    draft_set (im, d, NULL, NULL, "cpus",
               text ? text
                    : arena_format (im->a, "%llu", (unsigned long long)all));
}

/* QEMU takes a number without a unit as MiB. */
static void
add_memory (struct import *im, struct draft *d, struct tree *m)
{
    const char *text;
    uint64_t n;

    balena_split (im, m, "size");
    text = tree_text (m, "size");
    m->used = true;
    if (text && parse_uint (text, &n) && n && n < INT32_MAX) {
        draft_memory (im, d, m, n << 20);
    } else if (text && parse_size (text, &n) && n && n < INT64_MAX) {
        draft_memory (im, d, m, n);
    } else {
        draft_problem (im, m, "m: '%s' is no size", text ? text : "");
    }
}

/* "q35,accel=kvm", or {type: q35} */
static void
add_machine (struct import *im, struct draft *d, struct tree *t)
{
    const char *accel;

    balena_split (im, t, "type");
    t->used = true;
    draft_set (im, d, NULL, NULL, "machine", tree_text (t, "type"));
    accel = tree_text (t, "accel");
    draft_set (im, d, NULL, NULL, "accelerator", accel);
}

static void
add_cpu (struct import *im, struct draft *d, struct tree *t)
{
    balena_split (im, t, "model");
    t->used = true;
    draft_set (im, d, NULL, NULL, "cpu", tree_text (t, "model"));
    for (size_t i = 0; i < t->kids.n; i++) {
        struct tree *flag = t->kids.p[i];

        if (!flag->used) {
            draft_note (im, flag, arena_format (im->a, "cpu.%s", flag->key),
                        "hvctl has no flags of CPUs");
        }
    }
}

/* An option whose text is the same here. */
static void
add_same (struct import *im, struct draft *d, struct tree *t, bool path)
{
    const char *value = t->value ? balena_value (im, t->value) : "";

    if (*value) {
        t->used = true;
        draft_set (im, d, NULL, NULL, t->key,
                   path ? draft_path (im, value) : value);
    }
}

static void
add_option (struct import *im, struct draft *d, struct tree *t,
            struct balena *state)
{
    const char *key = t->key;

    im->at = t;
    if (!strcmp (key, "kernel") || !strcmp (key, "initrd")) {
        state->kernel |= !strcmp (key, "kernel");
        add_same (im, d, t, true);
    } else if (!strcmp (key, "append")) {
        add_same (im, d, t, false);
    } else if (!strcmp (key, "machine") || !strcmp (key, "M")) {
        add_machine (im, d, t);
    } else if (!strcmp (key, "cpu")) {
        add_cpu (im, d, t);
    } else if (!strcmp (key, "smp")) {
        add_smp (im, d, t);
    } else if (!strcmp (key, "m")) {
        add_memory (im, d, t);
    } else if (!strcmp (key, "enable-kvm")) {
        t->used = true;
        draft_set (im, d, NULL, NULL, "accelerator", "kvm");
    } else if (!strcmp (key, "nographic")) {
        t->used = true; /* It is always so. */
    } else if (!strcmp (key, "drive")) {
        balena_drives (im, d, t, state);
    } else if (!strcmp (key, "device")) {
        balena_net_device (im, t, state);
    } else if (!strcmp (key, "net") || !strcmp (key, "netdev")
               || !strcmp (key, "nic")) {
        balena_net_add (im, d, t, state);
    }
}

static bool
is_x86 (const char *arch)
{
    return !arch || !strcmp (arch, "x86_64") || !strcmp (arch, "i386");
}

static void
add_template (struct import *im, struct draft *d, struct tree *template,
              const char *arch)
{
    struct balena state = { 0 };

    template->used = true;
    draft_set (im, d, NULL, NULL, "arch", arch);
    for (size_t i = 0; i < template->kids.n; i++) {
        add_option (im, d, template->kids.p[i], &state);
    }
    balena_net_join (im, d, &state);
    im->at = template;
    if (state.uefi || (is_x86 (arch) && !state.kernel)) {
        draft_set (im, d, NULL, NULL, "firmware", state.uefi ? "uefi" : "bios");
    }
    if (!tree_peek (template, "m")) {
        draft_set (im, d, NULL, NULL, "memory", "128M"); /* QEMU's default. */
    }
}

static void
add_guest (struct import *im, struct tree *templates, struct tree *guest)
{
    const char *name = tree_text (guest, "template");
    const char *count = tree_text (guest, "count");
    struct tree *template = name ? tree_peek (templates, name) : NULL;
    struct draft *d;
    uint64_t n = 0;

    guest->used = true;
    if (template && template->used) {
        draft_problem (im, guest,
                       "template '%s' is that of another entry, too, and VMs "
                       "are named after their template: raise 'count' there, "
                       "or make a second template",
                       name);
        return;
    }
    if (!template || template->kind != TREE_MAP) {
        draft_problem (im, guest, "there is no template '%s'",
                       name ? name : "");
        return;
    }
    if (strlen (name) > LONGEST_NAME) {
        draft_problem (im, guest,
                       "the name of a template has more than %d bytes",
                       LONGEST_NAME);
        return;
    }
    if (count && (!parse_uint (count, &n) || n > BALENA_MOST)) {
        draft_problem (im, guest, "count: %s is no number up to %d", count,
                       BALENA_MOST);
        return;
    }
    if (!n) {
        draft_note (im, guest, "guests",
                    "template %s has no 'count', or 0, so balenaVirt has no "
                    "guest of it",
                    name);
        return;
    }
    d = draft_vm (im, draft_name (im, guest, "VM", name), guest);
    im->fleet = n > 1;
    im->template = name;
    add_template (im, d, template, tree_text (guest, "arch"));
    d->count = n > 1 ? n : 0;
}

static bool
is_same (const char *a, const char *b)
{
    return a && b ? !strcmp (a, b) : a == b;
}

/* Is there a copy of a value somewhere in the tree? */
static bool
has_copy (const struct tree *in, const struct tree *of)
{
    for (size_t i = 0; i < in->kids.n; i++) {
        const struct tree *kid = in->kids.p[i];

        if ((kid->line == of->line && is_same (kid->key, of->key)
             && is_same (kid->value, of->value))
            || has_copy (kid, of)) {
            return true;
        }
    }
    return false;
}

/* What merge keys and aliases have copied is read, or noted, there. */
static void
use_copied (struct tree *t, const struct tree *templates)
{
    for (size_t i = 0; i < t->kids.n; i++) {
        use_copied (t->kids.p[i], templates);
    }
    t->used |= !t->kids.n && has_copy (templates, t);
}

/* balenaVirt itself reads nothing but templates and guests. */
static void
note_rest (struct import *im, struct tree *file, struct tree *templates)
{
    for (size_t i = 0; i < templates->kids.n; i++) {
        struct tree *t = templates->kids.p[i];

        if (!t->used) {
            draft_note (im, t, arena_format (im->a, "templates.%s", t->key),
                        "no entry of 'guests' uses it");
        }
    }
    draft_note_unused (im, file, reasons);
}

void
from_balena (struct import *im, struct tree *const *files, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct tree *templates = tree_take (files[i], "templates");
        struct tree *guests = tree_take (files[i], "guests");

        if (!templates || !guests || guests->kind != TREE_LIST) {
            draft_problem (im, files[i],
                           "this is no file of balenaVirt's: it has no "
                           "'templates', or no list of 'guests'");
            continue;
        }
        for (size_t k = 0; k < files[i]->kids.n; k++) {
            struct tree *t = files[i]->kids.p[k];

            if (t != templates && t != guests) {
                use_copied (t, templates);
            }
        }
        for (size_t k = 0; k < guests->kids.n; k++) {
            add_guest (im, templates, guests->kids.p[k]);
        }
        note_rest (im, files[i], templates);
    }
}
