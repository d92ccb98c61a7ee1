/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/counters.h"

#include <string.h>

#include "common/cleanup.h"
#include "core/config/cloud-init.h"
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

/* "disk.NAME.COUNTER": returns the name, or null.  A name may have dots, a
 * counter has none. */
static const char *
counted_disk (struct arena *a, const char *counter)
{
    const char *end = strrchr (counter, '.');

    return !strncmp (counter, "disk.", 5) && end > counter + 5
               ? arena_format (a, "%.*s", (int)(end - counter - 5), counter + 5)
               : NULL;
}

void
counters_disks (struct arena *a, const struct hv_list *counters,
                struct vec *names)
{
    for (size_t i = 0; i < counters->entries.n; i++) {
        const struct list_entry *e = counters->entries.p[i];
        const char *name = counted_disk (a, e->name);

        if (name && strcmp (name, CLOUD_INIT_DISK) != 0
            && !vec_has (names, name)) {
            vec_add (a, names, name);
        }
    }
}
