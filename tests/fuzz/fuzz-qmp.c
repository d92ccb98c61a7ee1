/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Fuzzes QEMU's side of its control protocol: a guest may have taken it
 * over. */
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <sys/socket.h>

#include "plugins/qemu/qmp.h"
#include "tests/fake-host.h"

/* What reaches a person's terminal. */
static void
check_message (const struct fake *f)
{
    MUST (f->message && f->message[0] && strlen (f->message) < 2000);
    for (const char *c = f->message; *c; c++) {
        MUST ((unsigned char)*c >= ' ' && *c != 0x7f);
    }
}

static void
talk (struct fake *f, int fd)
{
    static const char *const commands[] = { "query-status", "cont",
                                            "system_powerdown" };
    struct qmp *q = NULL;
    struct json_object *result = NULL;
    int rc = qmp_open (&f->ctx, fd, &q);

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
        check_message (f);
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

    if (len > 100000
        || socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
                       fds)
               < 0) {
        return 0;
    }
    f = fake_new (NULL);
    fake_limit (f, 5000);
    MUST (write (fds[1], data, len) == (ssize_t)len);
    shutdown (fds[1], SHUT_WR);
    talk (f, fds[0]);
    close (fds[1]);
    find (data, len);
    fake_free (f);
    return 0;
}
