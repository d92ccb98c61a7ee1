/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/process/become.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

int
become (char *const argv[], const char *package, struct error *err)
{
    /* What is caught becomes the default by itself. */
    signal (SIGPIPE, SIG_DFL);
    execvp (argv[0], argv);
    signal (SIGPIPE, SIG_IGN);
    return errno == ENOENT
               ? fail_exit (err, EXIT_UNSUPPORTED, ENOENT,
                            "there is no program '%s' here: install %s",
                            argv[0], package)
               : fail (err, errno, "cannot execute %s: %m", argv[0]);
}
