/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A program for the jail, in a hypervisor's place; see attacks.h, families.h.
 *
 *   probe attack N    says it is ready, waits for a byte on descriptor 3, makes
 *                     call N, and ends with 0 if it was refused, 10 if it
 *                     succeeded
 *   probe members     makes each call of the families, says it is ready, waits,
 *                     makes each again, and prints for each, and each time, 1
 *                     if it succeeded with something, 0, or the negative errno
 *   probe newer       waits, and ends with 0 if all of the numbers that are
 *                     newer than the table fail with ENOSYS
 *   probe exit N      waits for a byte on descriptor 3 and ends with N
 *   probe fds         prints each open descriptor and what it reads there
 *   probe env         prints the environment
 *   probe flood N     prints N bytes
 *   probe files F...  prints what the files hold
 *   probe files2 F... the same, opened by openat2()
 *   probe write F     writes to a file */

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/probe/attacks.h"
#include "tests/probe/families.h"

extern char **environ;

static void
wait_for_word (void)
{
    char byte = 'r';

    (void)!write (3, &byte, 1); /* Ready: the seal may come. */
    while (read (3, &byte, 1) < 0 && errno == EINTR) {
    }
}

static long
make_call (const struct attack *a, int exec_fd)
{
    static char *const argv[] = { "again", NULL };
    const long *x = a->args;

    if (a->nr == NR_EXEC_AGAIN) {
        return syscall (SYS_execveat, exec_fd, "", argv, argv + 1, 0x1000);
    }
#ifdef __x86_64__
    if (a->nr == NR_INT80) {
        long result;

        /* 20 is getpid of the 32-bit calls. */
        __asm__ volatile("int $0x80"
                         : "=a"(result)
                         : "a"(20L)
                         : "memory", "r8", "r9", "r10", "r11");
        return result;
    }
#endif
    return syscall (a->nr, x[0], x[1], x[2], x[3], x[4], x[5]);
}

static int
attack (size_t n)
{
    struct rlimit limit;

    /* The number it was executed by is the limit; asked before the seal. */
    getrlimit (RLIMIT_NOFILE, &limit);
    wait_for_word ();
    if (n >= sizeof attacks / sizeof *attacks) {
        return 99;
    }
    return make_call (&attacks[n], (int)limit.rlim_cur) == -1 ? 0 : 10;
}

static void *
do_nothing (void *arg)
{
    return arg;
}

static long
make_member (const struct member *m)
{
    const long *x = m->args;
    pthread_t thread;
    long result;

    if (m->nr == NR_A_THREAD) {
        result = pthread_create (&thread, NULL, do_nothing, NULL);
        return result ? -result : -pthread_join (thread, NULL);
    }
    result = syscall (m->nr, x[0], x[1], x[2], x[3], x[4], x[5]);
    return result < 0 ? -errno : result > 0;
}

#define N_MEMBERS (sizeof members / sizeof *members)

static int
make_members (void)
{
    long before[N_MEMBERS];

    for (size_t i = 0; i < N_MEMBERS; i++) {
        before[i] = make_member (&members[i]);
    }
    wait_for_word ();
    for (size_t i = 0; i < N_MEMBERS; i++) {
        printf ("%ld %ld\n", before[i], make_member (&members[i]));
        fflush (stdout);
    }
    return 0;
}

static int
call_newer (void)
{
    wait_for_word ();
    for (long nr = FIRST_NEWER; nr <= LAST_NEWER; nr++) {
        if (syscall (nr, 0, 0, 0, 0, 0, 0) != -1 || errno != ENOSYS) {
            return 1;
        }
    }
    return 0;
}

static int
print_descriptors (void)
{
    for (int fd = 0; fd < 4096; fd++) {
        char text[64];
        ssize_t len;

        if (fcntl (fd, F_GETFD) >= 0) {
            len = fd > 2 ? read (fd, text, sizeof text) : 0;
            printf ("%d:%.*s\n", fd, len > 0 ? (int)len : 0, text);
        }
    }
    return 0;
}

static int
print_file (const char *path, bool by_openat2)
{
    const unsigned long long how[3] = { O_RDONLY };
    char text[4096];
    int fd = by_openat2
                 ? (int)syscall (NR_OPENAT2, AT_FDCWD, path, how, sizeof how)
                 : open (path, O_RDONLY);
    ssize_t len = fd < 0 ? -1 : read (fd, text, sizeof text);

    if (len < 0) {
        printf ("%s: %s\n", path, strerror (errno));
        return 1;
    }
    printf ("%.*s", (int)len, text);
    return 0;
}

/* Overwrites the file's first byte. */
static int
write_file (const char *path)
{
    int fd = open (path, O_RDWR);

    return fd >= 0 && write (fd, "w", 1) == 1 ? 0 : 1;
}

static int
flood (size_t n)
{
    static char block[65536];

    memset (block, 'x', sizeof block);
    while (n > 0) {
        size_t part = n < sizeof block ? n : sizeof block;
        ssize_t done = write (1, block, part);

        if (done < 0) {
            return 1;
        }
        n -= (size_t)done;
    }
    return 0;
}

int
main (int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";
    size_t n = argc > 2 ? strtoul (argv[2], NULL, 10) : 0;
    int failed = 0;

    if (!strcmp (mode, "attack")) {
        return attack (n);
    }
    if (!strcmp (mode, "members")) {
        return make_members ();
    }
    if (!strcmp (mode, "newer")) {
        return call_newer ();
    }
    if (!strcmp (mode, "exit")) {
        wait_for_word ();
        return (int)n;
    }
    if (!strcmp (mode, "fds")) {
        return print_descriptors ();
    }
    if (!strcmp (mode, "flood")) {
        return flood (n);
    }
    if (!strcmp (mode, "write")) {
        return argc > 2 ? write_file (argv[2]) : 2;
    }
    if (!strcmp (mode, "env")) {
        for (char **e = environ; *e; e++) {
            puts (*e);
        }
        return 0;
    }
    for (int i = 2; i < argc; i++) {
        failed |= print_file (argv[i], !strcmp (mode, "files2"));
    }
    return strncmp (mode, "files", 5) ? 2 : failed;
}
