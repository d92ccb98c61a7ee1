/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What the tests of the qemu plugin's describe() share; included after
 * cmocka.h. */
#ifndef TESTS_TEST_QEMU_H
#define TESTS_TEST_QEMU_H

#include <json-c/json.h>
#include <string.h>

#include "tests/kit/fake-host.h"

#define DISKS(...)                                                             \
    (const struct hv_disk *const[])                                            \
    {                                                                          \
        __VA_ARGS__, NULL                                                      \
    }
#define NICS(...)                                                              \
    (const struct hv_nic *const[])                                             \
    {                                                                          \
        __VA_ARGS__, NULL                                                      \
    }

static const struct hv_disk *const no_disks[] = { NULL };
static const struct hv_nic *const no_nics[] = { NULL };

static const struct hv_vm plain = {
    .name = "vm1",
    .uuid = "U",
    .rundir = "/run/vm1",
    .program = "/usr/bin/qemu",
    .memory = 512 << 20,
    .cpus = 2,
    .arch = "x86_64",
    .machine = "pc-q35-7.2",
    .accelerator = "kvm",
    .cpu = "host",
    .disks = no_disks,
    .nics = no_nics,
};

static inline struct hv_launch *
describe (struct fake *f, const struct hv_vm *vm)
{
    struct hv_launch *out = fake_launch (f, vm->by_path);

    if (hv_plugin.hypervisor->describe (&f->ctx, vm, out)) {
        fail_msg ("%s", f->message);
    }
    return out;
}

/* Every JSON argument must say what it says by itself. */
static inline void
assert_json (const struct hv_launch *l)
{
    for (size_t i = 0; i < l->n_args; i++) {
        if (!strcmp (l->args[i], "-device")
            || !strcmp (l->args[i], "-blockdev")) {
            struct json_object *o = json_tokener_parse (l->args[i + 1]);

            assert_true (json_object_is_type (o, json_type_object));
            json_object_put (o);
        }
    }
}

/* Returns a member of the JSON argument with this id or node name, as text. */
static inline const char *
member (struct fake *f, const struct hv_launch *l, const char *id,
        const char *key)
{
    for (size_t i = 0; i < l->n_args; i++) {
        struct json_object *o, *v;
        const char *found = NULL;

        if (l->args[i][0] != '{') {
            continue;
        }
        o = json_tokener_parse (l->args[i]);
        if ((json_object_object_get_ex (o, "id", &v)
             || json_object_object_get_ex (o, "node-name", &v))
            && !strcmp (json_object_get_string (v), id)) {
            found = json_object_object_get_ex (o, key, &v)
                        ? v ? json_object_get_string (v) : "null"
                        : "";
            found = hv_format (&f->ctx, "%s", found);
        }
        json_object_put (o);
        if (found) {
            return found;
        }
    }
    fail_msg ("there is no '%s'", id);
    return NULL;
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown (name, fake_setup, fake_teardown)

#endif /* TESTS_TEST_QEMU_H */
