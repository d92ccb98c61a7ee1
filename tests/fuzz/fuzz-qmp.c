/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Fuzzes QEMU's side of its control protocol: a guest may have taken it
 * over. */
#include "tests/fuzz/fuzz.h"

#include <errno.h>

#include "plugins/qemu/qmp.h"
#include "tests/kit/fake-host.h"

static void
talk (struct fake *f, int fd)
{
    static const char *const commands[] = { "query-status", "cont",
                                            "system_powerdown" };
    struct qmp *q = NULL;
    struct json_object *result = NULL;
    int rc = qmp_open (&f->ctx, fd, false, &q);

    for (size_t i = 0; rc == 0 && i < 3; i++) {
        rc = qmp_command (&f->ctx, q, commands[i], &result);
        if (rc == 0) {
            json_member_text (result, "status");
            json_member (result, "running", json_type_boolean);
        }
        json_object_put (result);
        result = NULL;
    }
    if (rc < 0) {
        MUST (rc == -ECONNRESET || rc == -EPROTO || rc == -EIO
              || rc == -ETIMEDOUT);
        MUST (f->message && f->message[0]);
        fuzz_check_text (f->message, 2000);
    }
    qmp_close (q);
}

/* What a session of a probe printed. */
static void
find (const uint8_t *data, size_t len)
{
    char *text = malloc (len + 1);

    memcpy (text, data, len);
    text[len] = '\0';
    json_object_put (qmp_find_reply (text, "1"));
    json_object_put (qmp_find_reply (text, "status"));
    free (text);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t len)
{
    struct fake *f;
    int fds[2];

    if (!fuzz_connect (data, len, fds)) {
        return 0;
    }
    f = fake_new (NULL);
    fake_limit (f, 5000);
    talk (f, fds[0]);
    close (fds[1]);
    find (data, len);
    fake_free (f);
    return 0;
}
