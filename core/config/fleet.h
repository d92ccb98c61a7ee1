/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Fleets: a file vm.d/NAME.conf with 'count' defines the VMs NAME-0, NAME-1,
 * ..., its members.  NAME itself is no VM.  A file of a member overrides. */
#ifndef CORE_FLEET_H
#define CORE_FLEET_H

#include <stdbool.h>
#include <stdint.h>

#include <hvctl/plugin.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/problem.h"

struct fleet {
    const char *name, *file;
    struct hv_options *root; /* Its text; null: it cannot be parsed. */
    uint64_t count, first;
    bool valid;             /* These two are; otherwise it has no members. */
    struct problems broken; /* Of the file, whichever the member. */
    struct problems equal;  /* What its members must not share; once */
    bool compared;          /* they have been compared. */
};

/* Returns the fleet of that name, or null: it is a VM, or does not exist.  It
 * is read once, and again if the file has changed; valid until
 * fleet_forget(). */
struct fleet *fleet_find (struct hvctl *h, const char *name);

/* The same for one file of many, 'file' in the directory 'dir': most of them
 * are read, and that is all. */
struct fleet *fleet_scan (struct hvctl *h, int dir, const char *file,
                          const char *name);

/* Returns the name of the fleet that a VM of that name could be a member of,
 * and its index, or null: "edge" of "edge-3". */
const char *fleet_name_of (struct arena *a, const char *vm, uint64_t *index);

/* Returns the fleet that the VM would be a member of, by its name, or null, and
 * its index.  Reads no file but that of the fleet. */
struct fleet *fleet_beside (struct hvctl *h, const char *vm, uint64_t *index);

/* Returns the fleet that the VM is a member of, or null. */
struct fleet *fleet_of (struct hvctl *h, const char *vm);

/* Reads the text of a fleet from another file; null: it has no 'count'. */
struct fleet *fleet_read (struct hvctl *h, const char *name, const char *file);

/* Returns whether a VM of that index is a member. */
bool fleet_has (const struct fleet *f, uint64_t index);

/* Return the name of the i-th member; add those of all; return "edge-0 …
 * edge-4"; the place of a key of it, for messages. */
const char *fleet_member (struct arena *a, const struct fleet *f, uint64_t i);
void fleet_members (struct arena *a, const struct fleet *f, struct vec *names);
const char *fleet_range (struct arena *a, const struct fleet *f);
const char *fleet_where (struct arena *a, const struct fleet *f,
                         const char *key);

/* Fails: a command for one VM has the name of a fleet. */
int fleet_refuse (struct hvctl *h, const struct fleet *f, struct error *err);

/* Returns the text with which the own file of a member begins. */
const char *fleet_own_text (struct arena *a, const struct fleet *f,
                            const char *vm);

/* Returns whether only the file of a fleet may have this key. */
bool fleet_has_key (const char *key);

/* Gives a member a UUID of its own, if 'root', merged, has that of its
 * fleet. */
void fleet_derive (struct arena *a, struct hv_options *root, uint64_t index);

/* Frees what was read. */
void fleet_forget (struct hvctl *h);

#endif /* CORE_FLEET_H */
