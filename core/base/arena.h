/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Memory that is freed all at once: hvctl is a one-shot program, and nearly
 * everything it knows lives as long as the command. */
#ifndef CORE_ARENA_H
#define CORE_ARENA_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

struct arena {
    struct arena_block *blocks;
};

/* Zeroed memory, aligned for anything.  Never null. */
void *arena_alloc (struct arena *a, size_t size);
char *arena_dup (struct arena *a, const char *s); /* Null gives null. */
char *arena_dup_n (struct arena *a, const char *s, size_t len);
char *arena_format (struct arena *a, const char *fmt, ...)
    __attribute__ ((format (printf, 2, 3)));
char *arena_vformat (struct arena *a, const char *fmt, va_list args)
    __attribute__ ((format (printf, 2, 0)));

/* Local time, as strftime() has it: ARENA_TIME is "2026-11-21 11:39:27". */
#define ARENA_TIME "%Y-%m-%d %H:%M:%S"
char *arena_time (struct arena *a, const char *fmt, int64_t seconds)
    __attribute__ ((format (strftime, 2, 0)));

void arena_free (struct arena *a);

/* Exchanges two arenas: for what is allocated between two calls, and freed
 * apart from the rest. */
void arena_swap (struct arena *a, struct arena *b);

#endif /* CORE_ARENA_H */
