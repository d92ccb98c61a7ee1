/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The HTTP client of the cloud-hypervisor plugin against peers that a guest
 * has taken over, or that are something else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "plugins/cloud-hypervisor/api.h"
#include "tests/kit/fake-host.h"
#include "tests/kit/timing.h"

enum manner { ALL_AT_ONCE, BYTE_BY_BYTE, FOR_EVER, THEN_HANG };

struct peer {
    struct fake *f;
    pid_t pid;
    struct api *api;
};

static void
speak (int fd, const char *text, size_t len, enum manner manner)
{
    char ignored[4096];

    (void)!read (fd, ignored, sizeof ignored);
    if (manner == BYTE_BY_BYTE) {
        for (size_t i = 0; i < len; i++) {
            (void)!write (fd, text + i, 1);
        }
        return;
    }
    do {
        if (write (fd, text, len) < 0) {
            break;
        }
    } while (manner == FOR_EVER && len);
    if (manner == THEN_HANG) {
        pause ();
    }
}

/* Connects to a peer that answers the first bytes with that. */
static void
meet_bytes (struct peer *p, const char *text, size_t len, enum manner manner)
{
    int fds[2];

    p->f = fake_new (NULL);
    assert_int_equal (socketpair (AF_UNIX, SOCK_STREAM, 0, fds), 0);
    p->pid = fork ();
    if (p->pid == 0) {
        signal (SIGPIPE, SIG_DFL);
        close (fds[0]);
        speak (fds[1], text, len, manner);
        _exit (0);
    }
    close (fds[1]);
    p->f->socket = fds[0];
    assert_int_equal (api_open (&p->f->ctx, "/run", &p->api), 0);
    assert_string_equal (p->f->connected, "api");
}

static void
meet (struct peer *p, const char *text, enum manner manner)
{
    meet_bytes (p, text, strlen (text), manner);
}

static void
part (struct peer *p)
{
    api_close (p->api);
    kill (p->pid, SIGKILL);
    waitpid (p->pid, NULL, 0);
    fake_free (p->f);
}

static void
assert_message (struct peer *p, const char *text)
{
    assert_non_null (p->f->message);
    if (!strstr (p->f->message, text)) {
        fail_msg ("not in '%s': '%s'", p->f->message, text);
    }
}

static void
test_answers (void **state)
{
    static const char *const answers[] = {
        "HTTP/1.1 200 \r\nContent-Length: 8\r\n\r\n{\"a\": 1}",
        "HTTP/1.1 200 OK\r\ncontent-length:8\r\n\r\n{\"a\":1} ",
        ("HTTP/1.1 100 \r\n\r\nHTTP/1.1 200 \r\nX: y\r\nContent-Length: 7\r\n"
         "\r\n{\"a\":1}"),
    };

    for (size_t i = 0; i < ARRAY_SIZE (answers); i++) {
        for (int manner = ALL_AT_ONCE; manner <= BYTE_BY_BYTE; manner++) {
            struct json_object *o = NULL;
            struct peer p;

            meet (&p, answers[i], manner);
            assert_int_equal (api_get (&p.f->ctx, p.api, "x", &o), 0);
            assert_int_equal (
                json_object_get_int (json_member (o, "a", json_type_int)), 1);
            json_object_put (o);
            part (&p);
        }
    }
}

static void
test_empty_answers (void **state)
{
    static const char *const answers[] = {
        "HTTP/1.1 204 \r\n\r\n",
        "HTTP/1.1 204 \r\nContent-Length: 999\r\n\r\n",
        "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n",
    };

    for (size_t i = 0; i < ARRAY_SIZE (answers); i++) {
        struct json_object *o = NULL;
        struct peer p;

        meet (&p, answers[i], ALL_AT_ONCE);
        assert_int_equal (api_get (&p.f->ctx, p.api, "x", &o), 0);
        assert_null (o);
        part (&p);
    }
}

/* All of the causes, in one sentence, and none twice. */
static void
test_chain (void **state)
{
    static const char body[] =
        "[\"Error from API\",\"The VM could not boot\",\"Cannot open\\nit\","
        "\"I/O error: no such file\\n\\nStack backtrace:\\n   0: <unknown>\","
        "\"no such file\"]";
    char answer[512];
    struct peer p;

    snprintf (answer, sizeof answer,
              "HTTP/1.1 500 \r\nContent-Length: %zu\r\n\r\n%s", strlen (body),
              body);
    meet (&p, answer, ALL_AT_ONCE);
    assert_int_equal (api_put (&p.f->ctx, p.api, "vm.boot", NULL), -EIO);
    assert_message (&p, "cloud-hypervisor rejected 'vm.boot' (500): Error from "
                        "API: The VM could not boot: Cannot open it: I/O "
                        "error: no such file");
    assert_null (strstr (p.f->message, "file: no such file"));
    assert_null (strstr (p.f->message, "backtrace"));
    part (&p);
}

static void
test_errors (void **state)
{
    static const struct {
        const char *answer;
        int error;
        const char *message;
    } all[] = {
        { "HTTP/1.1 404 \r\nContent-Length: 13\r\n\r\n[\"Not Found\"]", ENOENT,
          "Not Found" },
        { "HTTP/1.1 429 \r\nContent-Length: 0\r\n\r\n", EAGAIN,
          "no reason given" },
        { "HTTP/1.1 500 \r\nContent-Length: 2\r\n\r\n[]", EIO, "[]" },
        { "HTTP/1.1 400 \r\nContent-Length: 22\r\n\r\n{ \"error\": "
          "\"too\nbig\" "
          "}",
          EINVAL, "too big" },
        { "HTTP/1.1 503\r\nContent-Length: 4\r\n\r\nfull", EBUSY, "full" },
        { "HTTP/1.1 500 \r\nContent-Length: 5\r\n\r\n\033[2J!", EIO, " [2J!" },
        { "HTTP/1.1 500 \r\nContent-Length: 4\r\n\r\n[1,2", EIO, "[1,2" },
        { "HTTP/1.1 302 \r\nLocation: /\r\n\r\n", EIO, "302" },
    };

    for (size_t i = 0; i < ARRAY_SIZE (all); i++) {
        struct peer p;

        meet (&p, all[i].answer, ALL_AT_ONCE);
        assert_int_equal (api_put (&p.f->ctx, p.api, "x", NULL), -all[i].error);
        assert_message (&p, all[i].message);
        part (&p);
    }
}

static void
test_garbage (void **state)
{
    static const char *const answers[] = {
        "220 mail.example.org ESMTP\r\n\r\n",
        "HTTP/2 200 \r\n\r\n",
        "HTTP/1.1 2x0 \r\n\r\n",
        "HTTP/1.1 200 \r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 \r\nContent-Length: 99999999999999999999999\r\n\r\n",
        "HTTP/1.1 200 \r\nContent-Length: 8388609\r\n\r\n",
        "HTTP/1.1 200 \r\nContent-Length: 2 3\r\n\r\n{}",
        "HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n",
        "HTTP/1.1 200 \r\nContent-Length: 3\r\n\r\n{]}",
        "HTTP/1.1 200 \r\nContent-Length: 4\r\n\r\n{\"a\"",
    };

    for (size_t i = 0; i < ARRAY_SIZE (answers); i++) {
        struct json_object *o = NULL;
        struct peer p;

        meet (&p, answers[i], ALL_AT_ONCE);
        assert_int_equal (api_get (&p.f->ctx, p.api, "x", &o), -EPROTO);
        assert_null (o);
        part (&p);
    }
}

static void
test_nul (void **state)
{
    static const char answer[] = "HTTP/1.1 200 \0\r\n\r\n";
    struct peer p;

    meet_bytes (&p, answer, sizeof answer - 1, ALL_AT_ONCE);
    assert_int_equal (api_put (&p.f->ctx, p.api, "x", NULL), -EPROTO);
    part (&p);
}

/* Cut off after each of its bytes. */
static void
test_truncated (void **state)
{
    static const char answer[] =
        "HTTP/1.1 200 \r\nContent-Length: 8\r\n\r\n{\"a\": 1}";

    for (size_t n = 0; n < sizeof answer - 1; n++) {
        struct json_object *o = NULL;
        struct peer p;

        meet_bytes (&p, answer, n, ALL_AT_ONCE);
        assert_int_equal (api_get (&p.f->ctx, p.api, "x", &o), -ECONNRESET);
        assert_null (o);
        part (&p);
    }
}

/* Without an end: of the headers, of the answers to come, of the body. */
static void
test_endless (void **state)
{
    static const char *const answers[] = {
        "HTTP/1.1 200 ",
        "X-Header: value\r\n",
        "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz",
    };

    for (size_t i = 0; i < ARRAY_SIZE (answers); i++) {
        struct peer p;

        meet (&p, answers[i], FOR_EVER);
        assert_int_equal (api_put (&p.f->ctx, p.api, "x", NULL), -EPROTO);
        part (&p);
    }
}

static void
test_endless_continue (void **state)
{
    int64_t from = now ();
    struct peer p;

    meet (&p, "HTTP/1.1 100 \r\n\r\n", FOR_EVER);
    fake_limit (p.f, 300);
    assert_int_equal (api_put (&p.f->ctx, p.api, "x", NULL), -EPROTO);
    assert_true (now () - from < 5000);
    part (&p);
}

/* Silence, a part of an answer, a peer that reads nothing. */
static void
test_hang (void **state)
{
    static const char *const answers[] = {
        "",
        "HTTP/1.1 200 \r\n",
        "HTTP/1.1 200 \r\nContent-Length: 9\r\n\r\n{",
    };

    for (size_t i = 0; i < ARRAY_SIZE (answers); i++) {
        int64_t from = now ();
        struct peer p;

        meet (&p, answers[i], THEN_HANG);
        fake_limit (p.f, 100);
        assert_int_equal (api_put (&p.f->ctx, p.api, "x", NULL), -ETIMEDOUT);
        assert_message (&p, "does not answer");
        assert_true (now () - from < 3000);
        part (&p);
    }
}

static void
test_deaf_peer (void **state)
{
    struct json_object *body = json_object_new_object ();
    char *long_text = calloc (1, 4 << 20);
    struct peer p;

    memset (long_text, 'x', (4 << 20) - 1);
    json_object_object_add (body, "x", json_object_new_string (long_text));
    meet (&p, "", THEN_HANG);
    fake_limit (p.f, 100);
    assert_int_equal (api_put (&p.f->ctx, p.api, "x", body), -ETIMEDOUT);
    part (&p);
    json_object_put (body);
    free (long_text);
}

static void
test_too_many_descriptors (void **state)
{
    static const int fds[300];
    const struct api_request request = {
        .method = "PUT", .action = "x", .fds = fds, .n_fds = 300
    };
    struct peer p;

    meet (&p, "", THEN_HANG);
    assert_int_equal (api_call (&p.f->ctx, p.api, &request, NULL), -E2BIG);
    part (&p);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_answers),
        cmocka_unit_test (test_empty_answers),
        cmocka_unit_test (test_chain),
        cmocka_unit_test (test_errors),
        cmocka_unit_test (test_garbage),
        cmocka_unit_test (test_nul),
        cmocka_unit_test (test_truncated),
        cmocka_unit_test (test_endless),
        cmocka_unit_test (test_endless_continue),
        cmocka_unit_test (test_hang),
        cmocka_unit_test (test_deaf_peer),
        cmocka_unit_test (test_too_many_descriptors),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
