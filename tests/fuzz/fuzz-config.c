/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Fuzzes hvctl.conf (first byte '#', a comment) and definitions (else). */
#include "tests/fuzz/fuzz.h"

#include "common/mac.h"
#include "core/base/context.h"
#include "core/base/error.h"
#include "core/base/name.h"
#include "core/config/definition.h"
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
    MUST (ftruncate (fd, 0) == 0 && pwrite (fd, data, len, 0) == (ssize_t)len);
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
