/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/config/about.h"

#include <errno.h>
#include <string.h>

#include "common/size.h"
#include "core/base/output.h"
#include "core/config/expand.h"
#include "core/config/keys.h"
#include "core/config/settings.h"

#define DESCRIPTION_MAX 1000 /* Bytes. */
#define LABEL_NAME_MAX 63
#define LABEL_VALUE_MAX 255
#define LABELS_MAX 64
#define DELAY_MAX (INT64_C (24) * 60 * 60 * 1000)

bool
about_is_printable (const char *text)
{
    for (size_t n = strlen (text); n;) {
        bool partial;
        size_t len = output_utf8_length (text, n, &partial);
        unsigned char first = (unsigned char)text[0];

        if (!len || first < ' ' || first == 0x7f
            || (first == 0xc2 && (unsigned char)text[1] < 0xa0)) {
            return false;
        }
        text += len;
        n -= len;
    }
    return true;
}

static void
check_text (const struct hv_options *s, const char *key, size_t most,
            struct problems *p)
{
    const char *value = settings_get (s, key);

    if (!value) {
        return;
    }
    if (strlen (value) > most) {
        settings_problem (p, s, key,
                          "%s has %zu bytes: it may have at most %zu", key,
                          strlen (value), most);
    } else if (!about_is_printable (value)) {
        settings_problem (p, s, key,
                          "%s contains a control character, or is not valid "
                          "UTF-8",
                          key);
    }
}

int
about_label_name (const char *name, struct error *err)
{
    if (!expand_is_name (name)) {
        return fail (err, EINVAL,
                     "'%s' is not a valid name of a label: it consists of "
                     "letters, digits, '_' and, within it, '.' and '-', and "
                     "begins with a letter or '_'",
                     name);
    }
    return strlen (name) > LABEL_NAME_MAX
               ? fail (err, EINVAL,
                       "the name of the label '%.20s…' has more than %d bytes",
                       name, LABEL_NAME_MAX)
               : 0;
}

static void
read_labels (struct definition *def, struct hv_options *s, struct problems *p)
{
    settings_check (s, labels_keys, p);
    for (size_t i = 0; i < s->n_settings; i++) {
        const char *name = s->settings[i].key;
        struct error err = { 0 };

        if (about_label_name (name, &err) < 0) {
            settings_problem (p, s, name, "%s", err.text);
        } else {
            check_text (s, name, LABEL_VALUE_MAX, p);
        }
    }
    if (s->n_settings > LABELS_MAX) {
        settings_problem (p, s, NULL,
                          "there are %zu labels: a VM may have at most %d",
                          s->n_settings, LABELS_MAX);
    }
    def->labels = s;
}

static void
read_start (struct definition *def, struct problems *p)
{
    const struct hv_options *root = def->root;
    uint64_t order = 0;

    parse_bool (settings_get (root, "autostart"), &def->autostart);
    parse_uint (settings_get (root, "start_order"), &order);
    def->start_order = (uint32_t)order;
    parse_duration (settings_get (root, "start_delay"), &def->start_delay);
    if (def->start_delay > DELAY_MAX) {
        settings_problem (p, root, "start_delay",
                          "start_delay is more than a day");
    }
}

void
about_read (struct definition *def, struct problems *p)
{
    check_text (def->root, "description", DESCRIPTION_MAX, p);
    def->description = settings_get (def->root, "description");
    read_start (def, p);
    for (size_t i = 0; i < def->root->sections.n; i++) {
        struct hv_options *s = def->root->sections.p[i];

        if (!strcmp (s->kind, "labels")) {
            read_labels (def, s, p);
        }
    }
}

bool
about_has (const struct hv_options *s, const char *key)
{
    static const char *const keys[] = { "description", "autostart",
                                        "start_order", "start_delay", NULL };

    if (s->kind) {
        return !strcmp (s->kind, "labels");
    }
    for (const char *const *k = keys; key && *k; k++) {
        if (!strcmp (*k, key)) {
            return true;
        }
    }
    return false;
}
