/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What the tests of storage plugins share: a scratch directory per test, with
 * a fake host that really runs programs. */
#ifndef TESTS_TEST_STORAGE_H
#define TESTS_TEST_STORAGE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "tests/kit/fake-host.h"

#define MIB (UINT64_C (1) << 20)

struct scratch {
    struct fake *f;
    char *dir;                     /* Ours, and empty. */
    const struct hv_options *pool; /* Whose path is 'dir'/pool. */
};

static inline int
set_up (void **state)
{
    const char *parent = getenv ("HVCTL_TEST_DIR");
    struct scratch *s = calloc (1, sizeof *s);

    assert_non_null (s);
    assert_true (
        asprintf (&s->dir, "%s/hvctl-test-XXXXXX", parent ? parent : "/tmp")
        > 0);
    assert_non_null (mkdtemp (s->dir));
    s->f = fake_new (&hv_plugin);
    s->f->execute = true;
    s->pool = fake_options (s->f, hv_plugin.storage->keys, "path",
                            hv_format (&s->f->ctx, "%s/pool", s->dir), NULL);
    *state = s;
    return 0;
}

static inline int
remove_one (const char *path, const struct stat *st, int type,
            struct FTW *where)
{
    return remove (path);
}

static inline int
tear_down (void **state)
{
    struct scratch *s = *state;

    nftw (s->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    fake_free (s->f);
    free (s->dir);
    free (s);
    return 0;
}

/* "DIR/name" */
static inline const char *
at (const struct scratch *s, const char *name)
{
    return hv_format (&s->f->ctx, "%s/%s", s->dir, name);
}

/* A volume of the pool. */
static inline struct hv_volume
volume (const struct scratch *s, const char *name, uint64_t size)
{
    return (struct hv_volume){
        .name = name, .pool = "pool", .options = s->pool, .size = size
    };
}

/* How many entries a directory has, hidden ones too; -1: there is none. */
static inline int
count_entries (const char *dir)
{
    DIR *d = opendir (dir);
    int n = -2; /* "." and ".." */

    if (!d) {
        return -1;
    }
    while (readdir (d)) {
        n++;
    }
    closedir (d);
    return n;
}

static inline void
write_file (const char *path, const void *data, size_t len)
{
    int fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    assert_true (fd >= 0);
    assert_int_equal (write (fd, data, len), (ssize_t)len);
    close (fd);
}

static inline struct stat
look (const char *path)
{
    struct stat st;

    if (lstat (path, &st) < 0) {
        fail_msg ("%s: %s", path, strerror (errno));
    }
    return st;
}

/* Runs a real tool that has to succeed. */
static inline void
tool (const char *const *argv)
{
    int status;
    pid_t pid = fork ();

    assert_true (pid >= 0);
    if (pid == 0) {
        execvp (argv[0], (char *const *)argv);
        _exit (127);
    }
    assert_int_equal (waitpid (pid, &status, 0), pid);
    if (status) {
        fail_msg ("%s %s: wait status %d", argv[0], argv[1], status);
    }
}

#define TOOL(...) tool ((const char *const[]){ __VA_ARGS__, NULL })

/* The operation must fail so, with this in its message. */
static inline void
check_failed (const struct scratch *s, int r, int error, const char *text)
{
    if (r != -error || !s->f->message || !strstr (s->f->message, text)) {
        fail_msg ("got %d '%s', not %d '%s'", r,
                  s->f->message ? s->f->message : "", -error, text);
    }
}

static inline void
check_done (const struct scratch *s, int r)
{
    if (r) {
        fail_msg ("%d: %s", r, s->f->message ? s->f->message : "no message");
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)

#endif /* TESTS_TEST_STORAGE_H */
