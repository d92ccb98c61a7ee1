/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Plugins: found, checked, copied.  Only loader.c uses libltdl. */
#ifndef CORE_LOADER_H
#define CORE_LOADER_H

#include <hvctl/plugin.h>

#include "core/base/context.h"
#include "core/provider/loaded.h"
#include "core/provider/services.h"

/* Loads every plugin of the plugin directories, once.  A bad one is kept as
 * broken: it is only reported when it is needed. */
void loader_load (struct hvctl *h);
void loader_close (struct hvctl *h);

/* Returns the plugin, or null if there is none; it may be broken. */
struct plugin *loader_find (struct hvctl *h, const char *name);

/* Facts for 'plugin show': adds "storage.resize=yes" and the like. */
void loader_operations (struct hvctl *h, const struct plugin *p,
                        struct hv_list *out);

#endif /* CORE_LOADER_H */
