/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The files of the host configuration: hvctl.conf, and those in conf.d. */
#ifndef CORE_HOST_READ_H
#define CORE_HOST_READ_H

#include "core/base/context.h"
#include "core/config/config.h"
#include "core/config/problem.h"

/* The sections of these files. */
extern const struct section_kind host_read_kinds[];

/* Parses all of them as one, and stores the names of those in conf.d, whose
 * problems are added to 'in_dir': they only cost sections.  A section that two
 * files have, and a key outside of sections in conf.d, is a problem.  Returns
 * null if hvctl.conf cannot be parsed. */
struct hv_options *host_read (struct hvctl *h, struct problems *p,
                              struct problems *in_dir);

/* Parses one file of such sections. */
struct hv_options *host_read_file (struct hvctl *h, const char *path,
                                   struct problems *p);

/* Returns the only section of its kind, or null. */
struct hv_options *host_read_section (const struct hv_options *root,
                                      const char *kind);

#endif /* CORE_HOST_READ_H */
