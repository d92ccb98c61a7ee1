/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Everything that a removal deletes along with the object that was named: for
 * the question before it, and for the refusal if nobody can be asked. */
#ifndef CLI_LOSS_H
#define CLI_LOSS_H

#include <hvctl/plugin.h>

#include "cli/cli.h"
#include "core/base/vec.h"
#include "core/provider/loaded.h"

/* Returns ", with its 2 snapshots (a, b)", or "". */
const char *loss_of_volume (struct cli *c, struct plugin *p,
                            const struct hv_volume *vol);

/* Returns ", with disk root and its 2 snapshots (a, b), its saved state", or
 * "".  'disks': those that are removed, too, struct doomed *. */
const char *loss_of_vm (struct cli *c, const char *vm, const struct vec *disks);

#endif /* CLI_LOSS_H */
