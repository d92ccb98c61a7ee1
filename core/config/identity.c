/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The schemes of hvctl, machina, balenaVirt, virshle and 5gdeploy.  These
 * identifiers are in leases, udev rules and licences: what is derived once must
 * be derived forever, to the byte. */
#include "core/config/identity.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "common/mac.h"
#include "core/base/digest.h"
#include "core/base/name.h"

/* virtio-blk has 20 bytes for it (VIRTIO_BLK_ID_BYTES), an IDE drive as well;
 * machina's has 26, which a virtio-blk disk of machina's shows cut off, too. */
#define SERIAL_SHOWN 20
#define SERIAL_BYTES 16

static const uint8_t qemu_prefix[3] = { 0x52, 0x54, 0x00 };

static bool
is (const struct identity *id, const char *scheme)
{
    return !strcmp (id->scheme, scheme);
}

static uint8_t
hex_digit (char c)
{
    return (uint8_t)(isdigit ((unsigned char)c)
                         ? c - '0'
                         : tolower ((unsigned char)c) - 'a' + 10);
}

/* One that is not valid has been refused, but must do no harm. */
static void
uuid_bytes (const char *uuid, uint8_t out[16])
{
    memset (out, 0, 16);
    for (size_t i = 0; i < 16 && *uuid && uuid[1]; i++, uuid += 2) {
        uuid += *uuid == '-' && uuid[2];
        out[i] = (uint8_t)(hex_digit (uuid[0]) << 4 | hex_digit (uuid[1]));
    }
}

/* As text; the version and the variant (RFC 9562) are set. */
static const char *
uuid_text (struct arena *a, uint8_t b[16], unsigned version)
{
    b[6] = (uint8_t)((b[6] & 0x0f) | version << 4);
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
    return arena_format (a,
                         "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
                         "%02x%02x%02x%02x%02x%02x",
                         b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8],
                         b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

/* ------------------------------------------------------------- machina */

/* The UUID, then the name and each component, preceded by their lengths in 8
 * bytes, big-endian. */
static const char *
shake (struct arena *a, const struct identity *id, const char *const *words,
       size_t n, uint8_t *out, size_t size)
{
    struct digest_part parts[11];
    uint8_t uuid[16], lengths[5][8];
    const char *why;

    uuid_bytes (id->uuid, uuid);
    parts[0] = (struct digest_part){ uuid, sizeof uuid };
    for (size_t i = 0; i <= n; i++) {
        const char *word = i ? words[i - 1] : id->vm;
        uint64_t len = strlen (word);

        for (int k = 0; k < 8; k++) {
            lengths[i][k] = (uint8_t)(len >> (56 - 8 * k));
        }
        parts[2 * i + 1] = (struct digest_part){ lengths[i], 8 };
        parts[2 * i + 2] = (struct digest_part){ word, len };
    }
    return digest_shake128 (parts, 2 * n + 3, out, size, &why) < 0
               ? arena_format (a, "libgcrypt computes no SHAKE128: %s", why)
               : NULL;
}

#define SHAKE(a, id, out, size, ...)                                           \
    shake (a, id, (const char *const[]){ __VA_ARGS__ }, 3, out, size)

static const char *
machina_mac (struct arena *a, const struct identity *id, const char *nic,
             uint8_t mac[6])
{
    const char *why = SHAKE (a, id, mac, 6, "connection", "hardware-addr", nic);

    memcpy (mac, qemu_prefix, sizeof qemu_prefix);
    return why;
}

/* Base 32 with the digits first (RFC 4648, section 7), without padding. */
static const char *
base32hex (struct arena *a, const uint8_t *bytes, size_t n)
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUV";
    size_t len = (n * 8 + 4) / 5;
    char *text = arena_alloc (a, len + 1);

    for (size_t i = 0; i < len; i++) {
        size_t at = i * 5 / 8;
        unsigned pair = (unsigned)bytes[at] << 8;

        pair |= at + 1 < n ? bytes[at + 1] : 0;
        text[i] = digits[pair >> (11 - i * 5 % 8) & 31];
    }
    return text;
}

const char *
identity_serial (struct arena *a, const struct identity *id, const char *disk,
                 const char **serial)
{
    uint8_t bytes[SERIAL_BYTES];
    const char *why;

    *serial = NULL;
    if (!is (id, "machina")) {
        return NULL;
    }
    why = SHAKE (a, id, bytes, sizeof bytes, "volume", "serial-number", disk);
    if (!why) {
        *serial =
            arena_dup_n (a, base32hex (a, bytes, sizeof bytes), SERIAL_SHOWN);
    }
    return why;
}

const char *
identity_wwn (struct arena *a, const struct identity *id, const char *disk,
              uint64_t *wwn)
{
    uint8_t b[8] = { 0 };
    const char *why;

    *wwn = 0;
    if (!is (id, "machina")) {
        return NULL;
    }
    why = SHAKE (a, id, b, sizeof b, "volume", "wwn", disk);
    /* NAA 5, with 52:54:00 as the vendor. */
    b[0] = 0x55;
    b[1] = 0x25;
    b[2] = 0x40;
    b[3] &= 0x0f;
    for (int i = 0; !why && i < 8; i++) {
        *wwn = *wwn << 8 | b[i];
    }
    return why;
}

const char *
identity_device (struct arena *a, const struct identity *id, const char *kind,
                 const char *name, const char **uuid)
{
    const char *words[] = { "device", "id", kind, name };
    uint8_t bytes[16];
    const char *why = shake (a, id, words, 4, bytes, sizeof bytes);

    *uuid = why ? NULL : uuid_text (a, bytes, 4);
    return why;
}

/* ------------------------------------------------------------- balenaVirt */

/* A guest's number is the one at the end of its name; guests without one are
 * the first of their kind. */
static const char *
balena_mac (struct arena *a, const struct identity *id, uint8_t mac[6])
{
    const char *index = name_index (id->vm), *why;
    uint8_t base[6], hash[DIGEST_SHA256];
    char text[MAC_TEXT];

    if (!id->base || !parse_mac (id->base, base)) {
        return "identity = balena derives the MAC address from that of the "
               "host: set identity_base = to that of its first network "
               "interface, or 'mac'";
    }
    format_mac (base, text);
    index = index ? index : "0";
    if (digest_sha256 (
            (const struct digest_part[]){ { text, strlen (text) },
                                          { index, strlen (index) } },
            2, hash, &why)
        < 0) {
        return arena_format (a, "libgcrypt computes no SHA-256: %s", why);
    }
    memcpy (mac, qemu_prefix, 3);
    memcpy (mac + 3, hash, 3);
    return NULL;
}

/* ------------------------------------------------------------- the others */

/* The UUID's first six bytes, made a local unicast address. */
static void
virshle_mac (const struct identity *id, uint8_t mac[6])
{
    uint8_t bytes[16];

    uuid_bytes (id->uuid, bytes);
    memcpy (mac, bytes, 6);
    mac[0] = (uint8_t)((mac[0] & 0xf0) | 0x0e);
}

static const char *
address_mac (const char *address, uint8_t mac[6])
{
    if (!address || !identity_parse_address (address, mac + 2)) {
        return "identity = address derives the MAC address from the IPv4 "
               "address: set 'address', or 'mac'";
    }
    mac[0] = 0x52;
    mac[1] = 0xde;
    return NULL;
}

const char *
identity_mac (struct arena *a, const struct identity *id, const char *nic,
              const char *address, uint8_t mac[6])
{
    if (is (id, "machina")) {
        return machina_mac (a, id, nic, mac);
    }
    if (is (id, "balena")) {
        return balena_mac (a, id, mac);
    }
    if (is (id, "address")) {
        return address_mac (address, mac);
    }
    if (is (id, "virshle")) {
        virshle_mac (id, mac);
    } else {
        name_mac (id->uuid, nic, mac);
    }
    return NULL;
}

/* ------------------------------------------------------------- no scheme */

static void
random_bytes (uint8_t *to, size_t n)
{
    if (getrandom (to, n, 0) != (ssize_t)n) {
        abort ();
    }
}

const char *
identity_random_uuid (struct arena *a)
{
    uint8_t bytes[16];

    random_bytes (bytes, sizeof bytes);
    return uuid_text (a, bytes, 4);
}

void
identity_random_mac (uint8_t mac[6])
{
    memcpy (mac, qemu_prefix, sizeof qemu_prefix);
    random_bytes (mac + 3, 3);
}

/* Those of NAA 6 have 16 bytes; 3, 4 and 7 to 11 have no meaning (T10
 * SPC). */
bool
identity_parse_wwn (const char *text, uint64_t *wwn)
{
    size_t digits = 0;

    *wwn = 0;
    text += text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? 2 : 0;
    for (; *text; text++) {
        if (*text == ':' && digits && digits % 2 == 0 && text[1]) {
            continue;
        }
        if (!isxdigit ((unsigned char)*text) || ++digits > 16) {
            return false;
        }
        *wwn = *wwn << 4 | hex_digit (*text);
    }
    return digits == 16 && strchr ("125cdef", "0123456789abcdef"[*wwn >> 60]);
}

const char *
identity_format_wwn (uint64_t wwn, char text[WWN_TEXT])
{
    snprintf (text, WWN_TEXT, "0x%016" PRIX64, wwn);
    return text;
}

/* Neither a network's, nor a group's, nor that of everybody. */
bool
identity_parse_address (const char *text, uint8_t address[4])
{
    return inet_pton (AF_INET, text, address) == 1 && address[0] != 0
           && address[0] < 224;
}
