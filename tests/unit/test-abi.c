/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Is everything where plugins that are out there expect it?  For each member
 * of the frozen header: the same offset and size in today's.  Structures may
 * only have grown, enumerators keep their value. */

#include <stdio.h>
#include <string.h>

#include "tests/abi/offset.h"

static int
differs (const struct offset *then, const struct offset *now)
{
    bool same =
        then->offset == now->offset
        && (then->grows ? now->size >= then->size : now->size == then->size);

    if (!same) {
        printf ("%s: was at %zu with size %zu, is at %zu with size %zu\n",
                then->name, then->offset, then->size, now->offset, now->size);
    }
    return !same;
}

int
main (void)
{
    int bad = 0, n = 0;

    for (; abi_1_frozen[n].name; n++) {
        bad += differs (&abi_1_frozen[n], &abi_1_current[n]);
    }
    printf ("ABI 1: %d of %d differ\n", bad, n);
    return bad > 0 || n == 0;
}
