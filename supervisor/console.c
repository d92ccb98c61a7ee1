/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Relays the serial port of a hypervisor that keeps no log of it, but offers a
 * socket.  We are connected to that socket from before the guest runs until the
 * process exits: output is appended to a log, and passed on to the client of
 * our own socket; there is one client at a time, the newest.
 *
 * Neither the guest nor the log ever waits for that client.  A client that is
 * too slow gets the rest from the log, so no buffer can grow.  The client's
 * input waits in a small buffer for the guest, and the client waits if that is
 * full.
 *
 * The hypervisor closes the connection when its guest reboots, and opens the
 * port again: its listening socket stays, so the next connection is made at
 * once, and is accepted when the hypervisor listens.  A process that only
 * pretends to reboot does not keep us busy. */

#include "supervisor/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* The VM's run directory, and its directory of logs. */
#define PORT "serial.sock"
#define FOR_PEOPLE "console.sock"
#define LOG "console.log"

#define PART 4096
#define TYPED 512
#define SHORTEST_MS                                                            \
    100 /* The interval between two connections to the port.                   \
         */
#define LONGEST_MS 60000
#define MOST_LEFT                                                              \
    4096 /* Reads of output that an exited process may have                    \
          * left. */

static struct {
    int port, listener, client, log;
    long long connected, due; /* Connections to the port: the last, the next. */
    int pause;
    off_t behind; /* The client's position in the log, or -1. */
    int deaf;     /* The client does not read any more. */
    char typed[TYPED];
    size_t at, n_typed;
} c = { .port = -1, .listener = -1, .client = -1, .log = -1, .behind = -1 };

/* ---------------------------------------------------------- the four ends */

/* A socket and its address; by a descriptor of the directory, since paths are
 * limited to 107 bytes there.  Returns the socket, or -1. */
static int
make_socket (const char *name, struct sockaddr_un *address, int *dir)
{
    *address = (struct sockaddr_un){ .sun_family = AF_UNIX };
    *dir = open (s.serial, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (*dir < 0) {
        return -1;
    }
    append (append (append_number (append (address->sun_path, "/proc/self/fd/"),
                                   (uint64_t)*dir),
                    "/"),
            name);
    return socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

static void
connect_port (void)
{
    struct sockaddr_un address;
    int dir, fd = make_socket (PORT, &address, &dir);

    c.connected = now_ms ();
    if (fd >= 0
        && connect (fd, (struct sockaddr *)&address, sizeof address) == 0) {
        c.port = fd;
        c.pause = SHORTEST_MS;
    } else {
        close_if (&fd);
        c.pause = c.pause < LONGEST_MS / 2 ? 2 * c.pause : LONGEST_MS;
        c.due = c.connected + c.pause;
    }
    close_if (&dir);
}

static void
lose_port (void)
{
    close_if (&c.port);
    c.n_typed = 0;
    c.due = c.connected + c.pause;
}

static void
listen_for_people (void)
{
    struct sockaddr_un address;
    int dir, fd = make_socket (FOR_PEOPLE, &address, &dir);

    if (fd >= 0) {
        unlinkat (dir, FOR_PEOPLE, 0); /* The socket of a supervisor that
                                        * died. */
        if (bind (fd, (struct sockaddr *)&address, sizeof address) == 0
            && listen (fd, 8) == 0) {
            c.listener = fd;
        } else {
            close (fd);
        }
    }
    close_if (&dir);
}

static void
open_log (void)
{
    int dir = s.logs
                  ? open (s.logs, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
                  : -1;
    struct stat st;

    if (dir >= 0) {
        c.log = openat (dir, LOG,
                        O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW
                            | O_NONBLOCK | O_NOCTTY,
                        0600);
        close (dir);
    }
    if (c.log >= 0 && (fstat (c.log, &st) < 0 || !S_ISREG (st.st_mode))) {
        close_if (&c.log);
    }
}

static void
take_client (void)
{
    int fd = accept4 (c.listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd >= 0) {
        close_if (&c.client);
        c.client = fd;
        c.behind = -1;
        c.deaf = 0;
    }
}

/* ------------------------------------------------------------- what comes */

/* Returns where it ends in the log, or -1 if it is not there. */
static off_t
write_log (const char *text, size_t n)
{
    off_t end;

    if (c.log < 0 || write (c.log, text, n) != (ssize_t)n) {
        return -1; /* Perhaps there is no room; later output may have room. */
    }
    end = lseek (c.log, 0, SEEK_CUR);
    if (end > MOST_OF_LOG) {
        /* A client that is behind loses the output that it has not read. */
        c.behind = c.behind < 0 ? -1 : 0;
        begin_log_anew (LOG);
        return -1;
    }
    return end;
}

static void
be_deaf (void)
{
    c.deaf = 1;
    c.behind = -1;
}

static void
pass_on (const char *text, size_t n, off_t end)
{
    ssize_t sent;

    if (c.client < 0 || c.deaf || c.behind >= 0) {
        return;
    }
    sent = send (c.client, text, n, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) {
        be_deaf ();
        return;
    }
    sent = sent < 0 ? 0 : sent;
    if ((size_t)sent < n && end >= 0) {
        c.behind = end - (off_t)(n - (size_t)sent);
    }
}

/* Returns 0 when there is no more output for now. */
static int
read_port (void)
{
    char text[PART];
    ssize_t n = recv (c.port, text, sizeof text, MSG_DONTWAIT);

    if (n > 0) {
        pass_on (text, (size_t)n, write_log (text, (size_t)n));
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        lose_port ();
    }
    return n > 0;
}

/* The client has room again. */
static void
catch_up (void)
{
    char text[PART];
    struct stat st;
    ssize_t n = -1, sent = -1;

    if (fstat (c.log, &st) == 0 && c.behind > st.st_size) {
        c.behind = 0; /* It was emptied. */
    }
    n = pread (c.log, text, sizeof text, c.behind);
    if (n > 0) {
        sent = send (c.client, text, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
        c.behind += sent > 0 ? sent : 0;
    }
    if (n > 0 && sent < 0 && errno != EAGAIN) {
        be_deaf ();
    } else if (n <= 0) {
        c.behind = -1;
    }
}

/* ---------------------------------------------------------- what is typed */

static void
read_client (void)
{
    ssize_t n = recv (c.client, c.typed, sizeof c.typed, MSG_DONTWAIT);

    if (n > 0) {
        c.at = 0;
        c.n_typed = (size_t)n;
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        close_if (&c.client);
    }
}

static void
type (void)
{
    ssize_t n =
        send (c.port, c.typed + c.at, c.n_typed, MSG_DONTWAIT | MSG_NOSIGNAL);

    if (n > 0) {
        c.at += (size_t)n;
        c.n_typed -= (size_t)n;
    } else if (n < 0 && errno != EAGAIN && errno != EINTR) {
        c.n_typed = 0; /* The connection's end is read, too. */
    }
}

/* ------------------------------------------------------------------ turns */

int
console_begin (void)
{
    if (!s.serial || c.listener >= 0 || c.port >= 0 || c.connected) {
        return s.serial != NULL;
    }
    signal (SIGXFSZ, SIG_IGN); /* A limit of the log's size is its end. */
    c.pause = SHORTEST_MS;
    open_log ();
    listen_for_people ();
    connect_port ();
    return 1;
}

int
console_want (struct pollfd *fds)
{
    short client = (short)((c.n_typed || c.port < 0 ? 0 : POLLIN)
                           | (c.behind >= 0 ? POLLOUT : 0));
    long long left;

    if (s.serial && c.port < 0 && c.due <= now_ms ()) {
        connect_port ();
    }
    fds[0] = (struct pollfd){
        .fd = c.port,
        .events = (short)(POLLIN | (c.n_typed ? POLLOUT : 0)),
    };
    fds[1] = (struct pollfd){ .fd = c.listener, .events = POLLIN };
    /* A descriptor without events would report its hang-up forever. */
    fds[2] = (struct pollfd){ .fd = client ? c.client : -1, .events = client };
    if (!s.serial || c.port >= 0) {
        return -1;
    }
    left = c.due - now_ms ();
    return left > 0 ? (int)left : 0;
}

void
console_turn (const struct pollfd *fds)
{
    if (fds[0].revents & POLLOUT) {
        type ();
    }
    if (fds[0].revents & ~POLLOUT) {
        read_port ();
    }
    if (fds[2].revents & POLLOUT) {
        catch_up ();
    }
    if (fds[2].revents & ~POLLOUT) {
        if (fds[2].events & POLLIN) {
            read_client ();
        } else {
            be_deaf (); /* It has exited; we shall be told of that later. */
        }
    }
    if (fds[1].revents) {
        take_client ();
    }
}

/* The last output of an exited process is still in the socket. */
void
console_end (void)
{
    for (int i = 0; i < MOST_LEFT && c.port >= 0 && read_port (); i++) {
    }
    close_if (&c.port);
    close_if (&c.client);
    close_if (&c.listener);
    close_if (&c.log);
}
