/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* To be preloaded: readdir() has the entries of a directory in an order that
 * comes from HVCTL_TEST_SHUFFLE, as another file system might have them. */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct listing {
    struct listing *next;
    DIR *of;
    struct dirent **entries;
    size_t n, at;
    int error; /* How reading it ended: errno, or 0. */
};

static struct listing *listings;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

/* The function that this library is in front of. */
static void *
real (const char *name)
{
    void *f = dlsym (RTLD_NEXT, name);

    if (!f) {
        abort ();
    }
    return f;
}

/* FNV-1a, of the seed and the name. */
static uint64_t
rank (const struct dirent *e)
{
    const char *const parts[] = { getenv ("HVCTL_TEST_SHUFFLE"), e->d_name };
    uint64_t hash = 0xcbf29ce484222325;

    for (size_t i = 0; i < 2; i++) {
        for (const char *s = parts[i] ? parts[i] : ""; *s; s++) {
            hash = (hash ^ (unsigned char)*s) * 0x100000001b3;
        }
    }
    return hash ^ hash >> 29;
}

static int
by_rank (const void *a, const void *b)
{
    uint64_t x = rank (*(const struct dirent *const *)a);
    uint64_t y = rank (*(const struct dirent *const *)b);

    return (x > y) - (x < y);
}

static void
add_entry (struct listing *l, const struct dirent *e)
{
    l->entries = realloc (l->entries, (l->n + 1) * sizeof *l->entries);
    if (!l->entries || !(l->entries[l->n] = malloc (e->d_reclen))) {
        abort ();
    }
    memcpy (l->entries[l->n++], e, e->d_reclen);
}

static void
read_all (struct listing *l)
{
    struct dirent *(*next) (DIR *) =
        (struct dirent * (*)(DIR *)) real ("readdir");
    struct dirent *e;

    errno = 0;
    while ((e = next (l->of))) {
        add_entry (l, e);
    }
    l->error = errno;
    if (l->n) {
        qsort (l->entries, l->n, sizeof *l->entries, by_rank);
    }
}

static struct listing *
listing_of (DIR *d)
{
    struct listing *l = listings;

    while (l && l->of != d) {
        l = l->next;
    }
    if (!l) {
        l = calloc (1, sizeof *l);
        if (!l) {
            abort ();
        }
        l->of = d;
        l->next = listings;
        listings = l;
        read_all (l);
    }
    return l;
}

static void
forget (DIR *d)
{
    pthread_mutex_lock (&mutex);
    for (struct listing **p = &listings; *p; p = &(*p)->next) {
        struct listing *l = *p;

        if (l->of == d) {
            *p = l->next;
            while (l->n) {
                free (l->entries[--l->n]);
            }
            free (l->entries);
            free (l);
            break;
        }
    }
    pthread_mutex_unlock (&mutex);
}

static struct dirent *
take (DIR *d)
{
    struct dirent *e = NULL;
    int saved = errno;
    struct listing *l;

    pthread_mutex_lock (&mutex);
    l = listing_of (d);
    errno = saved;
    if (l->at < l->n) {
        e = l->entries[l->at++];
    } else if (l->error) {
        errno = l->error;
    }
    pthread_mutex_unlock (&mutex);
    return e;
}

/* By labels, since <dirent.h> may make the one of the other; on the 64-bit
 * machines that the tests run on they are the same. */
#define IN_FRONT_OF(symbol)                                                    \
    __asm__(symbol) __attribute__ ((visibility ("default")))

_Static_assert(sizeof (ino_t) == 8 && sizeof (off_t) == 8, "64 bits");
struct dirent *shuffle_readdir (DIR *d) IN_FRONT_OF ("readdir");
struct dirent *shuffle_readdir64 (DIR *d) IN_FRONT_OF ("readdir64");
void shuffle_rewinddir (DIR *d) IN_FRONT_OF ("rewinddir");
int shuffle_closedir (DIR *d) IN_FRONT_OF ("closedir");

struct dirent *
shuffle_readdir (DIR *d)
{
    return take (d);
}

struct dirent *
shuffle_readdir64 (DIR *d)
{
    return take (d);
}

void
shuffle_rewinddir (DIR *d)
{
    forget (d);
    ((void (*) (DIR *))real ("rewinddir")) (d);
}

int
shuffle_closedir (DIR *d)
{
    forget (d);
    return ((int (*) (DIR *))real ("closedir")) (d);
}
