/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Templates: sections of the host configuration with the keys and sections of a
 * definition, for definitions that name them. */
#ifndef CORE_TEMPLATE_H
#define CORE_TEMPLATE_H

#include <hvctl/plugin.h>

#include "core/base/context.h"
#include "core/config/config.h"
#include "core/config/fleet.h"
#include "core/config/problem.h"

/* Returns the definition with everything that it does not set itself from its
 * fleet (or null), then from its templates, in their order, and with the
 * variables of the host.  Sections are in the order: templates, each after
 * those that it uses, then the fleet, then the definition. */
struct hv_options *template_merge (struct hvctl *h, struct hv_options *own,
                                   const struct fleet *fleet,
                                   struct problems *p);

/* Adds a problem for each template that this one names, or one of those, and
 * that does not exist, and for each cycle. */
void template_check_uses (struct hvctl *h, struct hv_options *template,
                          struct problems *p);

#endif /* CORE_TEMPLATE_H */
