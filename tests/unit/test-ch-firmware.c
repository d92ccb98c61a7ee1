/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The firmware provider of the cloud-hypervisor plugin: what is firmware, and
 * what only looks like it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "tests/kit/fake-host.h"

static void
assert_message (struct fake *f, const char *text)
{
    assert_non_null (f->message);
    if (!strstr (f->message, text)) {
        fail_msg ("not in '%s': '%s'", f->message, text);
    }
}

/* A 64-bit ELF file that has one note. */
struct image {
    Elf64_Ehdr head;
    Elf64_Phdr segment;
    Elf64_Nhdr note;
    char name[4];
    uint32_t entry;
};

static struct image
good_image (void)
{
    return (struct image){
        .head = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB },
                  .e_machine = EM_X86_64,
                  .e_phoff = offsetof (struct image, segment),
                  .e_phentsize = sizeof (Elf64_Phdr),
                  .e_phnum = 1 },
        .segment = { .p_type = PT_NOTE,
                     .p_offset = offsetof (struct image, note),
                     .p_filesz = 20 },
        .note = { .n_namesz = 4, .n_descsz = 4, .n_type = 18 },
        .name = "Xen",
        .entry = 0x100000,
    };
}

static int
find (struct fake *f, const char *hypervisor, const void *file, size_t size,
      struct hv_firmware_image *out)
{
    static const char path[] = "/tmp/hvctl-ch-firmware.fd";
    const struct hv_firmware_want want = { .hypervisor = hypervisor,
                                           .arch = "x86_64",
                                           .uefi = true };
    CLEANUP_CLOSE int fd = open (path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    int rc;

    assert_true (fd >= 0 && write (fd, file, size) == (ssize_t)size);
    f->own = fake_options (f, hv_plugin.keys, "firmware", path, NULL);
    rc = hv_plugin.firmware->find (&f->ctx, &want, out);
    unlink (path);
    return rc;
}

static void
test_firmware (void **state)
{
    struct hv_firmware_image out = { .smm = false };
    struct fake *f = *state;
    struct image image = good_image ();

    assert_int_equal (find (f, "cloud-hypervisor", &image, sizeof image, &out),
                      0);
    assert_int_equal (out.mapping, HV_MAP_KERNEL);
    assert_string_equal (out.code, "/tmp/hvctl-ch-firmware.fd");
    assert_null (out.vars_template);
    assert_int_equal (find (f, "qemu", &image, sizeof image, &out), -ENOENT);
    assert_message (f, "qemu");
}

/* The image of a flash chip, a 32-bit file, one without the note, notes that
 * lie, one cut off at each byte. */
static void
test_wrong_firmware (void **state)
{
    struct hv_firmware_image out = { .smm = false };
    struct fake *f = *state;
    struct image image = good_image ();
    char flash[4096] = "_FVH";

    assert_int_equal (find (f, "cloud-hypervisor", flash, sizeof flash, &out),
                      -EINVAL);
    assert_message (f, "OVMF_CODE.fd");
    for (size_t n = 0; n < offsetof (struct image, entry) + 4; n++) {
        assert_int_equal (find (f, "cloud-hypervisor", &image, n, &out),
                          -EINVAL);
    }
    image.head.e_ident[EI_CLASS] = ELFCLASS32;
    assert_int_equal (find (f, "cloud-hypervisor", &image, sizeof image, &out),
                      -EINVAL);
    image = good_image ();
    image.note.n_type = 1;
    assert_int_equal (find (f, "cloud-hypervisor", &image, sizeof image, &out),
                      -EINVAL);
    assert_message (f, "PVH");
    image = good_image ();
    image.note.n_descsz = UINT32_MAX;
    assert_int_equal (find (f, "cloud-hypervisor", &image, sizeof image, &out),
                      -EINVAL);
    image = good_image ();
    image.segment.p_offset = UINT64_MAX;
    assert_int_equal (find (f, "cloud-hypervisor", &image, sizeof image, &out),
                      -EINVAL);
    image = good_image ();
    image.head.e_phoff = UINT64_MAX - 8;
    assert_int_equal (find (f, "cloud-hypervisor", &image, sizeof image, &out),
                      -EINVAL);
}

static void
test_firmware_of_qemu (void **state)
{
    const struct hv_firmware_want want = { .hypervisor = "cloud-hypervisor",
                                           .arch = "x86_64",
                                           .uefi = true };
    struct hv_firmware_image out = { .smm = false };
    static const char ovmf[] = "/usr/share/OVMF/OVMF_CODE_4M.fd";
    struct fake *f = *state;

    if (access (ovmf, R_OK) < 0) {
        skip ();
    }
    f->own = fake_options (f, hv_plugin.keys, "firmware", ovmf, NULL);
    assert_int_equal (hv_plugin.firmware->find (&f->ctx, &want, &out), -EINVAL);
    assert_message (f, "it is not an ELF file");
}

static void
test_no_firmware (void **state)
{
    struct hv_firmware_want want = { .hypervisor = "cloud-hypervisor",
                                     .arch = "riscv64",
                                     .uefi = true };
    struct hv_firmware_image out = { .smm = false };
    struct fake *f = *state;

    assert_int_equal (hv_plugin.firmware->find (&f->ctx, &want, &out), -ENOENT);
    assert_message (f, "CLOUDHV.fd");
    want.secure_boot = true;
    assert_int_equal (hv_plugin.firmware->find (&f->ctx, &want, &out),
                      -ENOTSUP);
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown (name, fake_setup, fake_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_firmware),
        TEST (test_wrong_firmware),
        TEST (test_firmware_of_qemu),
        TEST (test_no_firmware),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
