/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Advice about missing plugins. */
#ifndef CORE_PACKAGE_H
#define CORE_PACKAGE_H

#include "core/base/context.h"

/* Returns what to do about a missing plugin, with PREFIX and WORD as its name
 * ("storage-", "qcow2"; "" and "qemu"; null and any plugin's whole name): its
 * package, if it is one of this tree, otherwise the word that was probably
 * meant, otherwise where plugins come from. */
const char *package_hint (struct hvctl *h, const char *prefix,
                          const char *word);

#endif /* CORE_PACKAGE_H */
