/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/config/pairs.h"

#include <string.h>

#include "common/cleanup.h"
#include "common/size.h"
#include "core/config/settings.h"

static const char in_place[] = "an image is used in place, so '%s' has no "
                               "effect: it is for disks in a pool";

static const char ready[] = "'seed' is a ready image, so '%s' has no effect: "
                            "remove one of them";

/* 'kind' is null for a VM's own keys; the problem is about 'other', in whose
 * place "%s" is. */
static const struct {
    const char *kind, *key, *other, *text;
} excluded[] = {
    { "disk", "image", "cdrom", "'image' and '%s' exclude each other" },
    { "disk", "image", "pool", in_place },
    { "disk", "image", "volume", in_place },
    { "disk", "image", "size", in_place },
    { "disk", "image", "backing", in_place },
    { "disk", "image", "backing_format", in_place },
    { "disk", "cdrom", "pool", in_place },
    { "disk", "cdrom", "volume", in_place },
    { "disk", "cdrom", "size", in_place },
    { "disk", "cdrom", "backing", in_place },
    { "disk", "cdrom", "backing_format", in_place },
    { "nic", "mac", "address",
      "'%s' has no effect beside 'mac': it is what the MAC address is derived "
      "from" },
    { "cloud_init", "seed", "user", ready },
    { "cloud_init", "seed", "ssh_keys", ready },
    { "cloud_init", "seed", "password_hash", ready },
    { "cloud_init", "seed", "hostname", ready },
    { "cloud_init", "seed", "instance_id", ready },
    { "cloud_init", "seed", "user_data", ready },
    { "cloud_init", "seed", "meta_data", ready },
    { "cloud_init", "seed", "network_config", ready },
    { "cloud_init", "meta_data", "ssh_keys",
      "'%s' is part of the meta-data: write it as public-keys into the file of "
      "'meta_data'" },
    { "cloud_init", "meta_data", "hostname",
      "'%s' is part of the meta-data: write it as local-hostname into the file "
      "of 'meta_data'" },
    { "cloud_init", "meta_data", "instance_id",
      "'%s' is part of the meta-data: write it as instance-id into the file of "
      "'meta_data'" },
    { NULL, "kernel", "firmware",
      "'%s' and 'kernel' exclude each other: a kernel is booted directly, "
      "without firmware of your choice" },
};

static const struct {
    const char *kind, *key, *needed, *text;
} needed[] = {
    { "disk", "backing", "backing_format",
      "'backing' and 'backing_format' must be set together" },
    { "disk", "backing_format", "backing",
      "'backing' and 'backing_format' must be set together" },
    { NULL, "initrd", "kernel",
      "'initrd' and 'append' need 'kernel', which is not set" },
    { NULL, "append", "kernel",
      "'initrd' and 'append' need 'kernel', which is not set" },
};

static const char made_on[] =
    "'image' names an image that the volume is made on, which excludes '%s'";

static bool
is_of (const struct hv_options *s, const char *kind)
{
    return kind && s->kind ? !strcmp (s->kind, kind) : kind == s->kind;
}

static void
complain (const struct hv_options *s, const char *key, const char *text,
          struct problems *p)
{
    settings_problem (p, s, key, "%s%s%s%s%s", s->kind ? s->kind : "",
                      s->name ? " " : "", s->name ? s->name : "",
                      s->kind ? ": " : "", text);
}

const char *
pairs_image_name (const struct hv_options *s)
{
    const struct setting *set = settings_find (s, "image");

    return set && !set->unknown && *set->value && !strchr (set->value, '/')
                   && !settings_is_set (s, "format")
               ? set->value
               : NULL;
}

/* Returns the text about a pair, or null: it is none. */
static const char *
text_of_pair (const struct hv_options *s, size_t i)
{
    const char *key = excluded[i].key, *text = excluded[i].text;

    if (text != in_place || strcmp (key, "image") != 0
        || !pairs_image_name (s)) {
        return text;
    }
    return strncmp (excluded[i].other, "backing", 7) ? NULL : made_on;
}

void
pairs_check (const struct hv_options *s, struct problems *p)
{
    bool readonly = true;

    for (size_t i = 0; i < ARRAY_SIZE (excluded); i++) {
        const char *other = excluded[i].other, *text, *percent;

        if (!is_of (s, excluded[i].kind)
            || !settings_is_set (s, excluded[i].key)
            || !settings_is_set (s, other)) {
            continue;
        }
        text = text_of_pair (s, i);
        percent = text ? strstr (text, "%s") : NULL;
        if (text) {
            complain (s, other,
                      arena_format (p->arena, "%.*s%s%s", (int)(percent - text),
                                    text, other, percent + 2),
                      p);
        }
    }
    for (size_t i = 0; i < ARRAY_SIZE (needed) && !s->part; i++) {
        if (is_of (s, needed[i].kind) && settings_is_set (s, needed[i].key)
            && !settings_is_set (s, needed[i].needed)) {
            complain (s, needed[i].key, needed[i].text, p);
        }
    }
    if (is_of (s, "disk") && settings_is_set (s, "cdrom")
        && settings_is_set (s, "readonly")
        && parse_bool (settings_get (s, "readonly"), &readonly) && !readonly) {
        complain (s, "readonly", "a CD-ROM drive is always read-only", p);
    }
}
