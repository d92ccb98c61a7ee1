/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The keys of vmm/src/vm_config.rs that matter here, as serde treats them: a
 * wrong type or a missing key without a default is an error, an unknown key is
 * nothing at all. */

#include "tests/ch-server/server.h"

#include <stdlib.h>
#include <string.h>

struct field {
    const char *name;
    enum json_type type;
    const char *fallback; /* JSON; null: may be missing; "!": must not. */
    const struct field *members;
};

#define STRING json_type_string
#define NUMBER json_type_int
#define BOOL json_type_boolean
#define OBJECT json_type_object
#define ARRAY json_type_array
#define END                                                                    \
    {                                                                          \
        NULL, json_type_null, NULL, NULL                                       \
    }

static const struct field cpus[] = {
    { "boot_vcpus", NUMBER, "!", NULL },
    { "max_vcpus", NUMBER, "!", NULL },
    { "nested", BOOL, "true", NULL },
    END,
};
static const struct field memory[] = {
    { "size", NUMBER, "!", NULL },
    { "mergeable", BOOL, "false", NULL },
    { "hotplug_method", STRING, "\"Acpi\"", NULL },
    { "hotplug_size", NUMBER, NULL, NULL },
    { "shared", BOOL, "false", NULL },
    { "thp", BOOL, "true", NULL },
    END,
};
static const struct field payload[] = {
    { "firmware", STRING, NULL, NULL },
    { "kernel", STRING, NULL, NULL },
    { "cmdline", STRING, NULL, NULL },
    { "initramfs", STRING, NULL, NULL },
    END,
};
static const struct field disk[] = {
    { "id", STRING, NULL, NULL },
    { "path", STRING, NULL, NULL },
    { "readonly", BOOL, "false", NULL },
    { "direct", BOOL, "false", NULL },
    { "num_queues", NUMBER, "1", NULL },
    { "queue_size", NUMBER, "128", NULL },
    { "serial", STRING, NULL, NULL },
    { "backing_files", BOOL, "false", NULL },
    { "sparse", BOOL, "true", NULL },
    { "image_type", STRING, "\"Unknown\"", NULL },
    END,
};
static const struct field net[] = {
    { "id", STRING, NULL, NULL },
    { "tap", STRING, NULL, NULL },
    { "mac", STRING, "\"2e:89:a8:e4:bf:95\"", NULL },
    { "mtu", NUMBER, NULL, NULL },
    { "num_queues", NUMBER, "2", NULL },
    { "queue_size", NUMBER, "256", NULL },
    { "fds", ARRAY, NULL, NULL },
    { "offload_tso", BOOL, "true", NULL },
    { "offload_ufo", BOOL, "true", NULL },
    { "offload_csum", BOOL, "true", NULL },
    END,
};
static const struct field rng[] = {
    { "src", STRING, "!", NULL },
    END,
};
static const struct field console[] = {
    { "mode", STRING, "!", NULL },
    { "file", STRING, NULL, NULL },
    { "socket", STRING, NULL, NULL },
    END,
};
static const struct field platform[] = {
    { "system_uuid", STRING, NULL, NULL },
    { "num_pci_segments", NUMBER, "1", NULL },
    { "oem_strings", ARRAY, NULL, NULL },
    END,
};
static const struct field vm[] = {
    { "cpus", OBJECT, "{\"boot_vcpus\":1,\"max_vcpus\":1}", cpus },
    { "memory", OBJECT, "{\"size\":536870912}", memory },
    { "payload", OBJECT, NULL, payload },
    { "disks", ARRAY, NULL, disk },
    { "net", ARRAY, NULL, net },
    { "rng", OBJECT, "{\"src\":\"/dev/urandom\"}", rng },
    { "serial", OBJECT, "{\"mode\":\"Null\"}", console },
    { "console", OBJECT, "{\"mode\":\"Tty\"}", console },
    { "pvpanic", BOOL, "false", NULL },
    { "watchdog", BOOL, "false", NULL },
    { "platform", OBJECT, NULL, platform },
    END,
};

static struct json_object *keep (struct json_object *in,
                                 const struct field *fields, const char **why);

static struct json_object *
keep_value (struct json_object *in, const struct field *field, const char **why)
{
    struct json_object *out;

    if (!json_object_is_type (in, field->type)) {
        *why = field->name;
        return NULL;
    }
    if (field->type == OBJECT) {
        return keep (in, field->members, why);
    }
    if (field->type != ARRAY || !field->members) {
        return json_object_get (in);
    }
    out = json_object_new_array ();
    for (size_t i = 0; i < json_object_array_length (in); i++) {
        json_object_array_add (
            out, keep (json_object_array_get_idx (in, i), field->members, why));
    }
    return out;
}

static struct json_object *
keep (struct json_object *in, const struct field *fields, const char **why)
{
    const char *dropped = getenv ("CH_SERVER_DROP");
    struct json_object *out;

    if (!json_object_is_type (in, OBJECT)) {
        *why = "not a map";
        return NULL;
    }
    out = json_object_new_object ();
    for (; fields->name; fields++) {
        struct json_object *value = NULL;
        bool unknown = dropped && !strcmp (dropped, fields->name);

        if (unknown) {
            continue;
        }
        if (json_object_object_get_ex (in, fields->name, &value) && value) {
            value = keep_value (value, fields, why);
        } else if (fields->fallback && fields->fallback[0] == '!') {
            *why = fields->name;
        } else if (fields->fallback) {
            struct json_object *usual = json_tokener_parse (fields->fallback);

            value = keep_value (usual, fields, why);
            json_object_put (usual);
        }
        if (value) {
            json_object_object_add (out, fields->name, value);
        }
    }
    if (*why) {
        json_object_put (out);
        return NULL;
    }
    return out;
}

/* "uuid" is another name of "system_uuid"; both at once are refused. */
static struct json_object *
keep_alias (struct json_object *in, const char **why)
{
    struct json_object *place = NULL, *uuid = NULL, *other = NULL;

    if (!json_object_object_get_ex (in, "platform", &place)
        || !json_object_object_get_ex (place, "uuid", &uuid)) {
        return NULL;
    }
    if (json_object_object_get_ex (place, "system_uuid", &other)) {
        *why = "duplicate field `system_uuid`";
        return NULL;
    }
    return json_object_get (uuid);
}

struct json_object *
keep_vm (struct json_object *in, const char **why)
{
    struct json_object *uuid, *place = NULL, *out;

    *why = NULL;
    uuid = keep_alias (in, why);
    out = keep (in, vm, why);
    if (out && uuid && json_object_object_get_ex (out, "platform", &place)) {
        json_object_object_add (place, "system_uuid", uuid);
    } else {
        json_object_put (uuid);
    }
    return out;
}

struct json_object *
keep_disk (struct json_object *in, const char **why)
{
    *why = NULL;
    return keep (in, disk, why);
}

struct json_object *
keep_net (struct json_object *in, const char **why)
{
    *why = NULL;
    return keep (in, net, why);
}
