/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Templates by themselves, as far as they can be judged without a VM. */
#ifndef CORE_TEMPLATE_CHECK_H
#define CORE_TEMPLATE_CHECK_H

#include "core/base/context.h"
#include "core/config/definition.h"
#include "core/config/problem.h"

/* Adds a problem for each mistake in sections that are for plugins: only they
 * know the keys. */
typedef void template_plugins_fn (struct hvctl *h, const struct definition *def,
                                  struct problems *p);

/* Adds a problem for each key, value and reference of a template that is wrong
 * whichever VM uses it, whether or not one does. */
void template_check_all (struct hvctl *h, template_plugins_fn *check_plugins,
                         struct problems *p);

#endif /* CORE_TEMPLATE_CHECK_H */
