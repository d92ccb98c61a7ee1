/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The keys of a definition that are for people and for hvctl, and do not
 * concern the guest: its description, its labels, and when to start it. */
#ifndef CORE_ABOUT_H
#define CORE_ABOUT_H

#include <stdbool.h>

#include <hvctl/plugin.h>

#include "core/base/error.h"
#include "core/config/definition.h"
#include "core/config/problem.h"

/* Reads and checks them. */
void about_read (struct definition *def, struct problems *p);

/* Returns whether a text is UTF-8 without control characters: it becomes part
 * of a table. */
bool about_is_printable (const char *text);

/* Fails, with the reason, unless 'name' can be the name of a label. */
int about_label_name (const char *name, struct error *err);

/* Returns whether a key of the top level, or a section if 'key' is null, is
 * one of them. */
bool about_has (const struct hv_options *s, const char *key);

#endif /* CORE_ABOUT_H */
