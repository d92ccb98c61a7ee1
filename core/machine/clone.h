/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Cloning a VM, running or not: its definition, with an identity of its own,
 * and copies of the volumes that it writes to. */
#ifndef CORE_CLONE_H
#define CORE_CLONE_H

#include <stdbool.h>

#include "core/base/context.h"
#include "core/base/error.h"

struct clone_wish {
    const char *vm, *to, *uuid;
    const char *snapshot; /* That the disks are taken from; null: as they are
                           * now. */
    bool full;            /* The volumes share nothing. */
};

struct clone_result {
    struct vec volumes;       /* char *, "default/web2-root" */
    struct vec changed, same; /* char *, see clone_text_compare() */
    const char *snapshot;     /* That the clone depends on, or null. */
};

/* Clones the VM.  The caller has the locks of both.  Once it has '*begun', a
 * failure must be rolled back. */
int clone_vm (struct hvctl *h, const struct clone_wish *wish,
              struct clone_result *out, bool *begun, struct error *err);

#endif /* CORE_CLONE_H */
