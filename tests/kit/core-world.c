/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "tests/kit/core-world.h"

#include "tests/kit/core-world.h"

#include "tests/kit/core-world.h"

#include "tests/kit/core-world.h"

#include "tests/kit/core-world.h"

#include "tests/kit/core-world.h"

#include "tests/kit/core-world.h"

#include "tests/kit/core-world.h"

#include "tests/kit/core-world.h"

#include "tests/kit/core-world.h"

#include "tests/kit/core-world.h"

#include "tests/kit/core-world.h"

#include "tests/kit/core-world.h"

#include "tests/kit/core-world.h"

#include "tests/kit/core-world.h"

#include "tests/kit/core-world.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/file.h"
#include "core/config/definition-find.h"
#include "core/hvctl.h"

void
world_begin (struct world *w)
{
    static const char *const dirs[] = { "vm.d", "plugins", "disks", "null",
                                        "run" };

    memset (w, 0, sizeof *w);
    strcpy (w->dir, "/tmp/hvctl-core.XXXXXX");
    unsetenv ("HVCTL_BUILDDIR");
    umask (022);
    assert_non_null (mkdtemp (w->dir));
    assert_int_equal (chmod (w->dir, 0755), 0);
    for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++) {
        assert_int_equal (mkdir (world_path (w, dirs[i]), 0755), 0);
    }
}

static int
remove_one (const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    return remove (path);
}

static void
close_host (struct world *w)
{
    hvctl_close (&w->h);
    memset (&w->h, 0, sizeof w->h);
    memset (&w->err, 0, sizeof w->err);
}

void
world_end (struct world *w)
{
    close_host (w);
    arena_free (&w->arena);
    nftw (w->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *
world_path (struct world *w, const char *name)
{
    return arena_format (&w->arena, "%s/%s", w->dir, name);
}

const char *
world_file (struct world *w, const char *name, const char *text)
{
    const char *path = world_path (w, name);
    FILE *f = fopen (path, "w");

    assert_non_null (f);
    fputs (text, f);
    assert_int_equal (fclose (f), 0);
    return path;
}

const char *
world_read (struct world *w, const char *name)
{
    char *text = file_read (world_path (w, name));
    const char *copy = arena_dup (&w->arena, text);

    free (text);
    return copy;
}

void
world_plugin (struct world *w, const char *so, const char *as)
{
    const char *build = getenv ("abs_top_builddir");
    const char *from =
        arena_format (&w->arena, "%s/tests/.libs/%s", build ? build : ".", so);
    const char *to = arena_format (&w->arena, "%s/plugins/%s", w->dir, as);
    FILE *in = fopen (from, "rb"), *out = fopen (to, "wb");
    char buffer[65536];
    size_t n;

    if (!in) {
        fail_msg ("%s is not there", from);
    }
    assert_non_null (out);
    while ((n = fread (buffer, 1, sizeof buffer, in)) > 0) {
        assert_int_equal (fwrite (buffer, 1, n, out), n);
    }
    fclose (in);
    assert_int_equal (fclose (out), 0);
}

int
world_open (struct world *w, const char *conf)
{
    const char *path =
        world_file (w, "hvctl.conf",
                    arena_format (&w->arena,
                                  "plugin_dir = \"%s/plugins\"\n"
                                  "run_dir = \"%s/run\"\n"
                                  "state_dir = \"%s/state\"\n"
                                  "log_dir = \"%s/log\"\n%s",
                                  w->dir, w->dir, w->dir, w->dir, conf));

    close_host (w);
    return hvctl_open (&w->h, path, &w->err);
}

const char *
world_null_conf (struct world *w)
{
    const char *build = getenv ("abs_top_builddir");

    return arena_format (&w->arena,
                         "plugin null {\n"
                         "    dir = \"%s/null\"\n"
                         "    log = \"%s/null.log\"\n"
                         "    hypervisor = \"%s/tests/null-hypervisor\"\n"
                         "}\n"
                         "network null { type = \"null\" }\n"
                         "pool null {\n"
                         "    type = \"null\"\n"
                         "    path = \"%s/disks\"\n"
                         "}\n",
                         w->dir, w->dir, build ? build : ".", w->dir);
}

struct definition *
world_define (struct world *w, const char *name, const char *text)
{
    struct definition *def = NULL;

    world_file (w, arena_format (&w->arena, "vm.d/%s.conf", name), text);
    memset (&w->err, 0, sizeof w->err);
    return definition_load (&w->h, name, &def, &w->err) < 0 ? NULL : def;
}

void
assert_contains_at (const char *text, const char *part, const char *file,
                    int line)
{
    if (!text || !strstr (text, part)) {
        print_error ("no \"%s\" in \"%s\"\n", part, text ? text : "(null)");
        _fail (file, line);
    }
}

void
assert_lacks_at (const char *text, const char *part, const char *file, int line)
{
    if (text && strstr (text, part)) {
        print_error ("\"%s\" is in \"%s\"\n", part, text);
        _fail (file, line);
    }
}
