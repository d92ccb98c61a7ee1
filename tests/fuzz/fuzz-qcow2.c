/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Fuzzes the reader of qcow2 headers. */
#include "tests/fuzz/fuzz.h"

#include "common/qcow2.h"

/* What holds for whatever is accepted, and plugins rely on. */
static void
check (const struct qcow2_header *h)
{
    MUST (h->version >= 2 && h->version <= 3);
    MUST (h->cluster_bits >= 9 && h->cluster_bits <= 21);
    MUST (h->size <= INT64_MAX);
    MUST (memchr (h->backing, 0, sizeof h->backing));
    MUST (memchr (h->backing_format, 0, sizeof h->backing_format));
    fuzz_check_text (h->backing, sizeof h->backing);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t len)
{
    struct qcow2_header header;
    char reason[QCOW2_REASON];

    if (qcow2_parse (data, len, &header, reason)) {
        check (&header);
    } else {
        MUST (reason[0] && memchr (reason, 0, sizeof reason));
    }
    bytes_look_like (data, len);
    return 0;
}
