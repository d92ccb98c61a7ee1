/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What the qemu plugin makes of a VM: whole command lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <json-c/json.h>
#include <string.h>

#include "tests/fake-host.h"

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

#define LAYERS(...)                                                            \
    (const struct hv_layer *const[])                                           \
    {                                                                          \
        __VA_ARGS__, NULL                                                      \
    }
#define LAYER(p, f)                                                            \
    &(const struct hv_layer)                                                   \
    {                                                                          \
        .path = (p), .format = (f)                                             \
    }
#define DISKS(...)                                                             \
    (const struct hv_disk *const[])                                            \
    {                                                                          \
        __VA_ARGS__, NULL                                                      \
    }
#define NICS(...)                                                              \
    (const struct hv_nic *const[])                                             \
    {                                                                          \
        __VA_ARGS__, NULL                                                      \
    }

static const struct hv_disk *const no_disks[] = { NULL };
static const struct hv_nic *const no_nics[] = { NULL };

static const struct hv_vm plain = {
    .name = "vm1",
    .uuid = "U",
    .rundir = "/run/vm1",
    .program = "/usr/bin/qemu",
    .memory = 512 << 20,
    .cpus = 2,
    .arch = "x86_64",
    .machine = "pc-q35-7.2",
    .accelerator = "kvm",
    .cpu = "host",
    .disks = no_disks,
    .nics = no_nics,
};

static int
setup (void **state)
{
    *state = fake_new (&hv_plugin);
    return 0;
}

static int
teardown (void **state)
{
    fake_free (*state);
    return 0;
}

static struct hv_launch *
describe (struct fake *f, const struct hv_vm *vm)
{
    struct hv_launch *out = fake_launch (f, vm->by_path);

    if (hv_plugin.hypervisor->describe (&f->ctx, vm, out)) {
        fail_msg ("%s", f->message);
    }
    return out;
}

/* Every JSON argument must say what it says by itself. */
static void
assert_json (const struct hv_launch *l)
{
    for (size_t i = 0; i < l->n_args; i++) {
        if (!strcmp (l->args[i], "-device")
            || !strcmp (l->args[i], "-blockdev")) {
            struct json_object *o = json_tokener_parse (l->args[i + 1]);

            assert_true (json_object_is_type (o, json_type_object));
            json_object_put (o);
        }
    }
}

/* Returns a member of the JSON argument with this id or node name, as text. */
static const char *
member (struct fake *f, const struct hv_launch *l, const char *id,
        const char *key)
{
    for (size_t i = 0; i < l->n_args; i++) {
        struct json_object *o, *v;
        const char *found = NULL;

        if (l->args[i][0] != '{') {
            continue;
        }
        o = json_tokener_parse (l->args[i]);
        if ((json_object_object_get_ex (o, "id", &v)
             || json_object_object_get_ex (o, "node-name", &v))
            && !strcmp (json_object_get_string (v), id)) {
            found = json_object_object_get_ex (o, key, &v)
                        ? v ? json_object_get_string (v) : "null"
                        : "";
            found = hv_format (&f->ctx, "%s", found);
        }
        json_object_put (o);
        if (found) {
            return found;
        }
    }
    fail_msg ("there is no '%s'", id);
    return NULL;
}

static void
test_q35 (void **state)
{
    struct fake *f = *state;
    struct hv_launch *l = describe (f, &plain);

    assert_string_equal (
        fake_command (f, l),
        FRAME "-machine pc-q35-7.2,dump-guest-core=off,usb=off,vmport=off,"
              "smm=off,graphics=off -accel kvm -cpu host " SIZE SOCKETS);
    assert_int_equal (l->n_needs, 2);
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
                                            .mac = "\x52\x54\0\1\2\3",
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
        "-blockdev {\"driver\":\"raw\",\"node-name\":\"disk-root-0\","
        "\"file\":\"disk-root-0f\",\"read-only\":false,\"discard\":\"unmap\"} "
        "-device {\"driver\":\"virtio-blk-device\",\"id\":\"disk-root\","
        "\"drive\":\"disk-root-0\",\"rerror\":\"stop\",\"werror\":\"stop\"} "
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
                         "\"drive\":\"disk-a-0\",\"rerror\":\"stop\","
                         "\"werror\":\"stop\",\"bootindex\":1}");
    assert_string_equal (member (f, l, "disk-b", "scsi-id"), "1");
    assert_string_equal (member (f, l, "disk-a-0", "read-only"), "true");
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

/* The top is writable, with a descriptor to reopen it read-only by; what is
 * below is not. */
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
    assert_string_equal (member (f, l, "disk-root-0", "backing"),
                         "disk-root-1");
    assert_string_equal (member (f, l, "disk-root-1", "backing"),
                         "disk-root-2");
    assert_string_equal (member (f, l, "disk-root-2", "backing"), "null");
    assert_string_equal (member (f, l, "disk-root-1", "read-only"), "true");
    assert_string_equal (member (f, l, "disk-root-0", "read-only"), "false");
    assert_string_equal (member (f, l, "disk-root", "bootindex"), "1");
    assert_string_equal (member (f, l, "disk-root", "serial"), "S1");
    assert_string_equal (member (f, l, "disk-root", "addr"), "0x10.0");
}

static void
test_cdroms (void **state)
{
    struct fake *f = *state;
    struct hv_disk cd[3] = {
        { .name = "a", .cdrom = true, .layers = LAYERS (LAYER ("/a", "raw")) },
        { .name = "b", .cdrom = true, .layers = LAYERS (LAYER ("/b", "raw")) },
        { .name = "c", .cdrom = true, .layers = LAYERS (LAYER ("/c", "raw")) },
    };
    struct hv_vm vm = plain;
    struct hv_launch *l;

    vm.disks = DISKS (&cd[0], &cd[1], &cd[2]);
    l = describe (f, &vm);
    assert_string_equal (member (f, l, "disk-c", "driver"), "ide-cd");
    assert_string_equal (member (f, l, "disk-c", "bus"), "ide.2");
    assert_string_equal (member (f, l, "disk-c", "unit"), "0");
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
                         "user,id=nic-n,hostfwd=tcp:127.0.0.1:2222-:22,"
                         "hostfwd=udp:0.0.0.0:53-:5353");
    assert_string_equal (member (f, l, "nic-n", "csum"), "");
    nic.forward = NULL;
    nic.options = fake_options (f, keys, "hostname", "h,restrict=off",
                                "restrict", "yes", "dns", "10.0.2.9", NULL);
    l = describe (f, &vm);
    assert_string_equal (fake_arg (l, "-netdev", 0),
                         "user,id=nic-n,net=10.0.2.0/24,dns=10.0.2.9,"
                         "hostname=h,,restrict=off,restrict=on");
    assert_true (fake_needs (l, "slirp") && !fake_needs (l, "net"));
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
        "disk-abcdefghijk.8ee4b387-0");
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

#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_q35),       TEST (test_pc_kernel),
        TEST (test_microvm),   TEST (test_virt),
        TEST (test_uefi),      TEST (test_firmware_in_memory),
        TEST (test_chain),     TEST (test_cdroms),
        TEST (test_addresses), TEST (test_taps),
        TEST (test_user),      TEST (test_by_path),
        TEST (test_hostile),   TEST (test_block_device),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
