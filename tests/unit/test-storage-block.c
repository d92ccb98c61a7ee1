/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* storage-raw with HVCTL_TEST_BLOCK, a block device of HVCTL_TEST_SIZE bytes;
 * see root/storage-block.sh. */
#include "tests/unit/test-storage.h"

static void
test_device (void **state)
{
    const struct scratch *s = *state;
    const char *path = getenv ("HVCTL_TEST_BLOCK");
    uint64_t size = strtoull (getenv ("HVCTL_TEST_SIZE"), NULL, 10);
    struct hv_volume vol = {
        .name = "root", .path = path, .format = "raw", .size = 2 * size
    };
    struct hv_chain *layers = fake_chain (s->f);
    struct hv_volume_info info;

    check_done (s, hv_plugin.storage->chain (&s->f->ctx, &vol, layers, &info));
    assert_int_equal (layers->n, 1);
    assert_string_equal (layers->layers[0].path, path);
    assert_int_equal (info.size, size);
    assert_int_equal (info.allocated, size);
    check_failed (s, hv_plugin.storage->resize (&s->f->ctx, &vol), ENOTSUP,
                  "is a block device: resize it with the tools of");
}

int
main (void)
{
    const struct CMUnitTest tests[] = { TEST (test_device) };

    if (!getenv ("HVCTL_TEST_BLOCK")) {
        puts ("skipped: HVCTL_TEST_BLOCK is not set");
        return 77;
    }
    return cmocka_run_group_tests (tests, NULL, NULL);
}
