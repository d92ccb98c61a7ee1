/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* storage-zfs with a zfs that says what the test wants. */
#ifndef TESTS_TEST_STORAGE_ZFS_FAKE_H
#define TESTS_TEST_STORAGE_ZFS_FAKE_H

#include "tests/kit/range.h"
#include "tests/unit/test-storage-zfs.h"

#define GET "zfs get -Hp -d 0 -o name,property,value,source "
#define GET_ALL "zfs get -Hp -d 1 -o name,property,value,source "
#define ONE "zfs get -Hp -d 0"
#define ALL "zfs get -Hp -d 1"
#define OURS "t/vms/vm1\thvctl:owner\tvolume\tlocal\n"
#define MODULE "zfs-2.1.11-1\nzfs-kmod-2.1.11-1\n"

struct lab {
    struct fake *f;
    const struct hv_options *files, *zvols;
};

static inline int
set_up (void **state)
{
    struct lab *l = calloc (1, sizeof *l);

    assert_non_null (l);
    l->f = new_host ();
    l->files =
        fake_options (l->f, hv_plugin.storage->keys, "dataset", "t/vms", NULL);
    l->zvols = fake_options (l->f, hv_plugin.storage->keys, "dataset", "t/vms",
                             "zvol", "yes", NULL);
    *state = l;
    return 0;
}

/* Whatever the test did: nothing recursive, nothing forced, all in time. */
static inline int
tear_down (void **state)
{
    struct lab *l = *state;

    for (size_t i = 0; i < l->f->n_programs; i++) {
        const struct fake_program *p = &l->f->programs[i];

        for (size_t k = 1; p->argv[k] && !strcmp (p->argv[0], "zfs"); k++) {
            assert_string_not_equal (p->argv[k], "-f");
            assert_string_not_equal (p->argv[k], "-R");
            if (p->run) {
                assert_string_not_equal (p->argv[k], "-r");
            }
        }
        assert_between (p->timeout, 1, 60000);
        assert_null (p->needs);
    }
    fake_free (l->f);
    free (l);
    return 0;
}

static inline struct hv_volume
volume (const struct hv_options *pool)
{
    return (struct hv_volume){
        .name = "vm1", .pool = "p", .options = pool, .size = 10 * MIB
    };
}

static inline void
check_program (const struct lab *l, size_t n, const char *words)
{
    assert_true (n < l->f->n_programs);
    assert_string_equal (l->f->programs[n].words, words);
}

/* The same, but of create and clone, which name this process. */
static inline void
check_made (const struct lab *l, size_t n, const char *before,
            const char *after)
{
    const char *words, *maker;

    assert_true (n < l->f->n_programs);
    words = l->f->programs[n].words;
    maker = strstr (words, " -o hvctl:maker=");
    assert_non_null (maker);
    assert_memory_equal (words, before, strlen (before));
    assert_int_equal (maker - words, strlen (before));
    maker = strchr (maker + 5, ' ');
    assert_string_equal (maker, after);
}

static inline size_t
changes (const struct lab *l)
{
    size_t n = 0;

    for (size_t i = 0; i < l->f->n_programs; i++) {
        n += l->f->programs[i].run;
    }
    return n;
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)

#endif /* TESTS_TEST_STORAGE_ZFS_FAKE_H */
