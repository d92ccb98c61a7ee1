/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Fuzzes hvctl.conf (first byte '#', a comment), definitions, and both together
 * (first byte '@'; the definition is behind a line "%%"). */
#include "tests/fuzz/fuzz.h"

#include "common/mac.h"
#include "core/base/context.h"
#include "core/base/error.h"
#include "core/base/name.h"
#include "core/config/definition.h"
#include "core/config/effective.h"
#include "core/config/host.h"
#include "core/hvctl.h"

static void
check_name_of (const char *name)
{
    struct error err = { 0 };

    MUST (name && name_validate ("x", name, &err) == 0);
}

/* What plugins rely on. */
static void
check_definition (const struct definition *def)
{
    MUST (strlen (def->uuid) == 36);
    MUST (def->memory >= 1 << 20 && def->memory <= INT64_MAX);
    MUST (def->cpus >= 1 && def->cpus <= 4096);
    MUST (def->stop_timeout >= 0);
    MUST (def->arch && def->hypervisor && def->accelerator);
    MUST (!def->kernel || *def->kernel == '/');
    MUST (!def->description || *def->description);
    MUST (def->start_order <= 1000000 && def->start_delay >= 0);
    for (size_t i = 0; i < def->disks.n; i++) {
        const struct disk_def *d = def->disks.p[i];

        check_name_of (d->name);
        MUST (d->image ? *d->image == '/' && d->format : d->pool && d->volume);
        MUST (!d->backing == !d->backing_format);
        MUST (!d->cdrom || d->readonly);
    }
    for (size_t i = 0; i < def->nics.n; i++) {
        const struct nic_def *n = def->nics.p[i];

        check_name_of (n->name);
        MUST (strlen (n->ifname) < 16 && mac_is_unicast (n->mac));
        MUST (n->queues >= 1 && n->queues <= 64 && n->mtu <= 65535);
    }
}

static void
check_host (const struct hvctl *h)
{
    const struct host *host = h->host;

    MUST (host->uid_base >= 1000 && host->uid_count >= 1);
    MUST (host->uid_base + host->uid_count < UINT32_MAX);
    MUST (*host->run_dir == '/' && *host->vm_dir == '/');
    MUST (host_network (h, "user") && host_pool (h, "default"));
    for (size_t i = 0; i < host->plugin_dirs.n; i++) {
        MUST (*(const char *)host->plugin_dirs.p[i] == '/');
    }
}

static void
write_all (int fd, const void *data, size_t len)
{
    MUST (ftruncate (fd, 0) == 0 && pwrite (fd, data, len, 0) == (ssize_t)len);
}

/* Written out, a definition means the same without the host's templates. */
static void
check_effective (struct hvctl *h, const struct definition *def, int fd,
                 const char *path)
{
    const char *text = effective_text (&h->arena, def);
    struct definition *again = NULL;
    struct error err = { 0 };

    h->host->templates = (struct vec){ 0 };
    h->host->vars = NULL;
    write_all (fd, text, strlen (text));
    MUST (definition_load_file (h, def->name, path, &again, &err) == 0);
    MUST (!strcmp (effective_text (&h->arena, again), text));
    check_definition (again);
}

static void
try_both (const uint8_t *data, size_t len, int fd, const char *path)
{
    const uint8_t *end = memmem (data, len, "\n%%\n", 4);
    size_t host_len = end ? (size_t)(end - data) : len;
    struct definition *def = NULL;
    struct hvctl h = { 0 };
    struct error err = { 0 };

    write_all (fd, data, host_len);
    if (end && hvctl_open (&h, path, &err) == 0) {
        write_all (fd, end + 4, len - host_len - 4);
        if (definition_load_file (&h, "edge-3", path, &def, &err) == 0) {
            check_definition (def);
            check_effective (&h, def, fd, path);
        } else {
            MUST (err.code && err.text[0]);
        }
    }
    hvctl_close (&h);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t len)
{
    static int fd = -1;
    static char path[64];
    struct hvctl h = { 0 };
    struct error err = { 0 };

    if (fd < 0) {
        fuzz_be_quiet ();
        unsetenv ("HVCTL_BUILDDIR");
        fd = memfd_create ("fuzz", MFD_CLOEXEC);
        snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
    }
    if (len && *data == '@') {
        try_both (data + 1, len - 1, fd, path);
        return 0;
    }
    write_all (fd, data, len);
    if (len && *data == '#') {
        if (hvctl_open (&h, path, &err) == 0) {
            check_host (&h);
        } else {
            MUST (err.code && err.text[0]);
        }
    } else {
        struct definition *def = NULL;

        MUST (hvctl_open (&h, "/dev/null", &err) < 0);
        h.host = arena_alloc (&h.arena, sizeof *h.host);
        h.host->vm_dir = "/nowhere";
        if (definition_load_file (&h, "vm1", path, &def, &err) == 0) {
            check_definition (def);
        } else {
            MUST (err.code && err.text[0]);
        }
    }
    hvctl_close (&h);
    return 0;
}
