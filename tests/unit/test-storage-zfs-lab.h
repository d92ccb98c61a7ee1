/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* storage-zfs with a real ZFS, which tests/root/storage-zfs.sh brings up:
 * HVCTL_TEST_DATASET is a dataset to make others in, HVCTL_TEST_DIR a
 * directory that is not on ZFS.  Each test has a dataset of its own. */
#ifndef TESTS_TEST_STORAGE_ZFS_LAB_H
#define TESTS_TEST_STORAGE_ZFS_LAB_H

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>

#include "tests/unit/test-storage-zfs.h"
#include "tests/kit/timing.h"

struct lab {
    struct fake *f;
    const char *dataset; /* The pool's. */
    const struct hv_options *pool;
};

static inline void __attribute__ ((format (printf, 1, 2)))
sh (const char *fmt, ...)
{
    CLEANUP_FREE char *command = NULL;
    va_list args;

    va_start (args, fmt);
    assert_true (vasprintf (&command, fmt, args) > 0);
    va_end (args);
    if (system (command)) {
        fail_msg ("failed: %s", command);
    }
}

/* The first line that a command prints. */
static inline const char *__attribute__ ((format (printf, 2, 3)))
said (const struct lab *l, const char *fmt, ...)
{
    CLEANUP_FREE char *command = NULL;
    char line[1024] = "";
    va_list args;
    FILE *p;

    va_start (args, fmt);
    assert_true (vasprintf (&command, fmt, args) > 0);
    va_end (args);
    p = popen (command, "r");
    assert_non_null (p);
    (void)!fgets (line, sizeof line, p);
    pclose (p);
    line[strcspn (line, "\n")] = '\0';
    return hv_format (&l->f->ctx, "%s", line);
}

static inline int
set_up (void **state)
{
    static int number;
    const char *parent = getenv ("HVCTL_TEST_DATASET");
    struct lab *l = calloc (1, sizeof *l);

    assert_non_null (l);
    assert_non_null (parent);
    l->f = new_host ();
    l->f->execute = true;
    l->dataset = hv_format (&l->f->ctx, "%s/t%d", parent, ++number);
    sh ("zfs create %s", l->dataset);
    l->pool = fake_options (l->f, hv_plugin.storage->keys, "dataset",
                            l->dataset, NULL);
    *state = l;
    return 0;
}

static inline int
tear_down (void **state)
{
    struct lab *l = *state;

    fake_free (l->f);
    free (l);
    return 0;
}

static inline struct hv_volume
volume (const struct lab *l, const char *name, uint64_t size)
{
    return (struct hv_volume){
        .name = name, .pool = "pool", .options = l->pool, .size = size
    };
}

static inline struct hv_volume
from (const struct lab *l, const char *name, const char *image,
      const char *format)
{
    struct hv_volume vol = volume (l, name, 0);

    vol.backing = image;
    vol.backing_format = format;
    return vol;
}

static inline int
create (struct lab *l, const struct hv_volume *vol)
{
    fake_reset (l->f);
    return hv_plugin.storage->create (&l->f->ctx, vol);
}

static inline int
destroy (struct lab *l, const struct hv_volume *vol)
{
    fake_reset (l->f);
    return hv_plugin.storage->destroy (&l->f->ctx, vol);
}

static inline int
snapshot (struct lab *l, const struct hv_volume *vol, const char *name)
{
    fake_reset (l->f);
    return hv_plugin.storage->snapshot (&l->f->ctx, vol, name);
}

static inline int
revert (struct lab *l, const struct hv_volume *vol, const char *name)
{
    fake_reset (l->f);
    return hv_plugin.storage->revert (&l->f->ctx, vol, name);
}

static inline int
forget (struct lab *l, const struct hv_volume *vol, const char *name)
{
    fake_reset (l->f);
    return hv_plugin.storage->forget (&l->f->ctx, vol, name);
}

/* The path of the one layer. */
static inline const char *
path_of (struct lab *l, const struct hv_volume *vol,
         struct hv_volume_info *info)
{
    struct hv_volume_info mine;
    struct hv_chain *chain = fake_chain (l->f);

    fake_reset (l->f);
    check_done (l->f, hv_plugin.storage->chain (&l->f->ctx, vol, chain,
                                                info ? info : &mine));
    assert_int_equal (chain->n, 1);
    assert_string_equal (chain->layers[0].format, "raw");
    return chain->layers[0].path;
}

static inline void
put (const char *path, uint64_t at, const char *text)
{
    int fd = open (path, O_WRONLY | O_CLOEXEC);

    assert_true (fd >= 0);
    assert_int_equal (pwrite (fd, text, strlen (text), (off_t)at),
                      strlen (text));
    close (fd);
}

static inline void
check_text (const char *path, uint64_t at, const char *text)
{
    char found[64] = "";
    int fd = open (path, O_RDONLY | O_CLOEXEC);

    assert_true (fd >= 0);
    assert_true (pread (fd, found, strlen (text), (off_t)at) >= 0);
    close (fd);
    assert_string_equal (found, text);
}

/* A raw image with something at 4096 and at its end. */
static inline const char *
image (const struct lab *l, const char *name, uint64_t size)
{
    const char *path =
        hv_format (&l->f->ctx, "%s/%s", getenv ("HVCTL_TEST_DIR"), name);
    int fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true (fd >= 0);
    assert_int_equal (ftruncate (fd, (off_t)size), 0);
    close (fd);
    put (path, 4096, "golden");
    put (path, size - 3, "end");
    return path;
}

/* How many datasets there are below the pool's. */
static inline int
count (const struct lab *l)
{
    return atoi (said (l, "zfs get -Hp -r -o name type %s | grep -v @ | wc -l",
                       l->dataset))
           - 1;
}

static inline size_t
runs_of (const struct lab *l, const char *words)
{
    size_t n = 0;

    for (size_t i = 0; i < l->f->n_programs; i++) {
        n += !strncmp (l->f->programs[i].words, words, strlen (words));
    }
    return n;
}

/* Nothing was left behind, with a warning. */
static inline void
check_silent (const struct lab *l)
{
    if (l->f->n_log) {
        fail_msg ("%s", l->f->log[0].text);
    }
}

/* Runs all of a program's tests, or one that was named. */
#define RUN(tests)                                                             \
    do {                                                                       \
        setenv ("LC_ALL", "C", 1);                                             \
        if (getenv ("HVCTL_TEST_FILTER")) {                                    \
            cmocka_set_test_filter (getenv ("HVCTL_TEST_FILTER"));             \
        }                                                                      \
        return cmocka_run_group_tests (tests, NULL, NULL);                     \
    } while (0)

#define TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)

#endif /* TESTS_TEST_STORAGE_ZFS_LAB_H */
