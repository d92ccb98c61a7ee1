/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "tests/ch-server/run.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"

/* The test cannot go on: this is no result. */
static void
must (bool ok)
{
    if (!ok) {
        perror ("cannot run the test");
        abort ();
    }
}

static const char *
built (struct fake *f, const char *name)
{
    const char *dir = getenv ("abs_top_builddir");

    return hv_format (&f->ctx, "%s/tests/%s", dir ? dir : ".", name);
}

const char *
contract_server (void)
{
    static char path[4096];
    const char *dir = getenv ("abs_top_builddir");

    snprintf (path, sizeof path, "%s/tests/ch-server/ch-server",
              dir ? dir : ".");
    return path;
}

/* One that is named must be there. */
const char *
real_program (void)
{
    static char path[4096];
    const char *named = getenv ("CLOUD_HYPERVISOR"), *dir = getenv ("PATH");

    if (named && *named) {
        return named;
    }
    while (dir && *dir) {
        size_t len = strcspn (dir, ":");

        snprintf (path, sizeof path, "%.*s/cloud-hypervisor", (int)len, dir);
        if (access (path, X_OK) == 0) {
            return path;
        }
        dir += len + (dir[len] == ':');
    }
    return NULL;
}

const char *
run_path (struct run *r, const char *name)
{
    return hv_format (&r->f->ctx, "%s/%s", r->dir, name);
}

const char *
run_text (struct run *r, const char *name)
{
    CLEANUP_CLOSE int fd = open (run_path (r, name), O_RDONLY | O_CLOEXEC);
    char *text = hv_alloc (&r->f->ctx, 1 << 20);
    ssize_t n = fd < 0 ? 0 : read (fd, text, (1 << 20) - 1);

    for (ssize_t i = 0; i < n; i++) {
        text[i] = text[i] ? text[i] : '?';
    }
    return text;
}

bool
run_says (struct run *r, const char *name, const char *text)
{
    for (int i = 0; i < 250; i++) {
        if (strstr (run_text (r, name), text)) {
            return true;
        }
        poll (NULL, 0, 20);
    }
    return false;
}

bool
run_guest_says (struct run *r, const char *text)
{
    struct pollfd p = { .fd = -1, .events = POLLIN };
    char said[4096] = "";
    size_t n = 0;

    for (int i = 0; i < 250 && !strstr (said, text); i++) {
        ssize_t got = -1;

        if (p.fd < 0) {
            p.fd = r->f->host.connect (&r->f->ctx, r->dir, "console");
        }
        if (p.fd >= 0 && poll (&p, 1, 20) > 0
            && (got = read (p.fd, said + n, sizeof said - 1 - n)) <= 0) {
            close_fd (p.fd);
            p.fd = -1; /* A reboot closes it. */
        }
        n += got > 0 ? (size_t)got : 0;
        said[n] = '\0';
        if (p.fd < 0) {
            poll (NULL, 0, 20);
        }
    }
    close_fd (p.fd);
    return strstr (said, text) != NULL;
}

const char *
run_image (struct run *r, const char *name, off_t size)
{
    const char *path = run_path (r, name);
    CLEANUP_CLOSE int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    must (fd >= 0 && ftruncate (fd, size) == 0);
    return path;
}

/* ---------------------------------------------- in the place of the core */

static int
address_of (const char *dir, const char *name, struct sockaddr_un *address)
{
    address->sun_family = AF_UNIX;
    return snprintf (address->sun_path, sizeof address->sun_path, "%s/%s.sock",
                     dir, name)
                   < (int)sizeof address->sun_path
               ? 0
               : -1;
}

static int
run_connect (struct hv_ctx *ctx, const char *rundir, const char *name)
{
    CLEANUP_CLOSE int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un address = { 0 };

    if (fd < 0 || address_of (rundir, name, &address) < 0
        || connect (fd, (struct sockaddr *)&address, sizeof address) < 0
        || fcntl (fd, F_SETFL, O_NONBLOCK) < 0) {
        return hv_fail (ctx, errno, "cannot connect to %s: %m",
                        address.sun_path);
    }
    return steal_fd (&fd);
}

static int
open_described (struct run *r, const struct fake_fd *d)
{
    struct sockaddr_un address = { 0 };
    int fd;

    if (d->kind == FAKE_LOGFILE) {
        return open (run_path (r, hv_format (&r->f->ctx, "%s.log", d->what)),
                     O_WRONLY | O_APPEND | O_CREAT, 0600);
    }
    must (d->kind == FAKE_LISTEN);
    fd = socket (AF_UNIX, SOCK_STREAM, 0);
    must (fd >= 0 && address_of (r->dir, d->what, &address) == 0);
    unlink (address.sun_path);
    must (bind (fd, (struct sockaddr *)&address, sizeof address) == 0);
    must (listen (fd, 8) == 0);
    return fd;
}

static _Noreturn void
become (struct run *r, const struct hv_launch *l, const int *fds)
{
    int log = open (run_path (r, "hypervisor.log"),
                    O_WRONLY | O_APPEND | O_CREAT, 0600);
    int null = open ("/dev/null", O_RDWR);
    int lifted[FAKE_MAX];

    for (size_t i = 0; i < l->n_fds; i++) {
        lifted[i] = fcntl (fds[i], F_DUPFD_CLOEXEC, 300);
    }
    /* Without a supervisor it binds that itself. */
    unlink (run_path (r, "console.sock"));
    (void)!chdir (r->dir);
    prctl (PR_SET_PDEATHSIG, SIGKILL); /* A test that fails ends at once. */
    dup2 (null, 0);
    dup2 (log, 1);
    dup2 (log, 2);
    for (size_t i = 0; i < l->n_fds; i++) {
        dup2 (lifted[i], l->fds[i].number);
    }
    for (int fd = 3 + (int)l->n_fds; fd < 300; fd++) {
        close (fd);
    }
    execv (l->args[0], (char *const *)l->args);
    _exit (127);
}

void
run_prepare (struct run *r, const char *program, const char *cmdline)
{
    static const struct hv_disk *const no_disks[] = { NULL };
    static const struct hv_nic *const no_nics[] = { NULL };

    *r = (struct run){ .f = fake_new (&hv_plugin) };
    strcpy (r->dir, "/tmp/hvctl-ch.XXXXXX");
    must (mkdtemp (r->dir));
    r->f->host.connect = run_connect;
    r->real = strcmp (program, contract_server ()) != 0;
    fake_fact (r->f, "version", "53.0");
    r->vm = (struct hv_vm){
        .name = "vm1",
        .uuid = "6f1a1c9a-4b3e-4f0e-9d55-0d6a3f1f0001",
        .rundir = r->dir,
        .program = program,
        .memory = 128 << 20,
        .cpus = 2,
        .arch = "x86_64",
        .kernel = built (r->f, "ch-guest.elf"),
        .cmdline = cmdline,
        .disks = no_disks,
        .nics = no_nics,
        .rng = true,
        .options = fake_options (r->f, hv_plugin.hypervisor->keys,
                                 "memory_hotplug", "acpi", NULL),
    };
}

void
run_start (struct run *r)
{
    struct hv_launch *l = fake_launch (r->f, false);
    int fds[FAKE_MAX];

    must (hv_plugin.hypervisor->describe (&r->f->ctx, &r->vm, l) == 0);
    for (size_t i = 0; i < l->n_fds; i++) {
        fds[i] = open_described (r, &l->fds[i]);
        must (fds[i] >= 0);
    }
    r->pid = fork ();
    must (r->pid >= 0);
    if (r->pid == 0) {
        become (r, l, fds);
    }
    for (size_t i = 0; i < l->n_fds; i++) {
        close (fds[i]);
    }
}

bool
run_ends (struct run *r, int ms)
{
    for (int i = 0; r->pid && i <= ms; i += 10) {
        if (waitpid (r->pid, &r->status, WNOHANG) == r->pid) {
            r->pid = 0;
        } else {
            poll (NULL, 0, 10);
        }
    }
    return r->pid == 0;
}

void
run_finish (struct run *r)
{
    CLEANUP_CLOSEDIR DIR *d = opendir (r->dir);
    struct dirent *e;

    if (r->pid) {
        kill (r->pid, SIGKILL);
        waitpid (r->pid, &r->status, 0);
    }
    while (d && (e = readdir (d))) {
        unlinkat (dirfd (d), e->d_name, 0);
    }
    rmdir (r->dir);
    fake_free (r->f);
}
