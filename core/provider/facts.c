/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Caches the results of probing until something changes that they depend on, so
 * that a start need not probe a hypervisor.  host-facts.c has the host's
 * part. */
#include "core/provider/facts.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/facts.h"
#include "common/size.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/config/host.h"
#include "core/provider/host-facts.h"
#include "core/provider/hypervisor.h"
#include "core/provider/services.h"

static const char *
file_identity (struct arena *a, const char *path)
{
    struct stat st = { 0 };

    stat (path, &st);
    return facts_file_identity (a, path, &st);
}

static const char *
identity (struct hvctl *h, const struct plugin *p, const char *program)
{
    struct arena *a = &h->arena;

    return arena_format (a, "hvctl %s; %s %s; program %s; %s", PACKAGE_VERSION,
                         p->info.version, file_identity (a, p->path),
                         file_identity (a, program), host_conditions (a));
}

static const char *
cache_path (struct hvctl *h, const struct plugin *p, const char *arch)
{
    return arena_format (&h->arena, "%s/%s-%s.json", facts_dir (h), p->name,
                         arch);
}

/* Seconds since the host was booted, as the facts are. */
static int64_t
uptime (void)
{
    struct timespec now;

    clock_gettime (CLOCK_BOOTTIME, &now);
    return now.tv_sec;
}

static struct json_object *
read_cache (const char *path, const char *id)
{
    struct json_object *o = json_read (path);
    struct json_object *known, *facts = NULL;
    uint64_t until = o ? (uint64_t)json_get_number (o, "until") : 0;

    if (o && json_object_object_get_ex (o, "identity", &known)
        && json_object_is_type (known, json_type_string)
        && !strcmp (json_object_get_string (known), id)
        && (!until || uptime () < (int64_t)until)
        && json_object_object_get_ex (o, "facts", &facts)
        && json_object_is_type (facts, json_type_object)) {
        json_object_get (facts);
    } else {
        facts = NULL;
    }
    json_object_put (o);
    return facts;
}

/* A failed probe is reported by commands that do not probe, and repeated by the
 * others. */
static int
read_failure (const char *path, const char *id, struct error *err)
{
    struct json_object *o = json_read (path);
    struct json_object *known, *text = NULL;

    if (o && json_object_object_get_ex (o, "identity", &known)
        && json_object_is_type (known, json_type_string)
        && !strcmp (json_object_get_string (known), id)
        && json_object_object_get_ex (o, "failed", &text)) {
        fail (err, (int)json_get_number (o, "errno"), "%s",
              json_object_get_string (text));
    }
    json_object_put (o);
    return -err->code;
}

static void
write_failure (struct hvctl *h, const char *path, const char *id,
               const struct error *why)
{
    struct json_object *o = json_object_new_object ();
    struct error ignored = { 0 };

    json_object_object_add (o, "identity", json_object_new_string (id));
    json_put_text (o, "failed", why->text);
    json_put_number (o, "errno", why->code);
    file_make_dirs (facts_dir (h), 0700, &ignored);
    json_write (path, o, &ignored);
}

/* The maximum time for which a plugin allows facts to be cached; 0: no
 * limit. */
static uint64_t
keep_seconds (struct json_object *facts)
{
    struct json_object *value;
    uint64_t n = 0;

    return json_object_object_get_ex (facts, FACT_KEEP_SECONDS, &value)
                   && parse_uint (json_object_get_string (value), &n)
               ? n
               : 0;
}

/* The cache only saves time, so a failure to write it is not an error. */
static void
write_cache (struct hvctl *h, const char *path, const char *id,
             struct json_object *facts)
{
    struct json_object *o = json_object_new_object ();
    struct error ignored = { 0 };
    uint64_t keep = keep_seconds (facts);

    json_object_object_add (o, "identity", json_object_new_string (id));
    if (keep) {
        json_put_number (o, "until", uptime () + (int64_t)keep);
    }
    json_object_object_add (o, "facts", json_object_get (facts));
    file_make_dirs (facts_dir (h), 0700, &ignored);
    if (json_write (path, o, &ignored) < 0) {
        hvctl_debug (h, "the results of probing cannot be cached: %s",
                     ignored.text);
    }
}

static struct json_object *
probe (struct hvctl *h, struct plugin *p, const char *arch, const char *program,
       struct error *err)
{
    struct hv_list list = { 0 };
    struct json_object *facts;

    if (hypervisor_probe (p, arch, program, &list, err) < 0) {
        return NULL;
    }
    facts = json_object_new_object ();
    for (size_t i = 0; i < list.entries.n; i++) {
        const struct list_entry *e = list.entries.p[i];

        json_object_object_add (
            facts, e->name,
            json_object_new_string (e->detail ? e->detail : ""));
    }
    return facts;
}

/* The time of the change of its inode cannot be set: so a file whose content
 * was replaced, and its time set back, is another one, too. */
const char *
facts_file_identity (struct arena *a, const char *path, const struct stat *st)
{
    return arena_format (a,
                         "%s:%" PRIu64 ":%" PRIu64 ":%" PRIu64 ":%" PRIu64
                         ".%09ld:%" PRIu64 ".%09ld",
                         path, (uint64_t)st->st_dev, (uint64_t)st->st_ino,
                         (uint64_t)st->st_size, (uint64_t)st->st_mtim.tv_sec,
                         st->st_mtim.tv_nsec, (uint64_t)st->st_ctim.tv_sec,
                         st->st_ctim.tv_nsec);
}

const char *
facts_dir (struct hvctl *h)
{
    return arena_format (&h->arena, "%s/facts", h->host->run_dir);
}

int
facts_load (struct hvctl *h, struct plugin *p, const char *arch,
            const char *program, struct error *err)
{
    const char *of = arena_format (&h->arena, "%s %s", arch, program);
    const char *path, *id;

    /* A command that only looks asks once: plans of a hundred VMs would read
     * the same file a hundred times. */
    if (!h->changes && p->facts_of && !strcmp (p->facts_of, of)) {
        return 0;
    }
    path = cache_path (h, p, arch);
    id = identity (h, p, program);
    json_object_put (p->facts);
    p->facts = read_cache (path, id);
    p->facts_of = NULL;
    if (p->facts || !h->changes) {
        p->facts_of = p->facts || read_failure (path, id, err) == 0 ? of : NULL;
        return -err->code;
    }
    p->facts = probe (h, p, arch, program, err);
    if (!p->facts) {
        if (err->code != EINTR && err->code != ETIMEDOUT) {
            write_failure (h, path, id, err);
        }
        return -err->code;
    }
    write_cache (h, path, id, p->facts);
    return 0;
}

bool
facts_were_wrong (struct hvctl *h, struct plugin *p, const char *arch,
                  const char *program)
{
    struct json_object *before = json_object_get (p->facts);
    struct error err = { 0 };
    bool wrong;

    unlink (cache_path (h, p, arch));
    wrong = facts_load (h, p, arch, program, &err) < 0
            || !json_object_equal (before, p->facts);
    if (err.code) {
        hvctl_debug (h, "%s: its capabilities cannot be probed: %s", p->name,
                     err.text);
    }
    json_object_put (before);
    return wrong;
}
