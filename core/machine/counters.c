/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/counters.h"

#include "common/cleanup.h"
#include "core/machine/target.h"
#include "core/provider/hypervisor.h"

int
counters_read (struct hvctl *h, const char *name, struct hv_list *out,
               struct error *err)
{
    struct target t;
    int rc = target_find (h, name, &t, err);

    if (rc < 0) {
        return rc;
    }
    rc = hypervisor_counters (t.plugin, &t.vm, out, err);
    close_fd (t.pidfd);
    return rc < 0 ? fail_prefix (err, "%s", name) : 0;
}
