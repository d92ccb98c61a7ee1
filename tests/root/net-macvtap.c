/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* net-macvtap in a namespace: frames between a macvtap on one end of a veth
 * and its other end, and the right device among those of several namespaces. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/if_tun.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/cleanup.h"
#include "tests/fake-host.h"
#include "tests/root/net-lab.h"

#define PARENT_MAC "02:00:00:00:00:aa"

static const uint8_t mac1[6] = { 0x52, 0x54, 0, 1, 2, 3 };
static const uint8_t mac2[6] = { 0x52, 0x54, 0, 1, 2, 4 };
static const uint8_t parent_mac[6] = { 2, 0, 0, 0, 0, 0xaa };

struct lab {
    struct fake *f;
    struct hv_port port;
    int peer; /* A packet socket on the other end. */
};

#define OPTIONS(lab, ...)                                                      \
    fake_options ((lab)->f, hv_plugin.network->keys, __VA_ARGS__, NULL)

static void
make_veth (void)
{
    lab_run ("ip link add v0 address " PARENT_MAC " type veth peer name v1");
    lab_run ("ip link set v0 up");
    lab_run ("ip link set v1 up");
}

/* Are there mounts without a place?  Not before Linux 5.2, and not in
 * valgrind 3.19. */
static bool
has_detached_mounts (void)
{
    int fd = (int)syscall (SYS_fsopen, "sysfs", 0);

    close_fd (fd);
    return fd >= 0 || errno != ENOSYS;
}

/* Makes /sys show the network namespace that we are in, for us. */
static bool
mount_sys (void)
{
    return unshare (CLONE_NEWNS) == 0
           && mount ("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0
           && mount ("sysfs", "/sys", "sysfs", 0, NULL) == 0;
}

static int
setup (void **state)
{
    static struct lab lab;

    close (lab_new_namespace ());
    if (!has_detached_mounts () && !mount_sys ()) {
        return -1;
    }
    make_veth ();
    lab.f = fake_new (&hv_plugin);
    lab.peer = lab_socket ("v1");
    lab.port = (struct hv_port){ .vm = "vm1",
                                 .name = "lan",
                                 .network = "n",
                                 .ifname = "vm1-lan",
                                 .queues = 1 };
    memcpy (lab.port.mac, mac1, sizeof mac1);
    lab.port.options = OPTIONS (&lab, "parent", "v0");
    *state = &lab;
    return 0;
}

static int
teardown (void **state)
{
    struct lab *lab = *state;

    close (lab->peer);
    fake_free (lab->f);
    return 0;
}

static void
attach (struct lab *lab, int fds[])
{
    struct hv_nic nic = { 0 };

    fake_reset (lab->f);
    if (hv_plugin.network->check (&lab->f->ctx, &lab->port, &nic) < 0
        || hv_plugin.network->attach (&lab->f->ctx, &lab->port, fds) < 0) {
        fail_msg ("%s", lab->f->message);
    }
    assert_null (lab->f->message);
    assert_int_equal (nic.kind, HV_NIC_TAP);
    assert_string_equal (nic.ifname, lab->port.ifname);
    assert_memory_equal (nic.mac, lab->port.mac, 6);
    assert_int_equal (nic.queues, lab->port.queues);
    assert_true (nic.offload);
}

static void
detach (struct lab *lab)
{
    if (hv_plugin.network->detach (&lab->f->ctx, &lab->port) < 0) {
        fail_msg ("%s", lab->f->message);
    }
}

static void
expect (struct lab *lab, int r, int result, const char *message)
{
    if (r != result || !strstr (lab->f->message, message)) {
        fail_msg ("%d, %s; expected %d, %s", r,
                  r < 0 ? lab->f->message : "success", result, message);
    }
}

static void
check_refused (struct lab *lab, int result, const char *message)
{
    struct hv_nic nic = { 0 };

    expect (lab, hv_plugin.network->check (&lab->f->ctx, &lab->port, &nic),
            result, message);
}

static void
attach_refused (struct lab *lab, int result, const char *message)
{
    int fds[1] = { -1 };

    expect (lab, hv_plugin.network->attach (&lab->f->ctx, &lab->port, fds),
            result, message);
    assert_int_equal (fds[0], -1);
}

static void
refused (struct lab *lab, int result, const char *message)
{
    check_refused (lab, result, message);
    attach_refused (lab, result, message);
}

static void
test_modes (void **state)
{
    static const char *const modes[] = { "bridge", "vepa", "private",
                                         "passthru" };
    struct lab *lab = *state;
    struct netlink_link link, parent;

    for (size_t i = 0; i < ARRAY_SIZE (modes); i++) {
        int fd = -1;

        lab->port.options = OPTIONS (lab, "parent", "v0", "mode", modes[i]);
        attach (lab, &fd);
        assert_true (fcntl (fd, F_GETFD) & FD_CLOEXEC);
        assert_true (lab_link ("vm1-lan", &link));
        assert_true (lab_link ("v0", &parent));
        assert_string_equal (link.kind, "macvtap");
        assert_string_equal (link.alias, "hvctl:vm1/lan");
        assert_int_equal (link.lower, parent.index);
        assert_true (link.flags & IFF_UP);
        assert_memory_equal (link.mac, mac1, 6);
        assert_true (lab_connected (fd, LAB_VNET_HDR, mac1, lab->peer));
        detach (lab);
        assert_false (lab_link ("vm1-lan", &link));
        detach (lab);
        close (fd);
        /* The kernel has given the parent its address back. */
        assert_true (lab_link ("v0", &parent));
        assert_memory_equal (parent.mac, parent_mac, 6);
    }
}

/* The interface stays when the descriptor goes: detach() has work to do. */
static void
test_outlives (void **state)
{
    struct lab *lab = *state;
    struct netlink_link link;
    int fd = -1;

    attach (lab, &fd);
    close (fd);
    assert_true (lab_link ("vm1-lan", &link));
    attach_refused (lab, -EEXIST,
                    "taken by a macvtap with the alias "
                    "'hvctl:vm1/lan'");
    detach (lab);
    assert_false (lab_link ("vm1-lan", &link));
}

static void
test_queues (void **state)
{
    struct lab *lab = *state;
    uint8_t frame[LAB_FRAME];
    int fds[4] = { -1, -1, -1, -1 };

    lab->port.queues = 4;
    attach (lab, fds);
    for (int i = 0; i < 4; i++) {
        struct ifreq request = { 0 };

        assert_int_equal (ioctl (fds[i], TUNGETIFF, &request), 0);
        assert_string_equal (request.ifr_name, "vm1-lan");
        assert_true (request.ifr_flags & IFF_MULTI_QUEUE);
        lab_frame (frame, mac2, mac1);
        lab_send (fds[i], frame, LAB_VNET_HDR);
        assert_int_equal (lab_receive (&lab->peer, 1, frame, 0, 5000), 0);
    }
    lab_frame (frame, mac1, mac2);
    lab_send (lab->peer, frame, 0);
    assert_true (lab_receive (fds, 4, frame, LAB_VNET_HDR, 5000) >= 0);
    for (int i = 0; i < 4; i++) {
        close (fds[i]);
    }
    detach (lab);
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

    attach (lab, &fd);
    assert_true (lab_link ("vm1-lan", &link));
    assert_int_equal (link.index, probe.index + 1);
    snprintf (path, sizeof path, "/dev/tap%d", link.index);
    node = open (path, O_PATH | O_CLOEXEC);
    assert_true (node >= 0);
    assert_int_equal (fstat (node, &theirs), 0);
    assert_int_equal (fstat (fd, &ours), 0);
    assert_true (theirs.st_rdev != ours.st_rdev); /* The trap is there. */
    assert_true (lab_connected (fd, LAB_VNET_HDR, mac1, lab->peer));
    detach (lab);
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

    if (fresh_sys && has_detached_mounts () && !mount_sys ()) {
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

    if (has_detached_mounts ()) { /* Else setup() has mounted /sys. */
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
    detach (lab);
    assert_false (lab_link ("vm1-lan", &link));
    assert_int_equal (stat ("/dev/.hvctl-vm1-lan", &st), -1);
    /* This one the kernel makes with its parent's address. */
    lab_run ("ip link add vm1-lan address 52:54:00:01:02:03 link v0 "
             "type macvtap mode passthru");
    detach (lab);
    assert_false (lab_link ("vm1-lan", &link));
}

static void
test_foreign (void **state)
{
    static const char *const others[] = {
        "ip link add vm1-lan type veth peer name v3",
        "ip link add vm1-lan address 52:54:00:01:02:05 link v0 type macvtap",
        "ip link add vm1-lan address 52:54:00:01:02:03 link v0 type macvlan",
        "ip tuntap add vm1-lan mode tap",
    };
    struct lab *lab = *state;
    struct netlink_link link;

    for (size_t i = 0; i < ARRAY_SIZE (others); i++) {
        lab_run ("%s", others[i]);
        refused (lab, -EEXIST, "the interface name 'vm1-lan' is taken by a ");
        detach (lab);
        assert_true (lab_link ("vm1-lan", &link));
        lab_run ("ip link delete vm1-lan");
    }
    lab_run ("ip link add vm1-lan address 52:54:00:01:02:03 link v0 "
             "type macvtap");
    lab_run ("ip link set vm1-lan alias hvctl:vm2/lan");
    detach (lab);
    assert_true (lab_link ("vm1-lan", &link));
}

static void
test_parent_down (void **state)
{
    struct lab *lab = *state;
    struct netlink_link parent;
    int fd = -1;

    lab_run ("ip link set v0 down");
    attach (lab, &fd);
    assert_true (lab_link ("v0", &parent));
    assert_true (parent.flags & IFF_UP);
    assert_true (lab_connected (fd, LAB_VNET_HDR, mac1, lab->peer));
    close (fd);
    lab_run ("ip link set v0 down");
    attach_refused (lab, -EEXIST, "is taken");
    assert_true (lab_link ("v0", &parent)); /* It was put back. */
    assert_false (parent.flags & IFF_UP);
    detach (lab);
}

static void
test_parent_by_mac (void **state)
{
    struct lab *lab = *state;
    struct netlink_link parent, link;
    int fd = -1;

    lab_run ("ip link add up0 address " PARENT_MAC " link v0 type macvlan "
             "mode private");
    lab->port.options = OPTIONS (lab, "parent", PARENT_MAC);
    attach (lab, &fd);
    assert_true (lab_link ("v0", &parent));
    assert_true (lab_link ("vm1-lan", &link));
    assert_int_equal (link.lower, parent.index);
    close (fd);
    detach (lab);
    lab_run ("ip link add w0 address " PARENT_MAC " type veth peer name w1");
    check_refused (lab, -ENOTUNIQ,
                   "several interfaces have the MAC address " PARENT_MAC);
    assert_non_null (strstr (lab->f->message, "v0"));
    assert_non_null (strstr (lab->f->message, "w0"));
    assert_null (strstr (lab->f->message, "up0"));
    lab->port.options = OPTIONS (lab, "parent", "02:00:00:00:00:ab");
    refused (lab, -ENODEV, "no interface has the MAC address");
}

static void
test_bad_parents (void **state)
{
    struct lab *lab = *state;

    lab->port.options = OPTIONS (lab, "parent", "eth7");
    refused (lab, -ENODEV, "there is no interface 'eth7'");
    lab->port.options = OPTIONS (lab, "parent", "lo");
    refused (lab, -ENOTSUP, "'lo' is not an Ethernet interface");
    lab_run ("ip link add br0 type bridge");
    lab->port.options = OPTIONS (lab, "parent", "br0");
    refused (lab, -ENOTSUP, "'br0' is a bridge: give the network the type");
    lab_run ("ip link set v0 master br0");
    lab->port.options = OPTIONS (lab, "parent", "v0");
    refused (lab, -EBUSY, "'v0' is a port of the bridge 'br0'");
}

static void
test_passthru_is_alone (void **state)
{
    struct lab *lab = *state;
    struct netlink_link link;
    int fd = -1;

    lab->port.options = OPTIONS (lab, "parent", "v0", "mode", "passthru");
    attach (lab, &fd);
    close (fd);
    lab->port.vm = "vm2";
    lab->port.ifname = "vm2-lan";
    memcpy (lab->port.mac, mac2, sizeof mac2);
    refused (lab, -EBUSY, "'v0' serves 'vm1-lan' (hvctl:vm1/lan) already");
    lab->port.options = OPTIONS (lab, "parent", "v0");
    attach_refused (lab, -EBUSY, "'v0' serves 'vm1-lan' (hvctl:vm1/lan)");
    assert_false (lab_link ("vm2-lan", &link));
    lab->port.vm = "vm1";
    lab->port.ifname = "vm1-lan";
    detach (lab);
    attach (lab, &fd);
    close (fd);
    lab->port.ifname = "vm2-lan";
    lab->port.options = OPTIONS (lab, "parent", "v0", "mode", "passthru");
    refused (lab, -EBUSY, "takes a card for one port alone");
}

static void
test_addresses (void **state)
{
    struct lab *lab = *state;
    struct netlink_link link;
    int fd = -1;

    attach (lab, &fd);
    close (fd);
    lab->port.ifname = "vm2-lan";
    attach_refused (lab, -EADDRINUSE,
                    "another port of 'v0' has the MAC "
                    "address 52:54:00:01:02:03");
    memcpy (lab->port.mac, parent_mac, sizeof parent_mac);
    refused (lab, -EADDRINUSE, "has the MAC address of 'v0' itself");
    assert_false (lab_link ("vm2-lan", &link));
}

static void
test_mtu (void **state)
{
    struct lab *lab = *state;
    struct hv_nic nic = { 0 };
    struct netlink_link link;
    int fd = -1;

    lab->port.mtu = 1501;
    refused (lab, -EINVAL, "an MTU of 1501 is more than the 1500 of 'v0'");
    lab->port.mtu = 1400;
    attach (lab, &fd);
    assert_true (lab_link ("vm1-lan", &link));
    assert_int_equal (link.mtu, 1400);
    close (fd);
    detach (lab);
    lab_run ("ip link set v0 mtu 9000");
    lab->port.mtu = 0;
    assert_int_equal (hv_plugin.network->check (&lab->f->ctx, &lab->port, &nic),
                      0);
    assert_int_equal (nic.mtu, 9000);
}

static void
test_no_privilege (void **state)
{
    struct lab *lab = *state;
    struct hv_nic nic = { 0 };
    int fd = -1, check_result, attach_result;

    assert_int_equal (seteuid (65534), 0);
    check_result = hv_plugin.network->check (&lab->f->ctx, &lab->port, &nic);
    attach_result = hv_plugin.network->attach (&lab->f->ctx, &lab->port, &fd);
    assert_int_equal (seteuid (0), 0);
    assert_int_equal (check_result, -EPERM);
    assert_int_equal (attach_result, -EPERM);
    assert_non_null (strstr (lab->f->message, "the network 'user'"));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown (name, setup, teardown)
        CASE (test_modes),
        CASE (test_outlives),
        CASE (test_queues),
        CASE (test_other_namespace),
        CASE (test_fewer_capabilities),
        CASE (test_leftovers),
        CASE (test_foreign),
        CASE (test_parent_down),
        CASE (test_parent_by_mac),
        CASE (test_bad_parents),
        CASE (test_passthru_is_alone),
        CASE (test_addresses),
        CASE (test_mtu),
        CASE (test_no_privilege),
    };

    lab_need_root ();
    return cmocka_run_group_tests (tests, NULL, NULL);
}
