/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What probes found, cached until the program, the plugin, /dev/kvm or the
 * boot changes: no start asks a hypervisor what it can do. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/host.h"
#include "core/json.h"
#include "core/plan.h"
#include "core/state.h"

static const char *
identity (struct hvctl *h, const struct plugin *p, const char *program)
{
    struct stat bin = { 0 }, kvm = { 0 };

    stat (program, &bin);
    stat ("/dev/kvm", &kvm);
    return arena_format (&h->arena,
                         "%s %s:%" PRIu64 ":%" PRIu64 ":%" PRIu64 ".%09ld "
                         "kvm:%o:%u:%u:%" PRIu64 " %s",
                         p->info.version, program, (uint64_t)bin.st_ino,
                         (uint64_t)bin.st_size, (uint64_t)bin.st_mtim.tv_sec,
                         bin.st_mtim.tv_nsec, kvm.st_mode, kvm.st_uid,
                         kvm.st_gid, (uint64_t)kvm.st_rdev, PACKAGE_VERSION);
}

static struct json_object *
read_cache (const char *path, const char *id)
{
    struct json_object *o = json_read (path);
    struct json_object *known, *facts = NULL;

    if (o && json_object_object_get_ex (o, "identity", &known)
        && json_object_is_type (known, json_type_string)
        && !strcmp (json_object_get_string (known), id)
        && json_object_object_get_ex (o, "facts", &facts)
        && json_object_is_type (facts, json_type_object)) {
        json_object_get (facts);
    } else {
        facts = NULL;
    }
    json_object_put (o);
    return facts;
}

/* The cache only saves time: that it can not be written is no error. */
static void
write_cache (struct hvctl *h, const char *path, const char *id,
             struct json_object *facts)
{
    struct json_object *o = json_object_new_object ();
    struct error ignored = { 0 };

    json_object_object_add (o, "identity", json_object_new_string (id));
    json_object_object_add (o, "facts", json_object_get (facts));
    make_dirs (facts_dir (h), 0700, &ignored);
    if (json_write (path, o, &ignored) < 0) {
        hvctl_debug (h, "facts are not kept: %s", ignored.text);
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

const char *
facts_dir (struct hvctl *h)
{
    return arena_format (&h->arena, "%s/facts", h->host->run_dir);
}

int
facts_load (struct hvctl *h, struct plugin *p, const char *arch,
            const char *program, struct error *err)
{
    const char *path =
        arena_format (&h->arena, "%s/%s-%s.json", facts_dir (h), p->name, arch);
    const char *id = identity (h, p, program);

    json_object_put (p->facts);
    p->facts = read_cache (path, id);
    if (p->facts || !h->changes) {
        return 0;
    }
    p->facts = probe (h, p, arch, program, err);
    if (!p->facts) {
        return -err->code;
    }
    write_cache (h, path, id, p->facts);
    return 0;
}
