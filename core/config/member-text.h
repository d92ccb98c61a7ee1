/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The text of a fleet's member as if it were in no fleet. */
#ifndef CORE_MEMBER_TEXT_H
#define CORE_MEMBER_TEXT_H

#include "core/base/arena.h"
#include "core/config/config.h"

/* Returns 'fleet', the text of the fleet's file, without 'count' and 'first',
 * and with each setting of the member's own file, whose text is 'own' and which
 * was parsed as 'root'; both are null if it has none.  Templates and variables
 * remain. */
const char *member_text (struct arena *a, const char *fleet, const char *own,
                         const struct hv_options *root);

#endif /* CORE_MEMBER_TEXT_H */
