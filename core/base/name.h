/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Names given by people, and names derived from them. */
#ifndef CORE_NAME_H
#define CORE_NAME_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/vec.h"

/* Fails, with the reason, unless 'name' is valid for a VM, disk, NIC or
 * volume. */
int name_validate (const char *what, const char *name, struct error *err);

/* Returns the architecture of this host: "x86_64". */
const char *name_host_arch (void);

/* Returns the name of a port on the host: "VM-NIC" if that fits into 15 bytes,
 * otherwise its beginning and a hash. */
const char *name_ifname (struct arena *a, const char *vm, const char *nic);

/* Defaults for a definition, which never change: derived from the names. */
const char *name_uuid (struct arena *a, const char *vm);
void name_mac (const char *uuid, const char *nic, uint8_t mac[6]);

/* Returns the number at the end of a VM's name, or null: "3" of "edge-03". */
const char *name_index (const char *vm);

/* Returns the UUID in lower case, or null: it is not a valid one. */
const char *name_lower_uuid (struct arena *a, const char *text);

/* Returns the candidate nearest to 'word', or null if none is near. */
const char *name_nearest (const char *word, const char *const *candidates);

/* Returns ": did you mean 'NAME'?" with that candidate, for the end of a
 * message, or "" if there is none. */
const char *name_suggest (struct arena *a, const char *word,
                          const char *const *candidates);

const char *name_suggest_of (struct arena *a, const char *word,
                             const struct vec *names);

/* Returns "a, b, c", or, of more than 'most', the first ones and ", …". */
const char *name_list (struct arena *a, const struct vec *names, size_t most);

bool name_is_among (const struct vec *names, const char *name);

#endif /* CORE_NAME_H */
