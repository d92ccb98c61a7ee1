/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Options such as --disk root:10G, as text of a definition. */
#include "cli/spec.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/qcow2.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/name.h"
#include "core/config/keys.h"
#include "core/config/scan-list.h"
#include "core/config/textedit.h"
#include "core/state/images.h"

void
text_add (struct text *t, const char *fmt, ...)
{
    va_list args;

    va_start (args, fmt);
    t->s = arena_format (&t->c->h.arena, "%s%s", t->s,
                         arena_vformat (&t->c->h.arena, fmt, args));
    va_end (args);
}

const char *
text_quote (struct cli *c, const char *value)
{
    return textedit_quote (&c->h.arena, value, true);
}

int
check_printable (const char *option, const char *value, struct error *err)
{
    for (const char *p = value; *p; p++) {
        if ((unsigned char)*p < ' ' || *p == 0x7f) {
            return fail_exit (err, EXIT_USAGE, EINVAL,
                              "--%s contains a control character", option);
        }
    }
    return 0;
}

/* Where the first variable is, or null. */
static const char *
find_variable (const char *value)
{
    const char *at = strstr (value, "${");

    return at > value && at[-1] == '$' ? find_variable (at + 2) : at;
}

const char *
absolute_path (struct cli *c, const char *path)
{
    char cwd[4096];

    /* The check of the definition reports '~'; a variable at the beginning may
     * have an absolute path. */
    return *path == '/' || *path == '~' || find_variable (path) == path
                   || !getcwd (cwd, sizeof cwd)
               ? path
               : arena_format (&c->h.arena, "%s/%s", cwd, path);
}

static bool
in_words (const char *const *words, const char *word)
{
    for (; *words; words++) {
        if (!strcmp (*words, word)) {
            return true;
        }
    }
    return false;
}

/* qemu-img takes a compressed image for a raw one. */
static const char *
how_to_convert (const char *looks)
{
    static const struct {
        const char *looks, *how;
    } compressed[] = {
        { "xz", "unpack it first (xz -d)" },
        { "gzip", "unpack it first (gzip -d)" },
        { "zstd", "unpack it first (zstd -d)" },
        { "bzip2", "unpack it first (bzip2 -d)" },
    };

    for (size_t i = 0; i < ARRAY_SIZE (compressed); i++) {
        if (!strncmp (looks, compressed[i].looks,
                      strlen (compressed[i].looks))) {
            return compressed[i].how;
        }
    }
    return strcmp (looks, "luks")
               ? "convert it first (qemu-img convert -O qcow2)"
               : "it is encrypted, which hvctl does not support";
}

/* Probes an image that the user names, to record its format. */
int
image_format (const char *path, const char **format, struct error *err)
{
    CLEANUP_CLOSE int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    const char *looks;

    if (fd < 0) {
        return fail (err, errno, "cannot open the image %s: %m", path);
    }
    looks = image_looks_like (fd);
    if (strcmp (looks, "qcow2") && strcmp (looks, "raw")
        && strcmp (looks, "iso9660")) {
        return fail_exit (err, EXIT_UNSUPPORTED, ENOTSUP,
                          "the image %s looks like %s: %s", path, looks,
                          how_to_convert (looks));
    }
    *format = strcmp (looks, "qcow2") ? "raw" : "qcow2";
    return 0;
}

int
check_backing (const char *path, const char *format, struct error *err)
{
    const char *looks;

    if (image_format (path, &looks, err) < 0) {
        return -err->code;
    }
    return strcmp (looks, "qcow2") || !strcmp (format, looks)
               ? 0
               : fail (err, EINVAL,
                       "the image %s looks like qcow2, but its format is given "
                       "as %s: use qcow2, or leave out the format",
                       path, format);
}

/* "NAME:VALUE,KEY=VALUE,…", parsed. */
#define MAX_PAIRS 32
struct spec {
    const char *text, *kind, *name;
    const char *const *keys; /* The allowed keys. */
    size_t n;
    struct {
        const char *key, *value;
    } pairs[MAX_PAIRS];
};

static const char *
spec_get (const struct spec *s, const char *key)
{
    for (size_t i = 0; i < s->n; i++) {
        if (!strcmp (s->pairs[i].key, key)) {
            return s->pairs[i].value;
        }
    }
    return NULL;
}

/* Up to the next comma, without the double quotes, in which one is a character
 * like any other.  '*equal' is where the first '=' before a quote is, or -1. */
static char *
next_part (struct arena *a, const char **at, long *equal, struct error *err)
{
    char *part = arena_alloc (a, strlen (*at) + 1), *to = part;
    bool quoted = false, any = false;
    const char *p = *at;

    *equal = -1;
    for (; *p && (quoted || *p != ','); p++) {
        if (*p == '"') {
            quoted = !quoted;
            any = true;
        } else {
            if (*p == '=' && *equal < 0 && !any) {
                *equal = to - part;
            }
            if (*p == '\\' && quoted && (p[1] == '"' || p[1] == '\\')) {
                p++;
            }
            *to++ = *p;
        }
    }
    *to = '\0';
    if (quoted) {
        fail_exit (err, EXIT_USAGE, EINVAL, "a '\"' is missing at the end");
        return NULL;
    }
    *at = p + (*p == ',');
    return part;
}

static int
add_pair (struct arena *a, struct spec *s, const char *key, const char *value,
          struct error *err)
{
    if (!in_words (s->keys, key)) {
        return fail_exit (err, EXIT_USAGE, EINVAL, "unknown key '%s'%s", key,
                          name_suggest (a, key, s->keys));
    }
    for (size_t i = 0; i < s->n; i++) {
        if (strcmp (s->pairs[i].key, key) != 0) {
            continue;
        }
        if (!scan_list_has (definition_kinds, s->kind, key)) {
            return fail_exit (err, EXIT_USAGE, EINVAL, "'%s' is given twice",
                              key);
        }
        s->pairs[i].value = arena_format (a, "%s,%s", s->pairs[i].value, value);
        return 0;
    }
    if (s->n == MAX_PAIRS) {
        return fail_exit (err, EXIT_USAGE, EINVAL, "too many keys");
    }
    s->pairs[s->n].key = key;
    s->pairs[s->n++].value = value;
    return 0;
}

/* A part without a key is the value of the first key, or one more of a list. */
static int
read_pairs (struct arena *a, struct spec *s, const char *at,
            const char *first_key, struct error *err)
{
    const char *before = NULL;

    while (*at) {
        long equal;
        char *part = next_part (a, &at, &equal, err);
        const char *key = !part        ? NULL
                          : equal >= 0 ? arena_dup_n (a, part, (size_t)equal)
                          : !before    ? first_key
                          : scan_list_has (definition_kinds, s->kind, before)
                              ? before
                              : NULL;

        if (part && !key) {
            fail_exit (err, EXIT_USAGE, EINVAL,
                       "'%s' has no key: write KEY=VALUE, with values that "
                       "contain commas in double quotes",
                       part);
        }
        if (!key || add_pair (a, s, key, part + equal + 1, err) < 0) {
            return -err->code;
        }
        before = key;
    }
    return 0;
}

static int
read_spec (struct text *t, struct spec *s, const char *first_key,
           const struct hv_key *table, struct error *err)
{
    const char *colon = strchr (s->text, ':');
    const char **keys = arena_alloc (&t->c->h.arena, 24 * sizeof *keys);

    for (size_t i = 0; table[i].name && i < 23; i++) {
        keys[i] = table[i].name;
    }
    s->keys = keys;
    if (!colon || colon == s->text || !colon[1]) {
        return fail_exit (err, EXIT_USAGE, EINVAL,
                          "--%s %s: write --%s NAME:%s", s->kind, s->text,
                          s->kind,
                          *s->kind == 'd' ? "10G, NAME:image=FILE or "
                                            "NAME:cdrom=FILE"
                                          : "NETWORK");
    }
    s->name = arena_dup_n (&t->c->h.arena, s->text, (size_t)(colon - s->text));
    if (name_validate (s->kind, s->name, err) < 0) {
        return -err->code;
    }
    return read_pairs (&t->c->h.arena, s, colon + 1, first_key, err) < 0
               ? fail_prefix (err, "--%s %s", s->kind, s->text)
               : 0;
}

static void
setting (struct text *t, const char *key, const char *value)
{
    text_add (t, "    %s = %s\n", key, text_quote (t->c, value));
}

/* Records the format of an image, unless the option gives it. */
static int
add_image_format (struct text *t, const struct spec *s, const char *key,
                  const char *path, struct error *err)
{
    const char *format_key = *key == 'b' ? "backing_format" : "format";
    const char *format = NULL;

    if (spec_get (s, format_key)) {
        return 0;
    }
    if (image_format (path, &format, err) < 0) {
        return -err->code;
    }
    if (strcmp (key, "cdrom") != 0 || strcmp (format, "raw") != 0) {
        setting (t, format_key, format);
    }
    return 0;
}

int
is_image_name (struct cli *c, const char *value, bool sized, bool *is,
               struct error *err)
{
    bool plain = *value && !strchr (value, '/');
    bool file = plain && access (absolute_path (c, value), F_OK) == 0;

    *is = plain && (sized || images_has (&c->h, value));
    return *is && !sized && file
               ? fail_exit (err, EXIT_USAGE, EINVAL,
                            "image=%s is an image, and a file: write ./%s for "
                            "the file, or a size for a disk on the image",
                            value, value)
               : 0;
}

/* Is a value the path of a file? */
static int
check_path (struct text *t, const struct spec *s, const char *key,
            const char *value, bool *is_path, struct error *err)
{
    bool sized =
        spec_get (s, "size") || spec_get (s, "pool") || spec_get (s, "volume");
    bool named = false;

    if (!strcmp (key, "image") && !spec_get (s, "format")
        && is_image_name (t->c, value, sized, &named, err) < 0) {
        return -err->code;
    }
    *is_path = !named
               && (!strcmp (key, "image") || !strcmp (key, "cdrom")
                   || !strcmp (key, "backing"));
    return 0;
}

static int
add_section (struct text *t, const struct spec *s, struct error *err)
{
    text_add (t, "\n%s %s {\n", s->kind, text_quote (t->c, s->name));
    for (size_t i = 0; i < s->n; i++) {
        const char *key = s->pairs[i].key, *value = s->pairs[i].value;
        bool is_path = false;

        if (check_path (t, s, key, value, &is_path, err) < 0) {
            return fail_prefix (err, "--%s %s", s->kind, s->text);
        }
        value = is_path ? absolute_path (t->c, value) : value;
        setting (t, key, value);
        /* Each VM may have another image: the format must be given then. */
        if (is_path && *value != '~' && !find_variable (value)
            && add_image_format (t, s, key, value, err) < 0) {
            return fail_prefix (err, "--%s %s", s->kind, s->text);
        }
    }
    return 0;
}

static int
add (struct text *t, struct spec *s, const char *first_key,
     const struct hv_key *table, struct error *err)
{
    struct text section = { t->c, "" };
    const char *text;

    if (read_spec (t, s, first_key, table, err) < 0
        || add_section (&section, s, err) < 0) {
        return -err->code;
    }
    text_add (&section, "}\n");
    text = textedit_append (&t->c->h.arena, t->s, section.s);
    if (!text) {
        return fail_exit (err, EXIT_USAGE, EINVAL,
                          "--%s %s cannot be added to the definition", s->kind,
                          s->text);
    }
    t->s = text;
    return 0;
}

int
text_add_disk (struct text *t, const char *text, struct error *err)
{
    struct spec s = { .text = text, .kind = "disk" };

    return add (t, &s, "size", disk_keys, err);
}

int
text_add_nic (struct text *t, const char *text, struct error *err)
{
    struct spec s = { .text = text, .kind = "nic" };

    return add (t, &s, "network", nic_keys, err);
}
