/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The serial port as a socket (vmm/src/serial_manager.rs): bound when the
 * machine is made, unlinked when it goes; one client, the newest; what is said
 * before the first is kept for it.  If one closes with something unread, its
 * thread ends, and the port with it. */

#include "tests/ch-server/server.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/kit/unix.h"
static int listener = -1, client = -1;
static char kept[4096];
static char path[108];
static bool dead; /* The thread. */

bool
serial_open (struct reply *reply)
{
    struct json_object *serial = member (machine.config, "serial");
    char why[128];

    if (strcmp (text_of (serial, "mode"), "Socket")) {
        return true;
    }
    snprintf (path, sizeof path, "%s", text_of (serial, "socket"));
    listener = unix_listen (path, 128);
    if (listener < 0) {
        snprintf (why, sizeof why, "%s (os error %d)", strerror (errno), errno);
        fail_with (reply, 500, "Error from API", "The VM could not boot",
                   "Error creating console devices",
                   "Error creating console device", why, NULL);
        return false;
    }
    return true;
}

void
serial_say (const char *text)
{
    if (client < 0 || send (client, text, strlen (text), MSG_NOSIGNAL) < 0) {
        snprintf (kept + strlen (kept), sizeof kept - strlen (kept), "%s",
                  text);
    }
}

static void
hang_up (int *fd)
{
    if (*fd >= 0) {
        shutdown (*fd, SHUT_RDWR);
        close (*fd);
    }
    *fd = -1;
}

void
serial_close (void)
{
    hang_up (&client);
    if (listener >= 0) {
        close (listener);
        unlink (path); /* As far as it may. */
    }
    listener = -1;
    dead = false;
    kept[0] = '\0';
}

void
serial_want (struct pollfd p[2])
{
    p[0] = (struct pollfd){ .fd = dead ? -1 : listener, .events = POLLIN };
    p[1] = (struct pollfd){ .fd = dead ? -1 : client, .events = POLLIN };
}

/* The guest, which does not exist, repeats what is typed. */
void
serial_turn (const struct pollfd p[2])
{
    char input[64];
    ssize_t n;

    if (client >= 0 && p[1].fd == client && p[1].revents) {
        n = recv (client, input, sizeof input, MSG_DONTWAIT);
        if (n > 0) {
            send (client, input, (size_t)n, MSG_NOSIGNAL);
        } else if (n == 0) {
            hang_up (&client);
        } else if (errno == ECONNRESET) {
            dead = true;
        }
    }
    if (listener >= 0 && !dead && p[0].fd == listener
        && p[0].revents & POLLIN) {
        hang_up (&client);
        client = accept4 (listener, NULL, NULL, SOCK_CLOEXEC);
        if (client >= 0 && kept[0]) {
            send (client, kept, strlen (kept), MSG_NOSIGNAL);
            kept[0] = '\0';
        }
    }
}
