/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The arguments of the volume commands. */
#ifndef CLI_VOLUME_H
#define CLI_VOLUME_H

#include "cli/cli.h"
#include "core/provider/loaded.h"

/* "POOL/NAME" or "POOL/NAME@SNAPSHOT"; without a pool, in pool default. */
struct volume_arg {
    struct hv_volume vol;
    struct plugin *plugin;
    const char *snapshot; /* Or null. */
};

/* All of these fail into c->err. */

/* Reads the argument 'i'. */
int volume_arg (struct cli *c, size_t i, struct volume_arg *out);

int volume_needs_snapshot (struct cli *c, const struct volume_arg *v);
int volume_needs_none (struct cli *c, const struct volume_arg *v);

/* Adds the nearest name to the message of something that failed with 'rc',
 * which it returns: see storage_near(). */
int volume_near (struct cli *c, const struct volume_arg *v, int rc);

/* Locks the volume until hvctl exits: what is found out about it stays
 * valid. */
int volume_lock (struct cli *c, const struct volume_arg *v);

/* Fails if a VM has it open. */
int volume_check_idle (struct cli *c, const struct volume_arg *v);

/* JSON's values of 'done'. */
extern const char volume_made[], volume_reverted[];

/* Record that 'op' ("volume-resize") is done to a locked volume; lock
 * it, and record that it is being created; volume_end() that it is over,
 * successfully or not, and reports the result. */
int volume_begin (struct cli *c, const struct volume_arg *v, const char *op);
int volume_begin_new (struct cli *c, const struct volume_arg *v);
int volume_end (struct cli *c, const struct volume_arg *v, int rc,
                const char *what);

#endif /* CLI_VOLUME_H */
