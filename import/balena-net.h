/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* NICs of balenaVirt's templates.  QEMU has a back end, a network, and a front
 * end, what the guest sees: as two -net, as -netdev and -device, or as one
 * -nic. */
#ifndef IMPORT_BALENA_NET_H
#define IMPORT_BALENA_NET_H

#include "import/balena.h"

/* Adds the NICs of an option net, netdev or nic, and remembers front ends, and
 * those of an option device. */
void balena_net_add (struct import *im, struct draft *d, struct tree *option,
                     struct balena *state);
void balena_net_device (struct import *im, struct tree *option,
                        struct balena *state);

/* Brings both ends together, when all options are known. */
void balena_net_join (struct import *im, struct draft *d, struct balena *state);

#endif /* IMPORT_BALENA_NET_H */
