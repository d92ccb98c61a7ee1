/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Runs machines through a list of features while every system call is written
 * down, and compares what was called with the table of groups.c: for a new
 * version of a hypervisor or a library. */
#ifndef CORE_LEARN_H
#define CORE_LEARN_H

#include "core/hvctl.h"

/* What was tried on a machine. */
struct learn_step {
    const char *machine; /* "q35-tcg" */
    const char *what;    /* "plug in a disk" */
    const char *why_not; /* Null: it was done. */
};

/* A call that the groups of its machine do not let through. */
struct learn_call {
    const char *machine, *call, *thread, *arguments;
    const char *groups; /* Who would allow it: a phrase. */
    bool sealed;        /* After the seal. */
    bool harmless;      /* Of the start-up, made later: it fails, and the
                         * program can live with that.  No difference. */
};

/* An entry of the table that no machine needed. */
struct learn_unused {
    const char *group, *call;
    const char *values; /* Of its list; null: nothing of it. */
};

struct learn {
    struct vec steps, calls, unused;
    size_t machines;    /* That ran. */
    size_t differences; /* Calls that are not harmless. */
};

/* 'names': VMs whose machines are tried with disks and networks of their own
 * making; none: machines with nothing but firmware.  Leaves nothing behind. */
int learn_run (struct hvctl *h, const char *arch, const struct vec *names,
               struct learn *out, struct error *err);

/* learn-text.c: a section 'plugin' as it is in ours; the definition of a VM,
 * but with disks and networks of our own. */
struct definition;
const char *learn_plugin_text (struct arena *a, const struct hv_options *s);
const char *learn_vm_text (struct arena *a, const struct definition *def);

/* learn-table.c: the comparison.  A tally remembers what was used. */
struct plan;
struct tally;
struct tally *tally_new (struct arena *a);
void tally_add (struct hvctl *h, struct tally *t, const struct plan *plan,
                const char *machine, const struct vec *seen, struct learn *out);
void tally_unused (struct arena *a, const struct tally *t, struct learn *out);

#endif /* CORE_LEARN_H */
