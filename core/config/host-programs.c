/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/config/host-programs.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/name.h"
#include "core/config/host.h"
#include "core/config/settings.h"

/* The build tree, as ./hvctl in it sets it; trusted only by a program in that
 * tree, never by an installed one. */
static const char *
build_tree (void)
{
    const char *build = getenv ("HVCTL_BUILDDIR");
    size_t len = build ? strlen (build) : 0;
    char self[4096];
    ssize_t n = readlink ("/proc/self/exe", self, sizeof self - 1);

    if (!len || *build != '/' || n <= (ssize_t)len
        || memcmp (self, build, len) != 0 || self[len] != '/') {
        return NULL;
    }
    return build;
}

static const char *
program (struct hvctl *h, const char *build, const char *dir, const char *name)
{
    return build ? arena_format (&h->arena, "%s/%s/%s", build, dir, name)
                 : arena_format (&h->arena, "%s/hvctl/%s", HVCTL_LIBEXECDIR,
                                 name);
}

void
host_programs_find (struct hvctl *h, const struct hv_options *root,
                    struct problems *p)
{
    struct host *host = h->host;
    const char *build = build_tree ();
    const char *dirs = settings_get (root, "plugin_dir");

    host->supervisor = program (h, build, "supervisor", "hvctl-supervisor");
    host->importer = program (h, build, "import", "hvctl-import");
    host->unpacker = program (h, build, "import", "hvctl-unpack");
    host->fetcher = program (h, build, "import", "hvctl-fetch");
    host->images_file =
        build ? arena_format (&h->arena, "%s/packaging/images-%s.conf", build,
                              name_host_arch ())
              : arena_format (&h->arena, "%s/hvctl/images-%s.conf",
                              HVCTL_DATADIR, name_host_arch ());
    if (build) {
        vec_add (&h->arena, &host->plugin_dirs,
                 arena_format (&h->arena, "%s/plugins/.libs", build));
    }
    if (dirs) {
        vec_split (&h->arena, dirs, ',', &host->plugin_dirs);
        for (size_t i = 0; i < host->plugin_dirs.n; i++) {
            const char *dir = host->plugin_dirs.p[i], *expected;

            if (!settings_fits (HV_PATH, dir, &expected)) {
                settings_problem (p, root, "plugin_dir",
                                  "plugin_dir: \"%s\" is not %s", dir,
                                  expected);
            }
            host->plugin_dirs.p[i] = (void *)settings_path (
                &h->arena, settings_file (root, "plugin_dir"), dir);
        }
    } else if (!build) {
        vec_add (&h->arena, &host->plugin_dirs, HVCTL_PLUGINDIR);
    }
}
