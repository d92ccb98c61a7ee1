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

struct draft_setting {
    const char *key, *value;
    const struct tree *from;
};

struct draft_section {
    const char *kind, *name; /* Null: untitled. */
    const struct tree *from;
    struct vec settings; /* struct draft_setting * */
};

/* A VM's definition, a template, or a section of the host's configuration. */
struct draft {
    const char *kind; /* Null: a VM; "template", "network" */
    const char *name;
    uint64_t count; /* A fleet: so many VMs; 0: it is one VM. */
    bool exists;    /* The host has the same: it is not written. */
    const struct tree *from;
    struct vec sections; /* struct draft_section *; the first is untitled. */
};

struct import {
    struct hvctl *h;
    struct arena *a;   /* Of h. */
    const char *dir;   /* Of the file: what relative paths refer to. */
    struct vec vms;    /* struct draft * */
    struct vec host;   /* The same, for conf.d. */
    struct vec notes;  /* struct draft_note *, see draft-note.h */
    struct problems p; /* Why nothing can be imported. */

    /* What is being read: settings that are added are from here. */
    const struct tree *at;

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

/* Gives a template that is complete a name that the host does not have, unless
 * the host has an equal one, which is used. */
void draft_settle (struct import *im, struct draft *d);

/* Returns the name of the section for conf.d that was made of a node, or
 * null. */
const char *draft_named (const struct import *im, const char *kind,
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

/* Adds a problem at the place of a node. */
void draft_problem (struct import *im, const struct tree *node, const char *fmt,
                    ...) __attribute__ ((format (printf, 3, 4)));

/* Returns a name made valid for hvctl: as it is, or with '-' for what must not
 * be in one, of which a note tells if there is a node. */
const char *draft_name (struct import *im, struct tree *node, const char *what,
                        const char *name);

/* Returns a path made absolute. */
const char *draft_path (struct import *im, const char *path);

/* Sets the memory, rounded up to whole MiB, of which a note tells. */
void draft_memory (struct import *im, struct draft *d, struct tree *node,
                   uint64_t bytes);

#endif /* IMPORT_DRAFT_H */
