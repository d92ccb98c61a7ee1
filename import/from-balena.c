/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* guests.yml of balenaVirt: templates are options of QEMU, and guests say how
 * many there are of each. */
#include <string.h>

#include "common/size.h"
#include "core/base/name.h"
#include "import/balena.h"
#include "import/draft-note.h"

#define LONGEST_NAME 200

static const char *const reasons[] = {
    "chardev", "hvctl adds the devices that it needs itself",
    "device",  "hvctl adds the devices that it needs itself",
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
    const char *text = smp->value ? smp->value : tree_text (smp, "cpus");
    uint64_t all = 1, n;

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
    const char *text = m->value ? m->value : tree_text (m, "size");
    uint64_t n;

    m->used = true;
    if (!text) {
        draft_problem (im, m, "m: there is no size");
        return;
    }
    draft_set (im, d, NULL, NULL, "memory",
               parse_uint (text, &n) ? arena_format (im->a, "%sM", text)
                                     : text);
}

/* An option whose value is the same here: "q35", or {type: q35}. */
static bool
add_same (struct import *im, struct draft *d, struct tree *t)
{
    static const char *const same[][2] = {
        { "machine", "machine" }, { "M", "machine" },
        { "cpu", "cpu" },         { "kernel", "kernel" },
        { "initrd", "initrd" },   { "append", "append" },
    };

    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        if (!strcmp (t->key, same[i][0]) && t->value && *t->value) {
            bool path = i == 3 || i == 4;
            const char *value = balena_value (im, t->value);

            t->used = true;
            draft_set (im, d, NULL, NULL, same[i][1],
                       path ? draft_path (im, value) : value);
            return true;
        }
    }
    return false;
}

static void
add_option (struct import *im, struct draft *d, struct tree *t,
            struct balena *state)
{
    if (add_same (im, d, t)) {
        state->kernel |= !strcmp (t->key, "kernel");
    } else if (!strcmp (t->key, "smp")) {
        add_smp (im, d, t);
    } else if (!strcmp (t->key, "m")) {
        add_memory (im, d, t);
    } else if (!strcmp (t->key, "enable-kvm")) {
        t->used = true;
        draft_set (im, d, NULL, NULL, "accelerator", "kvm");
    } else if (!strcmp (t->key, "nographic")) {
        t->used = true; /* It is always so. */
    } else if (!strcmp (t->key, "drive")) {
        balena_drives (im, d, t, state);
    } else if (!strcmp (t->key, "net") || !strcmp (t->key, "netdev")
               || !strcmp (t->key, "nic")) {
        balena_nets (im, d, t, state);
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
        for (size_t k = 0; k < guests->kids.n; k++) {
            add_guest (im, templates, guests->kids.p[k]);
        }
        draft_note_unused (im, files[i], reasons);
    }
}
