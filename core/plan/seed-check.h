/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Checks of the files that a seed is made from. */
#ifndef CORE_SEED_CHECK_H
#define CORE_SEED_CHECK_H

#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/context.h"
#include "core/base/vec.h"
#include "core/config/definition.h"

/* Reads a file of at most 1 MiB. */
int seed_check_read (struct arena *a, const char *path, const char **bytes,
                     size_t *size, struct error *err);

/* Returns what is wrong with the text of a file, for the key of its name, or
 * null: what cloud-init would ignore without a word, or could not read. */
const char *seed_check_text (struct arena *a, const char *key,
                             const char *bytes, size_t size);

/* Has cloud-init, where it is installed, check the user-data that are YAML; it
 * takes a second or two. */
int seed_check_schema (struct hvctl *h, const struct definition *def,
                       struct error *err);

/* Adds the public keys in a file: that of ssh-keygen, or authorized_keys
 * without options. */
int seed_check_keys (struct arena *a, const char *path, struct vec *keys,
                     struct error *err);

/* Checks that a ready image has a file system with the label that cloud-init
 * looks for, and stores its size. */
int seed_check_ready (const char *path, size_t *size, struct error *err);

#endif /* CORE_SEED_CHECK_H */
