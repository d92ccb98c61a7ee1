/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Disks and NICs of a process of cloud-hypervisor, at its start and later, and
 * changes of size; see test-ch-run.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/test-ch.h"

static void
test_disks (void **state)
{
    struct hv_list *counters;
    struct run r;

    prepare (&r, "wait");
    r.vm.disks = DISKS (
        (&(const struct hv_disk){
            .name = "root",
            .layers =
                LAYERS (LAYER (run_image (&r, "a b,c.raw", 1 << 20), "raw")),
            .serial = "S,1",
        }),
        (&(const struct hv_disk){
            .name = "data",
            .layers = LAYERS (LAYER (run_image (&r, "ro.raw", 1 << 20), "raw")),
            .readonly = true,
        }));
    run (&r);
    counters = fake_list (r.f);
    assert_int_equal (OP (counters, counters), 0);
    assert_non_null (fake_list_get (counters, "disk.root.read_bytes"));
    assert_non_null (fake_list_get (counters, "disk.data.write_ops"));
    run_finish (&r);
}

/* Makes an overlay of a raw image by the real qemu-img, or skips. */
static const char *
overlay (struct run *r)
{
    const char *base = run_image (r, "base.raw", 1 << 20);
    const char *top = run_path (r, "top.qcow2");
    const char *command = hv_format (
        &r->f->ctx, "qemu-img create -q -f qcow2 -b %s -F raw %s", base, top);

    if (system (command) != 0) {
        run_finish (r);
        skip ();
    }
    return top;
}

static void
test_overlay (void **state)
{
    struct run r;
    const char *top;

    prepare (&r, "wait");
    top = overlay (&r);
    r.vm.disks = DISKS ((&(const struct hv_disk){
        .name = "root",
        .layers = LAYERS (LAYER (top, "qcow2"),
                          LAYER (run_path (&r, "base.raw"), "raw")),
    }));
    run (&r);
    assert_state (&r, HV_RUNNING);
    run_finish (&r);
}

/* A guest that wrote a header into its raw disk gets no file of the host: the
 * format is stated, and what is there is another. */
static void
test_format_is_not_guessed (void **state)
{
    struct run r;
    const char *top;

    prepare (&r, "wait");
    top = overlay (&r);
    r.vm.disks = DISKS ((&(const struct hv_disk){
        .name = "root",
        .layers = LAYERS (LAYER (top, "raw")),
    }));
    run_start (&r);
    assert_int_equal (OP (ready), 0);
    assert_int_equal (OP (go), -EIO);
    run_finish (&r);
}

/* Two on one disk: the second is refused. */
static void
test_locked_disk (void **state)
{
    struct run r, other;
    const char *image;

    prepare (&r, "wait");
    image = run_image (&r, "disk.raw", 1 << 20);
    r.vm.disks = DISKS ((&(const struct hv_disk){
        .name = "root", .layers = LAYERS (LAYER (image, "raw")) }));
    run (&r);
    prepare (&other, "wait");
    other.vm.disks = r.vm.disks;
    run_start (&other);
    assert_int_equal (hv_plugin.hypervisor->ready (&other.f->ctx, &other.vm),
                      0);
    assert_int_equal (hv_plugin.hypervisor->go (&other.f->ctx, &other.vm),
                      -EIO);
    assert_message (&other, "lock");
    run_finish (&other);
    run_finish (&r);
}

static void
test_attach_disk (void **state)
{
    const struct hv_files files[] = { { -1, -1 } };
    struct hv_disk disk = { .name = "more" };
    struct hv_list *counters;
    struct run r;

    prepare (&r, "deaf");
    run (&r);
    disk.layers = LAYERS (LAYER (run_image (&r, "more.raw", 4 << 20), "raw"));
    assert_int_equal (OP (attach_disk, &disk, files), 0);
    counters = fake_list (r.f);
    assert_int_equal (OP (counters, counters), 0);
    assert_non_null (fake_list_get (counters, "disk.more.read_bytes"));

    /* Its name is taken, its file is not there. */
    assert_true (OP (attach_disk, &disk, files) < 0);
    disk.name = "other";
    disk.layers = LAYERS (LAYER ("/nonexistent/disk", "raw"));
    assert_int_equal (OP (attach_disk, &disk, files), -EIO);
    assert_message (&r, "No such file or directory");

    /* What the device has no room for. */
    disk.serial = "123456789012345678901";
    assert_int_equal (OP (attach_disk, &disk, files), -EINVAL);
    assert_message (&r, "is longer than 20 bytes");
    disk.serial = NULL;
    disk.wwn = 0x5525400908fe6258;
    assert_int_equal (OP (attach_disk, &disk, files), -ENOTSUP);
    assert_message (&r, "has no WWN");

    /* The guest does not hear that it is to let go. */
    fake_limit (r.f, 500);
    assert_int_equal (OP (detach_disk, "more"), -ETIMEDOUT);
    fake_limit (r.f, 10000);
    assert_int_equal (OP (detach_disk, "none"), -ENOENT);
    run_finish (&r);
}

static void
test_resize_disk (void **state)
{
    struct run r;
    struct stat st;
    const char *image;

    prepare (&r, "wait");
    image = run_image (&r, "disk.raw", 1 << 20);
    r.vm.disks = DISKS ((&(const struct hv_disk){
        .name = "root", .layers = LAYERS (LAYER (image, "raw")) }));
    run (&r);
    assert_int_equal (OP (resize_disk, "root", 2 << 20), 0);
    assert_int_equal (stat (image, &st), 0);
    assert_int_equal (st.st_size, 2 << 20);
    assert_true (OP (resize_disk, "none", 2 << 20) < 0);
    run_finish (&r);
}

static void
test_resize (void **state)
{
    struct run r;

    prepare (&r, "deaf");
    r.vm.options =
        fake_options (r.f, hv_plugin.hypervisor->keys, "max_cpus", "4",
                      "max_memory", "384M", "memory_hotplug", "acpi", NULL);
    run (&r);
    assert_int_equal (OP (resize, 4, 0), 0);
    assert_int_equal (OP (resize, 5, 0), -ENOTSUP);
    assert_message (&r, "at most 4 vCPUs");
    assert_int_equal (OP (resize, 0, 256 << 20), 0);
    assert_int_equal (OP (resize, 0, 1 << 30), -EIO);
    assert_message (&r, "could not be resized");
    assert_false (fake_logged (r.f, HV_WARNING, "until it reboots"));
    assert_int_equal (OP (resize, 0, 128 << 20), 0);
    assert_true (fake_logged (r.f, HV_WARNING, "until it reboots"));
    run_finish (&r);
}

static void
test_resize_unprepared (void **state)
{
    struct run r;

    prepare (&r, "deaf");
    run (&r);
    assert_int_equal (OP (resize, 3, 0), -ENOTSUP);
    assert_message (&r, "at most 2 vCPUs");
    assert_int_equal (OP (resize, 0, 256 << 20), -ENOTSUP);
    assert_message (&r, "at most 128M");
    run_finish (&r);
}

/* The guest has no driver: it is told so. */
static void
test_resize_virtio_mem (void **state)
{
    struct run r;

    prepare (&r, "deaf");
    r.vm.options = fake_options (r.f, hv_plugin.hypervisor->keys, "max_memory",
                                 "384M", "memory_hotplug", "virtio-mem", NULL);
    run (&r);
    assert_int_equal (OP (resize, 0, 256 << 20), 0);
    assert_true (fake_logged (r.f, HV_WARNING, "is still adapting"));
    assert_int_equal (OP (resize, 0, 64 << 20), -EIO);
    run_finish (&r);
}

/* The second one comes while the first is pending. */
static void
test_resize_pending (void **state)
{
    struct run r;

    prepare (&r, "deaf");
    r.vm.cpus = 3;
    run (&r);
    assert_int_equal (OP (resize, 2, 0), 0);
    assert_int_equal (OP (resize, 1, 0), -EAGAIN);
    assert_message (&r, "try again");
    run_finish (&r);
}

/* With one descriptor of each queue; before the machine is booted, too. */
static void
test_attach_nic (void **state)
{
    struct hv_nic nic = {
        .name = "lan", .kind = HV_NIC_TAP, .queues = 2, .mac = { 2, 0, 0, 1 }
    };
    struct hv_list *counters;
    int fds[4];
    struct run r;

    prepare (&r, "wait");
    assert_int_equal (socketpair (AF_UNIX, SOCK_DGRAM, 0, fds), 0);
    assert_int_equal (socketpair (AF_UNIX, SOCK_DGRAM, 0, fds + 2), 0);
    run_start (&r);
    assert_int_equal (OP (ready), 0);
    assert_int_equal (OP (attach_nic, &nic, fds), 0);
    assert_int_equal (OP (go), 0);
    nic.name = "wan";
    nic.queues = 1;
    assert_int_equal (OP (attach_nic, &nic, fds + 2), 0);
    counters = fake_list (r.f);
    assert_int_equal (OP (counters, counters), 0);
    assert_string_equal (fake_list_get (counters, "nic.lan.rx_packets"), "1");
    assert_non_null (fake_list_get (counters, "nic.wan.tx_bytes"));
    /* They stay ours. */
    for (int i = 0; i < 4; i++) {
        assert_true (fcntl (fds[i], F_GETFD) >= 0);
    }
    assert_int_equal (OP (detach_nic, "lan"), 0);
    assert_int_equal (OP (detach_nic, "lan"), -ENOENT);
    nic.name = "many";
    nic.queues = 4;
    assert_int_equal (OP (attach_nic, &nic, fds), -EIO);
    assert_message (&r, "insufficient");
    for (int i = 0; i < 4; i++) {
        close (fds[i]);
    }
    run_finish (&r);
}

static void
test_detach (void **state)
{
    struct run r;

    prepare (&r, "wait");
    r.vm.disks = DISKS ((&(const struct hv_disk){
        .name = "root",
        .layers = LAYERS (LAYER (run_image (&r, "d.raw", 1 << 20), "raw")) }));
    run (&r);
    assert_int_equal (OP (detach_disk, "root"), 0);
    assert_int_equal (OP (detach_disk, "root"), -ENOENT);
    run_finish (&r);
}

static const struct CMUnitTest both[] = {
    cmocka_unit_test (test_disks),
    cmocka_unit_test (test_overlay),
    cmocka_unit_test (test_format_is_not_guessed),
    cmocka_unit_test (test_locked_disk),
    cmocka_unit_test (test_attach_disk),
    cmocka_unit_test (test_resize_disk),
    cmocka_unit_test (test_resize),
    cmocka_unit_test (test_resize_unprepared),
    cmocka_unit_test (test_resize_virtio_mem),
    cmocka_unit_test (test_resize_pending),
};

static const struct CMUnitTest server_only[] = {
    cmocka_unit_test (test_attach_nic),
    cmocka_unit_test (test_detach),
};

int
main (void)
{
    return RUN_BOTH (both, server_only);
}
