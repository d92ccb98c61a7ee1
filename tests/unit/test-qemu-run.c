/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The qemu plugin with real QEMUs, under TCG: probe, check, describe, and
 * then all that can be said to a machine, which is started as the core does,
 * from the description alone (but without a jail).  Emulators that are not
 * installed are skipped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "tests/kit/fake-host.h"
#include "tests/unit/test-qemu-launch.h"

#define OVMF "/usr/share/OVMF/OVMF_CODE_4M.fd"
#define OVMF_VARS "/usr/share/OVMF/OVMF_VARS_4M.fd"

static int get_status (struct hv_ctx *ctx, const struct hv_vm *vm);
static struct hv_status status;

static int
get_status (struct hv_ctx *ctx, const struct hv_vm *vm)
{
    return qemu->status (ctx, vm, &status);
}

static void
must_be (struct machine *m, enum hv_state state)
{
    must (m, get_status);
    assert_int_equal (status.state, state);
}

/* Everything that can be said to a machine, in turn. */
static void
exercise (struct machine *m)
{
    launch (m);
    must (m, qemu->ready);
    must (m, qemu->go);
    must_be (m, HV_RUNNING);
    must (m, qemu->pause);
    must_be (m, HV_PAUSED);
    must (m, qemu->resume);
    must_be (m, HV_RUNNING);
    must (m, qemu->powerdown);
    must (m, qemu->quit);
    assert_int_equal (wait_end (m), 0);
    assert_int_equal (op (m, qemu->quit), 0);
    assert_int_not_equal (op (m, qemu->pause), 0);
    fake_free (m->f);
}

static void
test_probe (void **state)
{
    struct machine m;
    const char *version;

    prepare (&m, "x86_64");
    version = hv_fact (&m.f->ctx, "version");
    print_message ("QEMU %s; KVM: %s\n", version, hv_fact (&m.f->ctx, "kvm"));
    assert_true (strchr (version, '.') && strtoul (version, NULL, 10) >= 4);
    assert_non_null (strstr (hv_fact (&m.f->ctx, "machines"), "microvm="));
    assert_true (!strncmp (hv_fact (&m.f->ctx, "machine.q35"), "pc-q35-", 7));
    assert_non_null (strstr (hv_fact (&m.f->ctx, "cpus"), "qemu64"));
    fake_free (m.f);
}

static void
test_bare (void **state)
{
    struct machine m;

    prepare (&m, "x86_64");
    exercise (&m);
}

/* Prepared means prepared: nothing has run, and it can still be ended. */
static void
test_prepared (void **state)
{
    struct machine m;

    prepare (&m, "x86_64");
    launch (&m);
    must_be (&m, HV_PREPARED);
    must (&m, qemu->quit);
    assert_int_equal (wait_end (&m), 0);
    fake_free (m.f);
}

/* A BIOS with nothing to boot says so on the console, which is logged from
 * the first byte though nobody listened. */
static void
test_console_log (void **state)
{
    struct timespec pause = { .tv_nsec = 20000000 };
    char text[4096] = "";
    struct machine m;

    prepare (&m, "x86_64");
    launch (&m);
    must (&m, qemu->ready);
    must (&m, qemu->go);
    for (int i = 0; i < 500 && !strstr (text, "SeaBIOS"); i++) {
        CLEANUP_FCLOSE FILE *f = fopen (in_dir (m.f, "console.log"), "re");
        size_t n = f ? fread (text, 1, sizeof text - 1, f) : 0;

        text[n] = '\0';
        nanosleep (&pause, NULL);
    }
    assert_non_null (strstr (text, "SeaBIOS"));
    must (&m, qemu->quit);
    wait_end (&m);
    fake_free (m.f);
}

/* All kinds of devices at once. */
static void
with_devices (const char *arch, const char *machine, bool cdrom)
{
    struct hv_disk root = { .name = "root", .boot = 1, .serial = "S,\"1" };
    struct hv_disk data = { .name = "abcdefghijklmnopqrstuvwxyz-0123456789",
                            .readonly = true };
    struct hv_disk cd = { .name = "0cd", .cdrom = true };
    const struct hv_disk *disks[4] = { &root, &data };
    struct hv_nic lan = { .name = "lan",
                          .kind = HV_NIC_USER,
                          .mac = { 0x52, 0x54, 0, 1, 2, 3 },
                          .boot = 2,
                          .queues = 1 };
    const struct hv_nic *const nics[] = { &lan, NULL };
    struct machine m;

    prepare (&m, arch);
    root.layers = make_chain (m.f, "top,x.qcow2", "base");
    data.layers = make_chain (m.f, "data.qcow2", "base2");
    cd.layers = LAYERS (LAYER (in_dir (m.f, "base"), "raw"));
    disks[2] = cdrom ? &cd : NULL;
    m.vm.machine = machine;
    m.vm.disks = disks;
    m.vm.nics = nics;
    m.vm.rng = true;
    m.vm.cpus = 2;
    m.vm.kernel = strcmp (arch, "x86_64") ? in_dir (m.f, "base") : NULL;
    exercise (&m);
}

static void
test_q35 (void **state)
{
    with_devices ("x86_64", "q35", true);
}

static void
test_pc (void **state)
{
    with_devices ("x86_64", "pc", true);
}

static void
test_microvm (void **state)
{
    with_devices ("x86_64", "microvm", false);
}

static void
test_virt (void **state)
{
    with_devices ("aarch64", "virt", true);
}

/* As many as are promised. */
static void
test_many_disks (void **state)
{
    static const struct {
        const char *machine;
        size_t n;
    } cases[] = { { "microvm", 24 }, { "pc", 17 }, { "q35", 20 } };

    for (size_t c = 0; c < ARRAY_SIZE (cases); c++) {
        const struct hv_disk *disks[25] = { NULL };
        struct hv_disk disk[24] = { { .name = NULL } };
        const struct hv_layer *const *layers;
        struct machine m;

        prepare (&m, "x86_64");
        layers = make_chain (m.f, "top", "base");
        for (size_t i = 0; i < cases[c].n; i++) {
            disk[i] = (struct hv_disk){
                .name = hv_format (&m.f->ctx, "d%zu", i),
                .layers = layers + 1,
                .readonly = true,
            };
            disks[i] = &disk[i];
        }
        m.vm.machine = cases[c].machine;
        m.vm.disks = disks;
        launch (&m);
        must (&m, qemu->ready);
        must (&m, qemu->quit);
        assert_int_equal (wait_end (&m), 0);
        fake_free (m.f);
    }
}

static void
copy_file (const char *from, const char *to)
{
    CLEANUP_CLOSE int in = open (from, O_RDONLY | O_CLOEXEC);
    CLEANUP_CLOSE int out =
        open (to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    char buffer[65536];
    ssize_t n;

    while ((n = read (in, buffer, sizeof buffer)) > 0) {
        assert_int_equal (write (out, buffer, (size_t)n), n);
    }
    assert_int_equal (n, 0);
}

static void
test_uefi (void **state)
{
    struct hv_firmware_image firmware = { .mapping = HV_MAP_FLASH,
                                          .code = OVMF,
                                          .code_format = "raw",
                                          .vars_format = "raw" };
    struct machine m;

    if (access (OVMF, R_OK) < 0) {
        print_message ("%s is not there\n", OVMF);
        skip ();
    }
    prepare (&m, "x86_64");
    firmware.vars = in_dir (m.f, "vars.fd");
    copy_file (OVMF_VARS, firmware.vars);
    m.vm.uefi = true;
    m.vm.firmware = &firmware;
    m.vm.memory = 256 << 20;
    exercise (&m);
}

/* A QEMU that dies at once is an error, and soon. */
static void
test_dies (void **state)
{
    struct machine m;

    prepare (&m, "x86_64");
    m.vm.kernel = "/proc/self/environ/not";
    launch (&m);
    assert_int_equal (op (&m, qemu->ready), -ECONNRESET);
    assert_int_not_equal (wait_end (&m), 0);
    fake_free (m.f);
}

/* What is in an image is not looked at before go(), which tells in QEMU's
 * words what is wrong; the guest has not run. */
static void
test_bad_image (void **state)
{
    struct hv_disk root = { .name = "root", .readonly = true };
    const struct hv_disk *disks[] = { &root, NULL };
    struct machine m;

    prepare (&m, "x86_64");
    root.layers = LAYERS (LAYER ("/proc/self/exe", "qcow2"));
    m.vm.disks = disks;
    launch (&m);
    must (&m, qemu->ready);
    assert_int_equal (op (&m, qemu->go), -EIO);
    assert_non_null (strstr (m.f->message, "not in qcow2 format"));
    must_be (&m, HV_PREPARED);
    must (&m, qemu->quit);
    wait_end (&m);
    fake_free (m.f);
}

/* Two machines on one image: QEMU's lock works through our descriptors. */
static void
test_lock (void **state)
{
    struct hv_disk root = { .name = "root" };
    const struct hv_disk *disks[] = { &root, NULL };
    struct machine m, other;

    prepare (&m, "x86_64");
    root.layers = make_chain (m.f, "top", "base");
    m.vm.disks = disks;
    launch (&m);
    must (&m, qemu->ready);
    must (&m, qemu->go);
    prepare (&other, "x86_64");
    other.vm.disks = disks;
    launch (&other);
    must (&other, qemu->ready);
    assert_int_equal (op (&other, qemu->go), -EIO);
    assert_non_null (strstr (other.f->message, "lock"));
    must (&other, qemu->quit);
    wait_end (&other);
    fake_free (other.f);
    kill (m.pid, SIGTERM);
    assert_int_equal (wait_end (&m), 0);
    fake_free (m.f);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_probe),      cmocka_unit_test (test_bare),
        cmocka_unit_test (test_prepared),   cmocka_unit_test (test_console_log),
        cmocka_unit_test (test_q35),        cmocka_unit_test (test_pc),
        cmocka_unit_test (test_microvm),    cmocka_unit_test (test_virt),
        cmocka_unit_test (test_many_disks), cmocka_unit_test (test_uefi),
        cmocka_unit_test (test_dies),       cmocka_unit_test (test_lock),
        cmocka_unit_test (test_bad_image),
    };

    return cmocka_run_group_tests (tests, setup, teardown);
}
