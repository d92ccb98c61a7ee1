/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What the tests of storage-zfs share: a host that, as the real one does,
 * hands out the words of a program that has failed. */
#ifndef TESTS_TEST_STORAGE_ZFS_H
#define TESTS_TEST_STORAGE_ZFS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "tests/kit/fake-host.h"

#define MIB (UINT64_C (1) << 20)

typedef int program_fn (struct hv_ctx *, const struct hv_program *,
                        const char **);

static program_fn *plain_ask, *plain_run;

/* Also, an answer that is a failure serves once, like any other. */
static inline int
pass_words (struct hv_ctx *ctx, int r, const char **out)
{
    struct fake *f = (struct fake *)ctx;

    if (r < 0 && out && !*out) {
        *out = f->message;
    }
    for (size_t i = 0; r < 0 && i < f->n_answers; i++) {
        struct fake_answer *a = &f->answers[i];

        if (a->error && !a->used && !strcmp (a->text, f->message)) {
            a->used = true;
            break;
        }
    }
    return r;
}

static inline int
ask_with_words (struct hv_ctx *ctx, const struct hv_program *p,
                const char **out)
{
    return pass_words (ctx, plain_ask (ctx, p, out), out);
}

static inline int
run_with_words (struct hv_ctx *ctx, const struct hv_program *p,
                const char **out)
{
    return pass_words (ctx, plain_run (ctx, p, out), out);
}

/* A host with this plugin in it. */
static inline struct fake *
new_host (void)
{
    struct fake *f = fake_new (NULL);

    plain_ask = f->host.ask;
    plain_run = f->host.run;
    f->host.ask = ask_with_words;
    f->host.run = run_with_words;
    fake_limit (f, 60000);
    assert_int_equal (fake_open (f, &hv_plugin), 0);
    return f;
}

static inline void
check_failed (const struct fake *f, int r, int error, const char *text)
{
    if (r != -error || !f->message || !strstr (f->message, text)) {
        fail_msg ("got %d '%s', not %d '%s'", r, f->message ? f->message : "",
                  -error, text);
    }
}

static inline void
check_done (const struct fake *f, int r)
{
    if (r) {
        fail_msg ("%d: %s", r, f->message ? f->message : "no message");
    }
}

#endif /* TESTS_TEST_STORAGE_ZFS_H */
