/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Fuzzes a firmware descriptor, as found among others. */
#include "tests/fuzz/fuzz.h"

#include <errno.h>

#include "plugins/firmware-qemu/descriptor.h"
#include "tests/kit/fake-host.h"

static char dir[64], path[128];

static void
begin (void)
{
    fuzz_be_quiet ();
    strcpy (dir, "/dev/shm/hvctl-fuzz.XXXXXX");
    MUST (mkdtemp (dir));
    snprintf (path, sizeof path, "%s/x.json", dir);
}

static void
finish (void)
{
    unlink (path);
    rmdir (dir);
}

static void
find (struct fake *f, const struct hv_firmware_want *want)
{
    struct hv_firmware_image image = { 0 };
    int rc = hv_plugin.firmware->find (&f->ctx, want, &image);

    if (rc == 0) {
        MUST (image.code && image.code_format);
        MUST (!image.vars_template == !image.vars_format);
        MUST (image.mapping <= HV_MAP_KERNEL);
    } else {
        MUST (rc == -f->error && f->message && f->message[0]);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t len)
{
    struct hv_firmware_want want = { .hypervisor = "qemu",
                                     .arch = "x86_64",
                                     .machine = "pc-q35-7.2",
                                     .uefi = true };
    struct fake *f = fake_new (NULL);

    if (!*dir) {
        begin ();
        atexit (finish);
    }
    fuzz_write (path, data, len);
    f->own = fake_options (f, hv_plugin.keys, "path", dir, NULL);
    if (!hv_plugin.open || fake_open (f, &hv_plugin) == 0) {
        find (f, &want);
        want.secure_boot = true;
        find (f, &want);
        want.arch = "aarch64";
        want.machine = "virt";
        find (f, &want);
        hv_plugin.firmware->list (&f->ctx, fake_list (f));
    }
    fake_free (f);
    return 0;
}
