/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* hvctl-import TOOL FILE: reads the text of a file from standard input, and
 * prints its tree as JSON (tree_to_json()), or {"error": …, "exit": …}.  The
 * name of the file is for messages only.  Run by hvctl, in a jail. */
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/output.h"
#include "import/read.h"

static void
print (struct tree *t, const struct error *err)
{
    struct json_object *o = t ? NULL : json_object_new_object ();

    if (o) {
        json_object_object_add (o, "error", json_object_new_string (err->text));
        json_object_object_add (o, "code", json_object_new_int (err->code));
        json_object_object_add (o, "exit",
                                json_object_new_int (err->exit_code));
    }
    out_json (t ? tree_to_json (t) : o);
}

int
main (int argc, char **argv)
{
    static char text[TREE_BYTES + 1];
    struct arena arena = { 0 };
    struct reading r = { .budget.arena = &arena, .text = text };
    struct error err = { 0 };
    struct tree *t = NULL;
    ssize_t len;

    output_begin ();
    if (argc != 3) {
        err_out ("hvctl-import is run by 'hvctl import'\n");
        return EXIT_USAGE;
    }
    r.budget.file = argv[2];
    len = file_read_stream (STDIN_FILENO, text, sizeof text);
    if (len < 0) {
        fail (&err, errno, "%s: cannot be read: %m", argv[2]);
    } else {
        r.len = (size_t)len;
        text[len] = '\0';
        t = read_text (&r, argv[1], &err);
    }
    print (t, &err);
    arena_free (&arena);
    return output_end (&err) < 0 ? EXIT_ERROR : EXIT_OK;
}
