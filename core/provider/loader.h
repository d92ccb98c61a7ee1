/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Plugins: found, checked, copied.  Only loader.c uses libltdl. */
#ifndef CORE_LOADER_H
#define CORE_LOADER_H

#include <stdbool.h>

#include <hvctl/plugin.h>

#include "core/base/context.h"
#include "core/provider/loaded.h"
#include "core/provider/services.h"

/* Finds the plugins in the plugin directories, once, and what they serve: those
 * that the index does not know are loaded.  A bad one is kept as broken: it is
 * only reported when it is needed. */
void loader_know (struct hvctl *h);

/* Loads a plugin that is only known; returns false if it is broken. */
bool loader_need (struct plugin *p);

/* The same for all. */
void loader_load (struct hvctl *h);
void loader_close (struct hvctl *h);

/* Returns the plugin, or null if there is none; it may be broken, and is
 * perhaps only known. */
struct plugin *loader_known (struct hvctl *h, const char *name);

/* The same, loaded. */
struct plugin *loader_find (struct hvctl *h, const char *name);

#endif /* CORE_LOADER_H */
