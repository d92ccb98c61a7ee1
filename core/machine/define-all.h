/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Several new definitions, and a file of conf.d, become visible together, or
 * none of them: also if hvctl is killed in between. */
#ifndef CORE_DEFINE_ALL_H
#define CORE_DEFINE_ALL_H

#include <stddef.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/machine/recovery.h"

struct define_file {
    const char *name; /* The VM, or a name of the file. */
    const char *path, *text;
};

/* Writes the files, none of which exists yet.  'key' is that of the change (see
 * unfinished.h); the caller has its lock, and that of each VM, and rolls back
 * what has failed with recover_failed(). */
int define_all (struct hvctl *h, const char *key,
                const struct define_file *files, size_t n, struct error *err);

/* The key of an import whose first object has that name. */
const char *define_all_key (struct hvctl *h, const char *name);

/* Recover a file, and the entry that is written when all of them are ready. */
recovery_op define_all_file, define_all_ready;

#define DEFINE_ALL_FILE "define-file"
#define DEFINE_ALL_READY "define-all"

#endif /* CORE_DEFINE_ALL_H */
