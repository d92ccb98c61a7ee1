/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Where hvctl's own programs, its data and the plugins are: installed, or in
 * the build tree. */
#ifndef CORE_HOST_PROGRAMS_H
#define CORE_HOST_PROGRAMS_H

#include "core/base/context.h"
#include "core/config/config.h"
#include "core/config/problem.h"

/* Stores them in the host configuration, whose plugin_dir may name others. */
void host_programs_find (struct hvctl *h, const struct hv_options *root,
                         struct problems *p);

#endif /* CORE_HOST_PROGRAMS_H */
