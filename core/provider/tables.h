/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Checks of the data in plugins' tables, when they are loaded: each function
 * returns the problem, or null.  And what is in them, for people. */
#ifndef CORE_TABLES_H
#define CORE_TABLES_H

#include <stdbool.h>

#include <hvctl/plugin.h>

#include "core/base/arena.h"
#include "core/provider/loaded.h"
#include "core/provider/services.h"

/* 'whose' is the table's name: "network.keys".  'ours': "type" and "provider"
 * are the core's. */
const char *tables_keys_fault (struct arena *a, const char *whose,
                               const struct hv_key *keys, bool ours);
const char *tables_support_fault (struct arena *a,
                                  const struct hv_support *support);
const char *tables_files_fault (struct arena *a, const char *const *files);

/* Checks a type of networks or pools, or a format. */
const char *tables_word_fault (struct arena *a, const char *whose,
                               const char *word);

/* Facts for 'plugin show': adds "storage.resize=yes" and the like. */
void tables_operations (struct hvctl *h, const struct plugin *p,
                        struct hv_list *out);

#endif /* CORE_TABLES_H */
