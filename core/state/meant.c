/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/state/meant.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "common/compat.h"
#include "common/hash.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/provider/services.h"
#include "core/provider/storage.h"

#define NS INT64_C (1000000000)
#define NO_FILE "none"

/* Inode numbers are reused soon, and not every file system has birth times:
 * together they identify a file.  Device numbers may change at a boot, so they
 * are left out, as are device nodes, and links to them. */
struct file {
    int64_t inode, born, modified, size;
};

static bool
look (const char *path, struct file *out)
{
    const unsigned mask = STATX_BASIC_STATS | STATX_BTIME;
    struct stat target;
    struct statx st;

    if (statx (AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, mask, &st) < 0
        || stat (path, &target) < 0 || !S_ISREG (target.st_mode)) {
        return false;
    }
    *out = (struct file){
        .inode = (int64_t)st.stx_ino,
        .modified = st.stx_mtime.tv_sec * NS + st.stx_mtime.tv_nsec,
        .size = (int64_t)st.stx_size,
    };
    if (st.stx_mask & STATX_BTIME) {
        out->born = st.stx_btime.tv_sec * NS + st.stx_btime.tv_nsec;
    }
    return true;
}

void
meant_file (struct json_object *entry, const char *path)
{
    struct json_object *o;
    struct file f;

    if (!look (path, &f)) {
        return;
    }
    o = json_object_new_object ();
    json_put_text (o, "path", path);
    json_put_number (o, "inode", f.inode);
    json_put_number (o, "born", f.born);
    json_put_number (o, "modified", f.modified);
    json_put_number (o, "size", f.size);
    json_object_object_add (entry, "meant", o);
}

void
meant_volume (struct json_object *entry, struct plugin *p,
              const struct hv_volume *vol)
{
    struct hv_chain chain = { 0 };
    struct hv_volume_info info = { 0 };
    struct error ignored = { 0 };

    if (storage_chain (p, vol, &chain, &info, &ignored) == 0
        && chain.layers.n) {
        meant_file (entry, ((struct hv_layer *)chain.layers.p[0])->path);
    }
}

const char *
meant_other (struct hvctl *h, struct json_object *entry, bool written)
{
    struct json_object *o = NULL;
    const char *path;
    struct file f;

    if (!json_object_object_get_ex (entry, "meant", &o)) {
        return NULL;
    }
    path = json_get_text (&h->arena, o, "path");
    if (!path || !look (path, &f)) {
        return NULL;
    }
    return f.inode != json_get_number (o, "inode")
                   || f.born != json_get_number (o, "born")
                   || (written
                       && (f.modified != json_get_number (o, "modified")
                           || f.size != json_get_number (o, "size")))
               ? path
               : NULL;
}

const char *
meant_text (struct hvctl *h, const char *text)
{
    return text ? arena_format (&h->arena, "%016" PRIx64,
                                hash_bytes (HASH_START, text, strlen (text)))
                : NO_FILE;
}

bool
meant_other_text (struct hvctl *h, const char *path, const char *was)
{
    CLEANUP_FREE char *now = file_read (path);

    return !was                     ? false
           : now || errno == ENOENT ? strcmp (meant_text (h, now), was) != 0
                                    : true; /* It could be read then. */
}
