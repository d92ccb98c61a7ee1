/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/config/known-image.h"

#include <string.h>

#include "core/base/file.h"
#include "core/base/name.h"
#include "core/base/url.h"
#include "core/config/host-read.h"
#include "core/config/host.h"
#include "core/config/keys.h"
#include "core/config/settings.h"

#define HEX 64 /* Digits of a SHA-256. */

static void
check_url (struct hv_options *s, const char *key, struct problems *p)
{
    const char *url = settings_get (s, key);
    struct error err = { 0 };

    if (url && url_check (url, &err) < 0) {
        settings_problem (p, s, key, "image %s: %s: %s", s->name, key,
                          err.text);
    } else if (url && !url_is_web (url)) {
        settings_problem (p, s, key,
                          "image %s: %s: \"%s\" is not a URL of http or https",
                          s->name, key, url);
    }
}

void
known_image_check (struct hv_options *s, struct problems *p)
{
    const char *sum = settings_get (s, "sha256");
    const char *key = settings_get (s, "key");
    struct error err = { 0 };

    settings_check (s, image_section_keys, p);
    if (name_validate ("image", s->name, &err) < 0) {
        settings_problem (p, s, NULL, "%s", err.text);
    }
    check_url (s, "url", p);
    check_url (s, "sums", p);
    if (sum
        && (strlen (sum) != HEX || strspn (sum, "0123456789abcdef") != HEX)) {
        settings_problem (p, s, "sha256",
                          "image %s: sha256: \"%s\" is not a SHA-256 checksum, "
                          "of 64 hexadecimal digits in lower case",
                          s->name, sum);
    }
    if (key && (!*key || strchr (key, '/') || *key == '.')) {
        settings_problem (p, s, "key",
                          "image %s: key: \"%s\" is neither a fingerprint nor "
                          "the name of a keyring in image_keys",
                          s->name, key);
    }
    if (sum && (key || settings_get (s, "sums"))) {
        settings_problem (p, s, "sha256",
                          "image %s: sha256 is all that counts: leave out "
                          "'sums' and 'key', or this",
                          s->name);
    }
}

/* Adds the sections of the file that is installed. */
static int
read_installed (struct hvctl *h, struct vec *sections, struct error *err)
{
    struct problems p = { .arena = &h->arena };
    const char *path = h->host->images_file;
    struct hv_options *root;

    if (!file_is_there (path)) {
        return 0;
    }
    root = host_read_file (h, path, &p);
    for (size_t i = 0; root && i < root->sections.n; i++) {
        struct hv_options *s = root->sections.p[i];

        if (!strcmp (s->kind, "image")) {
            known_image_check (s, &p);
            vec_add (&h->arena, sections, s);
        }
    }
    return problem_fail (&p, err);
}

/* The host configuration's own come first. */
static int
read_all (struct hvctl *h, struct vec *sections, struct error *err)
{
    for (size_t i = 0; i < h->host->images.n; i++) {
        vec_add (&h->arena, sections, h->host->images.p[i]);
    }
    return read_installed (h, sections, err);
}

bool
known_image_find (struct hvctl *h, const char *name, struct known_image *out,
                  struct error *err)
{
    struct vec sections = { 0 };

    if (read_all (h, &sections, err) < 0) {
        return false;
    }
    for (size_t i = 0; i < sections.n; i++) {
        const struct hv_options *s = sections.p[i];

        if (!strcmp (s->name, name)) {
            *out = (struct known_image){
                .name = s->name,
                .url = settings_get (s, "url"),
                .sums = settings_get (s, "sums"),
                .sha256 = settings_get (s, "sha256"),
                .key = settings_get (s, "key"),
            };
            return true;
        }
    }
    return false;
}

int
known_image_names (struct hvctl *h, struct vec *names, struct error *err)
{
    struct vec sections = { 0 };

    if (read_all (h, &sections, err) < 0) {
        return -err->code;
    }
    for (size_t i = 0; i < sections.n; i++) {
        const struct hv_options *s = sections.p[i];

        if (!vec_has (names, s->name)) {
            vec_add (&h->arena, names, s->name);
        }
    }
    vec_sort (names);
    return 0;
}
