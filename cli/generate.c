/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* gen-id, gen-mac: identifiers for definitions, random or as derived. */
#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/document.h"
#include "common/mac.h"
#include "common/member.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/name.h"
#include "core/base/output.h"
#include "core/base/vec.h"
#include "core/config/definition-find.h"
#include "core/config/identity.h"
#include "core/machine/running.h"
#include "core/state/state.h"

/* Half of all MAC addresses with QEMU's prefix are in use before this many
 * random ones in a row are. */
#define MAX_TRIES 1000

static int
print_one (struct cli *c, const char *key, const char *value)
{
    struct json_object *o;

    if (!c->json) {
        out ("%s\n", value);
        return EXIT_OK;
    }
    o = json_object_new_object ();
    json_put_text_or_null (o, key, value);
    document_print (c, o);
    return EXIT_OK;
}

/* ------------------------------------------- gen-id */

/* The identity of a VM, which need not be defined. */
static int
identity_of (struct cli *c, const char *vm, struct identity *id)
{
    struct definition *def;

    if (name_validate ("VM", vm, &c->err) < 0) {
        return -c->err.code;
    }
    if (definition_load (&c->h, vm, &def, &c->err) == 0) {
        *id = def->identity;
        return 0;
    }
    if (exit_code_of (&c->err) != EXIT_NOT_FOUND) {
        return -c->err.code;
    }
    c->err = (struct error){ 0 };
    *id = (struct identity){ .scheme = IDENTITY_NEW,
                             .vm = vm,
                             .uuid = name_uuid (&c->h.arena, vm) };
    return 0;
}

/* "CLASS/NAME" */
static int
device_uuid (struct cli *c, const struct identity *id, const char *device,
             const char **uuid)
{
    const char *slash = strchr (device, '/'), *kind, *why;

    if (!slash || slash == device || !slash[1]) {
        return fail_exit (&c->err, EXIT_USAGE, EINVAL,
                          "--device %s: write --device CLASS/NAME", device);
    }
    kind = arena_dup_n (&c->h.arena, device, (size_t)(slash - device));
    why = identity_device (&c->h.arena, id, kind, slash + 1, uuid);
    return why ? fail (&c->err, ENOTSUP, "%s", why) : 0;
}

int
cmd_gen_id (struct cli *c)
{
    const char *vm = option_value (c, "vm");
    const char *device = option_value (c, "device");
    struct identity id;
    const char *uuid;

    if (!vm && device) {
        fail_exit (&c->err, EXIT_USAGE, EINVAL,
                   "--device needs --vm: the VM that has the device");
        return report (c);
    }
    if (!vm) {
        return print_one (c, "uuid", identity_random_uuid (&c->h.arena));
    }
    if (identity_of (c, vm, &id) < 0) {
        return report (c);
    }
    uuid = id.uuid;
    if (device && device_uuid (c, &id, device, &uuid) < 0) {
        return report (c);
    }
    return print_one (c, "uuid", uuid);
}

/* ------------------------------------------- gen-mac */

struct macs {
    struct arena *arena;
    struct vec all; /* char * */
};

static void
add (struct macs *m, const struct vec *nics)
{
    for (size_t i = 0; i < nics->n; i++) {
        char text[MAC_TEXT];

        format_mac (((const struct nic_def *)nics->p[i])->mac, text);
        vec_add (m->arena, &m->all, arena_dup (m->arena, text));
    }
}

static void
add_defined (void *data, const struct definition *def)
{
    add (data, &def->nics);
}

static int
gather (struct cli *c, struct macs *m)
{
    struct vec defined = { 0 }, running = { 0 };

    if (definition_names (&c->h, &defined, &c->err) < 0) {
        return -c->err.code;
    }
    for (size_t i = 0; i < defined.n; i++) {
        struct error ignored = { 0 };

        definition_look (&c->h, defined.p[i], add_defined, m, &ignored);
    }
    state_names (&c->h, &running);
    for (size_t i = 0; i < running.n; i++) {
        struct vec nics = { 0 };

        running_nics (&c->h, running.p[i], &nics);
        add (m, &nics);
    }
    return 0;
}

static int
random_mac (struct cli *c, char text[MAC_TEXT])
{
    struct macs m = { .arena = &c->h.arena };
    uint8_t mac[6];

    if (gather (c, &m) < 0) {
        return -c->err.code;
    }
    for (int i = 0; i < MAX_TRIES; i++) {
        identity_random_mac (mac);
        format_mac (mac, text);
        if (!vec_has (&m.all, text)) {
            return 0;
        }
    }
    return fail (&c->err, ENOSPC,
                 "no free MAC address that begins with 52:54:00 was found: "
                 "choose one with another prefix");
}

/* Whether or not the definition has the NIC, or sets its MAC address. */
static int
derived_mac (struct cli *c, const char *vm, const char *nic,
             char text[MAC_TEXT])
{
    const struct nic_def *n;
    struct definition *def;
    const char *why;
    uint8_t mac[6];

    if (name_check (vm, &c->err) < 0 || name_validate ("nic", nic, &c->err) < 0
        || definition_load (&c->h, vm, &def, &c->err) < 0) {
        return -c->err.code;
    }
    n = definition_nic (def, nic);
    why = identity_mac (&c->h.arena, &def->identity, nic, n ? n->address : NULL,
                        mac);
    if (why) {
        return fail_exit (&c->err, EXIT_CONFIG, EINVAL, "%s: nic %s: %s", vm,
                          nic, why);
    }
    format_mac (mac, text);
    return 0;
}

int
cmd_gen_mac (struct cli *c)
{
    char text[MAC_TEXT];

    if (c->args.n && c->args.n != 2) {
        usage_error (c);
        return report (c);
    }
    if (c->args.n ? derived_mac (c, c->args.p[0], c->args.p[1], text) < 0
                  : random_mac (c, text) < 0) {
        return report (c);
    }
    return print_one (c, "mac", text);
}
