/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Plugins, whatever they provide: opened before their first operation, and
 * closed. */
#ifndef CORE_PROVIDER_H
#define CORE_PROVIDER_H

#include "core/base/error.h"
#include "core/provider/loaded.h"

/* Fails if 'p' is broken or its open() fails. */
int provider_usable (struct plugin *p, struct error *err);

/* Closes it, if it was opened. */
void provider_close (struct plugin *p);

#endif /* CORE_PROVIDER_H */
