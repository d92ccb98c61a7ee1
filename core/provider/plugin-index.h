/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What plugins serve, kept until their file changes, so that a command loads
 * only those that it uses: most of the time of a plan was the loading of the
 * others, and of their libraries.  Hypervisors are not in it. */
#ifndef CORE_PLUGIN_INDEX_H
#define CORE_PLUGIN_INDEX_H

#include <stdbool.h>
#include <sys/stat.h>

#include "core/base/context.h"
#include "core/provider/loaded.h"

/* Fills in what is known of a plugin whose file is 'st', and sets 'known';
 * returns whether anything is. */
bool plugin_index_recall (struct plugin *p, const struct stat *st);

/* Writes an index of the plugins of 'h' that work, if the command may change
 * things; a failure costs only time. */
void plugin_index_keep (struct hvctl *h);

/* Frees what was read. */
void plugin_index_forget (struct hvctl *h);

#endif /* CORE_PLUGIN_INDEX_H */
