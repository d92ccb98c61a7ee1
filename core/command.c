/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/command.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/host.h"

const char *const *
own_command (struct hvctl *h, const char *command, const char *name)
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

const char *
describe_end (struct hvctl *h, const char *line)
{
    int number = 0;

    if (sscanf (line, "exit %d", &number) == 1) {
        return number
                   ? arena_format (&h->arena, "it ended with status %d", number)
                   : "it ended by itself";
    }
    if (sscanf (line, "signal %d", &number) != 1) {
        return "it ended unobserved";
    }
    if (number == SIGSYS) {
        return "killed by the sandbox (SIGSYS): it made a system call that "
               "its groups do not allow";
    }
    return arena_format (&h->arena, "killed by signal %d (%s)", number,
                         strsignal (number));
}
