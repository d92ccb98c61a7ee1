/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/snapshot-create.h"

#include "core/machine/recover.h"
#include "core/machine/snapshot.h"

int
snapshot_create (struct hvctl *h, struct definition *def, const char *name,
                 bool memory, enum change_way *way, struct error *err)
{
    bool begun = false;
    int rc = snapshot_make (h, def, name, memory, way, &begun, err);

    if (rc < 0 && begun) {
        recover_failed (h, def->name);
    }
    return rc;
}
