/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* How each hypervisor handles each key of a definition: hvctl's own
 * table, and those of the plugins. */
#ifndef CORE_SUPPORT_H
#define CORE_SUPPORT_H

#include <stdbool.h>

#include <hvctl/plugin.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/definition.h"
#include "core/provider/loaded.h"
#include "core/provider/services.h"

/* For keys about which a plugin without a table says nothing. */
#define SUPPORT_UNSTATED (HV_REFUSED + 1)

struct key_support {
    const char *key;  /* As in struct hv_support, or "plugin.KEY". */
    const char *how;  /* "honoured", "emulated", "refused", "unstated" */
    const char *text; /* Or null. */
};

/* Stores a struct key_support for each key, in the order of the
 * tables.  'have' are the capabilities, for a plugin without a table, or
 * null. */
void support_list (struct hvctl *h, const struct plugin *p,
                   const struct hv_list *have, struct vec *out);

/* Return the text of a key in the plugin's own table, or null; whether it is
 * refused. */
const char *support_text (const struct plugin *p, const char *key);
bool support_refuses (const struct plugin *p, const char *key);

/* Fails with every key that the definition sets and the hypervisor refuses. */
int support_check (struct hvctl *h, const struct definition *def,
                   const struct plugin *p, struct error *err);

#endif /* CORE_SUPPORT_H */
