/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Caches filters that libseccomp built. */
#ifndef CORE_FILTER_CACHE_H
#define CORE_FILTER_CACHE_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>

/* Finds the program that was cached under 'key' in the directory; the caller
 * frees out->filter. */
bool filter_recall (const char *dir, uint64_t key, struct sock_fprog *out);
void filter_keep (const char *dir, uint64_t key,
                  const struct sock_fprog *program);

#endif /* CORE_FILTER_CACHE_H */
