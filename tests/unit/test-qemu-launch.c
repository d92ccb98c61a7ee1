/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A core in small, without a jail; see test-qemu-launch.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/test-qemu-launch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "tests/kit/unix.h"

const struct hv_hypervisor *qemu;
static const struct hv_disk *const no_disks[] = { NULL };
static const struct hv_nic *const no_nics[] = { NULL };
static char scratch[] = "/tmp/hvctl-qemu.XXXXXX";

static int
listen_at (const char *path)
{
    int fd;

    unlink (path);
    fd = unix_listen (path, 8);
    assert_true (fd >= 0);
    return fd;
}

/* Opens what describe() asked for, out of the way of the final numbers. */
static int
open_one (struct fake *f, const struct fake_fd *want, const char *dir)
{
    static const int modes[] = { O_RDONLY, O_RDWR, O_WRONLY | O_APPEND };
    int fd = -1, high;

    if (want->kind == FAKE_OPEN) {
        fd = open (want->what, modes[want->flags] | O_CLOEXEC);
    } else if (want->kind == FAKE_LISTEN) {
        fd = listen_at (hv_format (&f->ctx, "%s/%s.sock", dir, want->what));
    } else if (want->kind == FAKE_LOGFILE) {
        fd = open (hv_format (&f->ctx, "%s/%s.log", dir, want->what),
                   O_WRONLY | O_APPEND | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    }
    assert_return_code (fd, errno);
    high = fcntl (fd, F_DUPFD_CLOEXEC, 100);
    close (fd);
    return high;
}

pid_t
launch_described (struct fake *f, const struct hv_launch *l, const char *dir)
{
    const char *errors = hv_format (&f->ctx, "%s/stderr", dir);
    int fds[FAKE_MAX];
    pid_t pid;

    for (size_t i = 0; i < l->n_fds; i++) {
        fds[i] = open_one (f, &l->fds[i], dir);
    }
    pid = fork ();
    if (pid == 0) {
        int null = open ("/dev/null", O_RDWR);
        int err = open (errors, O_WRONLY | O_CREAT | O_TRUNC, 0600);

        prctl (PR_SET_PDEATHSIG, SIGKILL);
        dup2 (null, 0);
        dup2 (null, 1);
        dup2 (err, 2);
        for (size_t i = 0; i < l->n_fds; i++) {
            dup2 (fds[i], l->fds[i].number);
        }
        execv (l->args[0], (char *const *)l->args);
        _exit (127);
    }
    assert_return_code (pid, errno);
    for (size_t i = 0; i < l->n_fds; i++) {
        close (fds[i]);
    }
    return pid;
}

/* ------------------------------------------------------------- Machines */

const char *
in_dir (struct fake *f, const char *name)
{
    return hv_format (&f->ctx, "%s/%s", scratch, name);
}

void
prepare (struct machine *m, const char *arch)
{
    struct hv_list *facts;

    *m = (struct machine){ .f = fake_new (&hv_plugin) };
    m->f->execute = true;
    m->vm = (struct hv_vm){
        .name = "vm1",
        .uuid = "6f1a1c9a-4b3e-4f0e-9d55-0d6a3f1f0001",
        .rundir = scratch,
        .memory = 64 << 20,
        .cpus = 1,
        .arch = arch,
        .accelerator = "tcg",
        .disks = no_disks,
        .nics = no_nics,
    };
    if (qemu->locate (&m->f->ctx, arch, &m->vm.program) < 0) {
        print_message ("%s\n", m->f->message);
        fake_free (m->f);
        skip ();
    }
    facts = fake_list (m->f);
    fake_limit (m->f, 60000);
    if (qemu->probe (&m->f->ctx, arch, m->vm.program, facts)) {
        fail_msg ("%s", m->f->message);
    }
    for (size_t i = 0; i < facts->n; i++) {
        fake_fact (m->f, facts->entries[i].name, facts->entries[i].detail);
    }
    m->f->message = NULL;
}

void
launch (struct machine *m)
{
    struct hv_choice choice = { 0 };
    struct hv_launch *l = fake_launch (m->f, false);

    if (qemu->check (&m->f->ctx, &m->vm, &choice)) {
        fail_msg ("%s", m->f->message);
    }
    m->vm.machine = choice.machine;
    m->vm.accelerator = choice.accelerator;
    m->vm.cpu = choice.cpu;
    assert_int_equal (qemu->describe (&m->f->ctx, &m->vm, l), 0);
    m->pid = launch_described (m->f, l, scratch);
}

int
op (struct machine *m, operation run)
{
    int rc;

    fake_limit (m->f, 20000);
    m->f->socket = unix_connect (in_dir (m->f, "qmp.sock"));
    rc = run (&m->f->ctx, &m->vm);
    close_fd (m->f->socket);
    m->f->socket = -1;
    return rc;
}

void
must (struct machine *m, operation run)
{
    if (op (m, run)) {
        CLEANUP_FCLOSE FILE *errors = fopen (in_dir (m->f, "stderr"), "re");
        char text[2048] = "";

        if (errors) {
            text[fread (text, 1, sizeof text - 1, errors)] = '\0';
        }
        fail_msg ("%s; QEMU: %s", m->f->message, text);
    }
}

int
wait_end (struct machine *m)
{
    int wstatus = 0;

    assert_int_equal (waitpid (m->pid, &wstatus, 0), m->pid);
    return wstatus;
}

void
image (struct fake *f, const char *const argv[])
{
    const struct hv_program p = { .size = sizeof p, .argv = argv };

    if (access ("/usr/bin/qemu-img", X_OK) < 0) {
        fake_free (f);
        skip ();
    }
    if (hv_run (&f->ctx, &p, NULL) < 0) {
        fail_msg ("%s", f->message);
    }
}

const struct hv_layer *const *
make_chain (struct fake *f, const char *top, const char *base)
{
    const struct hv_layer **layers =
        hv_alloc (&f->ctx, 3 * sizeof (struct hv_layer *));
    struct hv_layer *both = hv_alloc (&f->ctx, 2 * sizeof *both);
    const char *const raw[] = { "qemu-img", "create",         "-q", "-f",
                                "raw",      in_dir (f, base), "1M", NULL };
    const char *const qcow2[] = {
        "qemu-img", "create",        "-q", "-f", "qcow2", "-b", base, "-F",
        "raw",      in_dir (f, top), NULL
    };

    image (f, raw);
    image (f, qcow2);
    both[0] = (struct hv_layer){ in_dir (f, top), "qcow2" };
    both[1] = (struct hv_layer){ in_dir (f, base), "raw" };
    layers[0] = &both[0];
    layers[1] = &both[1];
    return layers;
}

int
setup (void **state)
{
    qemu = hv_plugin.hypervisor;
    return mkdtemp (scratch) ? 0 : -1;
}

int
teardown (void **state)
{
    const char *const argv[] = { "rm", "-rf", scratch, NULL };
    const struct hv_program p = { .size = sizeof p, .argv = argv };
    struct fake *f = fake_new (NULL);
    int rc;

    f->execute = true;
    rc = hv_run (&f->ctx, &p, NULL);
    fake_free (f);
    return rc;
}
