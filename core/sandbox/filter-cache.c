/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Caches filters in a directory that only we can access: libseccomp takes half
 * a millisecond to create a filter, and reading one takes a twentieth of that.
 * The cache only saves time: if anything is wrong with it, the filter is
 * created. */
#include "core/sandbox/filter-cache.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/hash.h"
#include "core/base/error.h"

/* The header of a file. */
struct head {
    uint64_t key, sum; /* Of the program. */
};

static void
make_path (char path[4096], const char *dir, uint64_t key, const char *suffix)
{
    snprintf (path, 4096, "%s/filter-%016" PRIx64 "%s", dir, key, suffix);
}

bool
filter_recall (const char *dir, uint64_t key, struct sock_fprog *out)
{
    struct sock_filter program[BPF_MAXINSNS];
    struct head head;
    char path[4096];
    ssize_t n;

    make_path (path, dir, key, "");
    CLEANUP_CLOSE int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

    if (fd < 0 || read (fd, &head, sizeof head) != sizeof head) {
        return false;
    }
    n = read (fd, program, sizeof program);
    if (n <= 0 || (size_t)n % sizeof *program || head.key != key
        || head.sum != hash_bytes (HASH_START, program, (size_t)n)) {
        return false;
    }
    out->len = (unsigned short)((size_t)n / sizeof *program);
    out->filter = xalloc ((size_t)n);
    memcpy (out->filter, program, (size_t)n);
    return true;
}

void
filter_keep (const char *dir, uint64_t key, const struct sock_fprog *program)
{
    size_t size = program->len * sizeof *program->filter;
    struct head head = { key, hash_bytes (HASH_START, program->filter, size) };
    char path[4096], temporary[4096];

    make_path (path, dir, key, "");
    make_path (temporary, dir, key, ".new");
    CLEANUP_CLOSE int fd = open (
        temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0) {
        return;
    }
    if (write (fd, &head, sizeof head) != sizeof head
        || write (fd, program->filter, size) != (ssize_t)size
        || rename (temporary, path) < 0) {
        unlink (temporary);
    }
}
