/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/base/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/error.h"

#define BLOCK 8192

struct arena_block {
    struct arena_block *next;
    size_t used, size;
    max_align_t data[];
};

/* A large one is zeroed by the kernel, page by page as it is used. */
static struct arena_block *
new_block (struct arena *a, size_t size)
{
    size_t all = sizeof (struct arena_block) + size;
    struct arena_block *b =
        size > BLOCK ? xalloc (all) : or_exit (malloc (all));

    b->used = 0;
    b->size = size;
    b->next = a->blocks;
    a->blocks = b;
    return b;
}

/* Not zeroed: a list of a thousand VMs has some thousand blocks, and most of
 * each remains unused. */
static void *
get_room (struct arena *a, size_t size)
{
    struct arena_block *b = a->blocks;
    void *p;

    if (size > SIZE_MAX / 2) {
        return or_exit (NULL);
    }
    size = (size + sizeof (max_align_t) - 1) / sizeof (max_align_t)
           * sizeof (max_align_t);
    if (!b || b->size - b->used < size) {
        b = new_block (a, size > BLOCK ? size : BLOCK);
    }
    p = (char *)b->data + b->used;
    b->used += size;
    return p;
}

void *
arena_alloc (struct arena *a, size_t size)
{
    void *p = get_room (a, size);

    return size > BLOCK ? p : memset (p, 0, size);
}

char *
arena_dup (struct arena *a, const char *s)
{
    return s ? arena_dup_n (a, s, strlen (s)) : NULL;
}

char *
arena_dup_n (struct arena *a, const char *s, size_t len)
{
    char *copy = get_room (a, len + 1);

    memcpy (copy, s, len);
    copy[len] = '\0';
    return copy;
}

char *
arena_vformat (struct arena *a, const char *fmt, va_list args)
{
    struct arena_block *b = a->blocks;
    size_t room = b ? b->size - b->used : 0;
    char *s = room ? (char *)b->data + b->used : NULL;
    va_list again;
    int len;

    /* Mostly it fits, and is formatted once. */
    va_copy (again, args);
    len = vsnprintf (s, room, fmt, again);
    va_end (again);
    if ((size_t)len < room) {
        return get_room (a, (size_t)len + 1);
    }
    s = get_room (a, (size_t)len + 1);
    vsnprintf (s, (size_t)len + 1, fmt, args);
    return s;
}

char *
arena_format (struct arena *a, const char *fmt, ...)
{
    va_list args;
    char *s;

    va_start (args, fmt);
    s = arena_vformat (a, fmt, args);
    va_end (args);
    return s;
}

char *
arena_time (struct arena *a, const char *fmt, int64_t seconds)
{
    time_t when = (time_t)seconds;
    struct tm tm;
    char text[64];

    localtime_r (&when, &tm);
    return arena_dup_n (a, text, strftime (text, sizeof text, fmt, &tm));
}

void
arena_free (struct arena *a)
{
    while (a->blocks) {
        struct arena_block *b = a->blocks;

        a->blocks = b->next;
        free (b);
    }
}

void
arena_swap (struct arena *a, struct arena *b)
{
    struct arena was = *a;

    *a = *b;
    *b = was;
}
