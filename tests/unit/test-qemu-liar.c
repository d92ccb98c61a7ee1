/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Plugging into, and running, a QEMU that was taken over and answers nonsense.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "tests/kit/fake-host.h"

struct liar {
    int fd;
    const char *result;
    pthread_t thread;
};

/* Answers every command with the same. */
static void *
lie (void *arg)
{
    struct liar *l = arg;
    FILE *stream = fdopen (l->fd, "r");
    char *line = NULL;
    size_t size = 0;

    dprintf (l->fd, "{\"QMP\":{}}\r\n");
    while (getline (&line, &size, stream) > 0) {
        const char *id = strstr (line, "\"id\":");

        if (dprintf (l->fd, "{\"return\":%s,%.*s}\r\n", l->result,
                     id ? (int)strcspn (id, "}") : 0, id ? id : "")
            < 0) {
            break;
        }
    }
    free (line);
    fclose (stream);
    return NULL;
}

/* Runs the operations one by one; false: there are no more. */
static bool
run (struct hv_ctx *ctx, size_t i, int fd, struct hv_list *list, int *rc)
{
    const struct hv_hypervisor *q = hv_plugin.hypervisor;
    const struct hv_vm vm = { .name = "vm1",
                              .rundir = "/none",
                              .arch = "x86_64",
                              .machine = "pc-q35-7.2" };
    const struct hv_layer layer = { "/dev/null", "raw" };
    const struct hv_layer *const layers[] = { &layer, NULL };
    const struct hv_disk disk = { .name = "data", .layers = layers };
    const struct hv_nic nic = { .name = "lan", .queues = 1 };
    const struct hv_files files[] = { { fd, fd } };

    *rc = i == 0   ? q->attach_disk (ctx, &vm, &disk, files)
          : i == 1 ? q->detach_disk (ctx, &vm, "data")
          : i == 2 ? q->attach_nic (ctx, &vm, &nic, &fd)
          : i == 3 ? q->detach_nic (ctx, &vm, "lan")
          : i == 4 ? q->overlay_disk (ctx, &vm, &disk, files)
          : i == 5 ? q->resize_disk (ctx, &vm, "data", 1 << 20)
          : i == 6 ? q->go (ctx, &vm)
                   : q->counters (ctx, &vm, list);
    return i < 7;
}

/* Runs one of them; returns as run() does. */
static bool
try (const char *result, size_t i)
{
    struct fake *f = fake_new (&hv_plugin);
    struct hv_list *list = fake_list (f);
    struct liar l = { .result = result };
    CLEANUP_CLOSE int null = open ("/dev/null", O_RDWR | O_CLOEXEC);
    int fds[2], rc;
    bool more;

    assert_int_equal (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds),
                      0);
    f->socket = fds[0];
    l.fd = fds[1];
    assert_int_equal (pthread_create (&l.thread, NULL, lie, &l), 0);
    fake_limit (f, 1000);
    more = run (&f->ctx, i, null, list, &rc);
    if (rc < 0 && !f->message) {
        fail_msg ("%s, operation %zu: %d and no reason", result, i, rc);
    }
    for (size_t k = 0; k < list->n; k++) {
        assert_null (strchr (list->entries[k].name, '\n'));
    }
    pthread_join (l.thread, NULL);
    fake_free (f);
    return more;
}

/* It costs no more than time, of which there is an end. */
static void
test_nonsense (void **state)
{
    static const char *const results[] = {
        "{}",
        "[]",
        "7",
        "null",
        "\"\"",
        "[null,7,[],{}]",
        "true",
        "{\"fdset-id\":\"x\"}",
        "{\"status\":\"prelaunch\"}",
        "{\"fdset-id\":-9223372036854775808}",
        "[{\"node-name\":\"disk-data-99999999999999999999\"},"
        "{\"node-name\":\"disk-data-1f\",\"file\":\"/dev/fdset/x\"},"
        "{\"qdev\":\"disk-data\",\"inserted\":{\"node-name\":7}},"
        "{\"qdev\":\"/machine/disk-a\\nb/\",\"stats\":{\"rd_bytes\":-1}}]",
    };

    for (size_t i = 0; i < ARRAY_SIZE (results); i++) {
        for (size_t k = 0; try (results[i], k); k++) {
        }
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test (test_nonsense) };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
