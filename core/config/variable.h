/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The variables that values refer to: "${name}", "${index}", "${env.HOME}", and
 * those of sections 'vars'. */
#ifndef CORE_VARIABLE_H
#define CORE_VARIABLE_H

#include "core/config/config.h"
#include "core/config/problem.h"

/* Replaces the variables in all values of a definition, merged with its
 * templates.  Of its 'vars', those that it uses are replaced. */
void variable_expand (struct hv_options *root, const char *vm,
                      struct problems *p);

/* Adds a problem for each value of a template, alone, that would be wrong
 * whatever its variables are: their values are those of VMs. */
void variable_try (struct hv_options *template, struct problems *p);

/* Replaces the variables of a section of the host configuration, or of its top
 * level; 'vars' is the host's section or null, and remains as it is. */
void variable_expand_host (struct hv_options *s, const struct hv_options *vars,
                           struct problems *p);

/* Adds a problem for each impossible name in a section 'vars'. */
void variable_check_names (const struct hv_options *vars, struct problems *p);

#endif /* CORE_VARIABLE_H */
