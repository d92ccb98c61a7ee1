/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Fuzzes the reader of qcow2 headers.  With libFuzzer:
 *
 *   clang -I. -Iinclude -D_GNU_SOURCE -DHVCTL_LIBFUZZER -g \
 *       -fsanitize=fuzzer,address,undefined \
 *       common/qcow2.c tests/fuzz/fuzz-qcow2.c -o fuzz-qcow2
 *   ./fuzz-qcow2 -max_len=131072 tests/fuzz/qcow2
 *
 * Without, as in 'make check', it runs the files that it is given, and every
 * one-byte change of their first bytes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/qcow2.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t len);

/* What holds for whatever is accepted, and plugins rely on. */
static void
check (const struct qcow2_header *h)
{
    if (h->version < 2 || h->version > 3 || h->cluster_bits < 9
        || h->cluster_bits > 21 || h->size > INT64_MAX
        || !memchr (h->backing, 0, sizeof h->backing)
        || !memchr (h->backing_format, 0, sizeof h->backing_format)) {
        abort ();
    }
    for (const char *c = h->backing; *c; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7f) {
            abort ();
        }
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t len)
{
    struct qcow2_header header;
    char reason[QCOW2_REASON];

    if (qcow2_parse (data, len, &header, reason)) {
        check (&header);
    } else if (!reason[0] || !memchr (reason, 0, sizeof reason)) {
        abort (); /* Refused without a reason. */
    }
    bytes_look_like (data, len);
    return 0;
}

#ifndef HVCTL_LIBFUZZER

enum { CHANGED = 256, SIZE_MAX_READ = 1 << 17 };

/* In memory of exactly that size, so that reading a byte too many shows. */
static void
run_tight (const uint8_t *data, size_t len)
{
    uint8_t *tight = malloc (len ? len : 1);

    if (!tight) {
        abort ();
    }
    memcpy (tight, data, len);
    LLVMFuzzerTestOneInput (tight, len);
    free (tight);
}

static int
run_file (const char *path)
{
    static const uint8_t values[] = { 0, 1, 8, 0x7f, 0x80, 0xff };
    static uint8_t data[SIZE_MAX_READ];
    FILE *file = fopen (path, "rb");
    size_t len;

    if (!file) {
        perror (path);
        return 1;
    }
    len = fread (data, 1, sizeof data, file);
    fclose (file);
    run_tight (data, len);
    for (size_t i = 0; i < len && i < CHANGED; i++) {
        uint8_t was = data[i];

        for (size_t k = 0; k < sizeof values; k++) {
            data[i] = values[k];
            run_tight (data, len);
        }
        data[i] = was;
        run_tight (data, i);
    }
    return 0;
}

int
main (int argc, char **argv)
{
    int failed = argc < 2;

    for (int i = 1; i < argc; i++) {
        failed |= run_file (argv[i]);
    }
    return failed;
}

#endif
