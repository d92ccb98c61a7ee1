/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Programs that the plugins of this tree run, and the packages that have
 * them. */
#ifndef CORE_DOCTOR_NEEDS_H
#define CORE_DOCTOR_NEEDS_H

#include <stdbool.h>

#include "core/base/arena.h"

/* Programs that the plugins of this tree run. */
struct need {
    const char *plugin, *program; /* A name; or "firmware". */
    bool x86, arm;                /* On which machines. */
    const char *packages[5];      /* By enum distribution; null: none. */
};

enum distribution { DEBIAN, FEDORA, ARCH, ALPINE, SUSE, UNKNOWN };

extern const struct need doctor_needs[]; /* Ends in a null plugin. */

/* Returns the distribution's name, from os-release(5), and which one it
 * resembles. */
const char *doctor_system (struct arena *a, enum distribution *like);

/* Returns "apt install passt", or another command that installs the program; or
 * null. */
const char *doctor_install (struct arena *a, const char *program);

#endif /* CORE_DOCTOR_NEEDS_H */
