/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "import/fetch-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/member.h"

#define MOST_ORIGIN 16384

static void
take_word (struct json_object *o, const char *key, char *word, size_t size)
{
    snprintf (word, size, "%s", json_member_text (o, key));
}

/* Reads the origin; leaves it empty if that is not valid, or of another URL. */
static void
read_origin (struct fetch_file *f)
{
    char text[MOST_ORIGIN];
    ssize_t n = pread (f->origin_fd, text, sizeof text - 1, 0);
    struct json_object *o;

    text[n > 0 ? n : 0] = '\0';
    o = json_tokener_parse (text);
    if (o && !strcmp (json_member_text (o, "url"), f->url)) {
        take_word (o, "from", f->origin.from, sizeof f->origin.from);
        take_word (o, "etag", f->origin.etag, sizeof f->origin.etag);
        take_word (o, "modified", f->origin.modified,
                   sizeof f->origin.modified);
        f->origin.size = json_member (o, "size", json_type_int)
                             ? (int64_t)json_member_size (o, "size")
                             : -1;
    }
    json_object_put (o);
}

static int
write_origin (struct fetch_file *f)
{
    struct json_object *o = json_object_new_object ();
    const char *text;
    ssize_t size;
    int code;

    json_put_text (o, "url", f->url);
    json_put_text (o, "from", f->origin.from);
    json_put_text (o, "etag", f->origin.etag);
    json_put_text (o, "modified", f->origin.modified);
    if (f->origin.size >= 0) {
        json_put_number (o, "size", f->origin.size);
    }
    text = json_object_to_json_string_ext (o, JSON_C_TO_STRING_PLAIN);
    size = (ssize_t)strlen (text);
    errno = ENOSPC;
    code = pwrite (f->origin_fd, text, (size_t)size, 0) == size ? 0 : errno;
    json_object_put (o);
    return code;
}

const char *
fetch_file_validator (const struct fetch_file *f)
{
    return *f->origin.etag && strncmp (f->origin.etag, "W/", 2) != 0
               ? f->origin.etag
           : *f->origin.modified ? f->origin.modified
                                 : NULL;
}

int
fetch_file_open (struct fetch_file *f, const char *origin_path)
{
    struct stat st;

    f->origin.size = -1;
    f->fd = open (f->path, O_RDWR | O_CLOEXEC);
    f->origin_fd = open (origin_path, O_RDWR | O_CLOEXEC);
    if (f->fd < 0 || f->origin_fd < 0 || fstat (f->fd, &st) < 0) {
        return errno;
    }
    read_origin (f);
    f->at = fetch_file_validator (f) ? (uint64_t)st.st_size : 0;
    return 0;
}

int
fetch_file_begin (struct fetch_file *f, const struct fetch_origin *origin)
{
    f->origin = *origin;
    f->at = 0;
    return ftruncate (f->origin_fd, 0) < 0 || ftruncate (f->fd, 0) < 0
               ? errno
               : write_origin (f);
}

int
fetch_file_add (struct fetch_file *f, const char *data, size_t n)
{
    while (n) {
        ssize_t part = pwrite (f->fd, data, n, (off_t)f->at);

        if (part <= 0) {
            return part < 0 ? errno : ENOSPC;
        }
        data += part;
        n -= (size_t)part;
        f->at += (uint64_t)part;
    }
    return 0;
}

uint64_t
fetch_file_room (const struct fetch_file *f)
{
    struct statfs fs;

    return fstatfs (f->fd, &fs) == 0
               ? (uint64_t)fs.f_bavail * (uint64_t)fs.f_bsize
               : UINT64_MAX;
}
