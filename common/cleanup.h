/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Cleanup attributes for objects owned by a scope, and steal(). */
#ifndef COMMON_CLEANUP_H
#define COMMON_CLEANUP_H

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CLEANUP_FREE __attribute__ ((cleanup (cleanup_free)))
#define CLEANUP_CLOSE __attribute__ ((cleanup (cleanup_close)))
#define CLEANUP_FCLOSE __attribute__ ((cleanup (cleanup_fclose)))
#define CLEANUP_CLOSEDIR __attribute__ ((cleanup (cleanup_closedir)))

#define ARRAY_SIZE(a) (sizeof (a) / sizeof *(a))

/* Takes the value out of 'p', so that its cleanup has nothing to do. */
#define steal(p)                                                               \
    __extension__({                                                            \
        __typeof__ (*(p)) stolen_ = *(p);                                      \
        *(p) = NULL;                                                           \
        stolen_;                                                               \
    })

static inline void
cleanup_free (void *p)
{
    free (*(void **)p);
}

/* Closes 'fd', which may be -1, and keeps errno. */
static inline void
close_fd (int fd)
{
    int saved = errno;

    if (fd >= 0) {
        close (fd);
    }
    errno = saved;
}

static inline void
cleanup_close (int *fd)
{
    close_fd (*fd);
}

static inline int
steal_fd (int *fd)
{
    int taken = *fd;

    *fd = -1;
    return taken;
}

static inline void
cleanup_fclose (FILE **f)
{
    if (*f) {
        fclose (*f);
    }
}

static inline void
cleanup_closedir (DIR **d)
{
    if (*d) {
        closedir (*d);
    }
}

#endif /* COMMON_CLEANUP_H */
