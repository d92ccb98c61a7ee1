/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Does with a running QEMU what a command of hvctl does, over QMP, and no more:
 *
 *   hand status SOCKET             hand plug SOCKET FILE
 *   hand stop SOCKET STATE         hand save SOCKET STATE FILE
 *   hand kill STATE
 *
 * STATE is the file of hvctl that has the number of the process. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>

#include "bench/qmp.h"

static char answer[QMP_ANSWER];

static int
open_process (const char *path)
{
    char text[4096] = "";
    CLEANUP_CLOSE int file = open (path, O_RDONLY | O_CLOEXEC);
    ssize_t n = file < 0 ? -1 : read (file, text, sizeof text - 1);
    const char *pid = n > 0 ? strstr (text, "\"pid\":") : NULL;
    int fd = pid ? (int)syscall (SYS_pidfd_open, atoi (pid + 6), 0) : -1;

    if (fd < 0) {
        die ("no process in %s: %m", path);
    }
    return fd;
}

static void
await_end (int pidfd)
{
    struct pollfd p = { .fd = pidfd, .events = POLLIN };

    if (poll (&p, 1, QMP_LIMIT) <= 0) {
        die ("the process does not end");
    }
}

static int
open_file (const char *path, int flags)
{
    int fd = open (path, flags | O_CLOEXEC, 0600);

    if (fd < 0) {
        die ("cannot open %s: %m", path);
    }
    return fd;
}

/* Again and again: a guest that has just begun does not hear it. */
static void
stop (int qmp, int pidfd)
{
    struct pollfd p = { .fd = pidfd, .events = POLLIN };

    do {
        (void)!send (qmp, "{\"execute\":\"system_powerdown\"}\n", 32,
                     MSG_NOSIGNAL);
    } while (poll (&p, 1, 20) == 0);
}

/* The set of descriptors has another number with each disk. */
static void
plug (int qmp, const char *path)
{
    char command[512], *set;

    qmp_ask (qmp, open_file (path, O_RDWR), "{\"execute\":\"add-fd\"}\n",
             answer);
    set = strstr (answer, "\"fdset-id\":");
    snprintf (command, sizeof command,
              "{\"execute\":\"blockdev-add\",\"arguments\":{\"driver\":\"raw\","
              "\"node-name\":\"hand\",\"file\":{\"driver\":\"file\","
              "\"filename\":\"/dev/fdset/%d\"}}}\n",
              set ? atoi (set + 11) : 0);
    qmp_ask (qmp, -1, command, answer);
    qmp_ask (qmp, -1,
             "{\"execute\":\"device_add\",\"arguments\":{\"driver\":"
             "\"virtio-blk-pci\",\"id\":\"hand\",\"drive\":\"hand\","
             "\"bus\":\"hotplug-3\"}}\n",
             answer);
}

static void
save (int qmp, const char *path)
{
    qmp_ask (qmp, -1, "{\"execute\":\"stop\"}\n", answer);
    qmp_ask (qmp, -1,
             "{\"execute\":\"migrate-set-parameters\",\"arguments\":"
             "{\"max-bandwidth\":1099511627776}}\n",
             answer);
    qmp_ask (qmp, open_file (path, O_WRONLY | O_CREAT | O_TRUNC),
             "{\"execute\":\"getfd\",\"arguments\":{\"fdname\":\"f\"}}\n",
             answer);
    qmp_ask (qmp, -1,
             "{\"execute\":\"migrate\",\"arguments\":{\"uri\":\"fd:f\"}}\n",
             answer);
    qmp_await_migration (qmp, answer);
    qmp_ask (qmp, -1, "{\"execute\":\"quit\"}\n", answer);
}

int
main (int argc, char **argv)
{
    const char *what = argc > 2 ? argv[1] : "";
    int process = -1, qmp = -1;

    if (!strcmp (what, "kill")) {
        process = open_process (argv[2]);
        syscall (SYS_pidfd_send_signal, process, SIGKILL, NULL, 0);
        await_end (process);
        return 0;
    }
    if (argc > 3 && strcmp (what, "plug") != 0) {
        process = open_process (argv[3]);
    }
    qmp = qmp_connect (argc > 2 ? argv[2] : "", answer);
    if (!strcmp (what, "status")) {
        qmp_ask (qmp, -1, "{\"execute\":\"query-status\"}\n", answer);
    } else if (!strcmp (what, "plug") && argc == 4) {
        plug (qmp, argv[3]);
    } else if (!strcmp (what, "stop") && argc == 4) {
        stop (qmp, process);
    } else if (!strcmp (what, "save") && argc == 5) {
        save (qmp, argv[4]);
        await_end (process);
    } else {
        die ("see hand.c for how it is used");
    }
    return 0;
}
