/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Finds and reads QEMU's firmware descriptor files; firmware-qemu.c chooses
 * among them. */
#ifndef FIRMWARE_QEMU_DESCRIPTOR_H
#define FIRMWARE_QEMU_DESCRIPTOR_H

#include <stdbool.h>
#include <stddef.h>

#include <json-c/json.h>

#include "common/member.h"

#include "hvctl/plugin.h"

enum { FILES_MAX = 256 }; /* Descriptors; a distribution has a dozen. */

/* The descriptor files, without duplicates, sorted by name. */
struct files {
    struct file {
        const char *name, *path;
    } entries[FILES_MAX];
    size_t n;
};

#define CLEANUP_JSON __attribute__ ((cleanup (cleanup_json)))

static inline void
cleanup_json (struct json_object **j)
{
    json_object_put (*j);
}

/* The directories, separated by colons, the most specific last. */
const char *descriptor_path (struct hv_ctx *ctx);

const struct files *descriptor_files (struct hv_ctx *ctx);

/* Returns the contents of a descriptor file: an object that has a mapping,
 * targets, interface types and features.  Null if it is empty, or broken: then
 * the user has been warned. */
struct json_object *descriptor_read (struct hv_ctx *ctx, const char *path);

/* Returns the string j[key] if it is one, and contains no NULs. */
const char *get_string (struct json_object *j, const char *key);

/* Returns whether 'word' is in the array j[key]. */
bool has_word (struct json_object *j, const char *key, const char *word);

#endif /* FIRMWARE_QEMU_DESCRIPTOR_H */
