/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#ifndef CORE_ELF_H
#define CORE_ELF_H

#include "core/base/arena.h"

/* Returns why 'path' is not a complete shared object for this machine, or null.
 * dlopen() would block on a FIFO, be killed by SIGBUS if a file is truncated,
 * and say "No such file" for one of another machine. */
const char *elf_fault (struct arena *a, const char *path);

#endif /* CORE_ELF_H */
