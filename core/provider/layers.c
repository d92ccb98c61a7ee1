/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/provider/layers.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/hash.h"
#include "common/qcow2.h"
#include "common/size.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/config/host.h"

#define NS INT64_C (1000000000)
#define SAMPLE ((size_t)1 << 20) /* Its header is in the first. */

/* If the first four are unchanged, nobody has touched the file, which is cheap
 * to check; otherwise the others show whether it is another image. */
struct layer {
    const char *path, *format;
    int64_t device, inode, modified;
    int64_t size, guest_size;
    const char *hash;
};

static const char *
layers_dir (struct hvctl *h)
{
    return arena_format (&h->arena, "%s/layers", h->host->state_dir);
}

/* A volume, which may be a disk of several VMs, has one record; an image has
 * one for each VM. */
static const char *
path_of (struct hvctl *h, const char *vm, const struct hv_volume *vol)
{
    return vol->pool ? arena_format (&h->arena, "%s/%s@%s", layers_dir (h),
                                     vol->pool, vol->name)
                     : arena_format (&h->arena, "%s/%s@@%s", layers_dir (h), vm,
                                     vol->name);
}

static bool
look (const char *path, struct layer *out, int *fd)
{
    struct stat st;

    *fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (*fd < 0 || fstat (*fd, &st) < 0) {
        return false;
    }
    out->path = path;
    out->device = (int64_t)st.st_dev;
    out->inode = (int64_t)st.st_ino;
    out->modified = st.st_mtim.tv_sec * NS + st.st_mtim.tv_nsec;
    out->size = lseek (*fd, 0, SEEK_END);
    return true;
}

/* FNV-1a, 64 bits: to distinguish images, not to detect forgeries. */
static uint64_t
sample (int fd, off_t from, uint64_t hash)
{
    CLEANUP_FREE unsigned char *part = xalloc (SAMPLE);
    ssize_t n = pread (fd, part, SAMPLE, from);

    return n > 0 ? hash_bytes (hash, part, (size_t)n) : hash;
}

static void
identify (struct hvctl *h, int fd, const char *format, struct layer *out)
{
    off_t last = out->size > (off_t)SAMPLE ? out->size - (off_t)SAMPLE : 0;
    char reason[QCOW2_REASON];
    struct qcow2_header header;

    out->format = format;
    out->guest_size = out->size;
    if (!strcmp (format, "qcow2") && qcow2_read (fd, &header, reason)) {
        out->guest_size = (int64_t)header.size;
    }
    out->hash = arena_format (&h->arena, "%016" PRIx64,
                              sample (fd, last, sample (fd, 0, HASH_START)));
}

static void
read_layers (struct hvctl *h, const char *file, struct vec *out)
{
    struct json_object *o = json_read (file), *list = NULL;
    size_t n = 0;

    if (json_object_object_get_ex (o, "layers", &list)
        && json_object_is_type (list, json_type_array)) {
        n = json_object_array_length (list);
    }
    for (size_t i = 0; i < n; i++) {
        struct json_object *item = json_object_array_get_idx (list, i);
        struct layer *l = arena_alloc (&h->arena, sizeof *l);

        l->path = json_get_text (&h->arena, item, "path");
        l->format = json_get_text (&h->arena, item, "format");
        l->hash = json_get_text (&h->arena, item, "hash");
        l->device = json_get_number (item, "device");
        l->inode = json_get_number (item, "inode");
        l->modified = json_get_number (item, "modified");
        l->size = json_get_number (item, "size");
        l->guest_size = json_get_number (item, "guest_size");
        if (l->path && l->format && l->hash) {
            vec_add (&h->arena, out, l);
        }
    }
    json_object_put (o);
}

static struct json_object *
layers_json (const struct vec *layers)
{
    struct json_object *o = json_object_new_object ();
    struct json_object *list = json_object_new_array ();

    for (size_t i = 0; i < layers->n; i++) {
        const struct layer *l = layers->p[i];
        struct json_object *item = json_object_new_object ();

        json_put_text (item, "path", l->path);
        json_put_text (item, "format", l->format);
        json_put_text (item, "hash", l->hash);
        json_put_number (item, "device", l->device);
        json_put_number (item, "inode", l->inode);
        json_put_number (item, "modified", l->modified);
        json_put_number (item, "size", l->size);
        json_put_number (item, "guest_size", l->guest_size);
        json_object_array_add (list, item);
    }
    json_object_object_add (o, "layers", list);
    return o;
}

/* Whoever removes the last one removes the directory. */
static void
remove_layers (struct hvctl *h, const char *file)
{
    unlink (file);
    rmdir (layers_dir (h));
}

/* Written without a temporary file: a killed process would leave it behind, and
 * others, who read all files there, would take it for a record.  An incomplete
 * file counts as none. */
static int
write_whole (const char *file, struct json_object *o, struct error *err)
{
    const char *text =
        json_object_to_json_string_ext (o, JSON_C_TO_STRING_PLAIN);
    CLEANUP_CLOSE int fd = open (
        file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    ssize_t size = (ssize_t)strlen (text);

    if (fd < 0 || write (fd, text, (size_t)size) != size) {
        fail (err, errno, "cannot write %s: %m", file);
    }
    json_object_put (o);
    return -err->code;
}

static void
write_layers (struct hvctl *h, const char *file, const struct vec *layers)
{
    struct error err = { 0 };

    if (!layers->n) {
        remove_layers (h, file);
        return;
    }
    for (int tries = 0; tries < 2; tries++) {
        err = (struct error){ 0 };
        if (file_make_dirs (layers_dir (h), 0700, &err) < 0
            || write_whole (file, layers_json (layers), &err) == 0
            || err.code != ENOENT) {
            break;
        }
    }
    if (err.code) {
        hvctl_warn ("a replaced backing file will not be noticed: %s",
                    err.text);
    }
}

static struct layer *
find (const struct vec *layers, const char *path)
{
    for (size_t i = 0; i < layers->n; i++) {
        if (!strcmp (((struct layer *)layers->p[i])->path, path)) {
            return layers->p[i];
        }
    }
    return NULL;
}

static bool
is_untouched (const struct layer *then, const struct layer *now)
{
    return then->device == now->device && then->inode == now->inode
           && then->modified == now->modified && then->size == now->size;
}

static bool
is_same_image (const struct layer *then, const struct layer *now)
{
    return then->size == now->size && then->guest_size == now->guest_size
           && !strcmp (then->format, now->format)
           && !strcmp (then->hash, now->hash);
}

static int
is_another (const char *file, const struct layer *then, const struct layer *now,
            struct error *err)
{
    char a[32], b[32];

    return fail_exit (
        err, EXIT_CONFIG, ESTALE,
        "its backing file %s has been replaced by another image (it was %s, "
        "with a guest size of %s; now %s), which does not match the guest's "
        "data: put the former image back, or, if the change is intended, "
        "remove %s",
        now->path, then->format,
        format_size ((uint64_t)then->guest_size, a, sizeof a),
        then->guest_size == now->guest_size
            ? "with other contents"
            : format_size ((uint64_t)now->guest_size, b, sizeof b),
        file);
}

/* Adds the layers below the top one as they are now: with the hash of 'file' if
 * they are untouched, else without one; '*changed' tells whether there are any
 * of these.  Fails if one is another image. */
static int
look_below (struct hvctl *h, const char *file,
            const struct hv_layer *const *layers, struct vec *below,
            bool *changed, struct error *err)
{
    struct vec known = { 0 };

    read_layers (h, file, &known);
    for (size_t k = 1; layers[0] && layers[k]; k++) {
        struct layer *then = find (&known, layers[k]->path);
        struct layer *now = arena_alloc (&h->arena, sizeof *now);
        CLEANUP_CLOSE int fd = -1;

        if (!look (layers[k]->path, now, &fd)) {
            continue;
        }
        if (then && is_untouched (then, now)) {
            vec_add (&h->arena, below, then);
            continue;
        }
        now->format = layers[k]->format;
        *changed = true;
        vec_add (&h->arena, below, now);
        if (then) {
            identify (h, fd, now->format, now);
        }
        if (then && !is_same_image (then, now)) {
            return is_another (file, then, now, err);
        }
    }
    *changed |= known.n != below->n;
    return 0;
}

static void
write_identified (struct hvctl *h, const char *file, const struct vec *below)
{
    for (size_t i = 0; i < below->n; i++) {
        struct layer *l = below->p[i];
        CLEANUP_CLOSE int fd = -1;

        if (!l->hash && look (l->path, l, &fd)) {
            identify (h, fd, l->format, l);
        }
    }
    write_layers (h, file, below);
}

int
layers_check (struct hvctl *h, const char *vm, const struct hv_volume *vol,
              const struct hv_layer *const *layers, struct vec *below,
              bool *changed, struct error *err)
{
    *below = (struct vec){ 0 };
    return layers[1] ? look_below (h, path_of (h, vm, vol), layers, below,
                                   changed, err)
                     : 0;
}

void
layers_note (struct hvctl *h, const char *vm, const struct hv_volume *vol,
             const struct vec *below)
{
    write_identified (h, path_of (h, vm, vol), below);
}

int
layers_check_volume (struct hvctl *h, const struct hv_volume *vol,
                     const struct hv_chain *chain, struct error *err)
{
    struct vec below = { 0 };
    bool changed = false;

    return look_below (h, path_of (h, NULL, vol),
                       (const struct hv_layer *const *)chain->layers.p, &below,
                       &changed, err);
}

void
layers_made (struct hvctl *h, const struct hv_volume *vol,
             const struct hv_chain *chain)
{
    const char *file = path_of (h, NULL, vol);
    struct vec below = { 0 };
    struct error ignored = { 0 };
    bool changed = false;

    unlink (file); /* A record of an earlier volume of that name. */
    look_below (h, file, (const struct hv_layer *const *)chain->layers.p,
                &below, &changed, &ignored);
    if (changed) {
        write_identified (h, file, &below);
    }
}

/* Was it touched, and is it a layer of the chain? */
static bool
was_changed (const struct layer *then, const struct hv_chain *chain)
{
    struct layer now = { 0 };
    CLEANUP_CLOSE int fd = -1;
    bool in_it = false;

    for (size_t k = 0; k < chain->layers.n; k++) {
        const struct hv_layer *layer = chain->layers.p[k];

        in_it |= !strcmp (layer->path, then->path);
    }
    return in_it
           && !(look (then->path, &now, &fd) && is_untouched (then, &now));
}

static void
forget_changed (struct hvctl *h, const char *file, const struct hv_chain *chain)
{
    struct vec known = { 0 }, left = { 0 };

    read_layers (h, file, &known);
    for (size_t i = 0; i < known.n; i++) {
        if (!was_changed (known.p[i], chain)) {
            vec_add (&h->arena, &left, known.p[i]);
        }
    }
    if (left.n != known.n) {
        write_layers (h, file, &left);
    }
}

void
layers_changed (struct hvctl *h, const struct hv_chain *chain)
{
    struct vec names = { 0 };

    file_names (&h->arena, layers_dir (h), &names);
    for (size_t i = 0; i < names.n; i++) {
        forget_changed (h,
                        arena_format (&h->arena, "%s/%s", layers_dir (h),
                                      (const char *)names.p[i]),
                        chain);
    }
}

void
layers_users (struct hvctl *h, const char *path, struct vec *out)
{
    struct vec names = { 0 };

    file_names (&h->arena, layers_dir (h), &names);
    for (size_t i = 0; i < names.n; i++) {
        struct vec known = { 0 };

        read_layers (h,
                     arena_format (&h->arena, "%s/%s", layers_dir (h),
                                   (const char *)names.p[i]),
                     &known);
        if (find (&known, path)) {
            vec_add (&h->arena, out, names.p[i]);
        }
    }
}

void
layers_forget (struct hvctl *h, const struct hv_volume *vol)
{
    remove_layers (h, path_of (h, NULL, vol));
}

/* Adds the names of the records of the VM's images. */
static void
names_of_vm (struct hvctl *h, const char *vm, struct vec *out)
{
    const char *prefix = arena_format (&h->arena, "%s@@", vm);
    struct vec names = { 0 };

    file_names (&h->arena, layers_dir (h), &names);
    for (size_t i = 0; i < names.n; i++) {
        if (!strncmp (names.p[i], prefix, strlen (prefix))) {
            vec_add (&h->arena, out, names.p[i]);
        }
    }
}

int
layers_rename_vm (struct hvctl *h, const char *vm, const char *to,
                  struct error *err)
{
    struct vec names = { 0 };

    names_of_vm (h, vm, &names);
    for (size_t i = 0; i < names.n; i++) {
        const char *name = names.p[i], *disk = strstr (name, "@@");
        const char *file =
            arena_format (&h->arena, "%s/%s", layers_dir (h), name);

        if (rename (file, arena_format (&h->arena, "%s/%s%s", layers_dir (h),
                                        to, disk))
            < 0) {
            return fail (err, errno, "cannot rename %s: %m", file);
        }
    }
    return 0;
}

void
layers_forget_vm (struct hvctl *h, const char *vm)
{
    struct vec names = { 0 };

    names_of_vm (h, vm, &names);
    for (size_t i = 0; i < names.n; i++) {
        remove_layers (h, arena_format (&h->arena, "%s/%s", layers_dir (h),
                                        (const char *)names.p[i]));
    }
}
