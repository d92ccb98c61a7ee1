/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "import/confined.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/member.h"
#include "core/base/file.h"
#include "core/config/host.h"
#include "core/process/program.h"

#define READER_TIME 20000 /* Milliseconds. */

/* Returns the text of a regular file, malloc'ed. */
static char *
load_file (const char *path, size_t *size, struct error *err)
{
    CLEANUP_CLOSE int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    char *text;

    if (fd < 0 || fstat (fd, &st) < 0) {
        fail (err, errno, "cannot read %s: %m", path);
        return NULL;
    }
    if (!S_ISREG (st.st_mode) || st.st_size > TREE_BYTES) {
        fail_exit (err, EXIT_CONFIG, EFBIG, "%s is not a file of at most 1 MiB",
                   path);
        return NULL;
    }
    text = file_read_open (fd, (size_t)st.st_size, size);
    if (!text) {
        fail (err, errno, "cannot read %s: %m", path);
    }
    return text;
}

/* Runs the reader, which gets the text and nothing else. */
static int
run_reader (struct hvctl *h, const char *tool, const char *path, char **out,
            struct error *err)
{
    const char *const argv[] = { h->host->importer, tool, path, NULL };
#ifndef HVCTL_SANITIZE
    static const char *const groups[] = { "base", NULL };
#endif
    size_t size = 0;
    CLEANUP_FREE char *text = load_file (path, &size, err);
    const struct program p = { .argv = argv,
                               .input = text,
                               .input_size = size,
                               .timeout = READER_TIME,
#ifndef HVCTL_SANITIZE /* Whose own calls no filter knows. */
                               .groups = groups,
#endif
                               .uid = (uid_t)h->probe_uid };

    if (!text) {
        return -err->code;
    }
    return program_run (&p, out, err) < 0
               ? fail_prefix (err, "cannot read %s", path)
               : 0;
}

struct tree *
confined_read (struct hvctl *h, const char *tool, const char *path,
               struct error *err)
{
    struct tree_budget budget = { .arena = &h->arena, .file = path };
    CLEANUP_FREE char *text = NULL;
    struct json_tokener *tok;
    struct json_object *o;
    struct tree *t = NULL;

    if (run_reader (h, tool, path, &text, err) < 0) {
        return NULL;
    }
    tok = json_tokener_new_ex (2 * TREE_DEPTH + 8);
    o = json_tokener_parse_ex (tok, text, -1);
    json_tokener_free (tok);
    if (json_object_is_type (o, json_type_object)) {
        int code = (int)json_member_size (o, "code");
        int exit_code = (int)json_member_size (o, "exit");

        fail_exit (err, exit_code ? exit_code : EXIT_CONFIG,
                   code > 0 ? code : EINVAL, "%s",
                   json_member_text (o, "error"));
    } else {
        t = tree_from_json (&budget, o, err);
    }
    json_object_put (o);
    return t;
}
