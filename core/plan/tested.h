/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Builds of a hypervisor, of the process that serves a NIC, and of their
 * C library that were tested in the sandbox of this hvctl, by 'sandbox learn'
 * or 'doctor': recorded in state_dir, root's for everybody. */
#ifndef CORE_TESTED_H
#define CORE_TESTED_H

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/plan/plan.h"

/* A program of a plan whose build has not been tested. */
struct untested {
    const char *program, *build;
    const char *library, *library_build; /* Null: it has none. */
    const char *reason;                  /* A phrase. */
};

/* Adds the programs of a plan that has been tested (struct untested *). */
void tested_add (struct arena *a, const struct plan *plan, struct vec *tried);

/* Records them, with the command that tested them. */
int tested_save (struct hvctl *h, const struct vec *tried, const char *by,
                 struct error *err);

/* Adds the programs of a plan that have not been tested: struct untested *.
 * Changes nothing. */
void tested_lacks (struct hvctl *h, const struct plan *plan, struct vec *out);

#endif /* CORE_TESTED_H */
