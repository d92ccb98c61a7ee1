/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "common/mac.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static int
hex (char c)
{
    return isdigit ((unsigned char)c) ? c - '0'
                                      : tolower ((unsigned char)c) - 'a' + 10;
}

bool
parse_mac (const char *text, uint8_t mac[6])
{
    for (int i = 0; i < 6; i++, text += 3) {
        char end = i < 5 ? text[0] && text[1] ? text[2] : 'x' : '\0';

        if (!isxdigit ((unsigned char)text[0])
            || !isxdigit ((unsigned char)text[1])
            || (i < 5 ? end != ':' && end != '-' : text[2] != '\0')) {
            return false;
        }
        mac[i] = (uint8_t)(hex (text[0]) << 4 | hex (text[1]));
    }
    return true;
}

const char *
format_mac (const uint8_t mac[6], char text[MAC_TEXT])
{
    snprintf (text, MAC_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1],
              mac[2], mac[3], mac[4], mac[5]);
    return text;
}

bool
mac_is_unicast (const uint8_t mac[6])
{
    static const uint8_t zero[6];

    return !(mac[0] & 1) && memcmp (mac, zero, sizeof zero) != 0;
}
