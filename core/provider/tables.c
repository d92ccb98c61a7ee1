/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/provider/tables.h"

#include <string.h>

#include "core/base/error.h"
#include "core/base/name.h"
#include "core/config/settings.h"

#define MAX_KEYS 256 /* A longer table is assumed to have no end. */

#define WRONG(...) arena_format (a, __VA_ARGS__)

/* As the configuration's scanner takes them. */
static bool
is_key (const char *name)
{
    size_t len = strlen (name);

    return *name >= 'a' && *name <= 'z' && len < 64
           && strspn (name, "abcdefghijklmnopqrstuvwxyz0123456789_") == len;
}

static const char *
key_fault (struct arena *a, const struct hv_key *keys, size_t i, bool ours)
{
    const struct hv_key *k = &keys[i];
    const char *expected = "";

    if (!is_key (k->name)) {
        return WRONG ("\"%s\" is not a valid key: use lower-case letters, "
                      "digits and '_', and begin with a letter",
                      k->name);
    }
    if (ours && (!strcmp (k->name, "type") || !strcmp (k->name, "provider"))) {
        return WRONG ("'%s' is a key of hvctl itself", k->name);
    }
    if ((unsigned)k->type > HV_PATHS) {
        return WRONG ("'%s' has an invalid type (%d)", k->name, (int)k->type);
    }
    if (!k->summary) {
        return WRONG ("'%s' has no summary", k->name);
    }
    if (k->fallback && *k->fallback
        && !settings_fits (k->type, k->fallback, &expected)) {
        return WRONG ("the default of '%s', \"%s\", is not %s", k->name,
                      k->fallback, expected);
    }
    if (k->fallback && k->type == HV_PATH && *k->fallback != '/') {
        return WRONG ("the default of '%s', \"%s\", is not absolute", k->name,
                      k->fallback);
    }
    for (size_t n = 0; n < i; n++) {
        if (!strcmp (keys[n].name, k->name)) {
            return WRONG ("'%s' is listed twice", k->name);
        }
    }
    return NULL;
}

const char *
tables_keys_fault (struct arena *a, const char *whose,
                   const struct hv_key *keys, bool ours)
{
    for (size_t i = 0; keys && keys[i].name; i++) {
        const char *fault = i < MAX_KEYS ? key_fault (a, keys, i, ours)
                                         : "it does not end in a null name";

        if (fault) {
            return WRONG ("its table %s: %s", whose, fault);
        }
    }
    return NULL;
}

const char *
tables_support_fault (struct arena *a, const struct hv_support *support)
{
    for (size_t i = 0; support && support[i].key; i++) {
        const struct hv_support *s = &support[i];

        if (i >= MAX_KEYS) {
            return "its table hypervisor.support does not end in a null key";
        }
        if ((unsigned)s->how > HV_REFUSED) {
            return WRONG ("its table hypervisor.support: '%s' is neither "
                          "honoured, emulated nor refused (%d)",
                          s->key, (int)s->how);
        }
        if (s->how != HV_HONOURED && (!s->text || !*s->text)) {
            return WRONG (
                "its table hypervisor.support: '%s' is %s without saying %s",
                s->key, s->how == HV_REFUSED ? "refused" : "emulated",
                s->how == HV_REFUSED ? "why" : "how");
        }
    }
    return NULL;
}

const char *
tables_files_fault (struct arena *a, const char *const *files)
{
    for (size_t i = 0; files && files[i]; i++) {
        struct error err = { 0 };

        if (i >= MAX_KEYS) {
            return "hypervisor.state_files does not end in null";
        }
        if (name_validate ("the file", files[i], &err) < 0) {
            return WRONG ("hypervisor.state_files: %s", err.text);
        }
        /* Files that hvctl writes beside them. */
        if (!strcmp (files[i], "about") || !strcmp (files[i], "definition")) {
            return WRONG ("hypervisor.state_files: '%s' is reserved for hvctl",
                          files[i]);
        }
    }
    return NULL;
}

const char *
tables_word_fault (struct arena *a, const char *whose, const char *word)
{
    struct error err = { 0 };

    return word && name_validate ("the", word, &err) < 0
               ? WRONG ("%s: %s", whose, err.text)
               : NULL;
}

void
tables_operations (struct hvctl *h, const struct plugin *p, struct hv_list *out)
{
#define OP(kind, op)                                                           \
    {                                                                          \
#kind "." #op, p->has_##kind, p->kind.op                               \
    }
    const struct {
        const char *name;
        bool has, there;
    } ops[] = {
        OP (hypervisor, pause),       OP (hypervisor, attach_disk),
        OP (hypervisor, attach_nic),  OP (hypervisor, resize),
        OP (hypervisor, resize_disk), OP (hypervisor, overlay_disk),
        OP (hypervisor, counters),    OP (hypervisor, save),
        OP (network, ready),          OP (network, sweep),
        OP (network, helper),         OP (storage, resize),
        OP (storage, list),           OP (storage, activate),
        OP (storage, snapshot),       OP (storage, promote),
        OP (storage, send),           OP (storage, clone),
        OP (storage, copy),           OP (firmware, list),
    };
#undef OP

    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
        if (ops[i].has) {
            struct list_entry *e = arena_alloc (&h->arena, sizeof *e);

            e->name = ops[i].name;
            e->detail = ops[i].there ? "yes" : "no";
            vec_add (&h->arena, &out->entries, e);
        }
    }
}
