/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* FNV-1a, 64 bits: a checksum to distinguish things, not a secure hash. */
#ifndef COMMON_HASH_H
#define COMMON_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_START UINT64_C (0xcbf29ce484222325)

/* Continues with 'hash', which is HASH_START at first. */
uint64_t hash_bytes (uint64_t hash, const void *p, size_t n);

#endif /* COMMON_HASH_H */
