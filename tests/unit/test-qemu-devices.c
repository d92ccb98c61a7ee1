/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What the qemu plugin makes of disks and NICs, one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "tests/unit/test-qemu.h"

/* The top is writable, with a descriptor to reopen it read-only by; what is
 * below is not.  None of them is opened as what it claims to be. */
static void
test_chain (void **state)
{
    struct fake *f = *state;
    struct hv_vm vm = plain;
    struct hv_launch *l;

    vm.disks = DISKS (&(const struct hv_disk){
        .name = "root",
        .boot = 1,
        .serial = "S1",
        .size = 77,
        .layers = LAYERS (LAYER ("/top", "qcow2"), LAYER ("/mid", "qcow2"),
                          LAYER ("/low", "qcow2")) });
    l = describe (f, &vm);
    assert_json (l);
    assert_int_equal (l->n_fds, 3 + 4);
    assert_int_equal (l->fds[3].flags, HV_RDONLY);
    assert_string_equal (l->fds[3].what, "/low");
    assert_string_equal (l->fds[4].what, "/mid");
    assert_int_equal (l->fds[5].flags, HV_RDWR);
    assert_string_equal (l->fds[5].what, "/top");
    assert_int_equal (l->fds[6].flags, HV_RDONLY);
    assert_string_equal (l->fds[6].what, "/top");
    assert_string_equal (member (f, l, "disk-root-0f", "read-only"), "false");
    assert_string_equal (member (f, l, "disk-root-1f", "read-only"), "true");
    assert_null (strstr (fake_command (f, l), "qcow2"));
    assert_string_equal (member (f, l, "disk-root-empty", "driver"), "null-co");
    assert_string_equal (member (f, l, "disk-root-empty", "size"), "77");
    assert_string_equal (member (f, l, "disk-root", "drive"),
                         "disk-root-empty");
    assert_string_equal (member (f, l, "disk-root", "bootindex"), "1");
    assert_string_equal (member (f, l, "disk-root", "serial"), "S1");
    assert_string_equal (member (f, l, "disk-root", "addr"), "0x10.0");
}

/* A command that a person pastes has nobody who opens them later. */
static void
test_chain_by_path (void **state)
{
    struct fake *f = *state;
    struct hv_vm vm = plain;
    struct hv_launch *l;

    vm.by_path = true;
    vm.disks = DISKS (&(const struct hv_disk){
        .name = "root",
        .layers = LAYERS (LAYER ("/top", "qcow2"), LAYER ("/mid", "qcow2"),
                          LAYER ("/low", "qcow2")) });
    l = describe (f, &vm);
    assert_json (l);
    assert_string_equal (member (f, l, "disk-root-0", "backing"),
                         "disk-root-1");
    assert_string_equal (member (f, l, "disk-root-1", "backing"),
                         "disk-root-2");
    assert_string_equal (member (f, l, "disk-root-2", "backing"), "null");
    assert_string_equal (member (f, l, "disk-root-1", "read-only"), "true");
    assert_string_equal (member (f, l, "disk-root-0", "read-only"), "false");
    assert_string_equal (member (f, l, "disk-root", "drive"), "disk-root-0");
}

static void
test_cdroms (void **state)
{
    struct fake *f = *state;
    struct hv_disk cd[3] = {
        { .name = "a", .cdrom = true, .layers = LAYERS (LAYER ("/a", "raw")) },
        { .name = "b", .cdrom = true, .layers = LAYERS (LAYER ("/b", "raw")) },
        { .name = "c",
          .cdrom = true,
          .wwn = 0x5525400908fe6258,
          .layers = LAYERS (LAYER ("/c", "raw")) },
    };
    struct hv_vm vm = plain;
    struct hv_launch *l;

    vm.disks = DISKS (&cd[0], &cd[1], &cd[2]);
    l = describe (f, &vm);
    assert_string_equal (member (f, l, "disk-c", "driver"), "ide-cd");
    assert_string_equal (member (f, l, "disk-c", "bus"), "ide.2");
    assert_string_equal (member (f, l, "disk-c", "unit"), "0");
    assert_string_equal (member (f, l, "disk-c", "wwn"), "6135380474911941208");
    assert_string_equal (member (f, l, "disk-b", "wwn"), "");
    assert_string_equal (member (f, l, "disk-c-0f", "read-only"), "true");
    vm.machine = "pc-i440fx-7.2";
    l = describe (f, &vm);
    assert_string_equal (member (f, l, "disk-b", "bus"), "ide.0");
    assert_string_equal (member (f, l, "disk-b", "unit"), "1");
    assert_string_equal (member (f, l, "disk-c", "bus"), "ide.1");
}

/* A device keeps its address when those of another kind come; after the last
 * slot come functions. */
static void
test_addresses (void **state)
{
    struct fake *f = *state;
    const struct hv_layer *const *layers = LAYERS (LAYER ("/d", "raw"));
    struct hv_disk disk[17];
    const struct hv_disk *disks[18] = { NULL };
    struct hv_nic nic = { .name = "n", .kind = HV_NIC_TAP, .queues = 1 };
    struct hv_vm vm = plain;
    struct hv_launch *l;

    for (size_t i = 0; i < 17; i++) {
        disk[i] = (struct hv_disk){
            .name = hv_format (&f->ctx, "d%zu", i),
            .layers = layers,
        };
        disks[i] = &disk[i];
    }
    vm.disks = disks;
    vm.nics = NICS (&nic);
    l = describe (f, &vm);
    assert_string_equal (member (f, l, "disk-d0", "addr"), "0x10.0");
    assert_string_equal (member (f, l, "disk-d0", "multifunction"), "true");
    assert_string_equal (member (f, l, "disk-d2", "multifunction"), "");
    assert_string_equal (member (f, l, "disk-d14", "addr"), "0x1e.0");
    assert_string_equal (member (f, l, "disk-d15", "addr"), "0x10.1");
    assert_string_equal (member (f, l, "nic-n", "addr"), "0x4.0");
    disks[1] = NULL;
    l = describe (f, &vm);
    assert_string_equal (member (f, l, "disk-d0", "multifunction"), "");
    assert_string_equal (member (f, l, "nic-n", "addr"), "0x4.0");
}

static void
test_taps (void **state)
{
    struct fake *f = *state;
    struct hv_nic a = { .name = "a",
                        .kind = HV_NIC_TAP,
                        .queues = 1,
                        .offload = true,
                        .mtu = 9000,
                        .boot = 2 };
    struct hv_nic b = { .name = "b", .kind = HV_NIC_TAP, .queues = 4 };
    struct hv_vm vm = plain;
    struct hv_launch *l;

    vm.nics = NICS (&a, &b);
    l = describe (f, &vm);
    assert_string_equal (fake_arg (l, "-netdev", 0),
                         "tap,id=nic-a,fd=6,vhost=off");
    assert_string_equal (fake_arg (l, "-netdev", 1),
                         "tap,id=nic-b,fds=7:8:9:10,vhost=off");
    assert_string_equal (fake_arg (l, "-device", 0),
                         "{\"driver\":\"virtio-net-pci\",\"id\":\"nic-a\","
                         "\"netdev\":\"nic-a\",\"mac\":\"00:00:00:00:00:00\","
                         "\"host_mtu\":9000,\"bootindex\":2,"
                         "\"addr\":\"0x4.0\",\"disable-legacy\":\"on\"}");
    assert_string_equal (member (f, l, "nic-b", "mq"), "true");
    assert_string_equal (member (f, l, "nic-b", "vectors"), "10");
    assert_string_equal (member (f, l, "nic-b", "csum"), "false");
    assert_string_equal (member (f, l, "nic-b", "guest_tso4"), "false");
    assert_string_equal (member (f, l, "nic-b", "romfile"), "");
    assert_int_equal (fake_fd (l, FAKE_PORT, "b")->flags, 0);
    assert_int_equal (l->fds[7].flags, 3);
    assert_true (fake_needs (l, "net") && !fake_needs (l, "slirp"));
}

/* The memory is shared, and QEMU makes the socket; its commas are doubled. */
static void
test_vhost_user (void **state)
{
    struct fake *f = *state;
    struct hv_nic a = { .name = "a",
                        .kind = HV_NIC_VHOST_USER,
                        .socket = "/run/x,y.sock",
                        .queues = 2,
                        .offload = true };
    struct hv_vm vm = plain;
    struct hv_launch *l = describe (f, &vm);

    assert_null (fake_arg (l, "-object", 0));
    assert_null (strstr (fake_arg (l, "-machine", 0), "memory-backend"));
    vm.nics = NICS (&a);
    l = describe (f, &vm);
    assert_string_equal (fake_arg (l, "-object", 0),
                         "memory-backend-memfd,id=memory,size=512M,share=on");
    assert_non_null (
        strstr (fake_arg (l, "-machine", 0), ",memory-backend=memory"));
    assert_string_equal (fake_arg (l, "-netdev", 0),
                         "vhost-user,id=nic-a,chardev=vhost-a,queues=2");
    assert_true (
        fake_has_arg (l, "socket,id=vhost-a,path=vhost-a.sock,server=on"));
    assert_string_equal (member (f, l, "nic-a", "mq"), "true");
    assert_string_equal (member (f, l, "nic-a", "csum"), "");
    assert_int_equal (fake_fd (l, FAKE_PORT, "a")->flags, 0);
    assert_string_equal (member (f, l, "nic-a", "vectors"), "6");
    vm.accelerator = "tcg"; /* QEMU 7.2 would crash. */
    assert_string_equal (member (f, describe (f, &vm), "nic-a", "vectors"),
                         "0");
    assert_true (fake_needs (l, "net") && fake_needs (l, "vhost-user"));
}

static void
test_user (void **state)
{
    static const struct hv_key keys[] = {
        { "subnet", HV_STRING, "10.0.2.0/24", "", false },
        { "dns", HV_STRING, NULL, "", false },
        { "dhcp_start", HV_STRING, NULL, "", false },
        { "hostname", HV_STRING, NULL, "", false },
        { "restrict", HV_BOOL, "no", "", false },
        { NULL, HV_STRING, NULL, NULL, false },
    };
    struct fake *f = *state;
    struct hv_nic nic = {
        .name = "n",
        .kind = HV_NIC_USER,
        .queues = 1,
        .forward = "tcp:127.0.0.1:2222:22,udp:0.0.0.0:53:5353",
    };
    struct hv_vm vm = plain;
    struct hv_launch *l;

    vm.nics = NICS (&nic);
    l = describe (f, &vm);
    assert_string_equal (fake_arg (l, "-netdev", 0),
                         "user,id=user-n,hostfwd=tcp:127.0.0.1:2222-:22,"
                         "hostfwd=udp:0.0.0.0:53-:5353");
    assert_string_equal (member (f, l, "nic-n", "csum"), "");
    nic.forward = NULL;
    nic.options = fake_options (f, keys, "hostname", "h,restrict=off",
                                "restrict", "yes", "dns", "10.0.2.9", NULL);
    l = describe (f, &vm);
    assert_string_equal (fake_arg (l, "-netdev", 0),
                         "user,id=user-n,net=10.0.2.0/24,dns=10.0.2.9,"
                         "hostname=h,,restrict=off,restrict=on");
    assert_true (fake_needs (l, "slirp") && !fake_needs (l, "net"));
}

/* A socket of a process that is its network: of QEMU's own it has nothing. */
static void
test_stream (void **state)
{
    struct fake *f = *state;
    struct hv_nic nic = { .name = "n", .kind = HV_NIC_STREAM, .queues = 1 };
    struct hv_vm vm = plain;
    struct hv_launch *l;
    char expected[80];

    vm.nics = NICS (&nic);
    fake_fact (f, "can", "json netdev-socket netdev-stream");
    l = describe (f, &vm);
    assert_int_equal (l->fds[l->n_fds - 1].kind, FAKE_PORT);
    snprintf (expected, sizeof expected,
              "stream,id=nic-n,server=off,addr.type=fd,addr.str=%d",
              l->fds[l->n_fds - 1].number);
    assert_string_equal (fake_arg (l, "-netdev", 0), expected);
    assert_false (fake_needs (l, "slirp"));
    fake_reset (f);
    fake_fact (f, "can", "json netdev-socket");
    l = describe (f, &vm);
    assert_non_null (
        strstr (fake_arg (l, "-netdev", 0), "socket,id=nic-n,fd="));
    assert_true (fake_needs (l, "stream"));
    vm.by_path = true;
    l = fake_launch (f, true);
    assert_int_equal (hv_plugin.hypervisor->describe (&f->ctx, &vm, l), 0);
    assert_non_null (
        strstr (fake_arg (l, "-netdev", 0), "addr.type=unix,addr.path="));
}

/* Room for processors and memory, which the sandbox must know of. */
static void
test_room (void **state)
{
    struct fake *f = *state;
    struct hv_vm vm = plain;
    struct hv_launch *l;

    vm.options = fake_options (f, hv_plugin.hypervisor->keys, "max_cpus", "4",
                               "max_memory", "1G", NULL);
    l = describe (f, &vm);
    assert_string_equal (fake_arg (l, "-m", 0), "size=512M,maxmem=1024M");
    assert_string_equal (fake_arg (l, "-smp", 0),
                         "2,sockets=1,cores=4,threads=1,maxcpus=4");
    assert_string_equal (fake_arg (l, "-object", 0),
                         "memory-backend-ram,id=more-memory,size=536870912");
    assert_string_equal (member (f, l, "memory", "driver"), "virtio-mem-pci");
    assert_string_equal (member (f, l, "memory", "requested-size"), "0");
    assert_true (fake_needs (l, "kvm-cpus"));
    vm.accelerator = "tcg";
    vm.options = fake_options (f, hv_plugin.hypervisor->keys, "max_cpus", "2",
                               "max_memory", "512M", NULL);
    l = describe (f, &vm);
    assert_string_equal (fake_arg (l, "-m", 0), "size=512M");
    assert_string_equal (fake_arg (l, "-smp", 0),
                         "2,sockets=1,cores=2,threads=1");
    assert_null (strstr (fake_command (f, l), "virtio-mem"));
    assert_true (!fake_needs (l, "kvm-cpus"));
}

/* No path, and no long name, makes an option or too long a node name. */
static void
test_hostile (void **state)
{
    static const char name[] = "abcdefghijklmnopqrstuvwxyz-0123456789.ABCDEFG"
                               "HIJKLMNOPQRSTUVWXY";
    struct fake *f = *state;
    struct hv_vm vm = plain;
    struct hv_launch *l;

    assert_int_equal (strlen (name), 63);
    vm.name = "a";
    vm.disks = DISKS (&(const struct hv_disk){
        .name = name,
        .serial = "\",\"x\":\"y",
        .layers = LAYERS (LAYER ("/a,readonly=on\n\"}", "raw")) });
    l = describe (f, &vm);
    assert_json (l);
    assert_null (strstr (fake_command (f, l), "readonly=on"));
    assert_string_equal (fake_fd (l, FAKE_OPEN, "/a,readonly=on\n\"}")->what,
                         "/a,readonly=on\n\"}");
    assert_string_equal (
        member (f, l, hv_format (&f->ctx, "disk-%s", name), "serial"),
        "\",\"x\":\"y");
    assert_string_equal (
        member (f, l, hv_format (&f->ctx, "disk-%s", name), "drive"),
        "disk-abcdefghijk.8ee4b387-empty");
}

/* Block devices have a driver of their own. */
static void
test_block_device (void **state)
{
    static const struct {
        const char *path, *driver;
    } cases[] = {
        { "/dev/vg/lv", "host_device" },
        { "/dev/shm/x", "file" },
        { "/srv/dev/x", "file" },
    };
    struct fake *f = *state;

    for (size_t i = 0; i < 3; i++) {
        struct hv_vm vm = plain;

        vm.disks = DISKS (&(const struct hv_disk){
            .name = "d", .layers = LAYERS (LAYER (cases[i].path, "raw")) });
        assert_string_equal (
            member (f, describe (f, &vm), "disk-d-0f", "driver"),
            cases[i].driver);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_chain),        TEST (test_chain_by_path),
        TEST (test_cdroms),       TEST (test_addresses),
        TEST (test_taps),         TEST (test_vhost_user),
        TEST (test_user),         TEST (test_stream),
        TEST (test_room),         TEST (test_hostile),
        TEST (test_block_device),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
