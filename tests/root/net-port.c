/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "tests/root/net-port.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

const uint8_t mac1[6] = { 0x52, 0x54, 0, 1, 2, 3 };
const uint8_t mac2[6] = { 0x52, 0x54, 0, 1, 2, 4 };

void
lab_init (struct lab *lab)
{
    lab->f = fake_new (&hv_plugin);
    lab->peer = lab_socket ("v1");
    lab->port = (struct hv_port){ .vm = "vm1",
                                  .name = "lan",
                                  .network = "n",
                                  .ifname = "vm1-lan",
                                  .queues = 1 };
    memcpy (lab->port.mac, mac1, sizeof mac1);
}

void
lab_done (struct lab *lab)
{
    close (lab->peer);
    fake_free (lab->f);
}

int
lab_teardown (void **state)
{
    lab_done (*state);
    return 0;
}

void
lab_attach (struct lab *lab, int fds[])
{
    struct hv_nic nic = { 0 };

    fake_reset (lab->f);
    memcpy (nic.mac, lab->port.mac, sizeof nic.mac);
    if (hv_plugin.network->check (&lab->f->ctx, &lab->port, &nic) < 0
        || hv_plugin.network->attach (&lab->f->ctx, &lab->port, fds) < 0) {
        fail_msg ("%s", lab->f->message);
    }
    assert_null (lab->f->message);
    assert_int_equal (nic.kind, HV_NIC_TAP);
    assert_string_equal (nic.ifname, lab->port.ifname);
    assert_memory_equal (nic.mac, lab->port.mac, sizeof nic.mac);
    assert_int_equal (nic.queues, lab->port.queues);
    for (uint32_t i = 0; i < nic.queues; i++) {
        assert_true (fds[i] >= 0);
        assert_true (fcntl (fds[i], F_GETFD) & FD_CLOEXEC);
    }
}

void
lab_detach (struct lab *lab)
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

void
lab_check_refused (struct lab *lab, int result, const char *message)
{
    struct hv_nic nic = { 0 };

    expect (lab, hv_plugin.network->check (&lab->f->ctx, &lab->port, &nic),
            result, message);
}

void
lab_attach_refused (struct lab *lab, int result, const char *message)
{
    int fds[1] = { -1 };

    expect (lab, hv_plugin.network->attach (&lab->f->ctx, &lab->port, fds),
            result, message);
    assert_int_equal (fds[0], -1);
}

void
lab_refused (struct lab *lab, int result, const char *message)
{
    lab_check_refused (lab, result, message);
    lab_attach_refused (lab, result, message);
}

void
lab_use_queues (struct lab *lab, const int fds[], size_t n)
{
    uint8_t frame[LAB_FRAME];

    for (size_t i = 0; i < n; i++) {
        lab_frame (frame, mac2, mac1);
        assert_int_equal (
            lab_carry (fds[i], LAB_VNET_HDR, &lab->peer, 1, 0, frame), 0);
    }
    lab_frame (frame, mac1, mac2);
    assert_true (lab_carry (lab->peer, 0, fds, n, LAB_VNET_HDR, frame) >= 0);
}

int
lab_without_privilege (struct lab *lab)
{
    struct hv_nic nic = { 0 };
    int fd = -1, checked, attached;

    assert_int_equal (seteuid (65534), 0);
    checked = hv_plugin.network->check (&lab->f->ctx, &lab->port, &nic);
    attached = hv_plugin.network->attach (&lab->f->ctx, &lab->port, &fd);
    assert_int_equal (seteuid (0), 0);
    assert_int_equal (checked, -EPERM);
    return attached;
}
