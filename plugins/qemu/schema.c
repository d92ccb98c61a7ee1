/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Features of a QEMU, from the schema of its protocol (qapi/introspect.json)
 * and the properties of its devices.  Neither its version nor the wording of an
 * error is used: distributions add and remove features. */

#include "plugins/qemu/qemu.h"

#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "plugins/qemu/qmp.h"

/* Where the schema has it: from a command through the members of its
 * arguments, and their variants, to a member, or to a "@feature". */
static const struct {
    const char *word, *path;
} abilities[] = {
    /* The oldest that can be used: -device takes JSON, so that no name or path
     * can hold an option. */
    { CAN_JSON, "device_add/@json-cli" },
    /* A device from such a -device can be unplugged (QEMU 7.0). */
    { CAN_JSON_UNPLUG, "device_add/@json-cli-hotplug" },
    { CAN_MIGRATE_FILE, "migrate/channels/addr/file" },
    /* QEMU 11.1 deprecates -mon. */
    { CAN_MONITOR_OBJECT, "object-add/monitor-qmp" },
    { CAN_STREAM, "netdev_add/stream" },
    { CAN_SOCKET, "netdev_add/socket" },
    { CAN_USER, "netdev_add/user" },
    { CAN_VHOST_USER, "netdev_add/vhost-user" },
};

static struct json_object *
find_entity (struct json_object *schema, const char *name)
{
    size_t n = *name ? json_array_size (schema) : 0;

    for (size_t i = 0; i < n; i++) {
        struct json_object *o = json_object_array_get_idx (schema, i);

        if (!strcmp (json_member_text (o, "name"), name)) {
            return o;
        }
    }
    return NULL;
}

/* Is the text one of those in an array of strings, or of objects? */
static bool
lists (struct json_object *array, const char *name)
{
    size_t n = json_array_size (array);

    for (size_t i = 0; i < n; i++) {
        struct json_object *o = json_object_array_get_idx (array, i);

        if (json_object_is_type (o, json_type_string)
                ? !strcmp (json_object_get_string (o), name)
                : !strcmp (json_member_text (o, "name"), name)) {
            return true;
        }
    }
    return false;
}

/* Returns the type of the one in 'array' whose 'key' is 'name', or "". */
static const char *
type_in (struct json_object *entity, const char *array, const char *key,
         const char *name)
{
    struct json_object *all = json_member (entity, array, json_type_array);
    size_t n = json_array_size (all);

    for (size_t i = 0; i < n; i++) {
        struct json_object *o = json_object_array_get_idx (all, i);

        if (!strcmp (json_member_text (o, key), name)) {
            return json_member_text (o, "type");
        }
    }
    return "";
}

/* Goes from commands to their arguments, and from arrays to elements. */
static struct json_object *
open_entity (struct json_object *schema, const char *name)
{
    struct json_object *o = find_entity (schema, name);

    for (int i = 0; o && i < 4; i++) {
        const char *inner = json_member_text (o, "arg-type");

        inner = *inner ? inner : json_member_text (o, "element-type");
        if (!*inner) {
            break;
        }
        o = find_entity (schema, inner);
    }
    return o;
}

/* Copies up to the next slash and returns where that is. */
static const char *
next_name (const char *path, char *name, size_t size)
{
    size_t len = strcspn (path, "/");

    snprintf (name, size, "%.*s", (int)len, path);
    return path + len;
}

static bool
has_path (struct json_object *schema, const char *path)
{
    char name[64];
    struct json_object *o;

    path = next_name (path, name, sizeof name);
    o = find_entity (schema, name);
    while (o && *path == '/') {
        const char *type;

        path = next_name (path + 1, name, sizeof name);
        if (*name == '@') {
            return lists (json_member (o, "features", json_type_array),
                          name + 1);
        }
        o = open_entity (schema, json_member_text (o, "name"));
        type = type_in (o, "members", "name", name);
        type = *type ? type : type_in (o, "variants", "case", name);
        o = find_entity (schema, type);
    }
    return o != NULL;
}

const char *
schema_words (struct hv_ctx *ctx, struct json_object *schema)
{
    const char *words = "";

    for (size_t i = 0; i < ARRAY_SIZE (abilities); i++) {
        if (has_path (schema, abilities[i].path)) {
            words = hv_format (ctx, "%s%s%s", words, *words ? " " : "",
                               abilities[i].word);
        }
    }
    return words;
}

/* Offloads of the virtio-net device, which leave checksums and segments to the
 * other side of a tap, or accept them from it: by all names that this QEMU has
 * for them.  It had eleven up to 8.0; USO and tunnels came since, each switched
 * on. */
static bool
is_offload (const char *name)
{
    return !strcmp (name, "csum") || !strcmp (name, "gso")
           || ((!strncmp (name, "host_", 5) || !strncmp (name, "guest_", 6))
               && strcmp (name, "guest_announce") != 0);
}

const char *
offload_words (struct hv_ctx *ctx, struct json_object *properties)
{
    const char *words = "";
    size_t n = json_array_size (properties);

    for (size_t i = 0; i < n; i++) {
        struct json_object *o = json_object_array_get_idx (properties, i);
        const char *name = json_member_text (o, "name");
        const char *type = json_member_text (o, "type");
        bool is_auto = !strcmp (type, "OnOffAuto");

        if (is_offload (name) && is_word (name, "_-")
            && (is_auto || !strcmp (type, "bool"))) {
            words = hv_format (ctx, "%s%s%s%s", words, *words ? " " : "", name,
                               is_auto ? "=auto" : "");
        }
    }
    return words;
}

bool
qemu_can (const char *words, const char *word)
{
    const char *value;

    return !words || find_word (words, word, &value);
}

int
ask_schema (struct hv_ctx *ctx, struct qmp *q, const char **words)
{
    struct json_object *schema = NULL;
    int rc = qmp_command (ctx, q, "query-qmp-schema", &schema);

    if (rc == 0) {
        *words = schema_words (ctx, schema);
    }
    json_object_put (schema);
    return rc;
}

int
ask_offloads (struct hv_ctx *ctx, struct qmp *q, const char **words)
{
    struct json_object *properties = NULL;
    int rc =
        qmp_execute (ctx, q, "device-list-properties",
                     one_string ("typename", OFFLOAD_DEVICE), -1, &properties);

    if (rc == 0) {
        *words = offload_words (ctx, properties);
    }
    json_object_put (properties);
    return rc;
}
