/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/config/definition.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/forward.h"
#include "common/size.h"
#include "core/base/name.h"
#include "core/config/about.h"
#include "core/config/cloud-init.h"
#include "core/config/definition-identity.h"
#include "core/config/host.h"
#include "core/config/keys.h"
#include "core/config/pairs.h"
#include "core/config/problem.h"
#include "core/config/settings.h"

const struct disk_def *
definition_disk (const struct definition *def, const char *name)
{
    for (size_t i = 0; i < def->disks.n; i++) {
        const struct disk_def *d = def->disks.p[i];

        if (!strcmp (d->name, name)) {
            return d;
        }
    }
    return NULL;
}

const struct nic_def *
definition_nic (const struct definition *def, const char *name)
{
    for (size_t i = 0; i < def->nics.n; i++) {
        const struct nic_def *n = def->nics.p[i];

        if (!strcmp (n->name, name)) {
            return n;
        }
    }
    return NULL;
}

int
definition_no_such (const struct definition *def, const char *kind,
                    const char *name, struct error *err)
{
    bool disk = !strcmp (kind, "disk");
    size_t n = disk ? def->disks.n : def->nics.n;
    CLEANUP_FREE const char **names = xalloc ((n + 1) * sizeof *names);
    const char *near;

    for (size_t i = 0; i < n; i++) {
        names[i] = disk ? ((const struct disk_def *)def->disks.p[i])->name
                        : ((const struct nic_def *)def->nics.p[i])->name;
    }
    names[n] = NULL;
    near = name_nearest (name, names);
    return fail_exit (err, EXIT_NOT_FOUND, ENOENT, "%s has no %s '%s'%s%s%s",
                      def->name, kind, name, near ? ": did you mean '" : "",
                      near ? near : "", near ? "'?" : "");
}

const char *
definition_source (const struct definition *def, const char *key)
{
    const struct setting *set = settings_find (def->root, key);

    return set          ? (set->from    ? "a template"
                           : set->fleet ? "the definition of the fleet"
                                        : "the definition")
           : def->saved ? "the saved state"
                        : "'defaults' in hvctl.conf";
}

bool
definition_knows_disks (const struct definition *def)
{
    for (size_t i = 0; i < def->disks.n; i++) {
        const struct disk_def *d = def->disks.p[i];

        if (d->broken) {
            return false;
        }
    }
    return !def->incomplete;
}

const char *
definition_path (struct hvctl *h, const char *name)
{
    return arena_format (&h->arena, "%s/%s.conf", h->host->vm_dir, name);
}

/* A value that is too large stays too large: it is not truncated. */
static uint32_t
get_uint (const struct hv_options *s, const char *key)
{
    const char *text = settings_get (s, key);
    uint64_t value = 0;

    if (text) {
        parse_uint (text, &value);
    }
    return value < UINT32_MAX ? (uint32_t)value : UINT32_MAX;
}

static bool
get_bool (const struct hv_options *s, const char *key)
{
    const char *text = settings_get (s, key);
    bool value = false;

    if (text) {
        parse_bool (text, &value);
    }
    return value;
}

static uint64_t
get_size (const struct hv_options *s, const char *key)
{
    const char *text = settings_get (s, key);
    uint64_t value = 0;

    if (text) {
        parse_size (text, &value);
    }
    return value;
}

/* The host's default, or the definition's own word. */
static const char *
get_default (struct hvctl *h, const struct hv_options *root, const char *key)
{
    const char *value = settings_get (root, key);

    if (!value && h->host->defaults) {
        value = settings_get (h->host->defaults, key);
    }
    for (size_t i = 0; !value && default_keys[i].name; i++) {
        if (!strcmp (default_keys[i].name, key)) {
            value = default_keys[i].fallback;
        }
    }
    return value;
}

const char *
definition_disk_key (const struct disk_def *d)
{
    return d->cdrom ? "cdrom" : d->image ? "image" : "volume";
}

static void
check_word (const struct hv_options *s, const char *key,
            const char *const *words, struct problems *p)
{
    const char *value = settings_get (s, key), *near;
    struct vec all = { 0 };

    for (const char *const *w = words; value && *w; w++) {
        if (!strcmp (value, *w)) {
            return;
        }
        vec_add (p->arena, &all, *w);
    }
    if (value) {
        near = name_suggest (p->arena, value, words);
        settings_problem (p, s, key, "%s = %s is not known%s%s", key, value,
                          *near ? near : ": it is one of ",
                          *near ? "" : name_list (p->arena, &all, all.n));
    }
}

static void
check_section_name (const struct hv_options *s, struct problems *p)
{
    struct error err = { 0 };

    if (s->name && name_validate (s->kind, s->name, &err) < 0) {
        settings_problem (p, s, NULL, "%s", err.text);
    }
}

static void
check_disk (const struct hv_options *s, const struct disk_def *d,
            struct problems *p)
{
    uint64_t size = 0;

    if (d->image && !d->format) {
        settings_problem (
            p, s, NULL,
            "disk %s: 'format' of the image is missing: set format = raw "
            "or format = qcow2 (it is never guessed, because the guest "
            "could have written a header that misleads)",
            d->name);
    }
    if (!d->image && d->format) {
        settings_problem (
            p, s, "format",
            "disk %s: 'format' is for images: a volume has the format of "
            "its pool",
            d->name);
    }
    if (settings_get (s, "size") && parse_size (settings_get (s, "size"), &size)
        && !size) {
        settings_problem (p, s, "size",
                          "disk %s: a volume cannot have the size 0 (leave out "
                          "'size' if it is there already)",
                          d->name);
    }
}

/* A name that is made of two good ones may be too long. */
static void
check_volume_name (const struct hv_options *s, const struct disk_def *d,
                   struct problems *p)
{
    struct error err = { 0 };

    if (name_validate ("volume", d->volume, &err) < 0) {
        settings_problem (
            p, s, "volume", "disk %s: %s%s", d->name, err.text,
            settings_is_set (s, "volume")
                ? ""
                : ": give the VM or the disk a shorter name, or set 'volume'");
    }
}

/* The 'image' of a disk may be a name: that is no path of a file. */
static void
add_base (struct hv_options *s, struct disk_def *d, struct problems *p)
{
    const char *name = d->cdrom ? NULL : pairs_image_name (s);
    struct error err = { 0 };

    if (!name) {
        return;
    }
    if (name_validate ("image", name, &err) < 0) {
        settings_problem (p, s, "image", "disk %s: %s", d->name, err.text);
    }
    settings_find (s, "image")->path = NULL;
    d->base = name;
    d->image = NULL;
}

static void
add_disk (struct hvctl *h, struct definition *def, struct hv_options *s,
          struct problems *p)
{
    struct disk_def *d = arena_alloc (&h->arena, sizeof *d);
    size_t problems = p->lines.n;

    settings_check (s, disk_keys, p);
    pairs_check (s, p);
    check_section_name (s, p);
    if (!strcmp (s->name, CLOUD_INIT_DISK)) {
        settings_problem (p, s, NULL,
                          "disk " CLOUD_INIT_DISK ": the disk that the section "
                          "'cloud_init' makes has this name: choose another "
                          "one");
    }
    d->name = s->name;
    d->section = s;
    d->cdrom = settings_get (s, "cdrom") != NULL;
    d->image = settings_get (s, d->cdrom ? "cdrom" : "image");
    d->format = settings_get (s, "format");
    add_base (s, d, p);
    if (d->cdrom && !d->format) {
        d->format = "raw";
    }
    if (!d->image) {
        d->pool = settings_get (s, "pool");
        d->volume = settings_get (s, "volume");
        if (!d->volume) {
            d->volume = arena_format (&h->arena, "%s-%s", def->name, d->name);
        }
        if (settings_get (s, "volume") || !settings_unknown (s)) {
            check_volume_name (s, d, p);
        }
    }
    d->size = get_size (s, "size");
    d->backing = settings_get (s, "backing");
    d->backing_format = settings_get (s, "backing_format");
    d->readonly = d->cdrom || get_bool (s, "readonly");
    d->boot = get_uint (s, "boot");
    definition_identity_disk (h, def, d, p);
    if (!settings_unknown (s)) {
        check_disk (s, d, p);
    }
    d->broken = p->lines.n > problems || settings_unknown (s);
    vec_add (&h->arena, &def->disks, d);
}

/* Whatever network serves it. */
static void
check_forward (const struct hv_options *s, const struct nic_def *n,
               struct problems *p)
{
    const char *rest = n->forward;
    struct forward_rule rule;

    while (rest) {
        const char *text = rest, *comma = strchr (rest, ',');

        if (!forward_next (&rest, &rule)) {
            settings_problem (p, s, "forward",
                              "nic %s: forward: \"%.*s\" is not "
                              "PROTOCOL:ADDRESS:PORT:GUESTPORT, such as "
                              "tcp:127.0.0.1:2222:22, with ports from 1 to "
                              "65535",
                              n->name, (int)strcspn (text, ","), text);
            rest = comma ? comma + 1 : NULL;
        }
    }
}

static void
add_nic (struct hvctl *h, struct definition *def, struct hv_options *s,
         struct problems *p)
{
    struct nic_def *n = arena_alloc (&h->arena, sizeof *n);

    settings_check (s, nic_keys, p);
    pairs_check (s, p);
    check_section_name (s, p);
    n->name = s->name;
    n->section = s;
    n->network = settings_get (s, "network");
    definition_identity_nic (h, def, n, p);
    n->queues = get_uint (s, "queues");
    n->mtu = get_uint (s, "mtu");
    n->boot = get_uint (s, "boot");
    n->forward = settings_get (s, "forward");
    n->forward = n->forward && *n->forward ? n->forward : NULL;
    n->ifname = name_ifname (&h->arena, def->name, n->name);
    check_forward (s, n, p);
    vec_add (&h->arena, &def->nics, n);
}

static void
read_root (struct hvctl *h, struct definition *def, struct problems *p)
{
    const struct hv_options *root = def->root;
    const char *timeout;
    uint64_t cpus = 1, memory = 0;

    settings_check (def->root, vm_keys, p);
    pairs_check (def->root, p);
    check_word (root, "firmware", keys_words (NULL, "firmware")->words, p);
    check_word (root, "accelerator", keys_words (NULL, "accelerator")->words,
                p);
    check_word (root, "identity", keys_words (NULL, "identity")->words, p);
    definition_identity_root (h, def, p);
    def->memory = get_size (root, "memory");
    if (settings_get (root, "memory")
        && parse_size (settings_get (root, "memory"), &memory)
        && memory < 1 << 20) {
        settings_problem (p, root, "memory",
                          "memory = %s is less than 1M: is a unit missing?",
                          settings_get (root, "memory"));
    }
    parse_uint (settings_get (root, "cpus"), &cpus);
    def->cpus = (uint32_t)cpus;
    def->arch = settings_get (root, "arch");
    def->arch = def->arch ? def->arch : name_host_arch ();
    def->hypervisor = get_default (h, root, "hypervisor");
    def->machine = get_default (h, root, "machine");
    def->accelerator = get_default (h, root, "accelerator");
    def->cpu = settings_get (root, "cpu");
    def->firmware = settings_get (root, "firmware");
    def->secure_boot = get_bool (root, "secure_boot");
    def->kernel = settings_get (root, "kernel");
    def->initrd = settings_get (root, "initrd");
    def->append = settings_get (root, "append");
    def->rng = get_bool (root, "rng");
    def->agent = get_bool (root, "agent");
    timeout = get_default (h, root, "stop_timeout");
    parse_duration (timeout, &def->stop_timeout);
    if (def->secure_boot && !settings_unknown (root)
        && (!def->firmware || strcmp (def->firmware, "uefi") != 0)) {
        settings_problem (p, root, "secure_boot",
                          "secure_boot needs firmware = uefi");
    }
}

static void
read_sections (struct hvctl *h, struct definition *def, struct problems *p)
{
    for (size_t i = 0; i < def->root->sections.n; i++) {
        struct hv_options *s = def->root->sections.p[i];

        if (!strcmp (s->kind, "disk")) {
            add_disk (h, def, s, p);
        } else if (!strcmp (s->kind, "nic")) {
            add_nic (h, def, s, p);
        } else if (!strcmp (s->kind, "plugin")) {
            vec_add (&h->arena, &def->plugins, s);
        }
    }
    /* After all disks. */
    for (size_t i = 0; i < def->root->sections.n; i++) {
        const struct hv_options *s = def->root->sections.p[i];

        if (!strcmp (s->kind, "cloud_init")) {
            cloud_init_read (h, def, s, p);
        }
    }
}

void
definition_interpret (struct hvctl *h, struct definition *def,
                      struct problems *p)
{
    read_root (h, def, p);
    read_sections (h, def, p);
    about_read (def, p);
}
