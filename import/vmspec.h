/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* One --vm of 5gdeploy: 'NAME | HOST(CPUSET) | GUESTIF@HOSTIF,…', checked more
 * strictly than 5gdeploy does. */
#ifndef IMPORT_VMSPEC_H
#define IMPORT_VMSPEC_H

#include "import/draft.h"

#define VMSPEC_CPUS 1024

struct vm_netif {
    const char *guest, *host; /* "vmctrl"; an interface, a MAC or "VF" */
    const char *pci;          /* "0000:1a:00.1", or null. */
};

struct vm_spec {
    struct tree *from;
    const char *name, *host, *cpuset;
    unsigned n_cpus;
    bool cpus[VMSPEC_CPUS];
    struct vec netifs; /* struct vm_netif * */
};

/* Returns the parsed text, or null and a problem that quotes its place. */
struct vm_spec *vmspec_read (struct import *im, struct tree *from,
                             const char *text);

/* Adds a problem for each CPU or PCI device of a host that two VMs have. */
void vmspec_clash (struct import *im, const struct vec *specs);

#endif /* IMPORT_VMSPEC_H */
