/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* How the identifiers of a VM's parts are derived: from its UUID and names, so
 * that they never change.  hvctl.conf(5) has the algorithms. */
#ifndef CORE_IDENTITY_H
#define CORE_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/arena.h"

/* That of a definition without the key, and that of a new one. */
#define IDENTITY_OLD "hvctl"
#define IDENTITY_NEW "machina"

struct identity {
    const char *scheme;
    const char *vm, *uuid; /* A valid one, in lower case. */
    const char *base;      /* The value of 'identity_base', or null. */
};

/* Derives a MAC address, always a unicast one.  'address' is the NIC's IPv4
 * address, or null.  Returns null, or why it cannot be derived, and what to
 * do. */
const char *identity_mac (struct arena *a, const struct identity *id,
                          const char *nic, const char *address, uint8_t mac[6]);

/* Derive the serial number and the WWN of a disk: machina's alone.  Others
 * derive null and 0. */
const char *identity_serial (struct arena *a, const struct identity *id,
                             const char *disk, const char **serial);
const char *identity_wwn (struct arena *a, const struct identity *id,
                          const char *disk, uint64_t *wwn);

/* Derives the UUID of a device, as machina does, whatever the scheme is. */
const char *identity_device (struct arena *a, const struct identity *id,
                             const char *kind, const char *name,
                             const char **uuid);

/* Return a random UUID, and store a random MAC address with QEMU's prefix. */
const char *identity_random_uuid (struct arena *a);
void identity_random_mac (uint8_t mac[6]);

/* Reads a WWN of 8 bytes: "0x5525400908FE6258". */
bool identity_parse_wwn (const char *text, uint64_t *wwn);

#define WWN_TEXT 19 /* "0x5525400908FE6258" and its NUL. */
const char *identity_format_wwn (uint64_t wwn, char text[WWN_TEXT]);

/* Returns whether it is the IPv4 address of one host: "192.0.2.3". */
bool identity_parse_address (const char *text, uint8_t address[4]);

#endif /* CORE_IDENTITY_H */
