/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The output of zfs is untrusted: it may be any version, translated, or
 * incomplete. It is only given names that we have checked, and no name begins
 * with '-', so that none is an option. */
#include "plugins/storage-zfs/zfs.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/size.h"

enum {
    LIMIT = 30000,      /* Of one run. */
    BUSY_LIMIT = 5000,  /* Of all runs, if it is busy. */
    BUSY_FIRST = 20,    /* The first wait; each is twice the one before... */
    BUSY_LONGEST = 500, /* ...up to this one. */
    STALL = 600000,     /* For a stream without progress: a user may have to
                         * type a password at the other end. */
};

/* ------------------------------------------------------------- Failures */

int
zfs_open (struct hv_ctx *ctx)
{
    ctx->self = hv_alloc (ctx, sizeof (struct zfs_failure));
    return 0;
}

int
zfs_fail (struct hv_ctx *ctx, int error, const char *fmt, ...)
{
    CLEANUP_FREE char *text = NULL;
    struct zfs_failure *last = ctx->self;
    va_list args;

    va_start (args, fmt);
    if (vasprintf (&text, fmt, args) < 0) {
        text = NULL;
    }
    va_end (args);
    *last = (struct zfs_failure){ error > 0 ? error : EIO,
                                  hv_format (ctx, "%s",
                                             text ? text : "out of memory") };
    return hv_fail (ctx, last->error, "%s", last->message);
}

struct zfs_failure
zfs_last (struct hv_ctx *ctx)
{
    return *(const struct zfs_failure *)ctx->self;
}

void
zfs_repeat (struct hv_ctx *ctx, const struct zfs_failure *failure)
{
    if (failure->message) {
        zfs_fail (ctx, failure->error, "%s", failure->message);
    }
}

/* ----------------------------------------------------------- Running it */

/* Error messages of zfs, and their meaning.  They have been the same since 2008
 * (libzfs_util.c, libzfs_error_description()). */
static const struct {
    const char *words;
    int error;
    const char *advice;
} causes[] = {
    { "parent does not exist", ENOTDIR, NULL },
    { "no such pool", ENOTDIR, NULL },
    { "does not exist", ENOENT, NULL },
    { "already exists", EEXIST, NULL },
    { "out of space", ENOSPC, "make room in its pool, or enlarge it" },
    { "No space left", ENOSPC, "make room in its pool, or enlarge it" },
    { "quota exceeded", EDQUOT, "raise the quota, or make room" },
    { "dependent clone", EBUSY, NULL },
    { "has children", EBUSY, NULL },
    { "more recent snapshots", EBUSY, NULL },
    { "has been modified", EBUSY,
      "revert to its newest snapshot first, if the changes are not needed "
      "(hvctl volume revert)" },
    { "busy", EBUSY, NULL },
    { "permission denied", EACCES, NULL },
    { "mounted by root", EACCES, NULL },
    { "suspended", EIO, "see 'zpool status'" },
    { "I/O error", EIO, "see 'zpool status'" },
    { "backup stream", EINVAL, "it is damaged or truncated" },
    { "incomplete stream", EINVAL, "it is truncated" },
    { "checksum mismatch", EINVAL, "it is damaged" },
    { "invalid stream", EINVAL, "it is damaged" },
    { "unsupported feature", ENOTSUP, "a newer ZFS has sent it" },
    { "key not loaded", EACCES, "see 'zfs load-key'" },
    { "must be loaded", EACCES, "see 'zfs load-key'" },
    { "read-only", EROFS, NULL },
    { "daemon is running", ENODEV, NULL },
    { "modules are not loaded", ENODEV, NULL },
    { "modules cannot be", ENODEV, NULL },
};

/* Removes hvctl's prefix from the message of a failed program: "zfs failed with
 * status 1: ". */
static const char *
own_words (struct hv_ctx *ctx, const char *text)
{
    const char *colon = strstr (text, ": ");
    size_t len;

    if (!strncmp (text, "zfs failed", 10) && colon) {
        text = colon + 2;
    }
    len = strlen (text);
    while (len && strchr (". \n", text[len - 1])) {
        len--;
    }
    return hv_format (ctx, "%.*s", (int)len, text);
}

/* Turns the failure of a program into a specific error. */
static int
judge (struct hv_ctx *ctx, int r, const char *out)
{
    const char *words = out ? own_words (ctx, out) : NULL;

    if (r == -ENOENT) {
        return zfs_fail (ctx, ENOPKG,
                         "the program zfs is missing: install zfsutils-linux "
                         "(or zfs-fuse)");
    }
    if (r != -EIO || !words) {
        /* It timed out, and the message says so. */
        return words ? zfs_fail (ctx, -r, "%s", words) : r;
    }
    for (size_t i = 0; i < ARRAY_SIZE (causes); i++) {
        if (strstr (words, causes[i].words)) {
            return zfs_fail (ctx, causes[i].error, "%s%s%s", words,
                             causes[i].advice ? ": " : "",
                             causes[i].advice ? causes[i].advice : "");
        }
    }
    return zfs_fail (ctx, EIO, "%s", words);
}

static int64_t
limit (struct hv_ctx *ctx)
{
    int64_t left = hv_remaining (ctx);

    return left < 1 ? 1 : left > LIMIT ? LIMIT : left;
}

bool
zfs_wait (struct hv_ctx *ctx, int64_t ms)
{
    int64_t left = hv_remaining (ctx);

    poll (NULL, 0, (int)(left < ms ? left : ms));
    return hv_remaining (ctx) > 0;
}

static int
run_once (struct hv_ctx *ctx, const char *const *argv, int64_t timeout,
          bool *busy)
{
    const struct hv_program program = { .size = sizeof program,
                                        .argv = argv,
                                        .timeout = timeout };
    const char *out = NULL;
    int r = hv_run (ctx, &program, &out);

    if (r == 0) {
        return 0;
    }
    r = judge (ctx, r, out);
    *busy = r == -EBUSY && out && strstr (out, "busy");
    return r;
}

int
zfs_run (struct hv_ctx *ctx, const char *const *argv)
{
    int64_t delay = BUSY_FIRST, waited = 0;
    bool busy = false;
    int r = run_once (ctx, argv, limit (ctx), &busy);

    while (busy && waited < BUSY_LIMIT && zfs_wait (ctx, delay)) {
        waited += delay;
        delay = delay < BUSY_LONGEST / 2 ? 2 * delay : BUSY_LONGEST;
        busy = false;
        r = run_once (ctx, argv, limit (ctx), &busy);
    }
    return r;
}

int
zfs_stream (struct hv_ctx *ctx, const char *const *argv, int out,
            const char *head, size_t head_size, int in)
{
    const struct hv_program program = { .size = sizeof program,
                                        .argv = argv,
                                        .timeout = STALL,
                                        .input = head,
                                        .input_size = head_size,
                                        .input_fd = in < 0 ? NULL : &in,
                                        .output_fd = out < 0 ? NULL : &out };
    const char *words = NULL;
    int r = hv_run (ctx, &program, &words);

    return r < 0 ? judge (ctx, r, words) : 0;
}

/* Even if the time is up, or hvctl was interrupted, this is done. */
void
zfs_undo (struct hv_ctx *ctx, const char *dataset)
{
    const char *const argv[] = { "zfs", "destroy", dataset, NULL };
    const struct hv_program program = { .size = sizeof program,
                                        .argv = argv,
                                        .timeout = LIMIT };
    const struct zfs_failure failure = zfs_last (ctx);
    const char *out = NULL;
    int r = -EBUSY;

    for (int64_t waited = 0; r < 0 && waited < BUSY_LIMIT;
         waited += BUSY_LONGEST / 5) {
        if (waited) {
            poll (NULL, 0, BUSY_LONGEST / 5);
        }
        out = NULL;
        r = hv_run (ctx, &program, &out);
        if (r < 0 && (!out || !strstr (out, "busy"))) {
            break;
        }
    }
    if (r < 0 && !(out && strstr (out, "does not exist"))) {
        hv_log (ctx, HV_WARNING, "%s is left behind: %s", dataset,
                out ? own_words (ctx, out) : "zfs cannot destroy it");
    }
    zfs_repeat (ctx, &failure);
}

/* -------------------------------------------------------------- Reading */

enum kind { TEXT, NUMBER, OURS };

static const struct {
    const char *name;
    enum kind kind;
    size_t offset;
} properties_known[] = {
    { "type", TEXT, offsetof (struct zfs_object, type) },
    { "origin", TEXT, offsetof (struct zfs_object, origin) },
    { "mountpoint", TEXT, offsetof (struct zfs_object, mountpoint) },
    { "mounted", TEXT, offsetof (struct zfs_object, mounted) },
    { "compressratio", TEXT, offsetof (struct zfs_object, ratio) },
    { "defer_destroy", TEXT, offsetof (struct zfs_object, deferred) },
    { ZFS_OWNER, OURS, offsetof (struct zfs_object, owner) },
    { ZFS_MAKER, OURS, offsetof (struct zfs_object, maker) },
    { ZFS_SOURCE, OURS, offsetof (struct zfs_object, source) },
    { "creation", NUMBER, offsetof (struct zfs_object, creation) },
    { "createtxg", NUMBER, offsetof (struct zfs_object, createtxg) },
    { "guid", TEXT, offsetof (struct zfs_object, guid) },
    { "volsize", NUMBER, offsetof (struct zfs_object, volsize) },
    { "referenced", NUMBER, offsetof (struct zfs_object, referenced) },
};

/* Stores one property.  "-" means no value. */
static bool
store (struct zfs_object *o, const char *name, const char *value,
       const char *source)
{
    for (size_t i = 0; i < ARRAY_SIZE (properties_known); i++) {
        void *to = (char *)o + properties_known[i].offset;

        if (strcmp (properties_known[i].name, name) != 0) {
            continue;
        }
        if (!strcmp (value, "-")) {
            return true;
        }
        if (properties_known[i].kind == NUMBER) {
            return parse_uint (value, to);
        }
        if (properties_known[i].kind == TEXT || !strcmp (source, "local")
            || !strcmp (source, "received")) {
            *(const char **)to = value;
        }
        return true;
    }
    return true;
}

/* Splits "NAME\tPROPERTY\tVALUE\tSOURCE", which it changes. */
static bool
split (char *line, char *fields[4])
{
    for (int i = 0; i < 4; i++) {
        char *tab = strchr (line, '\t');

        if (!tab != (i == 3) || (i == 0 && tab == line)) {
            return false;
        }
        if (tab) {
            *tab = '\0';
        }
        fields[i] = line;
        line = tab ? tab + 1 : line;
    }
    return true;
}

static size_t
count_lines (const char *text)
{
    size_t n = 1;

    for (; *text; text++) {
        n += *text == '\n';
    }
    return n;
}

/* All lines of one object follow each other. */
static bool
parse (struct hv_ctx *ctx, const char *text, const char *dataset,
       struct zfs_objects *out)
{
    size_t len = strlen (dataset);
    char *copy = hv_format (ctx, "%s", text), *line, *next = copy;
    struct zfs_object *objects =
        hv_alloc (ctx, count_lines (text) * sizeof *objects);

    *out = (struct zfs_objects){ objects, 0 };
    while ((line = strsep (&next, "\n"))) {
        char *fields[4];

        if (!*line) {
            continue;
        }
        if (!split (line, fields) || strncmp (fields[0], dataset, len) != 0
            || (fields[0][len] && !strchr ("/@#", fields[0][len]))) {
            return false;
        }
        if (!out->n || strcmp (objects[out->n - 1].name, fields[0]) != 0) {
            objects[out->n++].name = fields[0];
        }
        if (!store (&objects[out->n - 1], fields[1], fields[2], fields[3])) {
            return false;
        }
    }
    return out->n && !strcmp (objects[0].name, dataset);
}

static int
get (struct hv_ctx *ctx, const char *properties, const char *dataset,
     bool children, int64_t timeout, struct zfs_objects *out)
{
    const char *const argv[] = { "zfs",
                                 "get",
                                 "-Hp",
                                 "-d",
                                 children ? "1" : "0",
                                 "-o",
                                 "name,property,value,source",
                                 properties,
                                 dataset,
                                 NULL };
    const struct hv_program program = { .size = sizeof program,
                                        .argv = argv,
                                        .timeout = timeout };
    const char *text = NULL;
    int r = hv_ask (ctx, &program, &text);

    if (r < 0) {
        return judge (ctx, r, text);
    }
    if (!text || !parse (ctx, text, dataset, out)) {
        return zfs_fail (
            ctx, EPROTO,
            "the output of 'zfs get -Hp' for '%s' cannot be parsed", dataset);
    }
    return 0;
}

int
zfs_get (struct hv_ctx *ctx, const char *properties, const char *dataset,
         bool children, struct zfs_objects *out)
{
    return get (ctx, properties, dataset, children, limit (ctx), out);
}

int
zfs_get_anyway (struct hv_ctx *ctx, const char *properties, const char *dataset,
                struct zfs_objects *out)
{
    return get (ctx, properties, dataset, true, LIMIT, out);
}

bool
zfs_is (const struct zfs_object *o, const char *owner)
{
    return o->owner && !strcmp (o->owner, owner);
}

int
zfs_get_ours (struct hv_ctx *ctx, const char *properties, const char *dataset,
              const char *owner, bool children, struct zfs_objects *out)
{
    int r = zfs_get (ctx, hv_format (ctx, ZFS_OWNER ",%s", properties), dataset,
                     children, out);

    if (r == 0 && !zfs_is (&out->p[0], owner)) {
        return zfs_fail (
            ctx, EPERM,
            "'%s' was not created by hvctl, which leaves it alone: to let "
            "hvctl manage it, run 'zfs set " ZFS_OWNER "=%s %s'",
            dataset, owner, dataset);
    }
    return r;
}

int
zfs_check_zvols (struct hv_ctx *ctx)
{
    const char *const argv[] = { "zfs", "version", NULL };
    const struct hv_program program = { .size = sizeof program,
                                        .argv = argv,
                                        .timeout = limit (ctx) };
    const char *out = NULL;
    int r = hv_ask (ctx, &program, &out);

    if (r == 0 && out && strstr (out, "zfs-kmod-")) {
        return 0;
    }
    if (r == -ENOENT || r == -ETIMEDOUT) {
        return judge (ctx, r, out);
    }
    return zfs_fail (ctx, ENOTSUP,
                     "ZFS volumes need OpenZFS with its kernel module, but "
                     "this is zfs-fuse or an old version: set 'zvol' to no");
}
