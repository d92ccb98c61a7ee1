/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Files, labels and keys are those of cloud-init's data source NoCloud
 * (doc/rtd/reference/datasources/nocloud.rst). */
#include "core/plan/seed.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/mac.h"
#include "common/member.h"
#include "core/base/digest.h"
#include "core/base/iso9660.h"
#include "core/config/cloud-init.h"
#include "core/config/keys.h"
#include "core/config/settings.h"
#include "core/plan/seed-check.h"
#include "core/state/state.h"

#define LABEL "CIDATA"

struct text {
    const char *bytes; /* With a NUL behind them. */
    size_t size;
};

/* What the files of a seed are made of. */
struct parts {
    struct text user_data, meta_data, network_config;
    struct vec keys;      /* const char * */
    const char *password; /* Its hash, or null. */
};

/* ---------------------------------------------------------------- Reading */

static int
fail_key (struct hvctl *h, const struct cloud_init *c, const char *key,
          struct error *err)
{
    return fail_prefix (err, "%s: cloud_init: %s",
                        settings_where (&h->arena, c->section, key), key);
}

static int
read_part (struct hvctl *h, const struct cloud_init *c, const char *key,
           const char *path, struct text *out, struct error *err)
{
    const char *wrong;

    if (!path) {
        return 0;
    }
    if (seed_check_read (&h->arena, path, &out->bytes, &out->size, err) < 0) {
        return fail_key (h, c, key, err);
    }
    wrong = seed_check_text (&h->arena, key, out->bytes, out->size);
    if (wrong) {
        fail_exit (err, EXIT_CONFIG, EINVAL, "%s %s", path, wrong);
        return fail_key (h, c, key, err);
    }
    return 0;
}

static int
read_keys (struct hvctl *h, const struct cloud_init *c, struct vec *keys,
           struct error *err)
{
    for (size_t i = 0; i < c->ssh_keys.n; i++) {
        const char *one = c->ssh_keys.p[i];

        if (*one != '/') {
            vec_add (&h->arena, keys, (void *)one);
        } else if (seed_check_keys (&h->arena, one, keys, err) < 0) {
            return fail_key (h, c, "ssh_keys", err);
        }
    }
    return 0;
}

static int
read_password (struct hvctl *h, const struct cloud_init *c, const char **out,
               struct error *err)
{
    const char *path = c->password_hash;
    struct text text = { NULL, 0 };

    *out = path;
    if (!path || *path != '/') {
        return 0;
    }
    if (read_part (h, c, "password_hash", path, &text, err) < 0) {
        return -err->code;
    }
    *out = arena_dup_n (&h->arena, text.bytes, strcspn (text.bytes, "\r\n"));
    if (!cloud_init_is_hash (*out)) {
        fail_exit (err, EXIT_CONFIG, EINVAL,
                   "the first line of %s is not the hash of a password that "
                   "cloud-init knows: write it with 'openssl passwd -6 > %s'",
                   path, path);
        return fail_key (h, c, "password_hash", err);
    }
    return 0;
}

static int
read_parts (struct hvctl *h, const struct cloud_init *c, struct parts *out,
            struct error *err)
{
    return read_part (h, c, "user_data", c->user_data, &out->user_data, err) < 0
                   || read_part (h, c, "meta_data", c->meta_data,
                                 &out->meta_data, err)
                          < 0
                   || read_part (h, c, "network_config", c->network_config,
                                 &out->network_config, err)
                          < 0
                   || read_keys (h, c, &out->keys, err) < 0
                   || read_password (h, c, &out->password, err) < 0
               ? -err->code
               : 0;
}

/* ---------------------------------------------------------------- Writing */

/* A string of JSON is one of YAML, too. */
static void
put_quoted (FILE *f, const char *text)
{
    struct json_object *o = json_object_new_string (text);

    fputs (json_object_to_json_string_ext (o, JSON_C_TO_STRING_NOSLASHESCAPE),
           f);
    json_object_put (o);
}

static void
put_value (FILE *f, const char *key, const char *value)
{
    if (value) {
        fprintf (f, "%s: ", key);
        put_quoted (f, value);
        fputc ('\n', f);
    }
}

/* Keys are in the meta-data, where no user-data can replace them. */
static void
put_meta_data (FILE *f, const struct definition *def, const struct parts *parts)
{
    const struct cloud_init *c = def->cloud_init;

    put_value (f, "instance-id", c->instance_id ? c->instance_id : def->uuid);
    put_value (f, "local-hostname", c->hostname);
    if (parts->keys.n) {
        fputs ("public-keys:\n", f);
    }
    for (size_t i = 0; i < parts->keys.n; i++) {
        fputs ("  - ", f);
        put_quoted (f, parts->keys.p[i]);
        fputc ('\n', f);
    }
}

static void
put_config (FILE *f, const struct definition *def, const struct parts *parts)
{
    const struct cloud_init *c = def->cloud_init;

    fputs ("#cloud-config\n", f);
    put_value (f, "user", c->user);
    if (c->user && !strcmp (c->user, "root")) {
        fputs ("disable_root: false\n", f);
    }
    put_value (f, "password", parts->password);
    if (c->password_hash) {
        fputs ("chpasswd:\n  expire: false\n", f);
    }
    if (!c->user && !c->password_hash) {
        fputs ("{}\n", f);
    }
}

/* cloud-init by itself configures one NIC only.  Others may be in networks
 * without DHCP: the boot does not wait for them. */
static void
put_network (FILE *f, const struct definition *def, const struct parts *parts)
{
    (void)parts;
    fputs ("version: 2\nethernets:\n", f);
    for (size_t i = 0; i < def->nics.n; i++) {
        const struct nic_def *n = def->nics.p[i];
        char mac[MAC_TEXT];

        fputs ("  ", f);
        put_quoted (f, n->name);
        fprintf (f, ":\n    match:\n      macaddress: \"%s\"\n",
                 format_mac (n->mac, mac));
        fputs ("    dhcp4: true\n", f);
        if (i > 0) {
            fputs ("    optional: true\n", f);
        }
    }
}

static struct text
text_of (struct hvctl *h, const struct definition *def,
         const struct parts *parts,
         void (*put) (FILE *, const struct definition *, const struct parts *))
{
    struct text out = { "", 0 };
    CLEANUP_FREE char *text = NULL;
    FILE *f = open_memstream (&text, &out.size);

    if (!f) {
        return out;
    }
    put (f, def, parts);
    fclose (f);
    out.bytes = arena_dup (&h->arena, text);
    return out;
}

/* A user's user-data are passed as they are; what is set beside them is
 * vendor-data, which they override. */
static void
make_image (struct hvctl *h, const struct definition *def,
            const struct parts *parts, struct plan_seed *s)
{
    const struct cloud_init *c = def->cloud_init;
    struct text config = text_of (h, def, parts, put_config);
    struct text meta = c->meta_data ? parts->meta_data
                                    : text_of (h, def, parts, put_meta_data);
    struct text user = c->user_data ? parts->user_data : config;
    struct text network = c->network_config ? parts->network_config
                          : def->nics.n > 1
                              ? text_of (h, def, parts, put_network)
                              : (struct text){ "", 0 };
    struct iso9660_file files[ISO9660_FILES] = {
        { "meta-data", meta.bytes, meta.size },
        { "user-data", user.bytes, user.size },
    };
    size_t n = 2;

    if (c->user_data && (c->user || c->password_hash)) {
        files[n++] =
            (struct iso9660_file){ "vendor-data", config.bytes, config.size };
    }
    if (network.size) {
        files[n++] = (struct iso9660_file){ "network-config", network.bytes,
                                            network.size };
    }
    s->image = iso9660_make (&h->arena, LABEL, files, n, &s->size);
}

/* ----------------------------------------------------------------- Values */

/* A digest: neither are secrets shown, nor does anybody want to read these. */
static int
digest_of (struct arena *a, const char *bytes, size_t size, const char **out,
           struct error *err)
{
    struct digest_part part = { bytes, size };
    uint8_t digest[DIGEST_SHA256];
    const char *why, *text = "sha256:";

    if (digest_sha256 (&part, 1, digest, &why) < 0) {
        return fail (err, ENOTSUP, "%s", why);
    }
    for (size_t i = 0; i < 8; i++) {
        text = arena_format (a, "%s%02x", text, digest[i]);
    }
    *out = text;
    return 0;
}

static int
value_of (struct hvctl *h, const struct cloud_init *c, const char *key,
          const struct parts *parts, const char **out, struct error *err)
{
    const char *value = settings_get (c->section, key), *all = "";
    const struct text *text = !strcmp (key, "user_data")   ? &parts->user_data
                              : !strcmp (key, "meta_data") ? &parts->meta_data
                              : !strcmp (key, "network_config")
                                  ? &parts->network_config
                                  : NULL;

    if (!value) {
        return 0;
    }
    if (text) {
        return digest_of (&h->arena, text->bytes, text->size, out, err);
    }
    if (!strcmp (key, "ssh_keys")) {
        for (size_t i = 0; i < parts->keys.n; i++) {
            all = arena_format (&h->arena, "%s%s\n", all,
                                (const char *)parts->keys.p[i]);
        }
        return digest_of (&h->arena, all, strlen (all), out, err);
    }
    if (!strcmp (key, "password_hash")) {
        return digest_of (&h->arena, parts->password, strlen (parts->password),
                          out, err);
    }
    *out = value;
    return 0;
}

static int
note_values (struct hvctl *h, const struct cloud_init *c,
             const struct parts *parts, struct plan_seed *s, struct error *err)
{
    for (size_t i = 0; i < ARRAY_SIZE (s->values); i++) {
        if (value_of (h, c, cloud_init_keys[i].name, parts, &s->values[i], err)
            < 0) {
            return -err->code;
        }
    }
    return 0;
}

struct json_object *
seed_json (const struct plan *plan)
{
    const struct plan_seed *s = plan->seed;
    struct json_object *o;

    if (!s) {
        return NULL;
    }
    o = json_object_new_object ();
    json_put_text_or_null (o, "path", s->layer.path);
    for (size_t i = 0; i < ARRAY_SIZE (s->values); i++) {
        json_put_text_or_null (o, cloud_init_keys[i].name, s->values[i]);
    }
    return o;
}

/* ---------------------------------------------------------------- The disk */

const char *
seed_saved (struct arena *a, const char *dir)
{
    return arena_format (a, "%s/" CLOUD_INIT_FILE, dir);
}

/* A guest that is restored gets the disk that it had, even if the files that it
 * was made from have changed since. */
static bool
find_saved (struct hvctl *h, const struct definition *def, struct plan_seed *s)
{
    struct stat st;

    if (!def->saved || def->cloud_init->seed) {
        return false;
    }
    s->saved = seed_saved (&h->arena, def->saved);
    if (stat (s->saved, &st) < 0) {
        s->saved = NULL;
        return false;
    }
    s->size = (size_t)st.st_size;
    return true;
}

static int
find_ready (struct hvctl *h, const struct cloud_init *c, struct plan_seed *s,
            struct error *err)
{
    return seed_check_ready (c->seed, &s->size, err) < 0
               ? fail_key (h, c, "seed", err)
               : 0;
}

int
seed_make (struct hvctl *h, struct plan *plan, struct error *err)
{
    const struct definition *def = plan->def;
    const struct cloud_init *c = def->cloud_init;
    struct parts parts = { .user_data = { "", 0 } };
    struct error changed = { 0 };
    struct plan_seed *s;
    bool kept;

    if (!c) {
        return 0;
    }
    s = arena_alloc (&h->arena, sizeof *s);
    kept = find_saved (h, def, s);
    if (c->seed && find_ready (h, c, s, err) < 0) {
        return -err->code;
    }
    if (read_parts (h, c, &parts, kept ? &changed : err) < 0
        || note_values (h, c, &parts, s, kept ? &changed : err) < 0) {
        if (!kept) {
            return -err->code;
        }
    }
    if (!c->seed && !kept) {
        make_image (h, def, &parts, s);
    }
    s->layer.path =
        c->seed ? c->seed : seed_saved (&h->arena, state_dir (h, def->name));
    s->layer.format = "raw";
    s->layers[0] = &s->layer;
    s->disk.name = CLOUD_INIT_DISK;
    s->disk.layers = s->layers;
    s->disk.readonly = true;
    s->disk.size = s->size;
    plan->seed = s;
    return 0;
}

void
seed_add (struct hvctl *h, struct plan *plan)
{
    if (plan->seed) {
        vec_add (&h->arena, &plan->disk_views, &plan->seed->disk);
    }
}
