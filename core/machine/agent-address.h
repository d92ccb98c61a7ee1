/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The IP addresses that a guest has, as its agent says. */
#ifndef CORE_AGENT_ADDRESS_H
#define CORE_AGENT_ADDRESS_H

#include <json-c/json_types.h>
#include <stdint.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/base/vec.h"

struct agent_address {
    const char *mac; /* As format_mac() writes it. */
    const char *text;
};

/* Adds those with which somebody can reach the guest: struct agent_address *.
 */
int agent_address_read (struct hvctl *h, const char *name, int64_t until,
                        struct vec *out, struct error *err);

/* The same from the reply to guest-network-get-interfaces.  What is not an
 * address, or is too much, is left out. */
void agent_address_take (struct arena *a, struct json_object *reply,
                         struct vec *out);

#endif /* CORE_AGENT_ADDRESS_H */
