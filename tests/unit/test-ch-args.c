/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The cloud-hypervisor plugin without a process: where it is, what it is
 * refused for, and what is described. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/qcow2.h"
#include "tests/ch-server/run.h"

#define DISK(...) (&(const struct hv_disk){ .name = "root", __VA_ARGS__ })
#define NIC(...) (&(const struct hv_nic){ .name = "lan", __VA_ARGS__ })
#define RAW .layers = LAYERS (LAYER ("/disks/root.raw", "raw"))

#if defined(__x86_64__)
#define HOST "x86_64"
#define OTHER "aarch64"
#else
#define HOST "aarch64"
#define OTHER "x86_64"
#endif

static const struct hv_hypervisor *ch;
static struct hv_vm vm;
static const struct hv_disk *disks[12];
static const struct hv_nic *nics[40];

static int
set_up (void **state)
{
    struct fake *f = fake_new (&hv_plugin);

    ch = hv_plugin.hypervisor;
    fake_fact (f, "version", "53.0");
    memset (disks, 0, sizeof disks);
    memset (nics, 0, sizeof nics);
    vm = (struct hv_vm){
        .name = "vm1",
        .uuid = "6f1a1c9a-4b3e-4f0e-9d55-0d6a3f1f0001",
        .rundir = "/run/hvctl/vm/vm1",
        .program = "/usr/bin/cloud-hypervisor",
        .memory = 512 << 20,
        .cpus = 2,
        .arch = HOST,
        .kernel = "/boot/vmlinuz",
        .disks = disks,
        .nics = nics,
        .rng = true,
        .options = fake_options (f, ch->keys, "memory_hotplug", "acpi", NULL),
    };
    *state = f;
    return 0;
}

static int
tear_down (void **state)
{
    fake_free (*state);
    return 0;
}

static bool
have_kvm (void)
{
    return access ("/dev/kvm", R_OK | W_OK) == 0;
}

static void
assert_message (struct fake *f, const char *text)
{
    assert_non_null (f->message);
    if (!strstr (f->message, text)) {
        fail_msg ("not in '%s': '%s'", f->message, text);
    }
}

/* Refused with that in the message. */
static void
refuse (struct fake *f, int error, const char *text)
{
    struct hv_choice choice = { .machine = NULL };

    if (!have_kvm ()) {
        skip ();
    }
    assert_int_equal (ch->check (&f->ctx, &vm, &choice), -error);
    assert_message (f, text);
}

static void
test_locate (void **state)
{
    struct fake *f = *state;
    const char *program = NULL;

    f->own = fake_options (f, hv_plugin.keys, "program", "/bin/true", NULL);
    assert_int_equal (ch->locate (&f->ctx, HOST, &program), 0);
    assert_string_equal (program, "/bin/true");
    assert_int_equal (ch->locate (&f->ctx, OTHER, &program), -ENOTSUP);
    f->own = fake_options (f, hv_plugin.keys, "program", "bin/true", NULL);
    assert_int_equal (ch->locate (&f->ctx, HOST, &program), -EINVAL);
    f->own = fake_options (f, hv_plugin.keys, "program", "/none", NULL);
    assert_int_equal (ch->locate (&f->ctx, HOST, &program), -EINVAL);
    assert_message (f, "/none does not exist: remove or correct 'program'");
}

static void
test_probe (void **state)
{
    static const struct {
        const char *said, *version;
    } all[] = {
        { "cloud-hypervisor v53.0.0\nMigration Protocol Versions: 0\n",
          "53.0" },
        { "cloud-hypervisor v50.1-12-gae44c2971\n", "50.1" },
        { "QEMU emulator version 7.2.22\n", NULL },
        { "", NULL },
        { "cloud-hypervisor vNext\n", NULL },
    };
    struct fake *f = *state;

    for (size_t i = 0; i < ARRAY_SIZE (all); i++) {
        struct hv_list *facts = fake_list (f);

        fake_answer (f, all[i].version ? "good --version" : "bad --version", 0,
                     all[i].said);
        assert_int_equal (ch->probe (&f->ctx, HOST,
                                     all[i].version ? "/x/good" : "/x/bad",
                                     facts),
                          all[i].version ? 0 : -EPROTO);
        if (all[i].version) {
            assert_string_equal (fake_list_get (facts, "version"),
                                 all[i].version);
        }
    }
}

static void
test_real_probe (void **state)
{
    const char *programs[] = { contract_server (), real_program () };
    struct fake *f = *state;

    f->execute = true;
    for (size_t i = 0; i < ARRAY_SIZE (programs) && programs[i]; i++) {
        struct hv_list *facts = fake_list (f);

        if (ch->probe (&f->ctx, HOST, programs[i], facts) < 0) {
            fail_msg ("%s", f->message);
        }
        assert_true (atoi (fake_list_get (facts, "version")) >= 50);
    }
}

static void
test_capabilities (void **state)
{
    static const char *const missing[] = {
        "cdrom",           "firmware:bios", "secure-boot", "boot-order",
        "machine:q35",     "machine:*",     "nic:user",    "nic:vhost-user",
        "accelerator:tcg", "cpu:*",
    };
    struct fake *f = *state;
    struct hv_list *list = fake_list (f);

    assert_int_equal (ch->capabilities (&f->ctx, HOST, list), 0);
    assert_non_null (fake_list_get (list, "arch:" HOST));
    assert_non_null (fake_list_get (list, "firmware:uefi"));
    assert_non_null (fake_list_get (list, "overlay"));
    for (size_t i = 0; i < ARRAY_SIZE (missing); i++) {
        assert_null (fake_list_get (list, missing[i]));
    }
    assert_int_equal (ch->capabilities (&f->ctx, OTHER, list), -ENOTSUP);
}

static void
test_check (void **state)
{
    struct hv_choice choice = { .machine = NULL };
    struct fake *f = *state;

    if (!have_kvm ()) {
        skip ();
    }
    disks[0] = DISK (RAW);
    nics[0] = NIC (.queues = 2);
    vm.cpu = "host";
    assert_int_equal (ch->check (&f->ctx, &vm, &choice), 0);
    assert_string_equal (choice.accelerator, "kvm");
    assert_false (choice.fallback);
    nics[0] = NIC (.queues = 1, .mtu = 9000);
    assert_int_equal (ch->check (&f->ctx, &vm, &choice), 0);
    assert_true (fake_logged (f, HV_WARNING, "MTU of 9000"));
}

static void
test_refused_machines (void **state)
{
    struct fake *f = *state;

    vm.machine = "q35";
    refuse (f, ENOTSUP, "leave out machine = q35");
    vm.machine = NULL;
    vm.cpu = "qemu64";
    refuse (f, ENOTSUP, "leave out cpu = qemu64");
    vm.cpu = NULL;
    vm.accelerator = "tcg";
    refuse (f, ENOTSUP, "does not support accelerator 'tcg'");
    vm.accelerator = "kvm";
    vm.rng = false;
    refuse (f, ENOTSUP, "rng");
    vm.rng = true;
    vm.agent = true;
    refuse (f, ENOTSUP, "has no virtio-serial ports");
    vm.agent = false;
    vm.arch = OTHER;
    refuse (f, ENOTSUP, OTHER);
    vm.arch = HOST;
    vm.kernel = NULL;
    refuse (f, ENOTSUP, "no BIOS");
    vm.cmdline = "quiet";
    refuse (f, EINVAL, "without a kernel");
    vm.cmdline = NULL;
    vm.uefi = vm.secure_boot = true;
    refuse (f, ENOTSUP, "no secure boot");
    vm.secure_boot = false;
    vm.memory++;
    refuse (f, EINVAL, "whole number of MiB");
    vm.memory = (uint64_t)1 << 50;
    refuse (f, ENOTSUP, "more than");
}

static void
test_old_versions (void **state)
{
    static const char *const old[] = { "23.0", "49.0", "50.0" };
    struct fake *f = *state;

    for (size_t i = 0; i < ARRAY_SIZE (old); i++) {
        f->n_facts = 0;
        fake_fact (f, "version", old[i]);
        refuse (f, ENOTSUP, "too old");
        assert_message (f, "50.1");
    }
    f->n_facts = 0;
    fake_fact (f, "version", "50.1");
    vm.machine = "q35"; /* The next thing that is looked at. */
    refuse (f, ENOTSUP, "machine");
}

/* An image of one megabyte with a bit set in its header
 * (docs/interop/qcow2.txt) is refused; without it, and read-only, it may be
 * taken. */
static void
refuse_image (struct fake *f, size_t at, unsigned char bit, bool readonly,
              const char *says)
{
    char path[] = "/tmp/hvctl-test-image.XXXXXX", reason[QCOW2_REASON];
    unsigned char header[512] = "QFI\xfb";
    struct qcow2_header read;
    struct hv_choice choice = { 0 };
    int fd = mkstemp (path);

    header[7] = 3;     /* Version. */
    header[23] = 16;   /* Cluster bits. */
    header[29] = 16;   /* Size: 1 << 20. */
    header[39] = 1;    /* L1 entries, */
    header[45] = 3;    /* where they are, */
    header[53] = 1;    /* the table of reference counts, */
    header[59] = 1;    /* and its clusters. */
    header[99] = 4;    /* Reference count order. */
    header[103] = 104; /* Header length. */
    disks[0] =
        DISK (.layers = LAYERS (LAYER (path, "qcow2")), .readonly = readonly);
    assert_int_equal (pwrite (fd, header, sizeof header, 0), sizeof header);
    assert_true (qcow2_read (fd, &read, reason));
    fake_reset (f);
    assert_int_equal (ch->check (&f->ctx, &vm, &choice), 0);
    header[at] |= bit;
    assert_int_equal (pwrite (fd, header, sizeof header, 0), sizeof header);
    refuse (f, ENOTSUP, says);
    unlink (path);
    close (fd);
}

static void
test_refused_disks (void **state)
{
    struct fake *f = *state;
    const struct hv_layer *many[12] = { NULL };

    disks[0] = DISK (RAW, .cdrom = true);
    refuse (f, ENOTSUP, "CD-ROM");
    disks[0] = DISK (RAW, .boot = 1);
    refuse (f, ENOTSUP, "boot order");
    disks[0] = DISK (RAW, .serial = "123456789012345678901");
    refuse (f, EINVAL, "longer than 20");
    disks[0] = DISK (.layers = LAYERS (LAYER ("/d.vmdk", "vmdk")));
    refuse (f, ENOTSUP, "'vmdk'");
    many[0] = LAYER ("/d", "qcow2");
    for (int i = 1; i < 11; i++) {
        many[i] = many[0];
    }
    disks[0] = DISK (.layers = many);
    refuse (f, ENOTSUP, "11 layers");
    refuse_image (f, 79, 1 << 4, false, "extended L2");
    refuse_image (f, 79, 1 << 4, true, "extended L2");
    refuse_image (f, 95, 1, false, "has dirty bitmaps");
}

static void
test_refused_nics (void **state)
{
    struct fake *f = *state;

    nics[0] = NIC (.queues = 1, .kind = HV_NIC_USER);
    refuse (f, ENOTSUP, "user-mode");
    nics[0] = NIC (.queues = 1, .kind = HV_NIC_VHOST_USER);
    refuse (f, ENOTSUP, "vhost-user");
    nics[0] = NIC (.queues = 1, .kind = HV_NIC_PCI);
    refuse (f, ENOTSUP, "PCI");
    nics[0] = NIC (.queues = 3);
    refuse (f, ENOTSUP, "3 queues");
    nics[0] = NIC (.queues = 1, .boot = 1);
    refuse (f, ENOTSUP, "boot");
    nics[0] = NIC (.queues = 1);
    for (int i = 1; i < 30; i++) {
        nics[i] = nics[0];
    }
    refuse (f, ENOTSUP, "30 disks and NICs");
}

/* It starts, and only what has a NIC does not. */
static void
test_taps_of_old_versions (void **state)
{
    struct hv_choice choice = { .machine = NULL };
    struct fake *f = *state;

    if (!have_kvm ()) {
        skip ();
    }
    f->n_facts = 0;
    fake_fact (f, "version", "51.2");
    assert_int_equal (ch->check (&f->ctx, &vm, &choice), 0);
    nics[0] = NIC (.queues = 1);
    refuse (f, ENOTSUP, "52 or newer");
}

static void
test_refused_limits (void **state)
{
    struct fake *f = *state;

    vm.options = fake_options (f, ch->keys, "max_cpus", "1", "memory_hotplug",
                               "acpi", NULL);
    refuse (f, EINVAL, "max_cpus");
    vm.options = fake_options (f, ch->keys, "max_cpus", "10000", NULL);
    refuse (f, ENOTSUP, "10000");
    vm.options = fake_options (f, ch->keys, "max_memory", "256M", NULL);
    refuse (f, EINVAL, "max_memory");
    vm.options = fake_options (f, ch->keys, "max_memory", "576M", NULL);
    refuse (f, EINVAL, "128M");
    vm.options = fake_options (f, ch->keys, "memory_hotplug", "magic", NULL);
    refuse (f, EINVAL, "'magic'");
}

/* The process begins with its channels and knows nothing. */
static void
assert_lent (const struct hv_launch *l, const char *path, uint32_t flags)
{
    for (size_t i = 0; i < l->n_lent; i++) {
        if (!strcmp (l->lent[i].path, path)) {
            assert_int_equal (l->lent[i].flags, flags);
            return;
        }
    }
    fail_msg ("%s is not lent", path);
}

static void
test_describe (void **state)
{
    struct fake *f = *state;
    struct hv_launch *l = fake_launch (f, false);
    const struct fake_fd *api, *events;

    disks[0] = DISK (.layers = LAYERS (LAYER ("/disks/top", "qcow2"),
                                       LAYER ("/disks/base", "raw")));
    nics[0] = NIC (.queues = 1, .kind = HV_NIC_TAP);
    assert_int_equal (ch->describe (&f->ctx, &vm, l), 0);
    api = fake_fd (l, FAKE_LISTEN, "api");
    events = fake_fd (l, FAKE_LOGFILE, "events");
    assert_non_null (api);
    assert_non_null (events);
    assert_string_equal (l->args[0], vm.program);
    assert_string_equal (fake_arg (l, "--api-socket", 0),
                         hv_format (&f->ctx, "fd=%d", api->number));
    assert_string_equal (fake_arg (l, "--event-monitor", 0),
                         hv_format (&f->ctx, "fd=%d", events->number));
    assert_string_equal (fake_arg (l, "--seccomp", 0), "true");
    assert_null (fake_arg (l, "--disk", 0));
    assert_null (fake_arg (l, "--kernel", 0));
    assert_true (fake_needs (l, "kvm"));
    assert_true (fake_needs (l, "cloud-hypervisor"));
    assert_non_null (fake_fd (l, FAKE_LISTEN, "console"));
    assert_true (l->relayed);
    assert_true (fake_has_arg (l, "--no-shutdown"));
    assert_string_equal (l->watched, "events: shutdown");
    /* It opens no more than this, and writes to no more than the disk. */
    assert_lent (l, "/dev/urandom", HV_RDONLY);
    assert_lent (l, vm.kernel, HV_RDONLY);
    assert_lent (l, "/disks/top", HV_RDWR);
    assert_lent (l, "/disks/base", HV_RDONLY);
    assert_int_equal (l->n_lent, 4);
}

/* A VM without disks and NICs may get some; one whose disk is not for writing
 * can not write; an old one ends with its guest. */
static void
test_describe_less (void **state)
{
    struct fake *f = *state;
    struct hv_launch *l = fake_launch (f, false);

    assert_int_equal (ch->describe (&f->ctx, &vm, l), 0);
    assert_true (fake_needs (l, "disk"));
    assert_true (fake_needs (l, "aio"));
    assert_true (fake_needs (l, "net"));

    disks[0] = DISK (RAW, .readonly = true);
    l = fake_launch (f, false);
    f->n_facts = 0;
    fake_fact (f, "version", "51.1");
    assert_int_equal (ch->describe (&f->ctx, &vm, l), 0);
    assert_lent (l, "/disks/root.raw", HV_RDONLY);
    assert_false (fake_has_arg (l, "--no-shutdown"));
    assert_null (l->watched);
}

/* All of what a definition can say is in the command that is for people. */
static void
test_describe_by_path (void **state)
{
    struct fake *f = *state;
    struct hv_launch *l = fake_launch (f, true);

    vm.by_path = true;
    vm.cmdline = "--console=ttyS0 root=/dev/vda";
    vm.initrd = "/boot/initrd";
    vm.options = fake_options (f, ch->keys, "max_cpus", "8", "max_memory", "1G",
                               "memory_hotplug", "virtio-mem", NULL);
    disks[0] = DISK (.layers = LAYERS (LAYER ("/a,b/\"top\"", "qcow2"),
                                       LAYER ("/disks/base", "raw")),
                     .serial = "A B");
    disks[1] = DISK (RAW, .readonly = true);
    nics[0] = NIC (.kind = HV_NIC_TAP, .ifname = "hv-vm1-lan", .queues = 2,
                   .mac = { 0x52, 0x54, 0, 1, 2, 3 }, .offload = false);
    assert_int_equal (ch->describe (&f->ctx, &vm, l), 0);
    assert_string_equal (fake_arg (l, "--api-socket", 0),
                         "path=/run/hvctl/vm/vm1/api.sock");
    assert_null (fake_arg (l, "--event-monitor", 0));
    assert_string_equal (fake_arg (l, "--cpus", 0), "boot=2,max=8");
    assert_string_equal (
        fake_arg (l, "--memory", 0),
        "size=512M,hotplug_size=512M,hotplug_method=virtio-mem");
    assert_true (fake_has_arg (l, "--kernel=/boot/vmlinuz"));
    assert_true (fake_has_arg (l, "--initramfs=/boot/initrd"));
    assert_true (fake_has_arg (l, "--cmdline=--console=ttyS0 root=/dev/vda"));
    assert_string_equal (fake_arg (l, "--disk", 0),
                         "id=disk-root,path=\"/a,b/\"\"top\"\"\","
                         "image_type=qcow2,backing_files=on,readonly=off,"
                         "serial=\"A B\"");
    assert_string_equal (fake_arg (l, "--disk", 1),
                         "id=disk-root,path=/disks/root.raw,image_type=raw,"
                         "backing_files=off,readonly=on");
    assert_string_equal (fake_arg (l, "--net", 0),
                         "id=nic-lan,tap=hv-vm1-lan,mac=52:54:00:01:02:03,"
                         "num_queues=4,offload_tso=off,offload_ufo=off,"
                         "offload_csum=off");
    assert_string_equal (fake_arg (l, "--serial", 0), "tty");
    assert_string_equal (fake_arg (l, "--console", 0), "off");
    assert_string_equal (fake_arg (l, "--platform", 0),
                         "uuid=6f1a1c9a-4b3e-4f0e-9d55-0d6a3f1f0001");
}

static void
test_describe_firmware (void **state)
{
    const struct hv_firmware_image image = { .mapping = HV_MAP_KERNEL,
                                             .code = "/fw/CLOUDHV.fd" };
    struct fake *f = *state;
    struct hv_launch *l = fake_launch (f, true);

    vm.by_path = true;
    vm.kernel = NULL;
    vm.firmware = &image;
    assert_int_equal (ch->describe (&f->ctx, &vm, l), 0);
    assert_true (fake_has_arg (l, "--firmware=/fw/CLOUDHV.fd"));
    assert_string_equal (fake_arg (l, "--memory", 0), "size=512M");
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_locate),
        TEST (test_probe),
        TEST (test_real_probe),
        TEST (test_capabilities),
        TEST (test_check),
        TEST (test_refused_machines),
        TEST (test_old_versions),
        TEST (test_refused_disks),
        TEST (test_refused_nics),
        TEST (test_taps_of_old_versions),
        TEST (test_refused_limits),
        TEST (test_describe),
        TEST (test_describe_less),
        TEST (test_describe_by_path),
        TEST (test_describe_firmware),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
