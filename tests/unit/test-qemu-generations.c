/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* QEMUs from 6.2 to one that is yet to come, each of which a thread plays by
 * its schema and its properties: what is asked of them, and in which way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <json-c/json.h>

#include "common/cleanup.h"
#include "common/pass.h"
#include "tests/unit/test-qemu.h"

/* -------------------------------------------------------- Generations */

/* A schema in the shape of theirs: names of types mean nothing, and change
 * from one to the next. */
#define DEVICE_ADD(features)                                                   \
    "{\"name\":\"device_add\",\"meta-type\":\"command\",\"arg-type\":\"1\","   \
    "\"features\":[" features "]},{\"name\":\"1\",\"meta-type\":\"object\","   \
    "\"members\":[{\"name\":\"driver\",\"type\":\"str\"}]}"
#define NETDEV(cases)                                                          \
    "{\"name\":\"netdev_add\",\"meta-type\":\"command\",\"arg-type\":\"20\"}," \
    "{\"name\":\"20\",\"meta-type\":\"object\",\"tag\":\"type\",\"members\":"  \
    "[{\"name\":\"type\",\"type\":\"21\"}],\"variants\":[" cases "]},"         \
    "{\"name\":\"21\",\"meta-type\":\"enum\",\"values\":[\"tap\"]},"           \
    "{\"name\":\"22\",\"meta-type\":\"object\",\"members\":[]}"
#define CASE(name) "{\"case\":\"" name "\",\"type\":\"22\"}"
#define MIGRATE(members)                                                       \
    "{\"name\":\"migrate\",\"meta-type\":\"command\",\"arg-type\":\"30\"},"    \
    "{\"name\":\"30\",\"meta-type\":\"object\",\"members\":[" members "]}"
#define OBJECT_ADD                                                             \
    "{\"name\":\"object-add\",\"meta-type\":\"command\",\"arg-type\":\"40\"}," \
    "{\"name\":\"40\",\"meta-type\":\"object\",\"members\":[],"                \
    "\"variants\":[" CASE ("monitor-qmp") "]}"
#define URI "{\"name\":\"uri\",\"type\":\"str\"}"
#define CHANNELS                                                               \
    ",{\"name\":\"channels\",\"type\":\"[31]\"}]},{\"name\":\"[31]\","         \
    "\"meta-type\":\"array\",\"element-type\":\"31\"},{\"name\":\"31\","       \
    "\"meta-type\":\"object\",\"members\":[{\"name\":\"addr\",\"type\":"       \
    "\"32\"}]},{\"name\":\"32\",\"meta-type\":\"object\",\"members\":["        \
    "{\"name\":\"transport\",\"type\":\"21\"}],\"variants\":[" CASE (          \
        "socket") "," CASE ("file")

#define OFFLOADS                                                               \
    "{\"name\":\"csum\",\"type\":\"bool\"},{\"name\":\"host_mtu\",\"type\":"   \
    "\"uint16\"},{\"name\":\"guest_announce\",\"type\":\"bool\"},"             \
    "{\"name\":\"gso\",\"type\":\"bool\"},{\"name\":\"ctrl_guest_offloads\","  \
    "\"type\":\"bool\"},{\"name\":\"host_tso4\",\"type\":\"bool\"}"

static const struct generation {
    const char *name, *schema, *properties;
    const char *can, *offloads; /* What is to be made of it. */
    bool file;                  /* It migrates to files. */
    bool unplugs;               /* What was there from the start. */
} generations[] = {
    { "6.2",
      DEVICE_ADD ("\"json-cli\"") "," NETDEV (
          CASE ("tap") "," CASE ("user") "," CASE ("socket") "," CASE (
              "vhost-user")) "," MIGRATE (URI),
      OFFLOADS, "json netdev-socket netdev-user netdev-vhost-user",
      "csum gso host_tso4", false, false },
    { "7.2",
      DEVICE_ADD ("\"json-cli\",\"json-cli-hotplug\"") "," NETDEV (
          CASE ("stream") "," CASE ("dgram") "," CASE ("user") "," CASE (
              "socket") "," CASE ("vhost-user")) "," MIGRATE (URI),
      OFFLOADS,
      "json json-unplug netdev-stream netdev-socket netdev-user "
      "netdev-vhost-user",
      "csum gso host_tso4", false, true },
    { "8.2",
      DEVICE_ADD ("\"json-cli\",\"json-cli-hotplug\"") "," NETDEV (
          CASE ("stream") "," CASE ("user") "," CASE (
              "socket")) "," MIGRATE (URI CHANNELS),
      OFFLOADS ",{\"name\":\"host_uso\",\"type\":\"bool\"}",
      "json json-unplug migrate-file netdev-stream netdev-socket "
      "netdev-user",
      "csum gso host_tso4 host_uso", true, true },
    { "11",
      MIGRATE (URI CHANNELS) "," NETDEV (
          CASE ("socket") "," CASE ("user") "," CASE (
              "stream")) "," DEVICE_ADD ("\"json-cli\",\"json-cli-"
                                         "hotplug\"") "," OBJECT_ADD,
      OFFLOADS ",{\"name\":\"guest_uso4\",\"type\":\"bool\"},"
               "{\"name\":\"host_tunnel\",\"type\":\"bool\"}",
      "json json-unplug migrate-file monitor-object netdev-stream "
      "netdev-socket "
      "netdev-user",
      "csum gso host_tso4 guest_uso4 host_tunnel", true, true },
    /* Things that nobody has thought of yet. */
    { "of the future",
      "{\"name\":\"quantum\",\"meta-type\":\"entangled\",\"arg-type\":7},"
      "7,[],"
      "null,{\"meta-type\":\"object\"}," DEVICE_ADD (
          "\"new\",\"json-"
          "cli\",\"json-cli-"
          "hotplug\"") "," NETDEV (CASE ("stream") "," CASE ("teleport")) "," MIGRATE (URI CHANNELS),
      OFFLOADS ",{\"name\":\"host_uso\",\"type\":\"OnOffAuto\"},"
               "{\"name\":\"guest_new\",\"type\":\"bool\"},"
               "{\"name\":\"host_what,x=\",\"type\":\"bool\"},{},7",
      "json json-unplug migrate-file netdev-stream",
      "csum gso host_tso4 host_uso=auto guest_new", true, true },
};

/* ------------------------------------------------------------ A QEMU */

/* How it answers, and what it was asked. */
struct qemu {
    const struct generation *g;
    int fd;
    pthread_t thread;
    char asked[65536];
    int refusals; /* device_del is refused so often. */
    bool empty;   /* There is no device. */
    int modes[4]; /* Access modes of the descriptors that came. */
    size_t n_modes;
};

static bool
asks (const char *line, const char *command)
{
    char word[64];

    snprintf (word, sizeof word, "\"execute\":\"%s\"", command);
    return strstr (line, word) != NULL;
}

static void
answer (struct qemu *q, const char *line)
{
    const char *id = NULL, *result = "{}";
    char *text = NULL;
    bool ok = true;

    /* The last one is the request's. */
    for (const char *p = line; (p = strstr (p, "\"id\":")); p++) {
        id = p;
    }

    if (asks (line, "query-qmp-schema")) {
        assert_true (asprintf (&text, "[%s]", q->g->schema) > 0);
    } else if (asks (line, "device-list-properties")) {
        assert_true (asprintf (&text, "[%s]", q->g->properties) > 0);
    } else if (asks (line, "add-fd")) {
        result = "{\"fdset-id\":3,\"fd\":9}";
    } else if (asks (line, "query-migrate")) {
        result = "{\"status\":\"completed\"}";
    } else if (asks (line, "query-memory-size-summary")) {
        result = "{\"base-memory\":67108864}";
    } else if (asks (line, "query-cpus-fast")) {
        result = "[{}]";
    } else if (asks (line, "qom-list") && strstr (line, "peripheral\"")
               && !q->empty) {
        result = "[{\"name\":\"hotplug-0\",\"type\":\"child<x>\"},{\"name\":"
                 "\"nic-lan\",\"type\":\"child<x>\"}]";
    } else if (asks (line, "qom-get") && strstr (line, "\"parent_bus\"")) {
        result = "\"/machine/i440fx/pci.0\"";
    } else if (asks (line, "qom-get") && strstr (line, "\"netdev\"")) {
        result = "\"user-lan\"";
    } else if (asks (line, "qom-get") && strstr (line, "\"addr\"")) {
        result = "32";
    } else if (asks (line, "qom-get")) {
        result = strstr (line, "\"hotplugged\"")
                         || strstr (line, "\"multifunction\"")
                     ? "false"
                     : "true";
    } else if (asks (line, "device_del") && q->refusals-- > 0) {
        ok = false;
        result = "{\"class\":\"GenericError\",\"desc\":\"Nein\"}";
    } else if (asks (line, "device_del")) {
        dprintf (q->fd, "{\"event\":\"DEVICE_DELETED\",\"data\":{\"device\":"
                        "\"nic-lan\"}}\r\n");
    }
    dprintf (q->fd, "{\"%s\":%s,%.*s}\r\n", ok ? "return" : "error",
             text ? text : result, id ? (int)strcspn (id, "}") : 0,
             id ? id : "");
    free (text);
}

/* Takes lines, and the descriptors that come with them. */
static void *
play (void *arg)
{
    char line[8192], control[CMSG_SPACE (sizeof (int))];
    struct qemu *q = arg;
    size_t n = 0;

    dprintf (q->fd, "{\"QMP\":{}}\r\n");
    for (;;) {
        struct iovec io = { line + n, 1 };
        struct msghdr m = { .msg_iov = &io,
                            .msg_iovlen = 1,
                            .msg_control = control,
                            .msg_controllen = sizeof control };
        struct cmsghdr *c;

        if (recvmsg (q->fd, &m, MSG_CMSG_CLOEXEC) <= 0) {
            break;
        }
        c = CMSG_FIRSTHDR (&m);
        if (c && q->n_modes < ARRAY_SIZE (q->modes)) {
            int fd;

            memcpy (&fd, CMSG_DATA (c), sizeof fd);
            q->modes[q->n_modes++] = fcntl (fd, F_GETFL) & O_ACCMODE;
            close (fd);
        }
        if (line[n++] == '\n' || n == sizeof line - 1) {
            line[n] = '\0';
            n = 0;
            strncat (q->asked, line, sizeof q->asked - strlen (q->asked) - 1);
            answer (q, line);
        }
    }
    close (q->fd);
    return NULL;
}

static void
begin (struct qemu *q, struct fake *f, const struct generation *g, int refusals,
       bool empty)
{
    int fds[2];

    *q = (struct qemu){ .g = g, .refusals = refusals, .empty = empty };
    assert_int_equal (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds),
                      0);
    f->socket = fds[0];
    q->fd = fds[1];
    assert_int_equal (pthread_create (&q->thread, NULL, play, q), 0);
    fake_limit (f, 60000);
}

static void
end (struct qemu *q)
{
    pthread_join (q->thread, NULL);
}

/* ------------------------------------------------------------- Tests */

/* What a probe makes of it. */
static void
probe (struct fake *f, const struct generation *g, struct hv_list *facts)
{
    char *text = NULL;

    assert_true (asprintf (&text,
                           "{\"QMP\":{}}\r\n{\"id\":\"query-version\","
                           "\"return\":{\"qemu\":{\"major\":1,\"minor\":2,"
                           "\"micro\":3}}}\r\n{\"id\":\"query-qmp-schema\","
                           "\"return\":[%s]}\r\n{\"id\":"
                           "\"device-list-properties\",\"return\":[%s]}\r\n",
                           g->schema, g->properties)
                 > 0);
    f->n_answers = 0;
    fake_answer (f, "qemu", 0, text);
    assert_int_equal (
        hv_plugin.hypervisor->probe (&f->ctx, "s390x", "/usr/bin/qemu", facts),
        0);
    free (text);
}

static void
test_probe (void **state)
{
    struct fake *f = *state;

    for (size_t i = 0; i < ARRAY_SIZE (generations); i++) {
        struct hv_list *facts = fake_list (f);

        print_message ("QEMU %s\n", generations[i].name);
        probe (f, &generations[i], facts);
        assert_string_equal (fake_list_get (facts, "can"), generations[i].can);
        assert_string_equal (fake_list_get (facts, "net.offloads"),
                             generations[i].offloads);
        assert_string_equal (fake_list_get (facts, "version"), "1.2.3");
        assert_null (fake_list_get (facts, "keep_seconds"));
    }
}

/* All offloads of a path that has none are off, also those that came later;
 * nothing is switched off that this QEMU does not know. */
static void
test_offloads (void **state)
{
    struct fake *f = *state;
    const struct hv_nic nic = { .name = "n", .kind = HV_NIC_TAP, .queues = 1 };
    struct hv_vm vm = plain;
    struct hv_launch *l;

    vm.nics = NICS (&nic);
    fake_fact (f, "net.offloads", "csum host_tunnel host_uso=auto");
    l = describe (f, &vm);
    assert_string_equal (member (f, l, "nic-n", "host_tunnel"), "false");
    assert_string_equal (member (f, l, "nic-n", "csum"), "false");
    assert_string_equal (member (f, l, "nic-n", "host_uso"), "off");
    assert_string_equal (member (f, l, "nic-n", "gso"), "");
}

static const struct hv_vm running = {
    .name = "vm1",
    .rundir = "/none",
    .memory = 64 << 20,
    .cpus = 1,
    .arch = "x86_64",
    .machine = "pc-i440fx-7.2",
    .disks = no_disks,
    .nics = no_nics,
};

/* To a file by its descriptor, in the way that this QEMU has. */
static void
save_with (struct fake *f, const struct generation *g, bool save)
{
    const struct hv_hypervisor *h = hv_plugin.hypervisor;
    CLEANUP_CLOSE int fd = open ("/tmp", O_TMPFILE | O_CLOEXEC | O_RDWR, 0600);
    const char *command = save ? "migrate" : "migrate-incoming";
    char expected[128];
    struct qemu q;
    int rc;

    assert_return_code (fd, errno);
    print_message ("QEMU %s: %s\n", g->name, command);
    begin (&q, f, g, 0, true);
    f->n_facts = 0;
    fake_fact (f, "can", g->can);
    rc = save ? h->save (&f->ctx, &running, &fd)
              : h->restore (&f->ctx, &running, &fd);
    end (&q);
    if (rc < 0) {
        fail_msg ("%s", f->message);
    }
    snprintf (expected, sizeof expected,
              "{\"execute\":\"%s\",\"arguments\":{\"uri\":\"%s\"}", command,
              g->file ? "file:\\/dev\\/fdset\\/3" : "fd:state");
    if (!strstr (q.asked, expected)) {
        fail_msg ("not asked: %s\n%s", expected, q.asked);
    }
    assert_int_equal (asks (q.asked, "getfd"), !g->file);
    assert_int_equal (asks (q.asked, "remove-fd"), g->file);
    assert_int_equal (q.n_modes, 1);
    assert_int_equal (q.modes[0], g->file && save ? O_WRONLY : O_RDWR);
}

static void
test_save (void **state)
{
    for (size_t i = 0; i < ARRAY_SIZE (generations); i++) {
        save_with (*state, &generations[i], true);
        save_with (*state, &generations[i], false);
    }
}

/* Refused twice, in a language that nobody here knows: that is waited out.
 * What was there at the start does not go where a QEMU cannot let it. */
static void
test_unplug (void **state)
{
    struct fake *f = *state;

    for (size_t i = 0; i < ARRAY_SIZE (generations); i++) {
        const struct generation *g = &generations[i];
        struct qemu q;
        int rc;

        print_message ("QEMU %s\n", g->name);
        begin (&q, f, g, i == 1, false);
        rc = hv_plugin.hypervisor->detach_nic (&f->ctx, &running, "lan");
        end (&q);
        if (!g->unplugs) {
            assert_int_equal (rc, -ENOTSUP);
            assert_non_null (strstr (f->message, "present at the start"));
            assert_false (asks (q.asked, "device_del"));
            continue;
        }
        if (rc < 0) {
            fail_msg ("%s", f->message);
        }
        assert_int_equal (q.refusals, -1);
        assert_non_null (strstr (q.asked, "\"id\":\"user-lan\""));
    }
}

/* It is refused for ever: what QEMU says is told, when the time is over. */
static void
test_unplug_never (void **state)
{
    struct fake *f = *state;
    struct qemu q;

    begin (&q, f, &generations[1], 1000, false);
    fake_limit (f, 1500);
    assert_int_equal (
        hv_plugin.hypervisor->detach_nic (&f->ctx, &running, "lan"),
        -ETIMEDOUT);
    end (&q);
    assert_non_null (strstr (f->message, "does not release it"));
    assert_non_null (strstr (f->message, "(QEMU: Nein)"));
}

/* With a user-mode network from the start another can come; a NIC by a socket
 * only where QEMU has that netdev. */
static void
test_attach (void **state)
{
    struct fake *f = *state;

    for (size_t i = 0; i < ARRAY_SIZE (generations); i++) {
        const struct generation *g = &generations[i];
        struct hv_nic nic = { .name = "two", .kind = HV_NIC_USER, .queues = 1 };
        CLEANUP_CLOSE int null = open ("/dev/null", O_RDWR | O_CLOEXEC);
        struct qemu q;
        int rc;

        print_message ("QEMU %s\n", g->name);
        begin (&q, f, g, 0, false);
        rc = hv_plugin.hypervisor->attach_nic (&f->ctx, &running, &nic, &null);
        end (&q);
        if (rc < 0) {
            fail_msg ("%s", f->message);
        }
        assert_non_null (strstr (q.asked, "\"id\":\"user-two\""));
        assert_false (asks (q.asked, "human-monitor-command"));

        nic.kind = HV_NIC_STREAM;
        begin (&q, f, g, 0, false);
        rc = hv_plugin.hypervisor->attach_nic (&f->ctx, &running, &nic, &null);
        end (&q);
        if (strstr (g->can, "netdev-socket")) {
            assert_int_equal (rc, 0);
            assert_non_null (strstr (q.asked, "\"type\":\"socket\""));
        } else {
            assert_int_equal (rc, -ENOTSUP);
            assert_non_null (strstr (f->message, "no netdev 'socket'"));
        }
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_probe),  TEST (test_offloads), TEST (test_save),
        TEST (test_unplug), TEST (test_attach),   TEST (test_unplug_never),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
