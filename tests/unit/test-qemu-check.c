/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What the qemu plugin finds, promises, chooses and refuses; the probe is in
 * test-qemu-probe.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "tests/kit/fake-host.h"

#define MACHINES                                                               \
    "microvm=288 pc-i440fx-6.2=255 pc-i440fx-7.2=255 pc-q35-7.1=288 "          \
    "pc-q35-7.2=288"

static const struct hv_layer raw = { "/d/raw", "raw" };
static const struct hv_layer qcow2 = { "/d/qcow2", "qcow2" };
static const struct hv_layer vmdk = { "/d/x.vmdk", "vmdk" };

static struct hv_vm vm;            /* What each test starts from. */
static const char *host, *foreign; /* Architectures. */

static int
setup (void **state)
{
    static const struct hv_disk *const no_disks[] = { NULL };
    static const struct hv_nic *const no_nics[] = { NULL };
    static struct utsname u;
    struct fake *f = fake_new (&hv_plugin);

    uname (&u);
    host = u.machine;
    foreign = strcmp (host, "x86_64") ? "x86_64" : "aarch64";
    vm = (struct hv_vm){
        .name = "vm1",
        .uuid = "U",
        .rundir = "/run/vm1",
        .program = "/usr/bin/qemu",
        .memory = 64 << 20,
        .cpus = 1,
        .arch = "x86_64",
        .accelerator = "tcg",
        .disks = no_disks,
        .nics = no_nics,
    };
    fake_fact (f, "version", "7.2.22");
    fake_fact (f, "machines", MACHINES);
    fake_fact (f, "machine.q35", "pc-q35-7.2");
    fake_fact (f, "machine.pc", "pc-i440fx-7.2");
    fake_fact (f, "cpus", "Broadwell Broadwell-v1 EPYC max qemu64");
    *state = f;
    return 0;
}

static int
teardown (void **state)
{
    fake_free (*state);
    return 0;
}

static struct hv_choice
accept (struct fake *f)
{
    struct hv_choice out = { 0 };

    if (hv_plugin.hypervisor->check (&f->ctx, &vm, &out)) {
        fail_msg ("%s", f->message);
    }
    return out;
}

static void
refuse (struct fake *f, int error, const char *words)
{
    struct hv_choice out = { 0 };

    f->message = "it was accepted";
    assert_int_equal (hv_plugin.hypervisor->check (&f->ctx, &vm, &out), -error);
    if (!strstr (f->message, words)) {
        fail_msg ("'%s' is not in: %s", words, f->message);
    }
}

static void
test_machine (void **state)
{
    struct fake *f = *state;

    assert_string_equal (accept (f).machine, "pc-q35-7.2");
    vm.machine = "pc";
    assert_string_equal (accept (f).machine, "pc-i440fx-7.2");
    vm.machine = "pc-q35-7.1";
    assert_string_equal (accept (f).machine, "pc-q35-7.1");
    vm.machine = "pc-q35-9.0";
    refuse (f, ENOTSUP,
            "QEMU 7.2.22 has no machine 'pc-q35-9.0' for x86_64 that hvctl "
            "can use, but q35, pc, microvm, and similar names: "
            "pc-q35-7.2, pc-q35-7.1");
    vm.machine = "mircovm";
    refuse (f, ENOTSUP, "similar names: microvm");
    vm.machine = "isapc";
    refuse (f, ENOTSUP, "no machine 'isapc'");
    vm.machine = "q35,accel=kvm";
    refuse (f, ENOTSUP, "no machine 'q35,accel=kvm'");
    vm.machine = "virt";
    refuse (f, ENOTSUP, "no machine 'virt'");
    vm.machine = "microvm";
    vm.cpus = 289;
    refuse (f, ENOTSUP, "microvm has at most 288 vCPUs, and 289");
    vm.arch = "riscv64";
    refuse (f, ENOTSUP, "architecture 'riscv64'");
}

static void
test_not_probed (void **state)
{
    struct fake *f = *state;

    f->n_facts = 0;
    assert_string_equal (accept (f).machine, "q35");
    assert_true (fake_logged (f, HV_INFO, "has not been probed"));
    vm.machine = "q53";
    refuse (f, ENOTSUP, "similar names: q35");
    assert_int_equal (f->n_programs, 0);
}

static void
test_version (void **state)
{
    struct fake *f = *state;

    fake_fact (f, "version", "6.1.9");
    fake_fact (f, "can", "netdev-socket netdev-user");
    refuse (f, ENOTSUP,
            "/usr/bin/qemu is QEMU 6.1.9, which is too old: 6.2 or newer");
    /* What it can do decides, whatever its number. */
    fake_fact (f, "can", "json netdev-socket netdev-user");
    accept (f);
    fake_fact (f, "version", "10.0.0");
    fake_fact (f, "can", "");
    refuse (f, ENOTSUP, "which is too old");
}

static void
test_accelerator (void **state)
{
    struct fake *f = *state;
    struct hv_choice out;

    vm.arch = host;
    if (!strcmp (host, "aarch64")) {
        vm.kernel = "/k";
        f->n_facts = 0;
    }
    fake_fact (f, "kvm", "yes");
    fake_fact (f, "kvm.cpu_host", "yes");
    vm.accelerator = "auto";
    out = accept (f);
    assert_string_equal (out.accelerator, "kvm");
    assert_string_equal (out.cpu, "host");
    assert_false (out.fallback);

    fake_fact (f, "kvm.cpu_host", "no: failed to set MSR 0x10a");
    out = accept (f);
    assert_string_equal (out.accelerator, "tcg");
    assert_true (out.fallback);
    assert_non_null (strstr (out.accelerator_why,
                             "-cpu host aborts under KVM (failed to set MSR "
                             "0x10a)"));
    vm.accelerator = "kvm";
    refuse (f, ENOTSUP, "accelerator kvm is not available: -cpu host aborts");

    vm.cpu = "host,-arch-capabilities";
    out = accept (f);
    assert_string_equal (out.accelerator, "kvm");
    assert_string_equal (out.cpu, "host,-arch-capabilities");

    fake_fact (f, "kvm", "no: /dev/kvm is not there");
    refuse (
        f, ENOTSUP,
        "accelerator kvm is not available: KVM does not work here: /dev/kvm "
        "is not there");
    vm.accelerator = "auto";
    refuse (f, ENOTSUP, "cpu = host,-arch-capabilities needs KVM");
    vm.cpu = NULL;
    assert_true (accept (f).fallback);
    vm.accelerator = "xen";
    refuse (f, ENOTSUP, "accelerator 'xen' is not supported");
}

/* Another architecture has no KVM to fall back from. */
static void
test_foreign (void **state)
{
    struct fake *f = *state;
    struct hv_choice out;

    f->n_facts = 0;
    fake_fact (f, "kvm", "yes");
    fake_fact (f, "kvm.cpu_host", "yes");
    vm.arch = foreign;
    vm.kernel = "/k";
    vm.accelerator = "auto";
    out = accept (f);
    assert_string_equal (out.accelerator, "tcg");
    assert_false (out.fallback);
    vm.accelerator = "kvm";
    refuse (f, ENOTSUP, "KVM on this host cannot run");
}

static void
test_cpu (void **state)
{
    struct fake *f = *state;

    assert_string_equal (accept (f).cpu, "max");
    vm.cpu = "EPYC,-svm";
    assert_string_equal (accept (f).cpu, "EPYC,-svm");
    vm.cpu = "Broadwall";
    refuse (f, ENOTSUP,
            "QEMU 7.2.22 has no CPU model 'Broadwall' for x86_64; similar "
            "names: Broadwell-v1, Broadwell");
    vm.cpu = "host";
    refuse (f, ENOTSUP, "needs KVM");
    vm.cpu = "a b";
    refuse (f, EINVAL, "is not the name of a CPU model");
}

static void
test_memory (void **state)
{
    struct fake *f = *state;

    vm.memory = UINT64_C (1) << 60;
    refuse (f, ENOTSUP, "memory = 1024P is more than the ");
    vm.memory = 1000000;
    refuse (f, EINVAL, "1000000 bytes");
    vm.memory = 255 << 20;
    vm.uefi = true;
    refuse (f, ENOTSUP, "less than 256M of memory, but memory = 255M");
    vm.memory = 256 << 20;
    accept (f);
}

static void
test_boot (void **state)
{
    struct fake *f = *state;

    vm.memory = 256 << 20;
    vm.uefi = true;
    vm.machine = "microvm";
    refuse (f, ENOTSUP, "no flash for UEFI");
    vm.machine = "pc";
    accept (f);
    vm.secure_boot = true;
    refuse (f, ENOTSUP, "secure boot needs machine q35");
    vm.machine = "q35";
    accept (f);
    vm.cmdline = "quiet";
    refuse (f, EINVAL, "a command line is given without a kernel");
    vm.initrd = "/i";
    refuse (f, EINVAL, "an initrd is given without a kernel");
    vm.kernel = "/k";
    accept (f);
    f->n_facts = 0;
    vm = (struct hv_vm){
        .arch = "aarch64", .memory = 64 << 20, .cpus = 1, .accelerator = "tcg"
    };
    refuse (f, ENOTSUP, "machine virt has no BIOS");
    vm.kernel = "/k";
    assert_string_equal (accept (f).machine, "virt");
}

/* The CD-ROM drive of machine virt is a SCSI drive. */
static void
test_scsi_serial (void **state)
{
    struct fake *f = *state;
    const struct hv_layer *layers[] = { &raw, NULL };
    struct hv_disk disk = { .name = "cd", .layers = layers, .cdrom = true };

    f->n_facts = 0;
    vm = (struct hv_vm){
        .arch = "aarch64",
        .memory = 64 << 20,
        .cpus = 1,
        .accelerator = "tcg",
        .kernel = "/k",
        .disks = (const struct hv_disk *const[]){ &disk, NULL },
    };
    disk.serial = "2QF9515UN6M8D358QG5G34IGQO";
    accept (f);
    disk.serial = "1234567890123456789012345678901234567";
    refuse (f, EINVAL, "serial number of disk 'cd' is longer than 36");
}

static void
test_disks (void **state)
{
    struct fake *f = *state;
    const struct hv_layer *layers[3] = { &raw };
    struct hv_disk disk = { .name = "root", .layers = layers };
    const struct hv_disk *disks[200] = { &disk };

    vm.disks = disks;
    accept (f);
    layers[0] = &vmdk;
    refuse (f, ENOTSUP, "format 'vmdk' of /d/x.vmdk");
    layers[0] = &qcow2;
    layers[1] = &raw;
    accept (f);
    layers[0] = &raw;
    layers[1] = &qcow2;
    refuse (f, EINVAL, "/d/raw is a raw image, which cannot");
    layers[1] = NULL;
    disk.serial = "123456789012345678901";
    refuse (f, EINVAL, "serial number of disk 'root' is longer than 20");
    disk.serial = "12345678901234567890";
    accept (f);
    disk.wwn = 0x5525400908fe6258;
    refuse (f, ENOTSUP, "disk 'root': a virtio block device has no WWN");
    disk.cdrom = true;
    accept (f);
    disk.serial = "123456789012345678901";
    refuse (f, EINVAL, "serial number of disk 'root' is longer than 20");
    disk.serial = NULL;
    vm.machine = "microvm";
    refuse (f, ENOTSUP, "no CD-ROM drive");
    vm.machine = "pc";
    for (size_t i = 1; i < 5; i++) {
        disks[i] = &disk;
    }
    refuse (f, ENOTSUP, "at most 4 CD-ROM drives, and 5");
    vm.machine = "q35";
    accept (f);
    disk.cdrom = false;
    disk.wwn = 0;
    for (size_t i = 5; i < 121; i++) {
        disks[i] = &disk;
    }
    refuse (f, ENOTSUP, "121 disks are too many: at most 120");
    vm.machine = "microvm";
    disks[24] = NULL;
    accept (f);
    vm.rng = true;
    refuse (f, ENOTSUP, "room for 24 devices, and 25");
}

static void
test_nics (void **state)
{
    static const char *const wrong[] = {
        "tcp:127.0.0.1:22",       "sctp:127.0.0.1:22:22",
        "tcp::2222:22",           "tcp:127.0.0.1:0:22",
        "tcp:127.0.0.1:65536:22", "tcp:127.0.0.1:22:22x",
        "tcp:127.0.0.1:22:22;x",  "tcp:localhost:22:22",
        "tcp:127.0.0.1:22:-1",    "tcp:127.0.0.1:99999999999:22",
        "tcp:127.0.0.1:1:2,,",    "tcp:1111111111111111:22:22",
    };
    struct fake *f = *state;
    struct hv_nic nic = { .name = "lan", .kind = HV_NIC_TAP, .queues = 4 };
    const struct hv_nic *nics[] = { &nic, NULL };

    vm.nics = nics;
    accept (f);
    nic.kind = HV_NIC_VHOST_USER;
    refuse (f, ENOTSUP, "nic 'lan' uses vhost-user without a socket");
    nic.socket = "/run/ovs/lan.sock";
    accept (f);
    nic.kind = HV_NIC_PCI;
    refuse (f, ENOTSUP, "nic 'lan' uses PCI passthrough");
    nic.kind = HV_NIC_USER;
    refuse (f, ENOTSUP, "one queue");
    nic.queues = 1;
    nic.forward = "tcp:127.0.0.1:2222:22,udp:0.0.0.0:1:65535";
    accept (f);
    for (size_t i = 0; i < ARRAY_SIZE (wrong); i++) {
        nic.forward = wrong[i];
        refuse (f, EINVAL, "is not a list of forwarded ports");
    }
}

static void
test_locate (void **state)
{
    struct fake *f = *state;
    const char *program = NULL;
    int rc = hv_plugin.hypervisor->locate (&f->ctx, "x86_64", &program);

    if (rc == 0) {
        assert_int_equal (access (program, X_OK), 0);
    } else {
        assert_int_equal (rc, -ENOENT);
        assert_non_null (strstr (f->message, "qemu-system-x86 (Debian"));
    }
    assert_int_equal (hv_plugin.hypervisor->locate (&f->ctx, "sparc", &program),
                      -ENOTSUP);
    f->own = fake_options (f, hv_plugin.keys, "program_aarch64", "/bin/sh",
                           "program_x86_64", "/no/qemu", NULL);
    assert_int_equal (
        hv_plugin.hypervisor->locate (&f->ctx, "aarch64", &program), 0);
    assert_string_equal (program, "/bin/sh");
    assert_int_equal (
        hv_plugin.hypervisor->locate (&f->ctx, "x86_64", &program), -EINVAL);
    assert_non_null (strstr (f->message, "/no/qemu does not exist: remove or "
                                         "correct 'program_x86_64'"));
    f->own = fake_options (f, hv_plugin.keys, "program_x86_64", "qemu", NULL);
    assert_int_equal (
        hv_plugin.hypervisor->locate (&f->ctx, "x86_64", &program), -EINVAL);
}

static void
test_capabilities (void **state)
{
    static const char *const expected[] = {
        "arch:x86_64", "machine:q35", "machine:*", "cpu:*",
        "disk:qcow2",  "nic:user",    "pause",     "secure-boot",
    };
    struct fake *f = *state;
    struct hv_list *list = fake_list (f);

    assert_int_equal (
        hv_plugin.hypervisor->capabilities (&f->ctx, "x86_64", list), 0);
    for (size_t i = 0; i < ARRAY_SIZE (expected); i++) {
        assert_non_null (fake_list_get (list, expected[i]));
    }
    assert_null (fake_list_get (list, "nic:pci"));
    assert_null (fake_list_get (list, "machine:virt"));
    list = fake_list (f);
    assert_int_equal (
        hv_plugin.hypervisor->capabilities (&f->ctx, foreign, list), 0);
    assert_null (fake_list_get (list, "accelerator:kvm"));
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_machine),      TEST (test_not_probed), TEST (test_version),
        TEST (test_accelerator),  TEST (test_foreign),    TEST (test_cpu),
        TEST (test_memory),       TEST (test_boot),       TEST (test_disks),
        TEST (test_scsi_serial),  TEST (test_nics),       TEST (test_locate),
        TEST (test_capabilities),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
