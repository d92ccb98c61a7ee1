/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Definitions that are being made from another tool's files, in the same form
 * for each tool: settings with the place that they come from. */
#ifndef IMPORT_DRAFT_H
#define IMPORT_DRAFT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/context.h"
#include "core/config/problem.h"
#include "import/tree.h"

/* A VM's definition, a template, or a section of the host's configuration. */
struct draft {
    const char *kind; /* Null: a VM; "template", "network" */
    const char *name;
    uint64_t count; /* A fleet: so many VMs; 0: it is one VM. */
    const struct tree *from;
    struct vec sections; /* struct draft_section *; the first is untitled. */
};

/* A value that could not be carried over. */
struct draft_note {
    const char *file, *key, *reason;
    int line;
};

struct import {
    struct hvctl *h;
    struct arena *a;   /* Of h. */
    const char *dir;   /* Of the file: what relative paths refer to. */
    struct vec vms;    /* struct draft * */
    struct vec host;   /* The same, for conf.d. */
    struct vec notes;  /* struct draft_note * */
    struct problems p; /* Why nothing can be imported. */

    /* Of balenaVirt, while a guest is read. */
    bool fleet;
    const char *template;
};

/* A mapping: adds drafts, notes and problems for the files' trees. */
typedef void import_fn (struct import *im, struct tree *const *files, size_t n);
import_fn from_5gdeploy, from_balena, from_libvirt, from_machina, from_virshle;

/* Adds a VM, or a section for conf.d. */
struct draft *draft_vm (struct import *im, const char *name,
                        const struct tree *from);
struct draft *draft_host (struct import *im, const char *kind, const char *name,
                          const struct tree *from);

/* Returns the name of a network with that type, key and value: one that the
 * host has, or a new one, if possible of that name. */
const char *draft_network (struct import *im, const char *name,
                           const char *type, const char *key, const char *value,
                           const struct tree *from);

/* Adds a setting: of a section "disk" or "nic", or, with a null kind, of the VM
 * itself.  A null value is not added.  In 'value', DRAFT_VAR begins the name of
 * a variable, and DRAFT_END ends it. */
#define DRAFT_VAR "\1"
#define DRAFT_END "\2"
void draft_set (struct import *im, struct draft *d, const char *kind,
                const char *name, const char *key, const char *value);

/* Returns whether the draft has the section. */
bool draft_has (const struct draft *d, const char *kind, const char *name);

/* Adds a note about a value, which counts as used. */
void draft_note (struct import *im, struct tree *node, const char *key,
                 const char *fmt, ...) __attribute__ ((format (printf, 4, 5)));

/* Adds a note for each unused value; 'reasons' has pairs of a part of a path
 * and the reason, and ends in a null. */
void draft_note_unused (struct import *im, const struct tree *file,
                        const char *const *reasons);

/* Adds a problem at the place of a node. */
void draft_problem (struct import *im, const struct tree *node, const char *fmt,
                    ...) __attribute__ ((format (printf, 3, 4)));

/* Returns a name made valid for hvctl: as it is, or with '-' for what must not
 * be in one, of which a note tells. */
const char *draft_name (struct import *im, struct tree *node, const char *what,
                        const char *name);

/* Returns a path made absolute. */
const char *draft_path (struct import *im, const char *path);

/* Returns "2G" for a number of bytes. */
const char *draft_size (struct import *im, uint64_t bytes);

/* Returns the text of a VM's definition; of all that goes to conf.d, or null if
 * there is nothing. */
const char *draft_text (struct import *im, const struct draft *d,
                        const char *tool);
const char *draft_host_text (struct import *im, const char *tool);

#endif /* IMPORT_DRAFT_H */
