/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Plugging with real QEMUs, under TCG and with no guest in them: disks and
 * NICs go in, overlays are put on, and who does not let go is given up on.
 * tests/e2e/hotplug-*.sh have guests that see it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <json-c/json.h>

#include "common/cleanup.h"
#include "plugins/qemu/qmp.h"
#include "tests/unit/test-qemu-launch.h"
#include "tests/kit/unix.h"

/* The arguments of the operation that op() runs; cmocka runs one test at a
 * time. */
static struct {
    struct hv_disk disk;
    struct hv_nic nic;
    struct hv_files files[4];
    int fds[2];
    const char *name;
    uint64_t size;
    struct hv_list *list;
    int64_t limit;
} with;

static int
attach_disk (struct hv_ctx *ctx, const struct hv_vm *vm)
{
    return qemu->attach_disk (ctx, vm, &with.disk, with.files);
}

static int
detach_disk (struct hv_ctx *ctx, const struct hv_vm *vm)
{
    return qemu->detach_disk (ctx, vm, with.name);
}

static int
attach_nic (struct hv_ctx *ctx, const struct hv_vm *vm)
{
    return qemu->attach_nic (ctx, vm, &with.nic, with.fds);
}

static int
detach_nic (struct hv_ctx *ctx, const struct hv_vm *vm)
{
    return qemu->detach_nic (ctx, vm, with.name);
}

static int
overlay_disk (struct hv_ctx *ctx, const struct hv_vm *vm)
{
    return qemu->overlay_disk (ctx, vm, &with.disk, with.files);
}

static int
resize_disk (struct hv_ctx *ctx, const struct hv_vm *vm)
{
    return qemu->resize_disk (ctx, vm, with.name, with.size);
}

static int
counters (struct hv_ctx *ctx, const struct hv_vm *vm)
{
    return qemu->counters (ctx, vm, with.list);
}

/* ------------------------------------------------------------- Questions */

static struct json_object *
ask (struct machine *m, const char *command, const char *arguments)
{
    int fd = unix_connect (in_dir (m->f, "qmp.sock"));
    struct json_object *result = NULL;
    struct qmp *q = NULL;

    fake_limit (m->f, 20000);
    assert_int_equal (qmp_open (&m->f->ctx, fd, false, &q), 0);
    if (qmp_execute (&m->f->ctx, q, command,
                     arguments ? json_tokener_parse (arguments) : NULL, -1,
                     &result)) {
        fail_msg ("%s", m->f->message);
    }
    qmp_close (q);
    return result;
}

/* Returns the reply as text. */
static const char *
told (struct machine *m, const char *command, const char *arguments)
{
    struct json_object *result = ask (m, command, arguments);
    const char *text = hv_format (
        &m->f->ctx, "%s",
        json_object_to_json_string_ext (
            result, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));

    json_object_put (result);
    return text;
}

static const char *
nodes (struct machine *m)
{
    return told (m, "query-named-block-nodes", "{\"flat\":true}");
}

static const char *
fdsets (struct machine *m)
{
    return told (m, "query-fdsets", NULL);
}

/* ------------------------------------------------------------- Machines */

static void
start_prepared (struct machine *m, const char *machine, const char *ports)
{
    m->vm.machine = machine;
    m->vm.options = fake_options (m->f, qemu->keys, "hotplug", ports, NULL);
    if (strcmp (m->vm.arch, "x86_64") != 0) {
        make_chain (m->f, "none", "kernel");
        m->vm.kernel = in_dir (m->f, "kernel");
    }
    launch (m);
    must (m, qemu->ready);
    must (m, qemu->go);
}

static void
start (struct machine *m, const char *arch, const char *machine,
       const char *ports)
{
    prepare (m, arch);
    start_prepared (m, machine, ports);
}

static void
end (struct machine *m)
{
    must (m, qemu->quit);
    assert_int_equal (wait_end (m), 0);
    for (size_t i = 0; i < ARRAY_SIZE (with.files); i++) {
        close_fd (with.files[i].rw);
        close_fd (with.files[i].ro);
        with.files[i] = (struct hv_files){ -1, -1 };
    }
    fake_free (m->f);
}

/* Opens the layers of the disk as the core does. */
static void
open_disk (const char *name, const struct hv_layer *const *layers)
{
    with.disk = (struct hv_disk){ .name = name, .layers = layers };
    with.name = name;
    for (size_t i = 0; i < ARRAY_SIZE (with.files); i++) {
        close_fd (with.files[i].rw);
        close_fd (with.files[i].ro);
        with.files[i] = (struct hv_files){ -1, -1 };
    }
    for (size_t i = 0; layers[i]; i++) {
        with.files[i].ro = open (layers[i]->path, O_RDONLY | O_CLOEXEC);
        assert_return_code (with.files[i].ro, errno);
        if (i == 0) {
            with.files[i].rw = open (layers[i]->path, O_RDWR | O_CLOEXEC);
            assert_return_code (with.files[i].rw, errno);
        }
    }
}

static int
failed (struct machine *m, operation run, int error, const char *text)
{
    int rc = op (m, run);

    if (rc != -error || !m->f->message || !strstr (m->f->message, text)) {
        fail_msg ("%d '%s', not %d '%s'", rc, m->f->message, -error, text);
    }
    return rc;
}

/* ------------------------------------------------------------- Tests */

/* In, an overlay, larger, counted; and a guest that is not there does not let
 * go of it. */
static void
exercise_disk (const char *arch, const char *machine, bool hot)
{
    const char *const argv[] = { "qemu-img", "create", "-q", "-u", "-f",
                                 "qcow2",    "-b",     "x",  "-F", "qcow2",
                                 NULL,       "1M",     NULL };
    const char *words[ARRAY_SIZE (argv)];
    const struct hv_disk *const cold[] = { &with.disk, NULL };
    struct hv_layer top = { .format = "qcow2" };
    const struct hv_layer *chain[4] = { &top };
    const struct hv_layer *const *below;
    struct machine m;

    prepare (&m, arch);
    below = make_chain (m.f, "hot,1.qcow2", "hot.raw");
    open_disk ("hot-with-a-name-longer-than-nodes-have", below);
    if (hot) {
        start_prepared (&m, machine, "2");
        with.disk.serial = "123456789012345678901";
        failed (&m, attach_disk, EINVAL, "is longer than 20 bytes");
        with.disk.serial = NULL;
        with.disk.wwn = 0x5525400908fe6258;
        failed (&m, attach_disk, ENOTSUP, "has no WWN");
        with.disk.wwn = 0;
        must (&m, attach_disk);
        failed (&m, attach_disk, EEXIST, "is already attached");
    } else {
        m.vm.disks = cold;
        start_prepared (&m, machine, "2");
    }
    assert_non_null (strstr (told (&m, "query-block", NULL),
                             "disk-hot-with-a-name-longer-than-nodes-have"));

    memcpy (words, argv, sizeof argv);
    top.path = words[10] = in_dir (m.f, "top.qcow2");
    image (m.f, words);
    chain[1] = below[0];
    chain[2] = below[1];
    open_disk (with.name, chain);
    must (&m, overlay_disk);
    assert_non_null (
        strstr (told (&m, "query-block", NULL), "\"backing_file_depth\":2"));
    with.size = 2 << 20;
    must (&m, resize_disk);
    assert_non_null (
        strstr (told (&m, "query-block", NULL), "\"virtual-size\":2097152"));
    with.list = fake_list (m.f);
    must (&m, counters);
    assert_non_null (
        fake_list_get (with.list, "disk.hot-with-a-name-longer-than-nodes-have."
                                  "read_bytes"));

    with.name = "none";
    if (hot) {
        failed (&m, detach_disk, ENOENT, "no disk 'none' is attached");
    }
    failed (&m, resize_disk, ENOENT, "no disk 'none' is attached");
    with.disk.name = "none";
    failed (&m, overlay_disk, ENOENT, "no disk 'none' is attached");
    end (&m);
}

static void
test_disk_q35 (void **state)
{
    exercise_disk ("x86_64", "q35", true);
}

static void
test_disk_pc (void **state)
{
    exercise_disk ("x86_64", "pc", true);
}

static void
test_disk_virt (void **state)
{
    exercise_disk ("aarch64", "virt", true);
}

static void
test_disk_microvm (void **state)
{
    exercise_disk ("x86_64", "microvm", false);
}

/* What cannot be opened leaves no node and no descriptor. */
static void
test_disk_fails (void **state)
{
    const struct hv_layer *const *layers;
    const char *before, *sets;
    struct hv_layer bad[2];
    const struct hv_layer *lies[3] = { &bad[0], &bad[1] };
    struct machine m;

    start (&m, "x86_64", "q35", "2");
    before = nodes (&m);
    sets = fdsets (&m);
    layers = make_chain (m.f, "top.qcow2", "base.raw");
    bad[0] = *layers[0];
    bad[1] = (struct hv_layer){ layers[1]->path, "qcow2" };
    open_disk ("lies", lies);
    failed (&m, attach_disk, EIO, "not in qcow2 format");
    assert_string_equal (nodes (&m), before);
    assert_string_equal (fdsets (&m), sets);
    open_disk ("data", layers);
    with.disk.boot = 1;
    must (&m, attach_disk);
    before = nodes (&m);
    sets = fdsets (&m);
    /* The device is what fails. */
    open_disk ("more", make_chain (m.f, "top2.qcow2", "base2.raw"));
    with.disk.boot = 1;
    failed (&m, attach_disk, EIO, "bootindex");
    assert_string_equal (nodes (&m), before);
    assert_string_equal (fdsets (&m), sets);
    /* And then it works. */
    with.disk.boot = 0;
    must (&m, attach_disk);
    with.disk.cdrom = true;
    failed (&m, attach_disk, ENOTSUP, "a CD-ROM drive cannot be attached");
    end (&m);
}

static int
impatient (struct hv_ctx *ctx, const struct hv_vm *vm)
{
    fake_limit ((struct fake *)ctx, with.limit); /* Its first member. */
    return qemu->detach_disk (ctx, vm, with.name);
}

/* Nobody is there to let go of it: twice, since the first request is still
 * pending then. */
static void
test_deaf (void **state)
{
    struct machine m;

    start (&m, "x86_64", "q35", "1");
    open_disk ("data", make_chain (m.f, "top.qcow2", "base.raw"));
    must (&m, attach_disk);
    with.limit = 1500;
    failed (&m, impatient, ETIMEDOUT, "the guest does not release it");
    failed (&m, impatient, ETIMEDOUT, "the guest does not release it");
    open_disk ("more", make_chain (m.f, "top2.qcow2", "base2.raw"));
    failed (&m, attach_disk, ENOTSUP, "all 1 ports");
    /* It lets go at a reset, and then there is nothing left to do but to
     * clear up. */
    json_object_put (ask (&m, "system_reset", NULL));
    with.name = "data";
    must (&m, detach_disk);
    assert_null (strstr (nodes (&m), "disk-data"));
    failed (&m, detach_disk, ENOENT, "no disk 'data'");
    open_disk ("more", make_chain (m.f, "top2.qcow2", "base2.raw"));
    must (&m, attach_disk);
    end (&m);
}

static int
open_tap (bool multi)
{
    struct ifreq r = { .ifr_flags = (short)(IFF_TAP | IFF_NO_PI | IFF_VNET_HDR
                                            | (multi ? IFF_MULTI_QUEUE : 0)),
                       .ifr_name = "hvctlt%d" };
    static char name[IFNAMSIZ];
    int fd = open ("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);

    if (fd >= 0 && multi && name[0]) {
        memcpy (r.ifr_name, name, sizeof name);
    }
    if (fd < 0 || ioctl (fd, TUNSETIFF, &r) < 0) {
        close_fd (fd);
        return -1;
    }
    memcpy (name, r.ifr_name, sizeof name);
    return fd;
}

static void
test_nic (void **state)
{
    struct machine m;

    with.fds[0] = open_tap (true);
    with.fds[1] = with.fds[0] < 0 ? -1 : open_tap (true);
    if (with.fds[1] < 0) {
        close_fd (with.fds[0]);
        skip (); /* Not root. */
    }
    start (&m, "x86_64", "q35", "2");
    with.nic = (struct hv_nic){ .name = "fast",
                                .kind = HV_NIC_TAP,
                                .mac = { 0x52, 0x54, 0, 1, 2, 3 },
                                .queues = 2 };
    must (&m, attach_nic);
    assert_non_null (strstr (told (&m, "query-rx-filter", NULL), "nic-fast"));
    failed (&m, attach_nic, EEXIST, "a nic 'fast' is already attached");
    with.nic.name = "user";
    with.nic.kind = HV_NIC_USER;
    with.nic.queues = 1;
    failed (&m, attach_nic, ENOTSUP, "in QEMU's own process");
    with.nic.kind = HV_NIC_PCI;
    failed (&m, attach_nic, ENOTSUP, "only taps and user-mode networks");
    /* A descriptor that is no tap. */
    with.nic.name = "null";
    with.nic.kind = HV_NIC_TAP;
    close (with.fds[0]);
    with.fds[0] = open ("/dev/null", O_RDWR | O_CLOEXEC);
    failed (&m, attach_nic, EIO, "netdev_add");
    with.name = "none";
    failed (&m, detach_nic, ENOENT, "no nic 'none' is attached");
    close (with.fds[0]);
    close (with.fds[1]);
    end (&m);
}

/* A NIC that is a socket: QEMU has the other end as long as it has the NIC. */
static void
test_stream (void **state)
{
    struct machine m;
    int pair[2];
    char byte;

    assert_int_equal (
        socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    start (&m, "x86_64", "q35", "2");
    with.nic = (struct hv_nic){ .name = "out",
                                .kind = HV_NIC_STREAM,
                                .mac = { 0x52, 0x54, 0, 1, 2, 4 },
                                .queues = 1 };
    with.fds[0] = pair[1];
    must (&m, attach_nic);
    close (pair[1]);
    assert_non_null (strstr (told (&m, "query-rx-filter", NULL), "nic-out"));
    assert_int_equal (recv (pair[0], &byte, 1, 0), -1);
    assert_int_equal (errno, EAGAIN);
    end (&m);
    assert_int_equal (recv (pair[0], &byte, 1, 0), 0);
    close (pair[0]);
}

/* A machine with nothing to plug into says so, and nothing is sent. */
static void
test_none (void **state)
{
    static const struct {
        const char *machine, *ports, *text;
    } cases[] = {
        { "q35", "0", "it was started with 'hotplug = 0'" },
        { "pc", "0", "it was started with 'hotplug = 0'" },
        { "microvm", "4", "has no bus that supports" },
    };

    for (size_t i = 0; i < ARRAY_SIZE (cases); i++) {
        struct machine m;

        start (&m, "x86_64", cases[i].machine, cases[i].ports);
        open_disk ("data", make_chain (m.f, "top.qcow2", "base.raw"));
        failed (&m, attach_disk, ENOTSUP, cases[i].text);
        assert_null (strstr (nodes (&m), "disk-data"));
        end (&m);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_disk_q35),
        cmocka_unit_test (test_disk_pc),
        cmocka_unit_test (test_disk_virt),
        cmocka_unit_test (test_disk_microvm),
        cmocka_unit_test (test_disk_fails),
        cmocka_unit_test (test_deaf),
        cmocka_unit_test (test_nic),
        cmocka_unit_test (test_stream),
        cmocka_unit_test (test_none),
    };

    memset (with.files, 0xff, sizeof with.files);
    return cmocka_run_group_tests (tests, setup, teardown);
}
