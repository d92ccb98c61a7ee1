/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* create: writes a definition that a person would be glad to read, checks it
 * as any other, makes the disks, and only then lets it appear. */
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "common/cleanup.h"
#include "common/qcow2.h"
#include "core/host.h"
#include "core/plan.h"
#include "core/state.h"

/* The text of the definition, as it grows. */
struct text {
    struct cli *c;
    const char *s;
};

static void add (struct text *t, const char *fmt, ...)
    __attribute__ ((format (printf, 2, 3)));

static void
add (struct text *t, const char *fmt, ...)
{
    va_list args;

    va_start (args, fmt);
    t->s = arena_format (&t->c->h.arena, "%s%s", t->s,
                         arena_vformat (&t->c->h.arena, fmt, args));
    va_end (args);
}

/* A value as libconfuse reads it back. */
static const char *
quote (struct cli *c, const char *value)
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

static int
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

static const char *
absolute (struct cli *c, const char *path)
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
    add (t, "    %s = %s\n", key, quote (t->c, value));
}

/* "root:10G,pool=fast" → disk root { … } */
static int
add_disk_key (struct text *t, const char *key, const char *value,
              const char *const *keys, struct error *err)
{
    const char *format = NULL;
    const char *near;

    if (!in_words (keys, key)) {
        near = nearest (key, keys);
        return fail_exit (
            err, EXIT_USAGE, EINVAL, "--disk: unknown key '%s'%s%s%s", key,
            near ? ": did you mean '" : "", near ? near : "", near ? "'?" : "");
    }
    if (!strcmp (key, "image") || !strcmp (key, "cdrom")
        || !strcmp (key, "backing")) {
        value = absolute (t->c, value);
        setting (t, key, value);
        if (image_format (value, &format, err) < 0) {
            return -err->code;
        }
        if (strcmp (key, "cdrom") != 0 || strcmp (format, "raw") != 0) {
            setting (t, *key == 'b' ? "backing_format" : "format", format);
        }
        return 0;
    }
    setting (t, key, value);
    return 0;
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
    add (t, "\n%s %s {\n", kind, quote (t->c, name));
    for (const char *p = colon + 1; *p;) {
        size_t len = strcspn (p, ",");
        const char *part = arena_dup_n (a, p, len);
        const char *equal = strchr (part, '=');
        const char *key =
            equal ? arena_dup_n (a, part, (size_t)(equal - part)) : first_key;

        if (add_disk_key (t, key, equal ? equal + 1 : part, keys, err) < 0) {
            return fail_prefix (err, "--%s %s", kind, spec);
        }
        p += len + (p[len] == ',');
    }
    return 0;
}

static void
random_bytes (uint8_t *to, size_t n)
{
    if (getrandom (to, n, 0) != (ssize_t)n) {
        abort ();
    }
}

/* RFC 9562 version 4. */
static const char *
random_uuid (struct cli *c)
{
    uint8_t b[16];

    random_bytes (b, sizeof b);
    b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
    return arena_format (&c->h.arena,
                         "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
                         "%02x%02x%02x%02x%02x%02x",
                         b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8],
                         b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

static int
add_sections (struct text *t, struct error *err)
{
    const struct vec *disks = option_values (t->c, "disk");
    const struct vec *nics = option_values (t->c, "nic");
    uint8_t mac[3];

    for (size_t i = 0; i < disks->n; i++) {
        if (add_section (t, "disk", disks->p[i], "size", disk_keys, err) < 0) {
            return -err->code;
        }
        add (t, "}\n");
    }
    for (size_t i = 0; i < nics->n; i++) {
        if (add_section (t, "nic", nics->p[i], "network", nic_keys, err) < 0) {
            return -err->code;
        }
        if (!strstr (nics->p[i], ",mac=")) {
            random_bytes (mac, sizeof mac);
            add (t, "    mac = \"52:54:00:%02x:%02x:%02x\"\n", mac[0], mac[1],
                 mac[2]);
        }
        add (t, "}\n");
    }
    return 0;
}

/* Options that become settings of the same or another name. */
static int
add_settings (struct text *t, struct error *err)
{
    static const struct {
        const char *option, *key, *fallback;
        bool is_path;
    } map[] = {
        { "memory", "memory", "1G", false },
        { "cpus", "cpus", "1", false },
        { "arch", "arch", NULL, false },
        { "hypervisor", "hypervisor", NULL, false },
        { "machine", "machine", NULL, false },
        { "accelerator", "accelerator", NULL, false },
        { "cpu", "cpu", NULL, false },
        { "firmware", "firmware", NULL, false },
        { "kernel", "kernel", NULL, true },
        { "initrd", "initrd", NULL, true },
        { "append", "append", NULL, false },
    };

    for (size_t i = 0; i < ARRAY_SIZE (map); i++) {
        const char *value = option_value (t->c, map[i].option);

        value = value ? value : map[i].fallback;
        if (!value) {
            continue;
        }
        if (check_printable (map[i].option, value, err) < 0) {
            return -err->code;
        }
        add (t, "%s = %s\n", map[i].key,
             quote (t->c, map[i].is_path ? absolute (t->c, value) : value));
    }
    if (has_option (t->c, "secure-boot")) {
        add (t, "secure_boot = yes\n");
    }
    return 0;
}

static int
write_text (struct text *t, const char *name, struct error *err)
{
    time_t now = time (NULL);
    struct tm tm;
    char date[16];

    localtime_r (&now, &tm);
    strftime (date, sizeof date, "%Y-%m-%d", &tm);
    t->s = arena_format (&t->c->h.arena,
                         "# %s, created by hvctl on %s; see "
                         "hvctl.conf(5)\nuuid = %s\n",
                         name, date, random_uuid (t->c));
    return add_settings (t, err) < 0 ? -err->code : add_sections (t, err);
}

struct created {
    struct plugin *plugin;
    struct hv_volume volume;
};

static void
destroy_all (struct vec *made)
{
    struct error err = { 0 };

    for (size_t i = made->n; i > 0; i--) {
        struct created *v = made->p[i - 1];

        if (storage_destroy (v->plugin, &v->volume, &err) < 0) {
            hvctl_warn ("%s", err.text);
        }
    }
}

static int
make_volumes (struct cli *c, const struct definition *def, struct vec *made,
              struct error *err)
{
    for (size_t i = 0; i < def->disks.n; i++) {
        const struct disk_def *d = def->disks.p[i];
        struct created *v = arena_alloc (&c->h.arena, sizeof *v);

        if (disk_volume (&c->h, d, &v->volume, err) < 0) {
            return -err->code;
        }
        v->plugin = find_storage (&c->h, &v->volume, NULL, err);
        if (!v->plugin) {
            return fail_prefix (err, "disk %s", d->name);
        }
        if (d->image || (!d->size && !d->backing)) {
            continue;
        }
        if (hvctl_interrupted) {
            return fail (err, EINTR, "interrupted");
        }
        if (storage_create (v->plugin, &v->volume, err) < 0) {
            return fail_prefix (err, "disk %s", d->name);
        }
        vec_add (&c->h.arena, made, v);
    }
    return 0;
}

/* The definition is checked against the plugins, too, so that what cannot be
 * started is not created; then it gets its name, if that is free. */
static int
check_and_publish (struct cli *c, struct definition *def, const char *temporary,
                   const char *final, struct error *err)
{
    struct plan *plan;

    if (plan_make (&c->h, def, PLAN_FULL, &plan, err) < 0) {
        return -err->code;
    }
    if (link (temporary, final) < 0) {
        return errno == EEXIST
                   ? fail (err, EEXIST, "VM %s exists already: %s", def->name,
                           final)
                   : fail (err, errno, "cannot write %s: %m", final);
    }
    return 0;
}

/* Errors speak of the definition, not of the file that it is for now. */
static void
name_definition (struct cli *c, const char *temporary, const char *name,
                 struct error *err)
{
    const char *text = arena_dup (&c->h.arena, err->text), *at;
    char *to = err->text;
    size_t room = sizeof err->text, n;

    while ((at = strstr (text, temporary)) && room > 256) {
        n = (size_t)snprintf (to, room, "%.*snew definition of %s",
                              (int)(at - text), text, name);
        n = n < room ? n : room - 1;
        to += n;
        room -= n;
        text = at + strlen (temporary);
    }
    snprintf (to, room, "%s", text);
}

static int
create (struct cli *c, const char *name, struct error *err)
{
    const char *final = definition_path (&c->h, name);
    const char *temporary = arena_format (
        &c->h.arena, "%s/.%s.new.%d", c->h.host->vm_dir, name, (int)getpid ());
    struct text text = { c, "" };
    struct definition *def;
    struct vec made = { 0 };
    int rc;

    if (check_name ("VM", name, err) < 0) {
        return -err->code;
    }
    if (access (final, F_OK) == 0) {
        return fail (err, EEXIST, "VM %s exists already: %s", name, final);
    }
    if (write_text (&text, name, err) < 0
        || make_dirs (c->h.host->vm_dir, 0755, err) < 0
        || make_dirs (c->h.host->state_dir, 0755, err) < 0
        || write_file (temporary, 0644, text.s, err) < 0) {
        return -err->code;
    }
    if (definition_load_file (&c->h, name, temporary, &def, err) < 0
        || make_volumes (c, def, &made, err) < 0
        || check_and_publish (c, def, temporary, final, err) < 0) {
        rc = -err->code;
        name_definition (c, temporary, name, err);
        hvctl_interrupted = 0;
        destroy_all (&made);
        unlink (temporary);
        return rc;
    }
    unlink (temporary);
    return 0;
}

int
cmd_create (struct cli *c)
{
    const char *name = c->args.p[0];

    if (create (c, name, &c->err) < 0) {
        return report (c);
    }
    if (c->json) {
        struct json_object *o = json_object_new_object ();

        json_text (o, "name", name);
        json_text (o, "definition", definition_path (&c->h, name));
        print_json (o);
    } else {
        printf ("%s is defined in %s\n", name, definition_path (&c->h, name));
    }
    return EXIT_OK;
}
