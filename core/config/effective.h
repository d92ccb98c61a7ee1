/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A definition as if it had been written without templates and variables, and
 * the host configuration as if it were one file. */
#ifndef CORE_EFFECTIVE_H
#define CORE_EFFECTIVE_H

#include "core/base/arena.h"
#include "core/config/definition.h"

/* Returns the text of a definition that means the same, in any directory, and
 * whatever the templates and variables of its host. */
const char *effective_text (struct arena *a, const struct definition *def);

/* Returns the host configuration as one file; templates keep their
 * variables. */
const char *effective_host_text (struct arena *a,
                                 const struct hv_options *root);

/* The same without what does not concern the guest: a saved state is compared
 * with it. */
const char *effective_guest_text (struct arena *a,
                                  const struct definition *def);

/* Returns whether the setting, or the section, only tells how the others have
 * come about: 'templates' and 'vars'. */
bool effective_omits (const struct hv_options *s, const char *key);

#endif /* CORE_EFFECTIVE_H */
