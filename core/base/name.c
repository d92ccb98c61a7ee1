/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The pure half of definition.h: names, and identifiers made from them. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <string.h>
#include <sys/utsname.h>

#include "core/config/definition.h"
#include "core/base/hash.h"

#define NAME_LIMIT 63

/* The beginning of a name, fit for a message. */
static const char *
shown (const char *name, char buffer[81])
{
    size_t i;

    for (i = 0; i < 80 && name[i]; i++) {
        buffer[i] = iscntrl ((unsigned char)name[i]) ? '?' : name[i];
    }
    buffer[i] = '\0';
    return buffer;
}

int
check_name (const char *what, const char *name, struct error *err)
{
    size_t len = strlen (name);
    char buffer[81];

    if (!len || !isalnum ((unsigned char)name[0])) {
        return fail_exit (err, EXIT_USAGE, EINVAL,
                          "%s name \"%s\" must begin with a letter or a "
                          "digit",
                          what, shown (name, buffer));
    }
    for (size_t i = 0; i < len; i++) {
        if (!isalnum ((unsigned char)name[i]) && !strchr ("_.-", name[i])) {
            return fail_exit (err, EXIT_USAGE, EINVAL,
                              "%s name \"%s\" may hold only letters, "
                              "digits, '_', '.' and '-'",
                              what, shown (name, buffer));
        }
    }
    if (len > NAME_LIMIT) {
        return fail_exit (err, EXIT_USAGE, ENAMETOOLONG,
                          "%s name \"%.20s…\" has %zu characters: %d are "
                          "allowed",
                          what, name, len, NAME_LIMIT);
    }
    return 0;
}

const char *
host_arch (void)
{
    static struct utsname u;

    if (!*u.machine) {
        uname (&u);
    }
    return u.machine;
}

/* FNV-1a, 64 bits: not for security, only to tell names apart. */
static uint64_t
hash (uint64_t h, const char *s)
{
    return hash_bytes (h, s, strlen (s) + 1);
}

const char *
derive_ifname (struct arena *a, const char *vm, const char *nic)
{
    const char *plain = arena_format (a, "%s-%s", vm, nic);

    /* Names hold hyphens: of "a-b-c", the NIC is what is behind the last, and
     * one of eight characters could look like the hash. */
    if (strlen (plain) < IFNAMSIZ && !strchr (nic, '-') && strlen (nic) != 8) {
        return plain;
    }
    /* Enough of the name to be recognised, and 32 bits to be unique. */
    return arena_format (a, "%.6s-%08" PRIx32, vm,
                         (uint32_t)(hash (hash (HASH_START, vm), nic) >> 16));
}

/* RFC 9562 version 8: "custom". */
const char *
derive_uuid (struct arena *a, const char *vm)
{
    uint64_t high = hash (hash (HASH_START, "hvctl"), vm);
    uint64_t low = hash (high, vm);

    return arena_format (
        a,
        "%08" PRIx64 "-%04" PRIx64 "-8%03" PRIx64 "-%04" PRIx64 "-%012" PRIx64,
        high >> 32, high >> 16 & 0xffff, high & 0xfff,
        (low >> 48 & 0x3fff) | 0x8000, low & UINT64_C (0xffffffffffff));
}

void
derive_mac (const char *uuid, const char *nic, uint8_t mac[6])
{
    uint64_t h = hash (hash (HASH_START, uuid), nic);

    /* 52:54:00 is what QEMU and its friends use. */
    mac[0] = 0x52;
    mac[1] = 0x54;
    mac[2] = 0x00;
    mac[3] = (uint8_t)(h >> 16);
    mac[4] = (uint8_t)(h >> 24);
    mac[5] = (uint8_t)(h >> 32);
}
