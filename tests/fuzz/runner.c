/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What stands in for libFuzzer in 'make check': runs the files that it is
 * given, every one-byte change of their first bytes, and every beginning. */
#include "tests/fuzz/fuzz.h"

enum { LONGEST = 1 << 17 };

/* How many bytes are changed, and to what: in text, or in a binary header. */
#ifdef FUZZ_BINARY
enum { CHANGED = 256 };
static const uint8_t values[] = { 0, 1, 8, 0x7f, 0x80, 0xff };
#else
enum { CHANGED = 160 };
static const uint8_t values[] = { 0, '"', '{', '}', ',', 0x80 };
#endif

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
    static uint8_t data[LONGEST];
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
