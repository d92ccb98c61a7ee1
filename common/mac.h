/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Ethernet addresses. */
#ifndef COMMON_MAC_H
#define COMMON_MAC_H

#include <stdbool.h>
#include <stdint.h>

#define MAC_TEXT 18 /* "52:54:00:12:34:56" and its NUL. */

/* Reads "52:54:00:12:34:56" (or with '-'). */
bool parse_mac (const char *text, uint8_t mac[6]);

const char *format_mac (const uint8_t mac[6], char text[MAC_TEXT]);

/* Returns whether a NIC can use it: not a group address, not all zeroes. */
bool mac_is_unicast (const uint8_t mac[6]);

#endif /* COMMON_MAC_H */
