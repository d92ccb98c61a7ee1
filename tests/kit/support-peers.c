/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* In the place of QEMU, a thread that says yes to everything; in the place of
 * cloud-hypervisor, the contract server.  Both write down what they hear. */
#include "tests/kit/support-world.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/socket.h"

/* ------------------------------------------------------------------ QMP */

struct qmp_peer {
    int listener;
    char *heard;
    size_t size;
    pthread_t thread;
};

/* Of a command, its name and arguments; the answer has its id. */
static void
answer (FILE *log, int fd, const char *line)
{
    const char *id = strstr (line, "\"id\"");
    const char *result =
        strstr (line, "\"query-status\"")
            ? "{\"status\":\"running\",\"singlestep\":false,\"running\":true}"
        : strstr (line, "\"query-block\"") || strstr (line, "\"qom-list\"")
            ? "[]"
            : "{}";

    fputs (line, log);
    dprintf (fd, "{\"return\":%s%s%.*s}\r\n", result, id ? "," : "",
             id ? (int)strcspn (id, ",}") : 0, id ? id : "");
}

static void *
serve (void *arg)
{
    struct qmp_peer *p = arg;
    FILE *log = open_memstream (&p->heard, &p->size);
    int fd;

    while ((fd = accept (p->listener, NULL, NULL)) >= 0) {
        FILE *in = fdopen (fd, "r");
        char *line = NULL;
        size_t size = 0;

        dprintf (fd, "{\"QMP\":{\"version\":{},\"capabilities\":[]}}\r\n");
        while (getline (&line, &size, in) > 0) {
            answer (log, fd, line);
        }
        free (line);
        fclose (in);
    }
    fclose (log);
    return NULL;
}

static void *
start_qmp (const char *rundir)
{
    struct qmp_peer *p = calloc (1, sizeof *p);
    struct error err = { 0 };

    assert_non_null (p);
    p->listener = socket_listen (rundir, "qmp", &err);
    if (p->listener < 0 || pthread_create (&p->thread, NULL, serve, p) != 0) {
        fail_msg ("no QMP: %s", err.text);
    }
    return p;
}

static char *
stop_qmp (void *self)
{
    struct qmp_peer *p = self;
    char *heard;

    shutdown (p->listener, SHUT_RDWR); /* accept() fails. */
    pthread_join (p->thread, NULL);
    close (p->listener);
    heard = p->heard;
    free (p);
    return heard;
}

/* ------------------------------------------------------ cloud-hypervisor */

struct ch_peer {
    pid_t pid;
    char log[256];
};

static _Noreturn void
become_server (const char *rundir, const char *log)
{
    const char *build = getenv ("abs_top_builddir");
    char program[4096], api[4096];

    snprintf (program, sizeof program, "%s/tests/ch-server/ch-server",
              build ? build : ".");
    snprintf (api, sizeof api, "path=%s/api.sock", rundir);
    (void)!freopen ("/dev/null", "w", stdout);
    (void)!chdir (rundir);   /* Without a supervisor it binds its console... */
    unlink ("console.sock"); /* ...which one that was killed has left. */
    setenv ("CH_SERVER_REQUESTS", log, 1);
    execl (program, program, "--api-socket", api, NULL);
    _exit (127);
}

static void *
start_ch (const char *rundir)
{
    struct ch_peer *p = calloc (1, sizeof *p);
    struct error err = { 0 };
    int fd = -1;

    assert_non_null (p);
    snprintf (p->log, sizeof p->log, "%s/requests", rundir);
    p->pid = fork ();
    assert_true (p->pid >= 0);
    if (p->pid == 0) {
        become_server (rundir, p->log);
    }
    for (int i = 0; i < 500 && fd < 0; i++) {
        fd = socket_connect (rundir, "api", CONNECT_TIMEOUT, &err);
        if (fd < 0) {
            usleep (10000);
        }
    }
    if (fd < 0) {
        fail_msg ("no contract server: %s", err.text);
    }
    close (fd);
    return p;
}

static char *
stop_ch (void *self)
{
    struct ch_peer *p = self;
    char *heard;

    kill (p->pid, SIGKILL);
    waitpid (p->pid, NULL, 0);
    heard = file_read (p->log);
    free (p);
    return heard;
}

static const struct peer peers[] = {
    { "qemu", start_qmp, stop_qmp },
    { "cloud-hypervisor", start_ch, stop_ch },
};

const struct peer *
peer_of (const char *hypervisor)
{
    for (size_t i = 0; i < ARRAY_SIZE (peers); i++) {
        if (!strcmp (peers[i].hypervisor, hypervisor)) {
            return &peers[i];
        }
    }
    return NULL;
}
