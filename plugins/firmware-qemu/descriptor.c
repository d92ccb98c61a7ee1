/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Distributions install descriptors to the first directory, administrators to
 * the second, users to the third; a file of a later directory replaces the
 * one of the same name, and an empty one hides it. */
#include "plugins/firmware-qemu/descriptor.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"

enum { FILE_SIZE_MAX = 256 << 10 };

/* ------------------------------------------------------- Finding files */

const char *
descriptor_path (struct hv_ctx *ctx)
{
    static const char system[] = "/usr/share/qemu/firmware:/etc/qemu/firmware";
    const char *path = hv_option (ctx, NULL, "path");
    const char *config = getenv ("XDG_CONFIG_HOME");
    const char *home = getenv ("HOME");

    if (path) {
        return path;
    }
    /* For root the environment must not choose the firmware. */
    if (geteuid () == 0) {
        return system;
    }
    if (config && config[0] == '/') {
        return hv_format (ctx, "%s:%s/qemu/firmware", system, config);
    }
    if (home && home[0] == '/') {
        return hv_format (ctx, "%s:%s/.config/qemu/firmware", system, home);
    }
    return system;
}

/* Adds a file, or replaces the one of the same name. */
static void
add_file (struct hv_ctx *ctx, struct files *files, const char *dir,
          const char *name)
{
    struct file new = { hv_format (ctx, "%s", name),
                        hv_format (ctx, "%s/%s", dir, name) };

    for (size_t i = 0; i < files->n; i++) {
        if (!strcmp (files->entries[i].name, name)) {
            files->entries[i] = new;
            return;
        }
    }
    if (files->n < FILES_MAX) {
        files->entries[files->n++] = new;
    } else {
        hv_log (ctx, HV_WARNING,
                "%s is ignored: there are more than %d descriptor files",
                new.path, FILES_MAX);
    }
}

static int
is_descriptor (const struct dirent *entry)
{
    return fnmatch ("*.json", entry->d_name, FNM_PERIOD) == 0;
}

/* Sorted, so that it is always the same files that exceed the limit. */
static void
read_directory (struct hv_ctx *ctx, struct files *files, const char *dir)
{
    struct dirent **entries;
    int n = scandir (dir, &entries, is_descriptor, alphasort);

    if (n < 0) {
        if (errno != ENOENT && errno != ENOTDIR) {
            hv_log (ctx, HV_WARNING, "cannot read the directory %s: %m", dir);
        }
        return;
    }
    for (int i = 0; i < n; i++) {
        add_file (ctx, files, dir, entries[i]->d_name);
        free (entries[i]);
    }
    free (entries);
}

static int
by_name (const void *a, const void *b)
{
    return strcmp (((const struct file *)a)->name,
                   ((const struct file *)b)->name);
}

const struct files *
descriptor_files (struct hv_ctx *ctx)
{
    struct files *files = hv_alloc (ctx, sizeof *files);
    const char *path = descriptor_path (ctx);

    while (*path) {
        size_t len = strcspn (path, ":");

        if (len) {
            read_directory (ctx, files,
                            hv_format (ctx, "%.*s", (int)len, path));
        }
        path += len + (path[len] == ':');
    }
    qsort (files->entries, files->n, sizeof *files->entries, by_name);
    return files;
}

const char *
get_string (struct json_object *j, const char *key)
{
    struct json_object *value = json_member (j, key, json_type_string);
    const char *s = json_object_get_string (value);

    return value && strlen (s) == (size_t)json_object_get_string_len (value)
               ? s
               : NULL;
}

bool
has_word (struct json_object *j, const char *key, const char *word)
{
    struct json_object *array = json_member (j, key, json_type_array);
    size_t n = array ? json_object_array_length (array) : 0;

    for (size_t i = 0; i < n; i++) {
        struct json_object *e = json_object_array_get_idx (array, i);

        if (json_object_is_type (e, json_type_string)
            && !strcmp (json_object_get_string (e), word)) {
            return true;
        }
    }
    return false;
}

/* ------------------------------------------------- Reading descriptors */

static struct json_object *
ignore (struct hv_ctx *ctx, const char *path, const char *why)
{
    hv_log (ctx, HV_WARNING, "the firmware descriptor %s is ignored: %s", path,
            why);
    return NULL;
}

/* Reads a whole file, with a NUL after it.  Null with errno. */
static char *
read_file (const char *path, size_t *len)
{
    CLEANUP_CLOSE int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    CLEANUP_FREE char *text = NULL;
    struct stat st;
    ssize_t n;

    if (fd < 0 || fstat (fd, &st) < 0) {
        return NULL;
    }
    if (!S_ISREG (st.st_mode) || st.st_size > FILE_SIZE_MAX) {
        errno = S_ISREG (st.st_mode) ? EFBIG : EINVAL;
        return NULL;
    }
    *len = 0;
    text = calloc (1, (size_t)st.st_size + 1);
    while (text && *len < (size_t)st.st_size) {
        n = read (fd, text + *len, (size_t)st.st_size - *len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return NULL;
        }
        if (n == 0) {
            break;
        }
        *len += (size_t)n;
    }
    return steal (&text);
}

/* Returns a reason why 'j' is not a descriptor, or null.  Members that are
 * optional or unknown to us are ignored. */
static const char *
find_fault (struct json_object *j)
{
    struct json_object *mapping = json_member (j, "mapping", json_type_object);

    if (!json_object_is_type (j, json_type_object)) {
        return "it is not a JSON object";
    }
    if (!json_member (j, "interface-types", json_type_array)) {
        return "it has no 'interface-types'";
    }
    if (!json_member (j, "targets", json_type_array)) {
        return "it has no 'targets'";
    }
    if (!json_member (j, "features", json_type_array)) {
        return "it has no 'features'";
    }
    if (!mapping || !get_string (mapping, "device")) {
        return "it has no 'mapping' with a 'device'";
    }
    return NULL;
}

struct json_object *
descriptor_read (struct hv_ctx *ctx, const char *path)
{
    CLEANUP_JSON struct json_object *j = NULL;
    CLEANUP_FREE char *text = NULL;
    enum json_tokener_error error;
    struct json_tokener *tokener;
    const char *fault;
    size_t len = 0, end;

    text = read_file (path, &len);
    if (!text) {
        return ignore (ctx, path, strerror (errno));
    }
    if (!len) {
        return NULL;
    }
    tokener = json_tokener_new ();
    if (!tokener) {
        return ignore (ctx, path, strerror (ENOMEM));
    }
    j = json_tokener_parse_ex (tokener, text, (int)len);
    error = json_tokener_get_error (tokener);
    end = json_tokener_get_parse_end (tokener);
    json_tokener_free (tokener);
    if (error != json_tokener_success
        || end + strspn (text + end, " \t\r\n") != len) {
        return ignore (
            ctx, path,
            error == json_tokener_success    ? "there is text after its JSON"
            : error == json_tokener_continue ? "its JSON is incomplete"
                                             : json_tokener_error_desc (error));
    }
    fault = find_fault (j);
    return fault ? ignore (ctx, path, fault) : steal (&j);
}
