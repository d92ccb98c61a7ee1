/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Arguments, events, and the way out, which has the status 0 whatever it was
 * that happened. */

#include "tests/ch-server/server.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/kit/unix.h"
static int events = -1;
static bool no_shutdown;
static struct timespec started;

const char *
server_version (void)
{
    const char *version = getenv ("CH_SERVER_VERSION");

    return version ? version : "53.0.0";
}

bool
is_called_for (const char *variable, const char *action)
{
    const char *value = getenv (variable);

    return value && !strcmp (value, action);
}

bool
stays_after_shutdown (void)
{
    return no_shutdown;
}

/* Pretty, an empty line after each; what does not fit is lost. */
void
send_event (const char *source, const char *event)
{
    struct timespec now;
    char text[512];
    int n;

    if (events < 0) {
        return;
    }
    clock_gettime (CLOCK_MONOTONIC, &now);
    n = snprintf (text, sizeof text,
                  "{\n  \"timestamp\": {\n    \"secs\": %lld,\n"
                  "    \"nanos\": %ld\n  },\n  \"source\": \"%s\",\n"
                  "  \"event\": \"%s\",\n  \"properties\": null\n}\n\n",
                  (long long)(now.tv_sec - started.tv_sec), now.tv_nsec, source,
                  event);
    (void)!write (events, text, (size_t)n);
}

void
end_process (void)
{
    if (machine.there) {
        send_event ("vm", "shutdown");
    }
    send_event ("vm", "deleted");
    send_event ("vmm", "shutdown");
    exit (0);
}

static void
terminate (int sig)
{
    (void)sig;
    _exit (0);
}

static int
listen_at (const char *path)
{
    unlink (path);
    return unix_listen (path, 8);
}

static int
open_api (const char *value)
{
    if (!strncmp (value, "fd=", 3)) {
        return atoi (value + 3);
    }
    return listen_at (!strncmp (value, "path=", 5) ? value + 5 : value);
}

static void
open_events (const char *value)
{
    if (!strncmp (value, "fd=", 3)) {
        events = atoi (value + 3);
    } else if (!strncmp (value, "path=", 5)) {
        events =
            open (value + 5, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    }
    if (events < 0 || fcntl (events, F_SETFL, O_NONBLOCK) < 0) {
        fprintf (stderr, "Error: Cloud Hypervisor exited with the following "
                         "chain of errors:\n  0: Error doing event monitor "
                         "I/O\n");
        exit (1);
    }
}

static _Noreturn void
usage (const char *argument)
{
    fprintf (stderr, "error: unexpected argument '%s' found\n", argument);
    exit (2);
}

/* "…/ch-server,CH_SERVER_DIE=vm.boot" is how a jail's program is told. */
static void
read_name (const char *name)
{
    const char *comma = strrchr (name, ',');

    if (comma) {
        putenv (strdup (comma + 1));
    }
}

int
main (int argc, char **argv)
{
    int api = -1;

    read_name (argv[0]);
    umask (077);
    clock_gettime (CLOCK_MONOTONIC, &started);
    signal (SIGTERM, terminate);
    signal (SIGINT, terminate);
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;

        if (!strcmp (argv[i], "--version")) {
            printf ("cloud-hypervisor v%s\nMigration Protocol Versions: 0\n",
                    server_version ());
            return 0;
        } else if (!strcmp (argv[i], "-v")) {
        } else if (!strcmp (argv[i], "--no-shutdown")) {
            no_shutdown = true;
        } else if (!strcmp (argv[i], "--api-socket") && value) {
            api = open_api (argv[++i]);
        } else if (!strcmp (argv[i], "--event-monitor") && value) {
            open_events (argv[++i]);
        } else if (!strcmp (argv[i], "--seccomp") && value) {
            i++;
        } else {
            usage (argv[i]);
        }
    }
    if (api < 0) {
        fprintf (stderr, "Error: no API socket\n");
        return 1;
    }
    send_event ("vmm", "starting");
    serve (api);
}
