/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/image-fetch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/name.h"
#include "core/config/host.h"
#include "core/process/program.h"
#include "core/state/images.h"
#include "core/state/state-changes.h"

#define SLACK 60000 /* ms, of the program's own time limits. */
#define MOST_RESULT 65536
#define SMALL (1 << 20)
#define A_WEEK (7 * 24 * 3600)

/* The files of a download, beside the temporary files of an import. */
#define DOWNLOAD "download"
#define ORIGIN "origin"

static const char *
part (struct hvctl *h, const char *name, const char *what)
{
    return images_temporary (h, name, what);
}

bool
image_fetch_has (struct hvctl *h, const char *name)
{
    return file_is_there (part (h, name, DOWNLOAD))
           || file_is_there (part (h, name, ORIGIN));
}

int
image_fetch_forget (struct hvctl *h, const char *name, struct error *err)
{
    const char *const paths[] = { part (h, name, ORIGIN),
                                  part (h, name, DOWNLOAD) };

    for (size_t i = 0; i < ARRAY_SIZE (paths); i++) {
        if (unlink (paths[i]) < 0 && errno != ENOENT) {
            return fail (err, errno, "cannot remove %s: %m", paths[i]);
        }
    }
    return 0;
}

/* Returns the image that a file of a download is of, or null. */
static const char *
image_of (struct hvctl *h, const char *file)
{
    static const char *const kinds[] = { "." DOWNLOAD, "." ORIGIN };
    size_t len = strlen (file);

    for (size_t i = 0; i < ARRAY_SIZE (kinds); i++) {
        size_t end = strlen (kinds[i]);

        if (*file == '.' && len > end + 1
            && !strcmp (file + len - end, kinds[i])) {
            return arena_dup_n (&h->arena, file + 1, len - end - 1);
        }
    }
    return NULL;
}

static bool
is_old (struct hvctl *h, const char *name)
{
    struct stat st;

    return (stat (part (h, name, DOWNLOAD), &st) == 0
            || stat (part (h, name, ORIGIN), &st) == 0)
           && st.st_mtime < time (NULL) - A_WEEK;
}

void
image_fetch_tidy (struct hvctl *h)
{
    CLEANUP_CLOSEDIR DIR *dir = opendir (images_data_dir (h));
    struct dirent *e;

    while (dir && (e = readdir (dir))) {
        const char *name = image_of (h, e->d_name);
        struct error ignored = { 0 };
        CLEANUP_CLOSE int lock = -1;

        if (name && name_validate ("image", name, &ignored) == 0
            && is_old (h, name)
            && state_try_changes (h, images_key (h, name), &lock, &ignored) == 0
            && is_old (h, name)) {
            image_fetch_forget (h, name, &ignored);
        }
    }
}

/* ------------------------------------------------------------- The program */

/* Where distributions have the certificates of authorities. */
static const char *
authorities (void)
{
    static const char *const paths[] = {
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/var/lib/ca-certificates/ca-bundle.pem",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
    };
    const char *given = getenv ("SSL_CERT_FILE");

    if (given && *given == '/') {
        return given;
    }
    for (size_t i = 0; i < ARRAY_SIZE (paths); i++) {
        if (access (paths[i], R_OK) == 0) {
            return paths[i];
        }
    }
    return NULL;
}

static void
put_getenv (struct json_object *o, const char *name)
{
    json_put_text (o, name, getenv (name));
}

/* The variables that libcurl reads. */
static struct json_object *
proxies (void)
{
    struct json_object *o = json_object_new_object ();

    put_getenv (o, "http_proxy");
    put_getenv (o, "https_proxy");
    put_getenv (o, "HTTPS_PROXY");
    put_getenv (o, "all_proxy");
    put_getenv (o, "ALL_PROXY");
    put_getenv (o, "no_proxy");
    put_getenv (o, "NO_PROXY");
    return o;
}

static char *
request (struct hvctl *h, const struct image_fetch *f,
         const char *const *writes)
{
    struct json_object *o = json_object_new_object ();
    char *text;

    json_put_text (o, "url", f->url);
    json_put_text (o, "file", writes ? writes[0] : NULL);
    json_put_text (o, "origin", writes ? writes[1] : NULL);
    json_put_text (o, "etag", f->etag);
    json_put_text (o, "modified", f->modified);
    json_put_text (o, "authorities", authorities ());
    json_put_number (o, "limit", (int64_t)(f->limit & INT64_MAX));
    json_put_number (o, "timeout", f->timeout);
    json_object_object_add (o, "proxies", proxies ());
    text = xstrdup (json_object_to_json_string_ext (o, JSON_C_TO_STRING_PLAIN));
    json_object_put (o);
    return text;
}

/* What it may read: name resolution, and the authorities.  What does not exist,
 * or is no regular file, is left out. */
static const char *const *
readable (struct hvctl *h)
{
    const char *const paths[] = {
        "/etc/hosts",    "/etc/host.conf",       "/etc/nsswitch.conf",
        "/etc/gai.conf", "/etc/ssl/openssl.cnf", "/etc/pki/tls/openssl.cnf",
        authorities ()
    };
    const char **list =
        arena_alloc (&h->arena, (ARRAY_SIZE (paths) + 1) * sizeof *list);
    size_t n = 0;
    struct stat st;

    for (size_t i = 0; i < ARRAY_SIZE (paths); i++) {
        if (paths[i] && stat (paths[i], &st) == 0 && S_ISREG (st.st_mode)) {
            list[n++] = paths[i];
        }
    }
    list[n] = NULL;
    return list;
}

struct watched {
    struct hvctl *h;
    int output;
};

/* Reads the end of the output, NUL-terminated. */
static void
read_end (int output, char *text, size_t size)
{
    off_t end = lseek (output, 0, SEEK_END);
    off_t from = end > (off_t)size - 1 ? end - (off_t)size + 1 : 0;
    ssize_t n = pread (output, text, size - 1, from);

    text[n > 0 ? n : 0] = '\0';
}

/* "at DONE TOTAL", in a whole line. */
static void
show_progress (void *data, uint64_t ignored)
{
    const struct watched *w = data;
    uint64_t done = 0, total = 0;
    char text[128], *end, *line;

    (void)ignored;
    read_end (w->output, text, sizeof text);
    end = strrchr (text, '\n');
    if (!w->h->progress || !end) {
        return;
    }
    *end = '\0';
    line = strrchr (text, '\n');
    line = line ? line + 1 : text;
    if (sscanf (line, "at %" SCNu64 " %" SCNu64, &done, &total) == 2) {
        w->h->progress (w->h->progress_data, done, total);
    }
}

/* The last line is the result. */
static struct json_object *
read_result (int output)
{
    CLEANUP_FREE char *text = xalloc (MOST_RESULT);
    char *line;

    read_end (output, text, MOST_RESULT);
    while ((line = strrchr (text, '\n')) && !line[1]) {
        *line = '\0';
    }
    return json_tokener_parse (line ? line + 1 : text);
}

static int
judge (const struct image_fetch *f, struct json_object *result,
       struct error *err)
{
    const char *why = json_member_text (result, "error");
    int code = (int)json_member_size (result, "code");
    int exit_code = (int)json_member_size (result, "exit");

    return !json_object_is_type (result, json_type_object)
               ? fail (err, EIO, "hvctl-fetch printed no result")
           : *why ? fail_exit (err, exit_code, code > 0 ? code : EIO,
                               "cannot download %s: %s", f->url, why)
                  : 0;
}

/* Runs the program, which writes the file and its origin; returns its result,
 * or null. */
static struct json_object *
run (struct hvctl *h, const struct image_fetch *f, const char *const *writes,
     struct error *err)
{
#ifndef HVCTL_SANITIZE /* Whose own calls no filter knows. */
    static const char *const groups[] = { "disk", "fetch", NULL };
#endif
    CLEANUP_CLOSE int output = memfd_create ("hvctl-fetch", MFD_CLOEXEC);
    CLEANUP_FREE char *input = request (h, f, writes);
    struct json_object *result = NULL;
    struct watched watched = { h, output };
    const struct program p = {
        .argv = (const char *const[]){ h->host->fetcher, NULL },
        .input = input,
        .timeout = f->timeout + SLACK,
#ifndef HVCTL_SANITIZE
        .groups = groups,
#endif
        .uid = (uid_t)h->probe_uid,
        .reads = readable (h),
        .writes = writes,
        .output_fd = &output,
        .moved = show_progress,
        .moved_data = &watched,
    };

    if (output < 0) {
        fail (err, errno, "cannot create a temporary file: %m");
        return NULL;
    }
    if (program_run (&p, NULL, err) < 0) {
        if (err->code != EINTR) {
            fail_prefix (err, "cannot download %s", f->url);
        }
        return NULL;
    }
    result = read_result (output);
    if (judge (f, result, err) < 0) {
        json_object_put (result);
        return NULL;
    }
    return result;
}

/* --------------------------------------------------------------- Downloads */

static int
open_part (const char *path, struct error *err)
{
    CLEANUP_CLOSE int fd =
        open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

    return fd < 0 ? fail (err, errno, "cannot create %s: %m", path) : 0;
}

#ifdef HAVE_CURL
static int
check_built (const struct image_fetch *f, struct error *err)
{
    (void)f;
    (void)err;
    return 0;
}
#else
static int
check_built (const struct image_fetch *f, struct error *err)
{
    return fail_exit (err, EXIT_UNSUPPORTED, ENOTSUP,
                      "hvctl was built without libcurl, and cannot download "
                      "%s: download it by another program, and import the file",
                      f->url);
}
#endif

int
image_fetch (struct hvctl *h, struct image_fetch *f, const char **path,
             struct error *err)
{
    const char *download = part (h, f->name, DOWNLOAD);
    const char *origin = part (h, f->name, ORIGIN);
    const char *const writes[] = { download, origin, NULL };
    struct error ignored = { 0 };
    struct json_object *result;
    struct stat st;

    if (check_built (f, err) < 0 || open_part (origin, err) < 0
        || open_part (download, err) < 0) {
        return -err->code;
    }
    h->before = stat (download, &st) == 0 ? (uint64_t)st.st_size : 0;
    result = run (h, f, writes, err);
    h->before = 0;
    if (!result && err->code == EINTR && stat (download, &st) == 0
        && st.st_size) {
        return fail (err, EINTR,
                     "interrupted: the same command resumes the download");
    }
    if (!result) {
        image_fetch_forget (h, f->name, &ignored);
        return -err->code;
    }
    f->etag = json_get_text (&h->arena, result, "etag");
    f->modified = json_get_text (&h->arena, result, "modified");
    json_object_put (result);
    *path = download;
    return 0;
}

/* It is not resumed. */
int
image_fetch_small (struct hvctl *h, const struct image_fetch *f,
                   const char *what, struct error *err)
{
    const char *file = part (h, f->name, what);
    const char *origin = part (h, f->name, IMAGE_FETCH_SMALL_ORIGIN);
    const char *const writes[] = { file, origin, NULL };
    void (*progress) (void *, uint64_t, uint64_t) = h->progress;
    struct image_fetch small = *f;
    struct json_object *result = NULL;

    small.limit = SMALL;
    small.etag = small.modified = NULL;
    unlink (file);
    unlink (origin);
    h->progress = NULL;
    if (check_built (f, err) == 0 && open_part (file, err) == 0
        && open_part (origin, err) == 0) {
        result = run (h, &small, writes, err);
    }
    h->progress = progress;
    unlink (origin);
    if (!result) {
        unlink (file);
        return -err->code;
    }
    json_object_put (result);
    return 0;
}

int
image_fetch_changed (struct hvctl *h, const struct image_fetch *f,
                     bool *changed, struct error *err)
{
    struct json_object *result;

    if (check_built (f, err) < 0) {
        return -err->code;
    }
    result = run (h, f, NULL, err);
    if (!result) {
        return -err->code;
    }
    *changed = !json_object_get_boolean (
        json_member (result, "unchanged", json_type_boolean));
    json_object_put (result);
    return 0;
}
