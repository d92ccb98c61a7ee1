/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* VMs that are no longer defined, most often since 'count' of their fleet was
 * lowered, and of which something is left: volumes, a saved state, records,
 * logs.  Changes nothing. */
#ifndef CORE_LEFTOVER_H
#define CORE_LEFTOVER_H

#include <stdbool.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/definition.h"
#include "core/config/fleet.h"

/* What is left of a VM. */
struct leftover {
    const char *name;
    const struct fleet *fleet; /* The one that had it, or null. */
    struct definition *def;    /* As that defines it, or null. */
    struct vec volumes;        /* char *, "POOL/VOLUME": no other VM has it */
    bool saved, records, logs, edited;
};

/* Finds out what is left of the VM.  Returns false if it is nothing, or if the
 * VM is defined. */
bool leftover_look (struct hvctl *h, const char *name, struct leftover *out);

/* Returns it in words: "volume p/edge-3-root, a saved state". */
const char *leftover_text (struct hvctl *h, const struct leftover *l);

/* Adds the volumes of a definition that exist, "POOL/VOLUME"; 'alone': and that
 * no definition has. */
void leftover_volumes (struct hvctl *h, const struct definition *def,
                       bool alone, struct vec *out);

/* Forgets which volumes definitions have, at the end of the command. */
void leftover_forget (struct hvctl *h);

/* Adds the VMs of which something is left, and that the fleet had; of all
 * fleets. */
void leftover_of_fleet (struct hvctl *h, const struct fleet *f,
                        struct vec *names);
void leftover_of_all (struct hvctl *h, struct vec *names);

#endif /* CORE_LEFTOVER_H */
