/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Which builds of a hypervisor, of the process that serves a NIC, and of their
 * C library have been tried in the sandbox of this hvctl, by 'sandbox learn' or
 * 'doctor': kept in state_dir, root's for everybody. */
#ifndef CORE_TESTED_H
#define CORE_TESTED_H

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/plan/plan.h"

/* A program of a plan, of a build that nobody has tried. */
struct untested {
    const char *program, *build;
    const char *library, *library_build; /* Null: it has none. */
    const char *reason;                  /* A phrase. */
};

/* Adds the programs of a plan that has been tried (struct untested *). */
void tested_add (struct arena *a, const struct plan *plan, struct vec *tried);

/* Remembers them, with the command that tried them. */
int tested_save (struct hvctl *h, const struct vec *tried, const char *by,
                 struct error *err);

/* Adds what of a plan has not been tried: struct untested *.  Changes
 * nothing. */
void tested_lacks (struct hvctl *h, const struct plan *plan, struct vec *out);

#endif /* CORE_TESTED_H */
