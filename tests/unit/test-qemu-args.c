/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What the qemu plugin makes of a VM: whole command lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "tests/unit/test-qemu.h"

#define SANDBOX                                                                \
    "-sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,"             \
    "resourcecontrol=deny "
#define FRAME                                                                  \
    "/usr/bin/qemu -name guest=vm1,debug-threads=on -uuid U -nodefaults "      \
    "-no-user-config -display none -S " SANDBOX
#define SIZE "-m size=512M -smp 2,sockets=1,cores=2,threads=1 "
#define SOCKETS                                                                \
    "-chardev socket,id=qmp,fd=3,server=on,wait=off "                          \
    "-mon chardev=qmp,mode=control -add-fd fd=4,set=4 "                        \
    "-chardev socket,id=console,fd=5,server=on,wait=off,"                      \
    "logfile=/dev/fdset/4,logappend=on -serial chardev:console"

static void
test_q35 (void **state)
{
    struct fake *f = *state;
    struct hv_launch *l = describe (f, &plain);

    assert_string_equal (
        fake_command (f, l),
        FRAME "-machine pc-q35-7.2,dump-guest-core=off,usb=off,vmport=off,"
              "smm=off,graphics=off -accel kvm -cpu host " SIZE SOCKETS);
    assert_int_equal (l->n_needs, 3);
    assert_true (fake_needs (l, "save"));
    assert_true (fake_needs (l, "kvm") && fake_needs (l, "listener"));
    assert_int_equal (l->n_fds, 3);
    assert_int_equal (fake_fd (l, FAKE_LISTEN, "qmp")->number, 3);
    assert_int_equal (fake_fd (l, FAKE_LOGFILE, "console")->number, 4);
    assert_int_equal (fake_fd (l, FAKE_LISTEN, "console")->number, 5);
}

static void
test_pc_kernel (void **state)
{
    struct fake *f = *state;
    struct hv_vm vm = plain;
    struct hv_launch *l;

    vm.machine = "pc-i440fx-7.2";
    vm.accelerator = "tcg";
    vm.cpu = "max";
    vm.kernel = "/boot/vmlinuz,x=y";
    vm.initrd = "/boot/initrd";
    vm.cmdline = "console=ttyS0 a,b";
    vm.rng = true;
    l = describe (f, &vm);
    assert_string_equal (
        fake_command (f, l), FRAME
        "-machine pc-i440fx-7.2,dump-guest-core=off,usb=off,vmport=off,smm=off "
        "-accel tcg -cpu max " SIZE SOCKETS
        " -object rng-builtin,id=rng -device "
        "{\"driver\":\"virtio-rng-pci\",\"id\":\"rng-device\",\"rng\":\"rng\","
        "\"addr\":\"0x2.0\"} -kernel /boot/vmlinuz,x=y -initrd /boot/initrd "
        "-append console=ttyS0 a,b");
    assert_string_equal (fake_arg (l, "-append", 0), "console=ttyS0 a,b");
    assert_int_equal (l->n_exposed, 2);
    assert_true (fake_needs (l, "tcg") && !fake_needs (l, "disk"));
}

/* The agent's port is beside the random numbers, where no other device is: no
 * address changes, with or without it. */
static void
test_agent (void **state)
{
    static const char bus[] =
        "{\"driver\":\"virtio-serial-pci\",\"id\":"
        "\"agent-bus\",\"max_ports\":2,\"addr\":\"0x2.%d\"";
    struct fake *f = *state;
    struct hv_vm vm = plain;
    struct hv_launch *l;
    char text[128];

    vm.agent = true;
    vm.machine = "q35";
    l = describe (f, &vm);
    snprintf (text, sizeof text, bus, 0);
    assert_non_null (strstr (fake_command (f, l), text));
    assert_non_null (
        strstr (fake_command (f, l),
                "{\"driver\":\"virtserialport\",\"id\":\"agent-port\",\"bus\":"
                "\"agent-bus.0\",\"chardev\":\"agent\",\"name\":"
                "\"org.qemu.guest_agent.0\"}"));
    vm.rng = true;
    l = describe (f, &vm);
    snprintf (text, sizeof text, bus, 1);
    assert_non_null (strstr (fake_command (f, l), text));
    assert_non_null (strstr (fake_command (f, l),
                             "\"rng\":\"rng\",\"addr\":\"0x2.0\","
                             "\"multifunction\":true"));
}

/* Of its two ways to a monitor, that which is not deprecated. */
static void
test_monitor (void **state)
{
    struct fake *f = *state;
    struct hv_launch *l;

    fake_fact (f, "can", "json monitor-object");
    l = describe (f, &plain);
    assert_non_null (strstr (fake_command (f, l),
                             "-object monitor-qmp,id=monitor,chardev=qmp "));
    assert_null (fake_arg (l, "-mon", 0));
}

static void
test_microvm (void **state)
{
    static const uint8_t mac[6] = { 0x52, 0x54, 0, 1, 2, 3 };
    struct fake *f = *state;
    struct hv_vm vm = plain;
    struct hv_launch *l;

    vm.machine = "microvm";
    vm.disks = DISKS (&(const struct hv_disk){
        .name = "root", .layers = LAYERS (LAYER ("/d/root.raw", "raw")) });
    vm.nics = NICS (&(const struct hv_nic){ .name = "lan",
                                            .kind = HV_NIC_TAP,
                                            .mac = { 0x52, 0x54, 0, 1, 2, 3 },
                                            .queues = 2,
                                            .offload = true });
    vm.rng = true;
    l = describe (f, &vm);
    assert_memory_equal (vm.nics[0]->mac, mac, 6);
    assert_string_equal (
        fake_command (f, l), FRAME
        "-machine microvm,dump-guest-core=off -accel kvm -cpu host " SIZE
        "-global virtio-mmio.force-legacy=false " SOCKETS
        " -add-fd fd=6,set=6 -add-fd fd=7,set=6 "
        "-blockdev {\"driver\":\"file\",\"node-name\":\"disk-root-0f\","
        "\"filename\":\"/dev/fdset/6\",\"read-only\":false,"
        "\"discard\":\"unmap\"} "
        "-blockdev {\"driver\":\"null-co\",\"node-name\":\"disk-root-empty\","
        "\"size\":0,\"read-only\":false} "
        "-device {\"driver\":\"virtio-blk-device\",\"id\":\"disk-root\","
        "\"drive\":\"disk-root-empty\",\"rerror\":\"stop\",\"werror\":\"stop\"}"
        " "
        "-netdev tap,id=nic-lan,fds=8:9,vhost=off "
        "-device {\"driver\":\"virtio-net-device\",\"id\":\"nic-lan\","
        "\"netdev\":\"nic-lan\",\"mac\":\"52:54:00:01:02:03\",\"mq\":true} "
        "-object rng-builtin,id=rng "
        "-device {\"driver\":\"virtio-rng-device\",\"id\":\"rng-device\","
        "\"rng\":\"rng\"}");
}

static void
test_virt (void **state)
{
    struct fake *f = *state;
    const struct hv_firmware_image firmware = {
        .mapping = HV_MAP_FLASH,
        .code = "/fw/code.fd",
        .code_format = "raw",
        .vars = "/var/vm1.fd",
        .vars_format = "raw",
    };
    struct hv_vm vm = plain;
    struct hv_launch *l;

    vm.arch = "aarch64";
    vm.machine = "virt-7.2";
    vm.accelerator = "tcg";
    vm.cpu = "max,pauth-impdef=on";
    vm.firmware = &firmware;
    vm.disks = DISKS (
        &(const struct hv_disk){ .name = "a",
                                 .cdrom = true,
                                 .boot = 1,
                                 .layers = LAYERS (LAYER ("/a.iso", "raw")) },
        &(const struct hv_disk){ .name = "b",
                                 .cdrom = true,
                                 .layers = LAYERS (LAYER ("/b.iso", "raw")) });
    l = describe (f, &vm);
    assert_json (l);
    assert_string_equal (fake_arg (l, "-machine", 0),
                         "virt-7.2,dump-guest-core=off,gic-version=max,"
                         "pflash0=flash-code,pflash1=flash-vars");
    assert_string_equal (fake_arg (l, "-device", 0),
                         "{\"driver\":\"virtio-scsi-pci\",\"id\":\"scsi\","
                         "\"addr\":\"0x3.0\",\"disable-legacy\":\"on\"}");
    assert_string_equal (fake_arg (l, "-device", 1),
                         "{\"driver\":\"scsi-cd\",\"id\":\"disk-a\","
                         "\"bus\":\"scsi.0\",\"scsi-id\":0,"
                         "\"drive\":\"disk-a-empty\",\"rerror\":\"stop\","
                         "\"werror\":\"stop\",\"bootindex\":1}");
    assert_string_equal (member (f, l, "disk-b", "scsi-id"), "1");
    assert_string_equal (member (f, l, "disk-a-0f", "read-only"), "true");
    assert_string_equal (fake_arg (l, "-boot", 0), "strict=on");
}

static void
test_uefi (void **state)
{
    struct fake *f = *state;
    const struct hv_firmware_image firmware = {
        .mapping = HV_MAP_FLASH,
        .code = "/fw/code.fd",
        .code_format = "raw",
        .vars = "/var/vm1.qcow2",
        .vars_format = "qcow2",
        .smm = true,
        .secure = true,
    };
    struct hv_vm vm = plain;
    struct hv_launch *l;

    vm.firmware = &firmware;
    l = describe (f, &vm);
    assert_string_equal (
        fake_arg (l, "-machine", 0),
        "pc-q35-7.2,dump-guest-core=off,usb=off,vmport=off,smm=on,"
        "pflash0=flash-code,pflash1=flash-vars");
    assert_string_equal (fake_arg (l, "-global", 0),
                         "driver=cfi.pflash01,property=secure,value=on");
    assert_string_equal (member (f, l, "flash-code", "read-only"), "true");
    assert_string_equal (member (f, l, "flash-vars", "read-only"), "false");
    assert_string_equal (member (f, l, "flash-vars", "backing"), "null");
    assert_int_equal (fake_fd (l, FAKE_OPEN, "/fw/code.fd")->flags, HV_RDONLY);
    assert_int_equal (fake_fd (l, FAKE_OPEN, "/var/vm1.qcow2")->flags, HV_RDWR);
    assert_int_equal (l->n_fds, 3 + 3);
    assert_true (fake_needs (l, "disk"));
}

static void
test_firmware_in_memory (void **state)
{
    struct fake *f = *state;
    struct hv_firmware_image firmware = { .mapping = HV_MAP_MEMORY,
                                          .code = "/fw/bios,1.bin" };
    struct hv_vm vm = plain;
    struct hv_launch *l;

    vm.firmware = &firmware;
    l = describe (f, &vm);
    assert_string_equal (fake_arg (l, "-bios", 0), "/fw/bios,1.bin");
    assert_null (strstr (fake_arg (l, "-machine", 0), "pflash"));
    firmware.mapping = HV_MAP_KERNEL;
    l = describe (f, &vm);
    assert_string_equal (fake_arg (l, "-kernel", 0), "/fw/bios,1.bin");
    assert_null (fake_arg (l, "-bios", 0));
    assert_string_equal (l->exposed[0], "/fw/bios,1.bin");
}

/* For people: paths in place of descriptors, and the guest runs. */
static void
test_by_path (void **state)
{
    struct fake *f = *state;
    struct hv_nic nic = {
        .name = "n", .kind = HV_NIC_TAP, .queues = 2, .ifname = "tap,0"
    };
    struct hv_vm vm = plain;
    struct hv_launch *l;

    vm.by_path = true;
    vm.rundir = "/run/a,b";
    vm.kernel = "/k";
    vm.disks = DISKS (&(const struct hv_disk){
        .name = "d", .layers = LAYERS (LAYER ("/x,y\"\n", "raw")) });
    vm.nics = NICS (&nic);
    l = describe (f, &vm);
    assert_json (l);
    assert_false (fake_has_arg (l, "-S"));
    assert_false (fake_has_arg (l, "-add-fd"));
    assert_null (strstr (fake_command (f, l), "fdset"));
    assert_string_equal (
        fake_arg (l, "-chardev", 0),
        "socket,id=qmp,path=/run/a,,b/qmp.sock,server=on,wait=off");
    assert_string_equal (
        fake_arg (l, "-chardev", 1),
        "socket,id=console,path=/run/a,,b/console.sock,server=on,wait=off");
    assert_string_equal (fake_arg (l, "-netdev", 0),
                         "tap,id=nic-n,ifname=tap,,0,script=no,downscript=no,"
                         "queues=2");
    assert_string_equal (member (f, l, "disk-d-0f", "filename"), "/x,y\"\n");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_q35),     TEST (test_pc_kernel),
        TEST (test_monitor), TEST (test_agent),
        TEST (test_microvm), TEST (test_virt),
        TEST (test_uefi),    TEST (test_firmware_in_memory),
        TEST (test_by_path),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
