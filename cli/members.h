/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What a change of a definition means for the VMs of a fleet: some come, some
 * are left over. */
#ifndef CLI_MEMBERS_H
#define CLI_MEMBERS_H

#include "cli/cli.h"
#include "core/config/fleet.h"

/* VMs that a new text of vm.d/NAME.conf defines, and those that it no longer
 * does. */
struct members {
    struct vec come, left; /* char * */
    struct vec adopted;    /* char *: of those that come, what is there of
                            * earlier ones: "edge-3 (volume pool/edge-3)". */
    struct vec kept;       /* char *: of those, what runs or has volumes, with
                            * what: "edge-3 (running; pool/edge-3-root)". */
};

/* Checks the text of a VM or of a fleet with all of its VMs; fails if one that
 * comes is a VM of its own already. */
int members_check (struct cli *c, const char *name, const char *file,
                   struct error *err);

/* The same right before it is saved, when the names are locked; locks the
 * volumes, lest anybody deletes them. */
int members_check_locked (struct cli *c, const char *name, const char *file,
                          struct error *err);

/* Loads it, or all of them, struct definition *, for 'create'; fails if one of
 * them exists, or something of an earlier one. */
int members_load_new (struct cli *c, const char *name, const char *file,
                      struct vec *defs, struct error *err);

/* Compares a new text with the definition as it is. */
void members_compare (struct cli *c, const char *name, const char *file,
                      struct members *m);

/* Tells which VMs come and are left over, and asks if any is; fails if nobody
 * agrees. */
int members_confirm (struct cli *c, const char *name, const struct members *m,
                     struct error *err);

/* Warns of what is left of VMs that fleets no longer have: those that are
 * named, or all. */
void members_warn_left (struct cli *c);

/* Returns "a, b, c", or "a, b, c and 97 more". */
const char *members_list (struct cli *c, const struct vec *names);

#endif /* CLI_MEMBERS_H */
