/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The devices of a domain of libvirt. */
#ifndef IMPORT_LIBVIRT_H
#define IMPORT_LIBVIRT_H

#include "import/draft.h"

/* Adds the disks and NICs, and whether there is a random number generator. */
void libvirt_devices (struct import *im, struct draft *d, struct tree *domain,
                      struct tree *devices);

#endif /* IMPORT_LIBVIRT_H */
