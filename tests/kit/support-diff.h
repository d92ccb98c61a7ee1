/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Each key of a definition that is changed appears in 'hvctl diff' once, with
 * the class that core/plan/plan-fields.c has for it. */
#ifndef TESTS_SUPPORT_DIFF_H
#define TESTS_SUPPORT_DIFF_H

#include <json-c/json_types.h>

#include "tests/kit/support-world.h"

/* Fails the test unless the two plans differ as they are to when 's->key' is
 * set to 'value'; 'def' is the second one's.  'told': its process is another,
 * so that the key cannot be one that is read when it is needed. */
void support_diff (struct world *w, const struct sample *s, const char *value,
                   struct json_object *was, struct json_object *will,
                   const struct definition *def, bool told);

/* Fails the test unless every member of the plan has a line in the table. */
void support_diff_members (struct json_object *plan);

#endif /* TESTS_SUPPORT_DIFF_H */
