/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/config/definition-identity.h"

#include <ctype.h>
#include <string.h>

#include "common/mac.h"
#include "core/base/arena.h"
#include "core/base/name.h"
#include "core/config/settings.h"

/* What a SCSI drive of QEMU shows of it; others show less, and their plugins
 * refuse the rest. */
#define MAX_SERIAL 36

static const char *
get_uuid (struct hvctl *h, const struct definition *def, struct problems *p)
{
    const char *text = settings_get (def->root, "uuid");
    char *uuid = arena_dup (&h->arena, text);

    if (!uuid) {
        return name_uuid (&h->arena, def->name);
    }
    for (size_t i = 0; i < 36; i++) {
        bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;

        if (hyphen ? uuid[i] != '-' : !isxdigit ((unsigned char)uuid[i])) {
            settings_problem (p, def->root, "uuid",
                              "uuid \"%s\" is not a valid UUID", text);
            return text;
        }
        uuid[i] = (char)tolower ((unsigned char)uuid[i]);
    }
    if (uuid[36]) {
        settings_problem (p, def->root, "uuid", "uuid \"%s\" is too long",
                          text);
    }
    return uuid;
}

/* A template's is not needed by a VM that chooses another scheme itself. */
static void
check_base (const struct definition *def, struct problems *p)
{
    const struct setting *base = settings_find (def->root, "identity_base");
    const struct setting *own = settings_find (def->root, "identity");

    if (base && !settings_unknown (def->root)
        && strcmp (def->identity.scheme, "balena") != 0
        && !(base->from && own && !own->from)) {
        settings_problem (p, def->root, "identity_base",
                          "identity_base is for identity = balena, and not for "
                          "identity = %s: remove it",
                          def->identity.scheme);
    }
}

void
definition_identity_root (struct hvctl *h, struct definition *def,
                          struct problems *p)
{
    const char *scheme = settings_get (def->root, "identity");

    def->uuid = get_uuid (h, def, p);
    def->identity = (struct identity){
        .scheme = scheme ? scheme : IDENTITY_OLD,
        .vm = def->name,
        .uuid = def->uuid,
        .base = settings_get (def->root, "identity_base"),
    };
    check_base (def, p);
}

static bool
check_address (const struct definition *def, const struct nic_def *n,
               bool unknown, struct problems *p)
{
    uint8_t bytes[4];
    bool good = identity_parse_address (n->address, bytes);

    if (!good) {
        settings_problem (p, n->section, "address",
                          "nic %s: address %s is not the IPv4 address of a "
                          "host, such as 192.0.2.3",
                          n->name, n->address);
    } else if (!unknown && strcmp (def->identity.scheme, "address") != 0) {
        settings_problem (p, n->section, "address",
                          "nic %s: address is what identity = address derives "
                          "the MAC address from, and not for identity = %s: "
                          "remove it, or change identity",
                          n->name, def->identity.scheme);
    }
    return good;
}

void
definition_identity_nic (struct hvctl *h, const struct definition *def,
                         struct nic_def *n, struct problems *p)
{
    const char *mac = settings_get (n->section, "mac"), *why;
    bool unknown =
        settings_unknown (n->section) || settings_unknown (def->root);
    bool good;

    n->address = settings_get (n->section, "address");
    good = !n->address || check_address (def, n, unknown, p);
    if (!mac) {
        why = identity_mac (&h->arena, &def->identity, n->name, n->address,
                            n->mac);
        if (why && good && !unknown) {
            settings_problem (p, n->section, "mac", "nic %s: %s", n->name, why);
        }
    } else if (parse_mac (mac, n->mac) && !mac_is_unicast (n->mac)) {
        settings_problem (
            p, n->section, "mac",
            "mac %s is not a valid MAC address for a NIC (its first byte "
            "is odd, or it is all zeroes)",
            mac);
    }
}

static void
check_serial (const struct disk_def *d, struct problems *p)
{
    if (strlen (d->serial) > MAX_SERIAL) {
        settings_problem (p, d->section, "serial",
                          "disk %s: a serial number has at most 20 bytes, that "
                          "of a SCSI drive %d",
                          d->name, MAX_SERIAL);
    }
    for (const char *c = d->serial; *c; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7f) {
            settings_problem (
                p, d->section, "serial",
                "disk %s: the serial number contains a control character",
                d->name);
            break;
        }
    }
}

/* Which device has a WWN is the hypervisor's to say; it is derived for a
 * CD-ROM drive, the only one of today. */
static const char *
read_wwn (struct hvctl *h, const struct definition *def, struct disk_def *d,
          struct problems *p)
{
    const char *text = settings_get (d->section, "wwn");

    if (!text) {
        return d->cdrom
                   ? identity_wwn (&h->arena, &def->identity, d->name, &d->wwn)
                   : NULL;
    }
    if (!identity_parse_wwn (text, &d->wwn)) {
        settings_problem (p, d->section, "wwn",
                          "disk %s: wwn \"%s\" is not a WWN of 8 bytes, such "
                          "as 0x5525400908FE6258, that begins with 1, 2, 5 or "
                          "C to F",
                          d->name, text);
    }
    return NULL;
}

void
definition_identity_disk (struct hvctl *h, const struct definition *def,
                          struct disk_def *d, struct problems *p)
{
    const char *why = read_wwn (h, def, d, p);

    d->serial = settings_get (d->section, "serial");
    if (!d->serial && !why) {
        why = identity_serial (&h->arena, &def->identity, d->name, &d->serial);
    } else if (d->serial) {
        check_serial (d, p);
    }
    if (why && !settings_unknown (d->section)
        && !settings_unknown (def->root)) {
        settings_problem (p, d->section, NULL, "disk %s: %s", d->name, why);
    }
}
