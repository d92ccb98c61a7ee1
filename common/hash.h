/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* FNV-1a, 64 bits: tells things apart, and is no proof of what they are. */
#ifndef COMMON_HASH_H
#define COMMON_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_START UINT64_C (0xcbf29ce484222325)

/* Goes on from 'hash', which is HASH_START at first. */
uint64_t hash_bytes (uint64_t hash, const void *p, size_t n);

#endif /* COMMON_HASH_H */
