/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What the tables of tests/abi/N/offsets.h are made of. */
#ifndef TESTS_ABI_OFFSET_H
#define TESTS_ABI_OFFSET_H

#include <stdbool.h>
#include <stddef.h>

struct offset {
    const char *name; /* "hv_vm.cpus"; null ends the table. */
    size_t offset;    /* Of an enumerator: its value. */
    size_t size;
    bool grows; /* A structure as a whole. */
};

extern const struct offset abi_1_frozen[], abi_1_current[];

#endif /* TESTS_ABI_OFFSET_H */
