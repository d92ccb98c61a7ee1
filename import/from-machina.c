/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* machina: machina.conf.json of the host, whose tags become templates and whose
 * networks become networks, and NAME.conf.json of machines, in any order. */
#include <string.h>

#include "common/size.h"
#include "core/config/host.h"
#include "import/draft-note.h"
#include "import/machina.h"

#define MOST_TAGS 64

static const char *const reasons[] = {
    "attrs.enlightenments",
    "hvctl has no Hyper-V enlightenments yet",
    "attrs.tpm",
    "hvctl has no TPM yet",
    "attrs.qmp",
    "hvctl has a QMP socket of its own",
    "attrs.agent",
    "a channel to the guest agent is 'agent = yes' here",
    "attrs.spice",
    "hvctl has no displays yet",
    "attrs.cpu.processor",
    "hvctl takes the CPU of the host",
    "devices",
    "hvctl passes no devices of the host through yet",
    "privileges",
    "hvctl gives each VM user IDs of its own",
    "processor",
    "hvctl takes the CPU of the host",
    "mediated-device",
    "hvctl passes no devices of the host through yet",
    "up",
    "hvctl attaches ports to bridges itself, and runs no scripts",
    "down",
    "hvctl attaches ports to bridges itself, and runs no scripts",
    "connections.ip",
    "machina itself does not use it",
    NULL
};

/* ------------------------------------------------------- The processors */

static const char *const cpu_words[] = { "sockets", "cores", "threads" };

/* machina merges these one by one, and hvctl has one number: so it is what each
 * machine ends up with. */
static uint64_t
cpus_of (struct import *im, struct tree *const *defs, size_t n)
{
    uint64_t all = 1;
    bool any = false;

    for (size_t w = 0; w < 3; w++) {
        for (size_t i = 0; i < n; i++) {
            struct tree *attrs = tree_peek (defs[i], "attrs");
            struct tree *cpu = tree_peek (attrs, "cpu");
            const struct tree *t = tree_peek (cpu, cpu_words[w]);
            uint64_t count;

            if (!t) {
                continue;
            }
            tree_take (cpu, cpu_words[w]);
            if (!t->value || !parse_uint (t->value, &count) || !count
                || count > 4096) {
                draft_problem (im, t,
                               "attrs.cpu.%s is no number from 1 to 4096",
                               cpu_words[w]);
                return 0;
            }
            all *= count;
            any = true;
            break;
        }
    }
    return any ? all : 0;
}

static void
add_cpus (struct machina *m, struct draft *d, struct tree *const *defs,
          size_t n)
{
    uint64_t cpus = cpus_of (m->im, defs, n), others = 0;

    /* The first template that has the key would decide. */
    for (size_t i = 1; i < n && !others; i++) {
        others = cpus_of (m->im, defs + i, 1);
    }
    if (cpus && (n == 1 || cpus != others || cpus_of (m->im, defs, 1))) {
        draft_set (m->im, d, NULL, NULL, "cpus",
                   arena_format (m->im->a, "%llu", (unsigned long long)cpus));
    }
}

/* ----------------------------------------------- A machine, or a tag */

static void
add_attrs (struct machina *m, struct draft *d, struct tree *def)
{
    struct import *im = m->im;
    struct tree *attrs = tree_peek (def, "attrs");
    struct tree *memory = tree_peek (attrs, "memory");
    struct tree *firmware = tree_peek (attrs, "firmware");
    const char *ram = tree_text (memory, "ram");

    if (ram) {
        draft_set (im, d, NULL, NULL, "memory",
                   arena_format (im->a, "%sM", ram));
    }
    if (firmware) {
        draft_set (im, d, NULL, NULL, "firmware", "uefi");
        draft_note (
            im, firmware, "attrs.firmware",
            "hvctl chooses UEFI firmware that fits, and the guest begins "
            "with fresh variables");
    }
}

static void
add_vars (struct machina *m, struct draft *d, struct tree *def)
{
    struct tree *vars = tree_peek (def, "vars");

    for (size_t i = 0; vars && i < vars->kids.n; i++) {
        struct tree *v = vars->kids.p[i];

        v->used = v->kind == TREE_TEXT;
        if (v->used && !machina_is_var (v->key)) {
            draft_note (m->im, v, arena_format (m->im->a, "vars.%s", v->key),
                        "a variable of hvctl cannot have that name");
        } else if (v->used) {
            draft_set (m->im, d, "vars", NULL, v->key,
                       v->value ? v->value : "");
        }
    }
}

/* Adds what a machine, or a tag, says itself. */
static void
add_definition (struct machina *m, struct draft *d, struct tree *def)
{
    def->used = true;
    m->im->at = def;
    add_attrs (m, d, def);
    add_vars (m, d, def);
}

/* -------------------------------------------------------------- Tags */

static void
add_tags (struct machina *m)
{
    struct tree *tags = m->host ? tree_take (m->host, "tag") : NULL;

    for (size_t i = 0; tags && i < tags->kids.n; i++) {
        struct tree *t = tags->kids.p[i];
        struct draft *d = draft_host (
            m->im, "template", draft_name (m->im, t, "template", t->key), t);

        m->defs.n = 0;
        vec_add (m->im->a, &m->defs, t);
        add_cpus (m, d, (struct tree *const *)m->defs.p, 1);
        if (!machina_is_inline (m, t)) {
            /* Behind the disks of machines, and of tags before it. */
            machina_volumes (m, d, t, (int)(i + 1) * 20);
            machina_connections (m, d, t);
        }
        add_definition (m, d, t);
        draft_settle (m->im, d);
    }
}

/* Returns the template of a tag, or null.  Without the host's file it is one of
 * that name, which an earlier import may have defined. */
static const char *
template_of (struct machina *m, const struct tree *t, const struct tree *def)
{
    const char *name =
        t->value ? draft_name (m->im, NULL, "template", t->value) : "";

    return def ? draft_named (m->im, "template", def)
           : !m->host && host_template (m->im->h, name) ? name
                                                        : NULL;
}

/* Stores the machine and its tags in m->defs, and says which these are. */
static void
add_templates (struct machina *m, struct draft *d, struct tree *machine)
{
    struct tree *tags = tree_take (machine, "tags");
    const char *list = NULL;

    m->defs.n = 0;
    vec_add (m->im->a, &m->defs, machine);
    if (tags && tags->kids.n > MOST_TAGS) {
        draft_problem (m->im, tags, "there are more than %d tags", MOST_TAGS);
        return;
    }
    for (size_t i = 0; tags && i < tags->kids.n; i++) {
        struct tree *t = tags->kids.p[i];
        struct tree *def = machina_tag (m, t->value);
        const char *name = template_of (m, t, def);

        t->used = true;
        if (!name) {
            draft_problem (m->im, t, "there is no tag '%s'%s",
                           t->value ? t->value : "",
                           m->host ? ""
                                   : ": give the host's machina.conf.json, "
                                     "too");
            continue;
        }
        if (def) {
            vec_add (m->im->a, &m->defs, def);
        }
        list = arena_format (m->im->a, "%s%s%s", list ? list : "",
                             list ? ", " : "", name);
    }
    if (list) {
        draft_set (m->im, d, NULL, NULL, "templates", list);
    }
}

/* ---------------------------------------------------------- Machines */

/* "DIR/test-vm.conf.json" is test-vm, unless the file says so itself. */
static const char *
name_of (struct machina *m, struct tree *machine)
{
    const char *name = tree_text (machine, "name");
    const char *slash = strrchr (machine->file, '/');
    const char *base = slash ? slash + 1 : machine->file;

    return name && *name ? name
                         : arena_dup_n (m->im->a, base, strcspn (base, "."));
}

static void
add_machine (struct machina *m, struct tree *machine)
{
    struct import *im = m->im;
    const char *name = draft_name (im, machine, "VM", name_of (m, machine));
    struct draft *d = draft_vm (im, name, machine);
    int boot = 1;

    machine->used = true;
    add_templates (m, d, machine);
    draft_set (im, d, NULL, NULL, "uuid", tree_text (machine, "id"));
    draft_set (im, d, NULL, NULL, "identity", "machina");
    draft_set (im, d, NULL, NULL, "description",
               tree_text (machine, "description"));
    /* machina knows no other. */
    draft_set (im, d, NULL, NULL, "machine", "q35");
    draft_set (im, d, NULL, NULL, "accelerator", "kvm");
    draft_set (im, d, NULL, NULL, "cpu", "host");
    add_cpus (m, d, (struct tree *const *)m->defs.p, m->defs.n);
    add_definition (m, d, machine);
    /* Its own come first. */
    for (size_t i = 0; i < m->defs.n; i++) {
        if (!i || machina_is_inline (m, m->defs.p[i])) {
            boot = machina_volumes (m, d, m->defs.p[i], boot);
        }
    }
    for (size_t i = 0; i < m->defs.n; i++) {
        if (!i || machina_is_inline (m, m->defs.p[i])) {
            machina_connections (m, d, m->defs.p[i]);
        }
    }
}

/* Notes what no machine refers to. */
static void
note_unused (struct machina *m)
{
    static const char *const sections[][2] = { { "storage", "disk" },
                                               { "network", "NIC" } };

    for (size_t s = 0; m->host && s < 2; s++) {
        struct tree *all = tree_take (m->host, sections[s][0]);

        for (size_t i = 0; all && i < all->kids.n; i++) {
            struct tree *t = all->kids.p[i];

            if (!t->used) {
                draft_note (
                    m->im, t,
                    arena_format (m->im->a, "%s.%s", sections[s][0], t->key),
                    "no %s that is carried over is in it", sections[s][1]);
            }
        }
    }
}

static bool
is_host (const struct tree *t)
{
    return tree_peek (t, "tag") || tree_peek (t, "storage")
           || tree_peek (t, "network") || tree_peek (t, "processor")
           || tree_peek (t, "mediated-device");
}

void
from_machina (struct import *im, struct tree *const *files, size_t n)
{
    struct machina m = { .im = im };

    for (size_t i = 0; i < n; i++) {
        if (files[i]->kind != TREE_MAP) {
            draft_problem (im, files[i],
                           "this is no file of machina's: it is "
                           "not an object");
            return;
        }
        if (is_host (files[i]) && m.host) {
            draft_problem (im, files[i],
                           "there are two files of a host: the other one is %s",
                           m.host->file);
            return;
        }
        m.host = is_host (files[i]) ? files[i] : m.host;
    }
    machina_order (&m, files, n);
    add_tags (&m);
    for (size_t i = 0; i < n; i++) {
        if (files[i] != m.host) {
            add_machine (&m, files[i]);
        }
    }
    note_unused (&m);
    for (size_t i = 0; i < n; i++) {
        files[i]->used = true;
        draft_note_unused (im, files[i], reasons);
    }
}
