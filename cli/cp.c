/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* cp: a file into a guest or out of it, by its agent. */
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/document.h"
#include "common/cleanup.h"
#include "common/member.h"
#include "core/base/name.h"
#include "core/machine/agent-file.h"

/* One end. */
struct end {
    const char *vm; /* Null: on this host. */
    const char *path;
};

/* As with scp: a colon before any slash. */
static struct end
parse (struct cli *c, const char *text)
{
    size_t n = strcspn (text, ":/");

    return text[n] == ':'
               ? (struct end){ .vm = arena_dup_n (&c->h.arena, text, n),
                               .path = text + n + 1 }
               : (struct end){ .path = text };
}

/* Returns "DIR/NAME" for a path that is a directory, by its slash at the end
 * or, on this host, in fact. */
static const char *
target (struct cli *c, const struct end *to, const char *from)
{
    const char *slash = strrchr (from, '/');
    size_t len = strlen (to->path);
    struct stat st;
    bool dir = len > 0 && to->path[len - 1] == '/';

    if (!to->vm && !dir) {
        dir = stat (to->path, &st) == 0 && S_ISDIR (st.st_mode);
    }
    return dir ? arena_format (&c->h.arena, "%s%s%s", to->path,
                               to->path[len - 1] == '/' ? "" : "/",
                               slash ? slash + 1 : from)
               : to->path;
}

static int
put (struct cli *c, const struct end *from, const struct end *to,
     struct error *err)
{
    CLEANUP_CLOSE int fd = open (from->path, O_RDONLY | O_CLOEXEC);
    struct stat st;

    if (fd < 0 || fstat (fd, &st) < 0) {
        return fail (err, errno, "cannot open %s: %m", from->path);
    }
    if (S_ISDIR (st.st_mode)) {
        return fail (err, EISDIR,
                     "%s is a directory: copy files, or use scp -r (hvctl "
                     "ssh-config)",
                     from->path);
    }
    if (S_ISREG (st.st_mode) && (uint64_t)st.st_size > AGENT_FILE_MAX) {
        return fail (err, EFBIG,
                     "%s is larger than 1 GiB: use scp (hvctl ssh-config)",
                     from->path);
    }
    return agent_file_put (&c->h, to->vm, target (c, to, from->path), fd,
                           from->path, err);
}

/* A new file has its name when it is complete; what is no file, such as
 * /dev/stdout, is written to. */
static int
get (struct cli *c, const struct end *from, const struct end *to,
     struct error *err)
{
    const char *path = target (c, to, from->path);
    CLEANUP_FREE char *real = realpath (path, NULL);
    const char *final = real ? real : path;
    const char *part = arena_format (&c->h.arena, "%s.part", final);
    CLEANUP_CLOSE int fd = -1;
    struct stat st;
    bool there = stat (final, &st) == 0;

    if (there && !S_ISREG (st.st_mode)) {
        fd = open (final, O_WRONLY | O_CLOEXEC);
        return fd < 0 ? fail (err, errno, "cannot open %s: %m", path)
                      : agent_file_get (&c->h, from->vm, from->path, fd, path,
                                        err);
    }
    fd = open (part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0) {
        return fail (err, errno, "cannot create %s: %m", part);
    }
    if (agent_file_get (&c->h, from->vm, from->path, fd, path, err) == 0
        && ((there && fchmod (fd, st.st_mode & 0777) < 0)
            || rename (part, final) < 0)) {
        fail (err, errno, "cannot write %s: %m", path);
    }
    if (err->code) {
        unlink (part);
    }
    return -err->code;
}

static int
check (const struct end *from, const struct end *to, struct error *err)
{
    const struct end *guest = from->vm ? from : to;

    if (!from->vm == !to->vm) {
        return fail_exit (err, EXIT_USAGE, EINVAL,
                          from->vm
                              ? "copies between two VMs take two steps: to a "
                                "file of this host, and from it"
                              : "neither is a file of a VM, NAME:PATH");
    }
    if (!*from->path || !*to->path) {
        return fail_exit (err, EXIT_USAGE, EINVAL, "an empty path");
    }
    return name_validate ("VM", guest->vm, err);
}

int
cmd_cp (struct cli *c)
{
    struct end from, to;
    int rc;

    if (c->args.n != 2) {
        usage_error (c);
        return report (c);
    }
    from = parse (c, c->args.p[0]);
    to = parse (c, c->args.p[1]);
    rc = check (&from, &to, &c->err);
    if (rc == 0) {
        rc = from.vm ? get (c, &from, &to, &c->err)
                     : put (c, &from, &to, &c->err);
    }
    if (rc < 0) {
        return report (c);
    }
    if (c->json) {
        struct json_object *o = json_object_new_object ();

        json_put_text_or_null (o, "name", from.vm ? from.vm : to.vm);
        json_put_text_or_null (o, "from", c->args.p[0]);
        json_put_text_or_null (o, "to", c->args.p[1]);
        document_print (c, o);
    }
    return EXIT_OK;
}
