/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The arguments of the volume commands. */
#ifndef CLI_VOLUME_H
#define CLI_VOLUME_H

#include "cli/cli.h"
#include "core/host.h"
#include "core/plan.h"

/* "POOL/NAME" or "POOL/NAME@SNAPSHOT"; without a pool, in pool default. */
struct volume_arg {
    struct hv_volume vol;
    struct plugin *plugin;
    const char *snapshot; /* Or null. */
};

/* All of these fail into c->err. */

/* Are there from 'least' to 'most' arguments? */
int volume_args (struct cli *c, size_t least, size_t most);

/* Reads the argument 'i'. */
int volume_arg (struct cli *c, size_t i, struct volume_arg *out);

int volume_needs_snapshot (struct cli *c, const struct volume_arg *v);
int volume_needs_none (struct cli *c, const struct volume_arg *v);

/* Fails with EXIT_RUNNING if a hypervisor has the volume open, and if there is
 * no such volume. */
int volume_check_idle (struct cli *c, struct plugin *p,
                       const struct hv_volume *vol, struct error *err);

#endif /* CLI_VOLUME_H */
