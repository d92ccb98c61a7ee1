/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* firmware-qemu with what the distribution installs; skipped if there is
 * nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/kit/fake-host.h"

#define DIRECTORY "/usr/share/qemu/firmware"

static void
find (struct fake *f, bool secure, struct hv_firmware_image *out)
{
    const struct hv_firmware_want want = {
        .hypervisor = "qemu",
        .arch = "x86_64",
        .machine = "pc-q35-7.2",
        .uefi = true,
        .secure_boot = secure,
    };
    struct stat st;

    memset (out, 0, sizeof *out);
    if (hv_plugin.firmware->find (&f->ctx, &want, out)) {
        fail_msg ("%s", f->message);
    }
    assert_int_equal (f->n_log, 0);
    assert_int_equal (stat (out->code, &st), 0);
    assert_true (st.st_size >= 1 << 20);
    print_message ("%s: %s, %s\n", out->description, out->code,
                   out->vars_template ? out->vars_template : "no variables");
}

static void
test_plain (void **state)
{
    struct fake *f = fake_new (&hv_plugin);
    struct hv_firmware_image image;

    find (f, false, &image);
    assert_int_equal (image.mapping, HV_MAP_FLASH);
    assert_non_null (image.vars_template);
    /* Debian's 60-edk2-x86_64, not 40 and 50, which come first. */
    if (access (DIRECTORY "/60-edk2-x86_64.json", F_OK) == 0) {
        assert_false (image.smm || image.secure);
        assert_null (strstr (image.code, "secboot"));
        assert_null (strstr (image.code, ".ms."));
        assert_null (strstr (image.vars_template, ".ms."));
    }
    fake_free (f);
}

static void
test_secure_boot (void **state)
{
    struct fake *f = fake_new (&hv_plugin);
    struct hv_firmware_image image;

    find (f, true, &image);
    assert_true (image.smm && image.secure);
    assert_non_null (image.vars_template);
    if (access (DIRECTORY "/40-edk2-x86_64-secure-enrolled.json", F_OK) == 0) {
        assert_non_null (strstr (image.vars_template, ".ms."));
    }
    fake_free (f);
}

static void
test_list (void **state)
{
    struct fake *f = fake_new (&hv_plugin);
    struct hv_list *list = fake_list (f);

    assert_int_equal (hv_plugin.firmware->list (&f->ctx, list), 0);
    assert_true (list->n > 0);
    fake_free (f);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_plain),
        cmocka_unit_test (test_secure_boot),
        cmocka_unit_test (test_list),
    };

    if (access (DIRECTORY, F_OK) < 0) {
        puts ("skipped: no firmware is installed (ovmf)");
        return 77;
    }
    return cmocka_run_group_tests (tests, NULL, NULL);
}
