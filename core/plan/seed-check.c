/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/plan/seed-check.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/fs.h>

#include "common/cleanup.h"
#include "core/base/file.h"
#include "core/base/output.h"
#include "core/config/cloud-init.h"
#include "core/config/settings.h"
#include "core/process/program.h"

#define SCHEMA_TIMEOUT 30000 /* ms */
#define KEYS_SIZE 65536      /* Of a file. */

int
seed_check_read (struct arena *a, const char *path, const char **bytes,
                 size_t *size, struct error *err)
{
    CLEANUP_FREE char *text = file_load (path, size, err);
    char *copy;

    if (!text) {
        return fail_prefix (err, "%s", path);
    }
    copy = arena_alloc (a, *size + 1);
    memcpy (copy, text, *size);
    *bytes = copy;
    return 0;
}

/* ------------------------------------------------------------------ Texts */

static bool
begins (const char *text, const char *word)
{
    return !strncasecmp (text, word, strlen (word));
}

/* The first line, as cloudinit/handlers/__init__.py and util.py know it. */
static bool
is_known_form (const char *text)
{
    static const char *const forms[] = {
        "#cloud-config", "#!",           "#include",      "#cloud-boothook",
        "#part-handler", "## template:", "Content-Type:", "MIME-Version:",
        "\x1f\x8b",
    };

    text += strspn (text, " \t\r\n");
    for (size_t i = 0; i < ARRAY_SIZE (forms); i++) {
        if (begins (text, forms[i])) {
            return true;
        }
    }
    return false;
}

/* YAML as far as a program can judge it without parsing it. */
static const char *
yaml_problem (struct arena *a, const char *bytes, size_t size)
{
    int line = 1;

    for (size_t i = 0; i < size;) {
        bool partial, first = i == 0 || bytes[i - 1] == '\n';
        size_t n = output_utf8_length (bytes + i, size - i, &partial);
        size_t blank = first ? strspn (bytes + i, " ") : 0;

        if (!n) {
            return arena_format (a, "is not valid UTF-8 in line %d", line);
        }
        if (!bytes[i]) {
            return arena_format (a, "has a NUL byte in line %d", line);
        }
        if (first && bytes[i + blank] == '\t') {
            return arena_format (a,
                                 "is indented by a tab in line %d, which YAML "
                                 "forbids: use spaces",
                                 line);
        }
        line += bytes[i] == '\n';
        i += n;
    }
    return NULL;
}

/* Is there a line "KEY:", or the member of that name in JSON? */
static bool
has_key (const char *text, const char *key)
{
    size_t len = strlen (key);

    for (const char *at = text; (at = strstr (at, key)); at += len) {
        const char *behind = at + len;
        bool quoted = at > text && (at[-1] == '"' || at[-1] == '\'');
        bool first = at == text || at[-1] == '\n';

        behind += quoted ? 1 : 0;
        if ((first || quoted) && behind[strspn (behind, " ")] == ':') {
            return true;
        }
    }
    return false;
}

const char *
seed_check_text (struct arena *a, const char *key, const char *bytes,
                 size_t size)
{
    const char *wrong;

    if (!bytes[strspn (bytes, " \t\r\n")]) {
        return "is empty";
    }
    if (!strcmp (key, "user_data")) {
        if (!is_known_form (bytes)) {
            return "begins with a line that cloud-init does not know, so that "
                   "it would ignore the file: it must be '#cloud-config' "
                   "(YAML), '#!' (a script), '#include', or the header of a "
                   "MIME message";
        }
        return begins (bytes, "#cloud-config") ? yaml_problem (a, bytes, size)
                                               : NULL;
    }
    wrong = yaml_problem (a, bytes, size);
    if (wrong) {
        return wrong;
    }
    if (!strcmp (key, "meta_data") && !has_key (bytes, "instance-id")) {
        return "has no 'instance-id', by which cloud-init knows a new VM: add "
               "the line 'instance-id: ' with any unique text";
    }
    return !strcmp (key, "network_config") && !has_key (bytes, "version")
                   && !has_key (bytes, "network")
               ? "has neither 'version' nor 'network': it is not cloud-init's "
                 "network configuration"
               : NULL;
}

int
seed_check_schema (struct hvctl *h, const struct definition *def,
                   struct error *err)
{
    const struct cloud_init *c = def->cloud_init;
    const char *path = c ? c->user_data : NULL;
    const char *const argv[] = { "cloud-init", "schema", "-c", path, NULL };
    const struct program program = { .argv = argv, .timeout = SCHEMA_TIMEOUT };
    CLEANUP_FREE char *text = path ? file_read (path) : NULL;

    if (!text || !begins (text, "#cloud-config")
        || program_run (&program, NULL, err) == 0) {
        return 0;
    }
    if (err->code == ENOENT) {
        *err = (struct error){ 0 }; /* It is not installed. */
        return 0;
    }
    err->exit_code = EXIT_CONFIG;
    return fail_prefix (err, "%s: cloud_init: user_data",
                        settings_where (&h->arena, c->section, "user_data"));
}

/* ------------------------------------------------------------------- Keys */

/* Whoever owns it: a public key is public, and nothing else is accepted. */
static char *
read_keys (const char *path, struct error *err)
{
    CLEANUP_CLOSE int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    size_t size;
    char *text;

    if (fd < 0 || fstat (fd, &st) < 0) {
        fail (err, errno, "cannot open %s: %m", path);
        return NULL;
    }
    if (!S_ISREG (st.st_mode) || st.st_size > KEYS_SIZE) {
        fail (err, EINVAL, "%s is not a file of at most %d KiB", path,
              KEYS_SIZE / 1024);
        return NULL;
    }
    text = file_read_open (fd, (size_t)st.st_size, &size);
    if (!text) {
        fail (err, errno, "cannot read %s: %m", path);
    }
    return text;
}

int
seed_check_keys (struct arena *a, const char *path, struct vec *keys,
                 struct error *err)
{
    CLEANUP_FREE char *text = read_keys (path, err);
    size_t before = keys->n;
    char *rest = text, *line;

    if (!text) {
        return -err->code;
    }
    for (int number = 1; (line = strsep (&rest, "\n")); number++) {
        line += strspn (line, " \t");
        line[strcspn (line, "\r")] = '\0';
        if (!*line || *line == '#') {
            continue;
        }
        if (!cloud_init_is_key (line)) {
            return fail_exit (
                err, EXIT_CONFIG, EINVAL, "%s, line %d is not a public key%s",
                path, number,
                strstr (line, "PRIVATE KEY")
                    ? ", but a private one: give the file that ends in .pub"
                    : " (ssh-ed25519 AAAA…)");
        }
        vec_add (a, keys, arena_dup (a, line));
    }
    return keys->n > before ? 0
                            : fail_exit (err, EXIT_CONFIG, EINVAL,
                                         "%s has no public key", path);
}

/* ----------------------------------------------------------- Ready images */

/* ISO 9660, or FAT with its label at one of two places; see nocloud.rst. */
static bool
has_label (int fd)
{
    static const off_t places[] = { 32808, 43, 71 };
    char text[8] = { 0 };

    for (size_t i = 0; i < ARRAY_SIZE (places); i++) {
        if (pread (fd, text, 6, places[i]) == 6
            && !strcasecmp (text, "cidata")) {
            return true;
        }
    }
    return false;
}

int
seed_check_ready (const char *path, size_t *size, struct error *err)
{
    CLEANUP_CLOSE int fd =
        open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    uint64_t bytes;
    struct stat st;

    if (fd < 0 || fstat (fd, &st) < 0) {
        return fail (err, errno, "cannot open %s: %m", path);
    }
    bytes = (uint64_t)st.st_size;
    if (!S_ISREG (st.st_mode)
        && (!S_ISBLK (st.st_mode) || ioctl (fd, BLKGETSIZE64, &bytes) < 0)) {
        return fail (err, EINVAL, "%s is neither a file nor a block device",
                     path);
    }
    *size = (size_t)bytes;
    return has_label (fd)
               ? 0
               : fail_exit (
                   err, EXIT_CONFIG, EINVAL,
                   "%s has no file system with the label CIDATA, by "
                   "which cloud-init would find it (xorriso -as mkisofs "
                   "-V CIDATA -J -r …), or let hvctl make it: set user_data "
                   "and meta_data in place of seed",
                   path);
}
