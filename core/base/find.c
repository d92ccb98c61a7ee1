/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/base/find.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"

const char find_path[] =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

static bool
is_program (const char *path)
{
    struct stat st;

    return stat (path, &st) == 0 && S_ISREG (st.st_mode)
           && access (path, X_OK) == 0;
}

int
find_program (const char *name, char **path, struct error *err)
{
    const char *dirs = geteuid () == 0 ? NULL : getenv ("PATH");

    if (name[0] == '/') {
        if (!is_program (name)) {
            return fail (err, errno ? errno : ENOENT,
                         "%s is not an executable program", name);
        }
        *path = xstrdup (name);
        return 0;
    }
    if (!dirs || !*dirs) {
        dirs = find_path;
    }
    for (const char *dir = dirs; !strchr (name, '/') && dir;) {
        const char *end = strchrnul (dir, ':');
        char *candidate = xformat ("%.*s/%s", (int)(end - dir), dir, name);

        if (*dir == '/' && is_program (candidate)) {
            *path = candidate;
            return 0;
        }
        free (candidate);
        dir = *end ? end + 1 : NULL;
    }
    return fail (err, ENOENT, "the program '%s' was not found in %s", name,
                 dirs);
}
