/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "plugins/common/program.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Null: nothing is wrong. */
static const char *
fault_of (struct hv_ctx *ctx, const char *path)
{
    struct stat st;

    if (*path != '/') {
        return "is not an absolute path";
    }
    if (stat (path, &st) < 0) {
        return errno == ENOENT ? "does not exist"
                               : hv_format (ctx, "cannot be accessed (%s)",
                                            strerror (errno));
    }
    if (!S_ISREG (st.st_mode)) {
        return "is not a program";
    }
    return access (path, X_OK) < 0
               ? hv_format (ctx, "cannot be executed (%s)", strerror (errno))
               : NULL;
}

const char *
program_fault (struct hv_ctx *ctx, const char *plugin, const char *key,
               const char *path)
{
    const char *fault = fault_of (ctx, path);

    return fault ? hv_format (ctx,
                              "%s %s: remove or correct '%s' in the section "
                              "plugin %s of hvctl.conf",
                              path, fault, key, plugin)
                 : NULL;
}
