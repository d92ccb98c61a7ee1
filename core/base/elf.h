/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#ifndef CORE_ELF_H
#define CORE_ELF_H

#include "core/base/arena.h"

/* Why 'path' is not a shared object of this machine that is whole, or null.
 * dlopen() would wait for a FIFO, be killed by SIGBUS where a file ends too
 * early, and say "No such file" of another machine's. */
const char *elf_fault (struct arena *a, const char *path);

#endif /* CORE_ELF_H */
