/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Checks of the sections of hvctl.conf by the plugins that they are for. */
#ifndef CORE_SECTIONS_H
#define CORE_SECTIONS_H

#include <hvctl/plugin.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/definition.h"
#include "core/config/problem.h"

/* Fail if the section is wrong, or if this host lacks what it names.  Nothing
 * is created: the port, or volume, is of a VM that does not exist. */
int sections_try_network (struct hvctl *h, const struct hv_options *network,
                          struct error *err);
int sections_try_pool (struct hvctl *h, const struct hv_options *pool,
                       struct error *err);

/* Adds a problem for each section that is wrong, whatever this host has. */
void sections_check (struct hvctl *h, struct problems *p);

/* Adds a problem for each mistake in a section for a hypervisor's plugin, if it
 * is installed. */
void sections_check_plugins (struct hvctl *h, const struct definition *def,
                             struct problems *p);

#endif /* CORE_SECTIONS_H */
