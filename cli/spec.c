/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Options such as --disk root:10G, as text of a definition. */
#include "cli/spec.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/qcow2.h"
#include "core/definition.h"

void
text_add (struct text *t, const char *fmt, ...)
{
    va_list args;

    va_start (args, fmt);
    t->s = arena_format (&t->c->h.arena, "%s%s", t->s,
                         arena_vformat (&t->c->h.arena, fmt, args));
    va_end (args);
}

/* A value as libconfuse reads it back. */
const char *
text_quote (struct cli *c, const char *value)
{
    char *quoted, *to;

    if (*value
        && !value[strspn (value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP"
                                 "QRSTUVWXYZ0123456789_.-")]) {
        return value;
    }
    quoted = to = arena_alloc (&c->h.arena, strlen (value) * 2 + 3);
    *to++ = '"';
    for (; *value; value++) {
        /* A "${" would be a variable. */
        if (strchr ("\"\\$", *value)) {
            *to++ = '\\';
        }
        *to++ = *value;
    }
    *to = '"';
    return quoted;
}

int
check_printable (const char *option, const char *value, struct error *err)
{
    for (const char *p = value; *p; p++) {
        if ((unsigned char)*p < ' ' || *p == 0x7f) {
            return fail_exit (err, EXIT_USAGE, EINVAL,
                              "--%s holds a control character", option);
        }
    }
    return 0;
}

const char *
absolute_path (struct cli *c, const char *path)
{
    char cwd[4096];

    return *path == '/' || !getcwd (cwd, sizeof cwd)
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

/* Looks at an image that a person hands over, to write down its format. */
static int
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
                          "the image %s looks like %s: make it qcow2 or raw "
                          "first (qemu-img convert)",
                          path, looks);
    }
    *format = strcmp (looks, "qcow2") ? "raw" : "qcow2";
    return 0;
}

static void
setting (struct text *t, const char *key, const char *value)
{
    text_add (t, "    %s = %s\n", key, text_quote (t->c, value));
}

/* Writes the format of an image down, unless the spec says it. */
static int
add_image_format (struct text *t, const char *key, const char *path,
                  const char *spec, struct error *err)
{
    const char *format_key = *key == 'b' ? "backing_format" : "format";
    const char *format = NULL;

    if (strstr (spec, arena_format (&t->c->h.arena, ",%s=", format_key))
        || strstr (spec, arena_format (&t->c->h.arena, ":%s=", format_key))) {
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

static int
add_key (struct text *t, const char *key, const char *value,
         const char *const *keys, const char *spec, struct error *err)
{
    const char *near;

    if (!in_words (keys, key)) {
        near = nearest (key, keys);
        return fail_exit (err, EXIT_USAGE, EINVAL, "unknown key '%s'%s%s%s",
                          key, near ? ": did you mean '" : "", near ? near : "",
                          near ? "'?" : "");
    }
    if (strcmp (key, "image") && strcmp (key, "cdrom")
        && strcmp (key, "backing")) {
        setting (t, key, value);
        return 0;
    }
    value = absolute_path (t->c, value);
    setting (t, key, value);
    return add_image_format (t, key, value, spec, err);
}

/* Splits at commas; a value itself can not hold one. */
static int
add_section (struct text *t, const char *kind, const char *spec,
             const char *first_key, const struct hv_key *table,
             struct error *err)
{
    const char *colon = strchr (spec, ':');
    struct arena *a = &t->c->h.arena;
    const char *keys[24] = { NULL };
    const char *name;

    for (size_t i = 0; table[i].name && i < 23; i++) {
        keys[i] = table[i].name;
    }
    if (!colon || colon == spec || !colon[1]) {
        return fail_exit (err, EXIT_USAGE, EINVAL, "--%s %s: say --%s NAME:%s",
                          kind, spec, kind,
                          *kind == 'd' ? "10G, NAME:image=FILE or "
                                         "NAME:cdrom=FILE"
                                       : "NETWORK");
    }
    name = arena_dup_n (a, spec, (size_t)(colon - spec));
    if (check_name (kind, name, err) < 0) {
        return -err->code;
    }
    text_add (t, "\n%s %s {\n", kind, text_quote (t->c, name));
    for (const char *p = colon + 1; *p;) {
        size_t len = strcspn (p, ",");
        const char *part = arena_dup_n (a, p, len);
        const char *equal = strchr (part, '=');
        const char *key =
            equal ? arena_dup_n (a, part, (size_t)(equal - part)) : first_key;

        if (add_key (t, key, equal ? equal + 1 : part, keys, spec, err) < 0) {
            return fail_prefix (err, "--%s %s", kind, spec);
        }
        p += len + (p[len] == ',');
    }
    return 0;
}

void
random_bytes (uint8_t *to, size_t n)
{
    if (getrandom (to, n, 0) != (ssize_t)n) {
        abort ();
    }
}

int
text_add_disk (struct text *t, const char *spec, struct error *err)
{
    if (add_section (t, "disk", spec, "size", disk_keys, err) < 0) {
        return -err->code;
    }
    text_add (t, "}\n");
    return 0;
}

int
text_add_nic (struct text *t, const char *spec, struct error *err)
{
    uint8_t mac[3];

    if (add_section (t, "nic", spec, "network", nic_keys, err) < 0) {
        return -err->code;
    }
    if (!strstr (spec, ",mac=")) {
        random_bytes (mac, sizeof mac);
        text_add (t, "    mac = \"52:54:00:%02x:%02x:%02x\"\n", mac[0], mac[1],
                  mac[2]);
    }
    text_add (t, "}\n");
    return 0;
}
