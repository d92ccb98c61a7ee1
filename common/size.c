/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "common/size.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/cleanup.h"

/* Reads "12" or "1.5" and stores the number times 1000, and what follows. */
static bool
parse_milli (const char *text, uint64_t *milli, const char **rest)
{
    uint64_t n = 0, fraction = 0, scale = 100;

    if (!isdigit ((unsigned char)*text)) {
        return false;
    }
    for (; isdigit ((unsigned char)*text); text++) {
        if (n > (UINT64_MAX / 1000 - 9) / 10) {
            return false;
        }
        n = n * 10 + (uint64_t)(*text - '0');
    }
    if (*text == '.') {
        if (!isdigit ((unsigned char)*++text)) {
            return false;
        }
        for (; isdigit ((unsigned char)*text); text++) {
            fraction += (uint64_t)(*text - '0') * scale;
            scale /= 10;
        }
    }
    *milli = n * 1000 + fraction;
    *rest = text;
    return true;
}

/* Returns the power of 1024 that a unit stands for, or -1. */
static int
unit_power (const char *unit)
{
    static const char letters[] = "KMGTP";
    const char *letter;

    if (!*unit || !strcasecmp (unit, "B")) {
        return 0;
    }
    letter = strchr (letters, toupper ((unsigned char)*unit));
    if (!letter
        || (unit[1] && strcasecmp (unit + 1, "iB") && strcasecmp (unit + 1, "i")
            && strcasecmp (unit + 1, "B"))) {
        return -1;
    }
    return (int)(letter - letters) + 1;
}

bool
parse_size (const char *text, uint64_t *bytes)
{
    unsigned __int128 value;
    uint64_t milli;
    const char *unit;
    int power;

    if (!parse_milli (text, &milli, &unit)) {
        return false;
    }
    unit += strspn (unit, " ");
    power = unit_power (unit);
    if (power < 0) {
        return false;
    }
    value = ((unsigned __int128)milli << (10 * power)) / 1000;
    if (value > INT64_MAX) {
        return false;
    }
    *bytes = (uint64_t)value;
    return true;
}

bool
parse_duration (const char *text, int64_t *ms)
{
    static const struct {
        const char *unit;
        uint64_t factor; /* Of milliseconds. */
    } units[] = {
        { "", 1000 },     { "ms", 1 },      { "s", 1000 },     { "m", 60000 },
        { "min", 60000 }, { "h", 3600000 }, { "d", 86400000 },
    };
    const char *unit;
    uint64_t milli;

    if (!parse_milli (text, &milli, &unit)) {
        return false;
    }
    unit += strspn (unit, " ");
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (!strcmp (unit, units[i].unit)) {
            if (milli > INT64_MAX / units[i].factor) {
                return false;
            }
            *ms = (int64_t)(milli * units[i].factor / 1000);
            return true;
        }
    }
    return false;
}

bool
parse_uint (const char *text, uint64_t *value)
{
    uint64_t milli;
    const char *rest;

    if (!parse_milli (text, &milli, &rest) || *rest || milli % 1000
        || strchr (text, '.')) {
        return false;
    }
    *value = milli / 1000;
    return true;
}

bool
parse_bool (const char *text, bool *value)
{
    static const char *const words[] = { "no",   "yes", "false",
                                         "true", "off", "on" };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!strcasecmp (text, words[i])) {
            *value = i % 2;
            return true;
        }
    }
    return false;
}

const char *
format_size (uint64_t bytes, char *buffer, size_t size)
{
    static const char units[] = "KMGTP";
    int power = 0;

    while (power < 5 && bytes && bytes % 1024 == 0) {
        bytes /= 1024;
        power++;
    }
    if (power) {
        snprintf (buffer, size, "%" PRIu64 "%c", bytes, units[power - 1]);
    } else {
        snprintf (buffer, size, "%" PRIu64, bytes);
    }
    return buffer;
}

const char *
format_amount (double bytes, char text[16])
{
    static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
    size_t unit = 0;

    while (bytes >= 1024 && unit + 1 < ARRAY_SIZE (units)) {
        bytes /= 1024;
        unit++;
    }
    snprintf (text, 16, unit ? "%.1f %s" : "%.0f %s", bytes, units[unit]);
    return text;
}
