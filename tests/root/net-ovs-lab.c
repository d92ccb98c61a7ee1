/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "tests/root/net-ovs-lab.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/cleanup.h"

#define SCHEMA "/usr/share/openvswitch/vswitch.ovsschema"

static const uint8_t broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

static bool
in_path (const char *program)
{
    static const char *const dirs[] = { "/usr/sbin",       "/usr/bin",
                                        "/sbin",           "/bin",
                                        "/usr/local/sbin", "/usr/local/bin" };
    char path[128];

    for (size_t i = 0; i < ARRAY_SIZE (dirs); i++) {
        snprintf (path, sizeof path, "%s/%s", dirs[i], program);
        if (access (path, X_OK) == 0) {
            return true;
        }
    }
    return false;
}

void
ovs_need (void)
{
    lab_need_root ();
    if (!in_path ("ovs-vswitchd") || !in_path ("ovsdb-server")
        || access (SCHEMA, R_OK) < 0) {
        fputs ("Open vSwitch is not installed (openvswitch-switch)\n", stderr);
        exit (77);
    }
}

/* Starts a daemon that ends with us, whose words go to a log. */
static pid_t
spawn (struct ovs_lab *lab, const char *const argv[])
{
    char log[128];
    pid_t pid, parent = getpid ();
    int fd;

    snprintf (log, sizeof log, "%s/%s.log", lab->dir, argv[0]);
    pid = fork ();
    if (pid != 0) {
        assert_true (pid > 0);
        return pid;
    }
    prctl (PR_SET_PDEATHSIG, SIGKILL);
    fd = open (log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (getppid () == parent && fd >= 0 && dup2 (fd, 1) == 1
        && dup2 (fd, 2) == 2) {
        execvp (argv[0], (char *const *)argv);
    }
    _exit (127);
}

void
ovs_start_server (struct ovs_lab *lab)
{
    const char *remote =
        hv_format (&lab->f->ctx, "--remote=punix:%s", lab->socket);
    const char *db = hv_format (&lab->f->ctx, "%s/conf.db", lab->dir);

    lab->server = spawn (lab, (const char *const[]){ "ovsdb-server", db, remote,
                                                     "-vconsole:info", NULL });
    for (int i = 0; access (lab->socket, F_OK) < 0; i++) {
        assert_true (i < 500);
        poll (NULL, 0, 10);
    }
}

void
ovs_start_vswitchd (struct ovs_lab *lab)
{
    const char *db = hv_format (&lab->f->ctx, "unix:%s", lab->socket);

    lab->vswitchd = spawn (
        lab, (const char *const[]){ "ovs-vswitchd", db, "--disable-system",
                                    "-vconsole:info", NULL });
}

void
ovs_kill (pid_t *pid)
{
    if (*pid) {
        kill (*pid, SIGKILL);
        waitpid (*pid, NULL, 0);
        *pid = 0;
    }
}

static void
init_port (struct ovs_lab *lab, int n)
{
    struct hv_port *port = &lab->ports[n];

    *port = (struct hv_port){
        .vm = hv_format (&lab->f->ctx, "vm%d", n),
        .vm_uuid = hv_format (&lab->f->ctx, OVS_UUID, n),
        .name = "lan",
        .network = "n",
        .ifname = hv_format (&lab->f->ctx, "vm%d-lan", n),
        .queues = 1,
        .mac = { 0x52, 0x54, 0, 1, 2, (uint8_t)n },
        .options = OVS_OPTIONS (lab, NULL),
    };
}

void
ovs_begin (struct ovs_lab *lab)
{
    *lab = (struct ovs_lab){ .dir = "/tmp/hvctl-ovs.XXXXXX" };
    assert_non_null (mkdtemp (lab->dir));
    snprintf (lab->socket, sizeof lab->socket, "%s/db.sock", lab->dir);
    setenv ("OVS_RUNDIR", lab->dir, 1);
    setenv ("OVS_LOGDIR", lab->dir, 1);
    setenv ("OVS_DBDIR", lab->dir, 1);
    setenv ("OVS_SYSCONFDIR", lab->dir, 1);
    close (lab_new_namespace ());
    lab->f = fake_new (&hv_plugin);
    lab_run ("ovsdb-tool create %s/conf.db " SCHEMA, lab->dir);
    ovs_start_server (lab);
    ovs_vsctl (lab, "--no-wait init");
    ovs_start_vswitchd (lab);
    ovs_vsctl (lab, "--timeout=20 add-br br0 -- set bridge br0 "
                    "datapath_type=netdev");
    for (int n = 0; n < OVS_PORTS; n++) {
        init_port (lab, n);
    }
}

void
ovs_end (struct ovs_lab *lab)
{
    ovs_kill (&lab->vswitchd);
    ovs_kill (&lab->server);
    fake_free (lab->f);
    lab_run ("rm -r %s", lab->dir);
}

int
ovs_setup (void **state)
{
    static struct ovs_lab lab;

    ovs_begin (&lab);
    *state = &lab;
    return 0;
}

int
ovs_teardown (void **state)
{
    ovs_end (*state);
    return 0;
}

const char *
ovs_vsctl (struct ovs_lab *lab, const char *fmt, ...)
{
    static char out[65536];
    char args[512], command[1024];
    CLEANUP_FCLOSE FILE *f = NULL;
    va_list list;
    size_t n;

    va_start (list, fmt);
    vsnprintf (args, sizeof args, fmt, list);
    va_end (list);
    snprintf (command, sizeof command, "ovs-vsctl --db=unix:%s %s", lab->socket,
              args);
    f = popen (command, "r");
    assert_non_null (f);
    n = fread (out, 1, sizeof out - 1, f);
    while (n > 0 && out[n - 1] == '\n') {
        n--;
    }
    out[n] = '\0';
    if (pclose (steal (&f)) != 0) {
        fail_msg ("%s has failed", command);
    }
    return out;
}

bool
ovs_is_clean (struct ovs_lab *lab)
{
    struct netlink_link link;

    for (int n = 0; n < OVS_PORTS; n++) {
        if (lab_link (lab->ports[n].ifname, &link)) {
            return false;
        }
    }
    return !strcmp (ovs_vsctl (lab, "list-ports br0"), "")
           && !strcmp (ovs_vsctl (lab, "--columns=name --bare list interface"),
                       "br0");
}

void
ovs_attach (struct ovs_lab *lab, int n, int fds[])
{
    const struct hv_port *port = &lab->ports[n];
    struct hv_nic nic = { 0 };

    fake_reset (lab->f);
    memset (fds, 0xff, port->queues * sizeof *fds);
    if (hv_plugin.network->check (&lab->f->ctx, port, &nic) < 0
        || hv_plugin.network->attach (&lab->f->ctx, port, fds) < 0
        || hv_plugin.network->ready (&lab->f->ctx, port) < 0) {
        fail_msg ("%s", lab->f->message);
    }
    assert_null (lab->f->message);
    assert_int_equal (nic.kind, HV_NIC_TAP);
    assert_string_equal (nic.ifname, port->ifname);
    assert_int_equal (nic.queues, port->queues);
    assert_false (nic.offload);
    for (uint32_t i = 0; i < nic.queues; i++) {
        assert_true (fcntl (fds[i], F_GETFD) & FD_CLOEXEC);
        assert_true (fcntl (fds[i], F_GETFL) & O_NONBLOCK);
    }
}

void
ovs_detach (struct ovs_lab *lab, int n)
{
    if (hv_plugin.network->detach (&lab->f->ctx, &lab->ports[n]) < 0) {
        fail_msg ("%s", lab->f->message);
    }
}

void
ovs_expect (struct ovs_lab *lab, int r, int result, const char *message)
{
    if (r != result || !lab->f->message || !strstr (lab->f->message, message)) {
        fail_msg ("%d, %s; expected %d, %s", r,
                  lab->f->message ? lab->f->message : "no message", result,
                  message);
    }
}

bool
ovs_reaches (int from, int to, int ms)
{
    static const uint8_t mac[6] = { 0x52, 0x54, 0, 1, 2, 0x77 };
    uint8_t frame[LAB_FRAME];

    lab_frame (frame, broadcast, mac);
    lab_send (from, frame, LAB_VNET_HDR);
    return lab_receive (&to, 1, frame, LAB_VNET_HDR, ms) == 0;
}
