/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* net-bridge in a namespace: frames between a tap and a veth that is in the
 * same bridge, and what is left when it ends. */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/cleanup.h"
#include "plugins/common/port.h"
#include "tests/root/net-port.h"

/* Options: keys and values after bridge = br0. */
#define OPTIONS(lab, ...)                                                      \
    fake_options ((lab)->f, hv_plugin.network->keys, "bridge", "br0",          \
                  __VA_ARGS__)

#define WIRE_MAC "52:54:00:00:01:01"

static int
setup (void **state)
{
    static struct lab lab;

    close (lab_new_namespace ());
    lab_run ("ip link add br0 type bridge");
    /* A bridge takes the lowest address of its ports; a real one is below the
     * 0xfe of a tap, one that the kernel makes up may not be. */
    lab_run ("ip link add v0 address " WIRE_MAC " type veth peer name v1");
    lab_run ("ip link set v0 master br0 up");
    lab_run ("ip link set v1 up");
    lab_run ("ip link set br0 up");
    lab_init (&lab);
    lab.port.options = OPTIONS (&lab, NULL);
    *state = &lab;
    return 0;
}

static void
test_frames (void **state)
{
    struct lab *lab = *state;
    struct netlink_link link, bridge, before;
    int fd = -1;

    assert_true (lab_link ("br0", &before));
    lab_attach (lab, &fd);
    assert_true (lab_link ("vm1-lan", &link));
    assert_true (lab_link ("br0", &bridge));
    assert_string_equal (link.kind, "tun");
    assert_string_equal (link.alias, "hvctl:vm1/lan");
    assert_int_equal (link.master, bridge.index);
    assert_int_equal (link.mtu, 1500);
    assert_true (link.flags & IFF_UP);
    assert_int_equal (link.mac[0], 0xfe);
    assert_memory_not_equal (link.mac + 1, mac1 + 1, 5);
    assert_memory_equal (bridge.mac, before.mac, 6);
    assert_true (lab_connected (fd, LAB_VNET_HDR, mac1, lab->peer));
    lab_detach (lab);
    assert_false (lab_link ("vm1-lan", &link));
    lab_detach (lab);
    close (fd);
}

/* Whatever address a guest has, frames for it reach the guest, not the host:
 * the tap has another one, which is not that of a guest beside it, either. */
static void
test_any_address (void **state)
{
    struct lab *lab = *state;
    struct netlink_link link;
    int fd = -1;

    for (int first = 0xfe; first >= 0x02; first -= 0x04) {
        uint8_t mac[6], beside[6];

        memcpy (mac, mac1, sizeof mac);
        mac[0] = (uint8_t)first;
        memcpy (beside, mac, sizeof beside);
        beside[0] = 0xfe;
        memcpy (lab->port.mac, mac, sizeof mac);
        lab_attach (lab, &fd);
        assert_true (lab_link ("vm1-lan", &link));
        assert_int_equal (link.mac[0], 0xfe);
        assert_memory_not_equal (link.mac, mac, 6);
        assert_memory_not_equal (link.mac, beside, 6);
        assert_true (lab_connected (fd, LAB_VNET_HDR, mac, lab->peer));
        lab_detach (lab);
        close (fd);
    }
    memcpy (lab->port.mac, mac1, 6);
}

/* The end of the process that has the descriptors is the end of the tap. */
static void
test_goes_with_the_descriptor (void **state)
{
    struct lab *lab = *state;
    struct netlink_link link;
    int fd = -1;

    lab_attach (lab, &fd);
    assert_true (lab_link ("vm1-lan", &link));
    close (fd);
    assert_false (lab_link ("vm1-lan", &link));
    lab_detach (lab);
}

static void
test_queues (void **state)
{
    struct lab *lab = *state;
    struct netlink_link link;
    int fds[4] = { -1, -1, -1, -1 };

    lab->port.queues = 4;
    lab_attach (lab, fds);
    lab_use_queues (lab, fds, 4);
    for (int i = 0; i < 4; i++) {
        close (fds[i]);
    }
    assert_false (lab_link ("vm1-lan", &link));
}

/* Out of descriptors at the third queue: nothing is left. */
static void
test_all_or_nothing (void **state)
{
    struct lab *lab = *state;
    int fds[4] = { -1, -1, -1, -1 }, probe, r;
    struct rlimit old, limit;
    struct netlink_link link;

    lab->port.queues = 4;
    probe = dup (0);
    close (probe);
    assert_int_equal (getrlimit (RLIMIT_NOFILE, &old), 0);
    limit = old;
    limit.rlim_cur = (rlim_t)probe + 3; /* rtnetlink and two queues. */
    assert_int_equal (setrlimit (RLIMIT_NOFILE, &limit), 0);
    r = hv_plugin.network->attach (&lab->f->ctx, &lab->port, fds);
    assert_int_equal (setrlimit (RLIMIT_NOFILE, &old), 0);
    assert_int_equal (r, -EMFILE);
    for (int i = 0; i < 4; i++) {
        assert_int_equal (fds[i], -1);
    }
    assert_false (lab_link ("vm1-lan", &link));
    r = dup (0);
    assert_int_equal (r, probe); /* No descriptor either. */
    close (r);
}

static void
test_options (void **state)
{
    struct lab *lab = *state;
    struct hv_nic nic = { 0 };
    struct netlink_link link;
    int fd = -1;

    lab->port.options = OPTIONS (lab, "offload", "no", "mtu", "1400", NULL);
    assert_int_equal (hv_plugin.network->check (&lab->f->ctx, &lab->port, &nic),
                      0);
    assert_false (nic.offload);
    assert_int_equal (nic.mtu, 1400);
    lab_attach (lab, &fd);
    assert_true (lab_link ("vm1-lan", &link));
    assert_int_equal (link.mtu, 1400);
    assert_true (lab_connected (fd, 0, mac1, lab->peer)); /* No header. */
    close (fd);
    lab_run ("ip link set br0 mtu 1300");
    lab->port.options = OPTIONS (lab, NULL);
    lab_attach (lab, &fd);
    assert_true (lab_link ("vm1-lan", &link));
    assert_int_equal (link.mtu, 1300); /* The bridge's own. */
    close (fd);
}

/* Isolated ports reach the others, but not each other. */
static void
test_isolated (void **state)
{
    static const uint8_t all[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
    struct lab *lab = *state;
    uint8_t frame[LAB_FRAME];
    int fd1 = -1, fd2 = -1, open_fd = -1;

    lab->port.options = OPTIONS (lab, "isolated", "yes", NULL);
    lab_attach (lab, &fd1);
    lab->port.ifname = "vm2-lan";
    lab->port.vm = "vm2";
    memcpy (lab->port.mac, mac2, sizeof mac2);
    lab_attach (lab, &fd2);
    lab->port.ifname = "vm3-lan";
    lab->port.vm = "vm3";
    lab->port.options = OPTIONS (lab, NULL);
    lab_attach (lab, &open_fd);
    assert_true (lab_connected (fd1, LAB_VNET_HDR, mac1, lab->peer));
    assert_true (lab_connected (fd2, LAB_VNET_HDR, mac2, lab->peer));
    lab_frame (frame, all, mac1);
    assert_int_equal (
        lab_carry (fd1, LAB_VNET_HDR, &open_fd, 1, LAB_VNET_HDR, frame), 0);
    assert_int_equal (lab_receive (&fd2, 1, frame, LAB_VNET_HDR, 200), -1);
    close (fd1);
    close (fd2);
    close (open_fd);
}

/* Whoever has our name: we neither use nor remove it. */
static void
test_foreign (void **state)
{
    static const char *const others[] = {
        "ip link add vm1-lan type veth peer name v3",
        "ip tuntap add vm1-lan mode tap",
        "ip tuntap add vm1-lan mode tap multi_queue",
        "ip link add vm1-lan type bridge",
    };
    struct lab *lab = *state;
    struct netlink_link link;

    for (size_t i = 0; i < ARRAY_SIZE (others); i++) {
        lab_run ("%s", others[i]);
        if (i == 1) {
            lab_run ("ip link set vm1-lan alias hvctl:vm1/wan");
        }
        lab_check_refused (lab, -EEXIST,
                           "the interface name 'vm1-lan' is taken");
        lab_refused (lab, -EEXIST,
                     "the interface name 'vm1-lan' is taken by a ");
        lab_detach (lab);
        assert_true (lab_link ("vm1-lan", &link));
        assert_int_equal (link.master, 0);
        lab_run ("ip link delete vm1-lan");
    }
}

/* Ours that runs: check() does not mind, attach() does. */
static void
test_twice (void **state)
{
    struct lab *lab = *state;
    struct hv_nic nic = { 0 };
    int fd = -1;

    lab_attach (lab, &fd);
    assert_int_equal (hv_plugin.network->check (&lab->f->ctx, &lab->port, &nic),
                      0);
    lab_attach_refused (lab, -EEXIST, "with the alias 'hvctl:vm1/lan'");
    assert_true (lab_connected (fd, LAB_VNET_HDR, mac1, lab->peer));
    close (fd);
}

static void
test_no_bridge (void **state)
{
    struct lab *lab = *state;
    const struct hv_key *keys = hv_plugin.network->keys;

    lab->port.options = fake_options (lab->f, keys, "bridge", "br7", NULL);
    lab_check_refused (lab, -ENODEV, "there is no bridge 'br7'");
    lab_refused (lab, -ENODEV, "there is no bridge 'br7'");
    lab->port.options = fake_options (lab->f, keys, "bridge", "v1", NULL);
    lab_check_refused (lab, -ENOTSUP, "'v1' is not a bridge but a veth");
    lab_refused (lab, -ENOTSUP, "'v1' is not a bridge but a veth");
}

static void
test_bridge_down (void **state)
{
    struct lab *lab = *state;
    struct hv_nic nic = { 0 };

    lab_run ("ip link set br0 down");
    assert_int_equal (hv_plugin.network->check (&lab->f->ctx, &lab->port, &nic),
                      0);
    assert_true (fake_logged (lab->f, HV_WARNING, "'br0' is down"));
}

static void
test_no_privilege (void **state)
{
    struct lab *lab = *state;
    int r = lab_without_privilege (lab);

    assert_true (r == -EPERM || r == -EACCES);
    assert_non_null (strstr (lab->f->message, "'user'"));
}

/* All capabilities in a user namespace are none over a network namespace that
 * belongs to the one above; in one of its own they do. */
static void
test_user_namespace (void **state)
{
    struct lab *lab = *state;
    struct hv_nic nic = { 0 };
    int status = -1;
    pid_t pid = fork ();

    if (pid == 0) {
        if (unshare (CLONE_NEWUSER) < 0) {
            _exit (1);
        }
        if (hv_plugin.network->check (&lab->f->ctx, &lab->port, &nic) != -EPERM
            || !strstr (lab->f->message, "CAP_NET_ADMIN")) {
            _exit (2);
        }
        if (unshare (CLONE_NEWNET) < 0 || port_permission (&lab->f->ctx) < 0) {
            _exit (3);
        }
        _exit (0);
    }
    assert_int_equal (waitpid (pid, &status, 0), pid);
    assert_true (WIFEXITED (status));
    assert_int_equal (WEXITSTATUS (status), 0);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown (name, setup, lab_teardown)
        CASE (test_frames),
        CASE (test_any_address),
        CASE (test_goes_with_the_descriptor),
        CASE (test_queues),
        CASE (test_all_or_nothing),
        CASE (test_options),
        CASE (test_isolated),
        CASE (test_foreign),
        CASE (test_twice),
        CASE (test_no_bridge),
        CASE (test_bridge_down),
        CASE (test_no_privilege),
        CASE (test_user_namespace),
    };

    lab_need_root ();
    return cmocka_run_group_tests (tests, NULL, NULL);
}
