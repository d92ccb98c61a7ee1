/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The identifiers of a definition: read from it, or derived. */
#ifndef CORE_DEFINITION_IDENTITY_H
#define CORE_DEFINITION_IDENTITY_H

#include "core/base/context.h"
#include "core/config/definition.h"
#include "core/config/problem.h"

/* Store the UUID and how others are derived from it; the MAC address of a NIC;
 * the serial number and the WWN of a disk.  In this order. */
void definition_identity_root (struct hvctl *h, struct definition *def,
                               struct problems *p);
void definition_identity_nic (struct hvctl *h, const struct definition *def,
                              struct nic_def *n, struct problems *p);
void definition_identity_disk (struct hvctl *h, const struct definition *def,
                               struct disk_def *d, struct problems *p);

#endif /* CORE_DEFINITION_IDENTITY_H */
