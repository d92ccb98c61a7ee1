/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* net-macvtap: the right character device, among those of several namespaces
 * and by whatever way there is. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/if_tun.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/cleanup.h"
#include "tests/root/net-macvtap.h"

static void
test_queues (void **state)
{
    struct lab *lab = *state;
    int fds[4] = { -1, -1, -1, -1 };

    lab->port.queues = 4;
    lab_attach (lab, fds);
    for (int i = 0; i < 4; i++) {
        struct ifreq request = { 0 };

        assert_int_equal (ioctl (fds[i], TUNGETIFF, &request), 0);
        assert_string_equal (request.ifr_name, "vm1-lan");
        assert_true (request.ifr_flags & IFF_MULTI_QUEUE);
    }
    lab_use_queues (lab, fds, 4);
    for (int i = 0; i < 4; i++) {
        close (fds[i]);
    }
    lab_detach (lab);
}

/* Another namespace has a macvtap of the same name, index, address and mark,
 * and was first, so that /dev/tapN is its.  And /sys shows neither. */
static void
test_other_namespace (void **state)
{
    struct lab *lab = *state;
    struct netlink_link probe, link;
    struct stat theirs, ours;
    int ns = open ("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    int other, fd = -1, node;
    char path[32];

    lab_run ("ip link add probe type veth peer name probe2");
    assert_true (lab_link ("probe", &probe)); /* Or probe2: the highest. */
    if (if_nametoindex ("probe2") > (unsigned)probe.index) {
        probe.index = (int)if_nametoindex ("probe2");
    }
    other = lab_new_namespace ();
    lab_run ("ip link add v9 type veth peer name v8");
    lab_run ("ip link set v9 up");
    lab_run ("ip link add vm1-lan index %d address 52:54:00:01:02:03 link v9 "
             "type macvtap mode bridge",
             probe.index + 1);
    lab_run ("ip link set vm1-lan alias hvctl:vm1/lan up");
    lab_enter (ns);

    lab_attach (lab, &fd);
    assert_true (lab_link ("vm1-lan", &link));
    assert_int_equal (link.index, probe.index + 1);
    snprintf (path, sizeof path, "/dev/tap%d", link.index);
    node = open (path, O_PATH | O_CLOEXEC);
    assert_true (node >= 0);
    assert_int_equal (fstat (node, &theirs), 0);
    assert_int_equal (fstat (fd, &ours), 0);
    assert_true (theirs.st_rdev != ours.st_rdev); /* The trap is there. */
    assert_true (lab_connected (fd, LAB_VNET_HDR, mac1, lab->peer));
    lab_detach (lab);
    assert_false (lab_link ("vm1-lan", &link));
    lab_enter (other);
    assert_true (lab_link ("vm1-lan", &link)); /* Theirs is untouched. */
    lab_enter (ns);
    close (node);
    close (fd);
    close (other);
    close (ns);
}

static void
drop (unsigned capability)
{
    struct __user_cap_header_struct header = {
        .version = _LINUX_CAPABILITY_VERSION_3
    };
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

    if (syscall (SYS_capget, &header, data) < 0) {
        exit (99);
    }
    data[CAP_TO_INDEX (capability)].effective &= ~CAP_TO_MASK (capability);
    data[CAP_TO_INDEX (capability)].permitted &= ~CAP_TO_MASK (capability);
    if (syscall (SYS_capset, &header, data) < 0) {
        exit (99);
    }
}

/* In a child, without one or two capabilities; the result is an exit status
 * that the parent has to see. */
static int
without (struct lab *lab, bool fresh_sys, bool mknod_too)
{
    struct hv_network *network = (void *)hv_plugin.network;
    struct stat st;
    int fd = -1;

    if (fresh_sys && lab_has_detached_mounts () && !lab_mount_sys ()) {
        return 98;
    }
    drop (CAP_SYS_ADMIN);
    if (mknod_too) {
        drop (CAP_MKNOD);
    }
    if (network->attach (&lab->f->ctx, &lab->port, &fd) < 0) {
        return lab->f->error == ENOTSUP
                       && strstr (lab->f->message, "does not show this network")
                   ? 1
                   : 97;
    }
    if (!lab_connected (fd, LAB_VNET_HDR, mac1, lab->peer)) {
        return 96;
    }
    close (fd);
    if (stat ("/dev/.hvctl-vm1-lan", &st) == 0
        || network->detach (&lab->f->ctx, &lab->port) < 0) {
        return 95;
    }
    return 0;
}

static int
in_child (struct lab *lab, bool fresh_sys, bool mknod_too)
{
    pid_t pid = fork ();
    int status = -1;

    if (pid == 0) {
        _exit (without (lab, fresh_sys, mknod_too));
    }
    assert_int_equal (waitpid (pid, &status, 0), pid);
    assert_true (WIFEXITED (status));
    return WEXITSTATUS (status);
}

/* Without CAP_SYS_ADMIN there is no sysfs of our own: /sys has to do, and is
 * refused if it shows another namespace.  Without CAP_MKNOD either, udev's or
 * the kernel's node has to. */
static void
test_fewer_capabilities (void **state)
{
    struct lab *lab = *state;
    struct netlink_link link;

    if (lab_has_detached_mounts ()) { /* Else setup() has mounted /sys. */
        assert_int_equal (in_child (lab, false, false), 1);
        assert_false (lab_link ("vm1-lan", &link)); /* All or nothing. */
    }
    assert_int_equal (in_child (lab, true, false), 0);
    assert_int_equal (in_child (lab, true, true), 0);
}

/* What a kill at a bad moment can leave. */
static void
test_leftovers (void **state)
{
    struct lab *lab = *state;
    struct netlink_link link;
    struct stat st;

    lab_run ("ip link add vm1-lan address 52:54:00:01:02:03 link v0 "
             "type macvtap");
    assert_int_equal (mkdir ("/dev/.hvctl-vm1-lan", 0700), 0);
    assert_int_equal (mknod ("/dev/.hvctl-vm1-lan/tap", S_IFCHR | 0600, 0), 0);
    lab_detach (lab);
    assert_false (lab_link ("vm1-lan", &link));
    assert_int_equal (stat ("/dev/.hvctl-vm1-lan", &st), -1);
    /* This one the kernel makes with its parent's address. */
    lab_run ("ip link add vm1-lan address 52:54:00:01:02:03 link v0 "
             "type macvtap mode passthru");
    lab_detach (lab);
    assert_false (lab_link ("vm1-lan", &link));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name)                                                             \
    cmocka_unit_test_setup_teardown (name, macvtap_setup, lab_teardown)
        CASE (test_queues),
        CASE (test_other_namespace),
        CASE (test_fewer_capabilities),
        CASE (test_leftovers),
    };

    lab_need_root ();
    return cmocka_run_group_tests (tests, NULL, NULL);
}
