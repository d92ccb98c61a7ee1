/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/config/rename-text.h"

#include <string.h>

#include "common/mac.h"
#include "core/config/identity.h"
#include "core/config/keys.h"
#include "core/config/pending-text.h"
#include "core/config/settings.h"
#include "core/config/textedit.h"

/* A text that is being changed. */
struct change {
    struct arena *a;
    const char *text;
    struct vec *kept;
};

static bool
is_same (const char *a, const char *b)
{
    return a && b ? !strcmp (a, b) : a == b;
}

/* Writes 'value' out if the key has another one under the new name. */
static void
keep (struct change *c, const char *kind, const char *name, const char *key,
      const char *value, const char *now)
{
    const char *quoted;

    if (!value || is_same (value, now)) {
        return;
    }
    quoted = textedit_quote (c->a, value, false);
    c->text = textedit_set (c->a, c->text, kind, name, key, quoted);
    vec_add (c->a, c->kept, pending_kept (c->a, kind, name, key, quoted));
}

static const char *
wwn_text (uint64_t wwn, char text[WWN_TEXT])
{
    return wwn ? identity_format_wwn (wwn, text) : NULL;
}

static void
keep_disk (struct change *c, const struct disk_def *was,
           const struct disk_def *now)
{
    for (const struct hv_key *k = disk_keys; k->name; k++) {
        keep (c, "disk", was->name, k->name,
              settings_get (was->section, k->name),
              settings_get (now->section, k->name));
    }
    if (!settings_is_set (was->section, "volume")) {
        keep (c, "disk", was->name, "volume", was->volume, now->volume);
    }
}

static void
keep_derived (struct change *c, const struct disk_def *was,
              const struct disk_def *now)
{
    char wwn[WWN_TEXT], other[WWN_TEXT];

    if (!settings_is_set (was->section, "serial")) {
        keep (c, "disk", was->name, "serial", was->serial, now->serial);
    }
    if (!settings_is_set (was->section, "wwn")) {
        keep (c, "disk", was->name, "wwn", wwn_text (was->wwn, wwn),
              wwn_text (now->wwn, other));
    }
}

static void
keep_nic (struct change *c, const struct nic_def *was,
          const struct nic_def *now)
{
    char mac[MAC_TEXT], other[MAC_TEXT];

    keep (c, "nic", was->name, "mac", format_mac (was->mac, mac),
          format_mac (now->mac, other));
}

/* With the same UUID, most MAC addresses are the same, too. */
static void
keep_root (struct change *c, const struct definition *was,
           const struct definition *now)
{
    keep (c, NULL, NULL, "uuid", was->uuid, now->uuid);
    for (const struct hv_key *k = vm_keys; k->name; k++) {
        if (k->type == HV_PATH) {
            keep (c, NULL, NULL, k->name, settings_get (was->root, k->name),
                  settings_get (now->root, k->name));
        }
    }
}

const char *
rename_text (struct arena *a, const char *text, const struct definition *was,
             const struct definition *now, struct vec *kept)
{
    struct change c = { a, text, kept };

    /* What 'now' derives from another UUID is compared when that has been
     * written. */
    keep_root (&c, was, now);
    for (size_t i = 0; i < was->disks.n; i++) {
        const struct disk_def *d = was->disks.p[i];
        const struct disk_def *other = definition_disk (now, d->name);

        if (other) {
            keep_disk (&c, d, other);
        }
        if (other && is_same (was->uuid, now->uuid)) {
            keep_derived (&c, d, other);
        }
    }
    for (size_t i = 0; is_same (was->uuid, now->uuid) && i < was->nics.n; i++) {
        const struct nic_def *n = was->nics.p[i];
        const struct nic_def *other = definition_nic (now, n->name);

        if (other) {
            keep_nic (&c, n, other);
        }
    }
    return c.text;
}

const char *
rename_heading (struct arena *a, const char *text, const char *was,
                const char *now, const char *done)
{
    const char *begin = arena_format (a, "# %s, ", was);
    size_t len = strlen (begin);

    return strncmp (text, begin, len) != 0
                   || !strstr (arena_dup_n (a, text, strcspn (text, "\n")),
                               " by hvctl on ")
               ? text
           : done ? arena_format (a, "# %s, %s%s", now, done,
                                  text + strcspn (text, "\n"))
                  : arena_format (a, "# %s, %s", now, text + len);
}
