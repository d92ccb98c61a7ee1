/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/state/command.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/config/host.h"

const char *const *
command_own (struct hvctl *h, const char *command, const char *name)
{
    const char **argv = arena_alloc (&h->arena, 7 * sizeof *argv);
    char self[4096];
    ssize_t n = readlink ("/proc/self/exe", self, sizeof self - 1);
    size_t i = 0;

    argv[i++] = n > 0 ? arena_dup_n (&h->arena, self, (size_t)n) : "hvctl";
    if (h->host->found) {
        argv[i++] = "-c";
        argv[i++] = h->host->file;
    }
    argv[i++] = command;
    argv[i++] = name;
    return argv;
}

const char *const *
command_release (struct hvctl *h, const char *name, bool tells)
{
    const char **argv = (const char **)command_own (h, "release", name);
    size_t n = 0;

    while (argv[n]) {
        n++;
    }
    argv[n] = tells ? "--tell" : NULL;
    return argv;
}
