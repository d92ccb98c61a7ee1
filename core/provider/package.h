/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Plugins that are not there: what a message may advise. */
#ifndef CORE_PACKAGE_H
#define CORE_PACKAGE_H

#include "core/base/context.h"

/* What to do about a plugin that is not there, PREFIX and WORD its name
 * ("storage-", "qcow2"; "" and "qemu"; null and any plugin's whole name): its
 * package, if it is one of this tree, else the word that was meant, else where
 * plugins come from. */
const char *package_hint (struct hvctl *h, const char *prefix,
                          const char *word);

#endif /* CORE_PACKAGE_H */
