/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/base/name.h"

#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <limits.h>
#include <net/if.h>
#include <string.h>
#include <sys/utsname.h>

#include "common/hash.h"

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
name_validate (const char *what, const char *name, struct error *err)
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
                              "%s name \"%s\" may contain only letters, "
                              "digits, '_', '.' and '-'",
                              what, shown (name, buffer));
        }
    }
    if (len > NAME_LIMIT) {
        return fail_exit (
            err, EXIT_USAGE, ENAMETOOLONG,
            "%s name \"%.20s…\" has %zu characters; at most %d are allowed",
            what, name, len, NAME_LIMIT);
    }
    return 0;
}

const char *
name_host_arch (void)
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
name_ifname (struct arena *a, const char *vm, const char *nic)
{
    const char *plain = arena_format (a, "%s-%s", vm, nic);

    /* Names contain hyphens: in "a-b-c" the NIC is the part after the last one,
     * and a NIC's name of eight characters could look like the hash. */
    if (strlen (plain) < IFNAMSIZ && !strchr (nic, '-') && strlen (nic) != 8) {
        return plain;
    }
    /* Enough of the name to be recognised, and 32 bits to be unique. */
    return arena_format (a, "%.6s-%08" PRIx32, vm,
                         (uint32_t)(hash (hash (HASH_START, vm), nic) >> 16));
}

/* RFC 9562 version 8: "custom". */
const char *
name_uuid (struct arena *a, const char *vm)
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
name_mac (const char *uuid, const char *nic, uint8_t mac[6])
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

const char *
name_index (const char *vm)
{
    const char *hyphen = strrchr (vm, '-');
    const char *digits = hyphen ? hyphen + 1 : "";

    if (!*digits || digits[strspn (digits, "0123456789")]) {
        return NULL;
    }
    digits += strspn (digits, "0");
    return *digits ? digits : "0";
}

const char *
name_lower_uuid (struct arena *a, const char *text)
{
    char *uuid = arena_dup (a, text);

    for (size_t i = 0; i < 36; i++) {
        bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;

        if (hyphen ? uuid[i] != '-' : !isxdigit ((unsigned char)uuid[i])) {
            return NULL;
        }
        uuid[i] = (char)tolower ((unsigned char)uuid[i]);
    }
    return uuid[36] ? NULL : uuid;
}

static unsigned
min3 (unsigned a, unsigned b, unsigned c)
{
    return a < b ? (a < c ? a : c) : (b < c ? b : c);
}

/* The distance of two short words: letters added, left out, replaced, or
 * swapped with their neighbours. */
static unsigned
distance (const char *a, const char *b)
{
    unsigned rows[3][64];
    size_t n = strlen (b);

    if (n >= 64 || strlen (a) >= 64) {
        return UINT_MAX;
    }
    for (unsigned j = 0; j <= n; j++) {
        rows[0][j] = j;
    }
    for (unsigned i = 1; a[i - 1]; i++) {
        unsigned *row = rows[i % 3], *above = rows[(i - 1) % 3];

        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            row[j] = min3 (above[j] + 1, row[j - 1] + 1,
                           above[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]
                && rows[(i - 2) % 3][j - 2] < row[j]) {
                row[j] = min3 (row[j], rows[(i - 2) % 3][j - 2] + 1, row[j]);
            }
        }
    }
    return rows[strlen (a) % 3][n];
}

const char *
name_nearest (const char *word, const char *const *candidates)
{
    /* One letter may differ, in long words two or three; a word of two letters
     * is close to every other. */
    size_t len = strlen (word);
    unsigned best = len < 3 ? 1 : len < 6 ? 2 : len < 9 ? 3 : 4;
    const char *found = NULL;

    for (; *candidates; candidates++) {
        unsigned d = distance (word, *candidates);

        if (d < best) {
            best = d;
            found = *candidates;
        }
    }
    return found;
}

const char *
name_suggest (struct arena *a, const char *word, const char *const *candidates)
{
    const char *near = name_nearest (word, candidates);

    return near ? arena_format (a, ": did you mean '%s'?", near) : "";
}

const char *
name_suggest_of (struct arena *a, const char *word, const struct vec *names)
{
    return names->n ? name_suggest (a, word, (const char *const *)names->p)
                    : "";
}

const char *
name_list (struct arena *a, const struct vec *names, size_t most)
{
    const char *text = "";

    for (size_t i = 0; i < names->n && i < most; i++) {
        text = arena_format (a, "%s%s%s", text, i ? ", " : "",
                             (const char *)names->p[i]);
    }
    return names->n > most ? arena_format (a, "%s, …", text) : text;
}

bool
name_is_among (const struct vec *names, const char *name)
{
    for (size_t i = 0; names && i < names->n; i++) {
        if (fnmatch (names->p[i], name, 0) == 0) {
            return true;
        }
    }
    return false;
}
