/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* HTTP as the crate micro_http serves it (src/server.rs, src/connection.rs):
 * a buffer of 1024 bytes that a line must fit into, 51200 bytes of a body,
 * descriptors that belong to the request whose bytes they came with, ten
 * connections, and a client that closes its half is hung up on. */

#include "tests/ch-server/server.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_CONNECTIONS 10
#define MAX_LINE 1024
#define MAX_BODY 51200

struct connection {
    int fd; /* -1: free. */
    char text[MAX_LINE + 1];
    size_t used;
    bool in_headers, in_body;
    struct request request;
    size_t length;
    char *body;
    size_t body_used;
};

static struct connection connections[MAX_CONNECTIONS];

static void
drop_request (struct connection *c)
{
    for (size_t i = 0; i < c->request.n_fds; i++) {
        if (c->request.fds[i] >= 0) {
            close (c->request.fds[i]);
        }
    }
    json_object_put (c->request.body);
    c->request = (struct request){ .n_fds = 0 };
    free (c->body);
    c->body = NULL;
    c->length = c->body_used = 0;
    c->in_headers = c->in_body = false;
}

static void
hang_up (struct connection *c)
{
    drop_request (c);
    close (c->fd);
    c->fd = -1;
    c->used = 0;
}

static void
write_all (int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t n = send (fd, text, len, MSG_NOSIGNAL);

        if (n <= 0) {
            return;
        }
        text += n;
        len -= (size_t)n;
    }
}

static void
write_reply (int fd, const struct reply *reply)
{
    const char *body = reply->body ? json_object_to_json_string_ext (
                           reply->body, JSON_C_TO_STRING_PLAIN)
                                   : "";
    char head[512], length[64] = "";

    if (reply->body || reply->empty) {
        snprintf (length, sizeof length, "Content-Length: %zu\r\n",
                  strlen (body));
    }
    snprintf (head, sizeof head,
              "HTTP/1.1 %d \r\nServer: Cloud Hypervisor API\r\n"
              "Connection: keep-alive\r\n%s%s\r\n",
              reply->status,
              *length ? "Content-Type: application/json\r\n" : "", length);
    write_all (fd, head, strlen (head));
    write_all (fd, body, strlen (body));
}

/* Its own errors look like JSON and are not. */
static void
complain (struct connection *c, const char *what)
{
    char body[256], all[512];

    snprintf (body, sizeof body,
              "{ \"error\": \"%s\nAll previous unanswered requests will be "
              "dropped.\" }",
              what);
    snprintf (all, sizeof all,
              "HTTP/1.1 400 \r\nServer: Firecracker API\r\n"
              "Connection: keep-alive\r\nContent-Type: application/json\r\n"
              "Content-Length: %zu\r\n\r\n%s",
              strlen (body), body);
    write_all (c->fd, all, strlen (all));
    drop_request (c);
    c->used = 0;
}

/* One after the other, and each blocks all. */
static void
answer (struct connection *c)
{
    struct reply reply = { .status = 204 };

    if (c->request.has_body) {
        c->body[c->body_used] = '\0';
        c->request.body = json_tokener_parse (c->body);
    }
    handle (&c->request, &reply);
    write_reply (c->fd, &reply);
    json_object_put (reply.body);
    drop_request (c);
}

static bool
take_request_line (struct connection *c, char *line)
{
    char *path = strchr (line, ' ');
    char *version = path ? strchr (path + 1, ' ') : NULL;

    if (!version || strcmp (version, " HTTP/1.1")) {
        return false;
    }
    *path++ = *version = '\0';
    snprintf (c->request.method, sizeof c->request.method, "%.7s", line);
    snprintf (c->request.path, sizeof c->request.path, "%.255s", path);
    c->in_headers = true;
    return !strcmp (line, "GET") || !strcmp (line, "PUT");
}

static const char *
take_header (struct connection *c, const char *line)
{
    if (!strncasecmp (line, "Content-Length: ", 16)) {
        c->length = strtoul (line + 16, NULL, 10);
        return c->length > MAX_BODY ? "Request payload with size is larger "
                                      "than the limit of 51200"
                                    : NULL;
    }
    return !strncasecmp (line, "Transfer-Encoding:", 18)
               ? "Unsupported header: Transfer-Encoding"
               : NULL;
}

/* Returns false if there is no whole line any more. */
static bool
take_line (struct connection *c)
{
    char *end = strstr (c->text, "\r\n");
    const char *wrong = NULL;
    size_t len;

    if (!end) {
        if (c->used == MAX_LINE) {
            complain (c, "Invalid request");
        }
        return false;
    }
    *end = '\0';
    len = (size_t)(end - c->text) + 2;
    if (!c->in_headers) {
        wrong = take_request_line (c, c->text) ? NULL : "Invalid request";
    } else if (end == c->text) {
        c->in_body = true;
        c->request.has_body = c->length > 0;
        c->body = calloc (1, c->length + 1);
    } else {
        wrong = take_header (c, c->text);
    }
    if (wrong) {
        complain (c, wrong);
        return false;
    }
    c->used -= len;
    memmove (c->text, c->text + len, c->used);
    c->text[c->used] = '\0';
    return true;
}

static void
digest (struct connection *c)
{
    for (;;) {
        size_t n;

        if (!c->in_body) {
            if (!take_line (c)) {
                return;
            }
            continue;
        }
        n = c->length - c->body_used;
        n = n < c->used ? n : c->used;
        memcpy (c->body + c->body_used, c->text, n);
        c->body_used += n;
        c->used -= n;
        memmove (c->text, c->text + n, c->used);
        c->text[c->used] = '\0';
        if (c->body_used < c->length) {
            return;
        }
        answer (c);
    }
}

static void
take_descriptors (struct connection *c, struct msghdr *msg)
{
    struct cmsghdr *cmsg = CMSG_FIRSTHDR (msg);
    size_t n;

    if (!cmsg || cmsg->cmsg_type != SCM_RIGHTS) {
        return;
    }
    n = (cmsg->cmsg_len - CMSG_LEN (0)) / sizeof (int);
    for (size_t i = 0; i < n && c->request.n_fds < MAX_REQUEST_FDS; i++) {
        memcpy (&c->request.fds[c->request.n_fds++],
                CMSG_DATA (cmsg) + i * sizeof (int), sizeof (int));
    }
}

static void
receive (struct connection *c)
{
    union {
        char buffer[CMSG_SPACE (MAX_REQUEST_FDS * sizeof (int))];
        struct cmsghdr align;
    } control;
    struct iovec iov = { c->text + c->used, MAX_LINE - c->used };
    struct msghdr msg = { .msg_iov = &iov,
                          .msg_iovlen = 1,
                          .msg_control = control.buffer,
                          .msg_controllen = sizeof control.buffer };
    ssize_t n = recvmsg (c->fd, &msg, MSG_CMSG_CLOEXEC);

    if (n <= 0) {
        hang_up (c);
        return;
    }
    take_descriptors (c, &msg);
    c->used += (size_t)n;
    c->text[c->used] = '\0';
    digest (c);
}

static void
greet (int listener)
{
    static const char full[] =
        "HTTP/1.1 503\r\nServer: Firecracker API\r\nConnection: close\r\n"
        "Content-Length: 40\r\n\r\n"
        "{ \"error\": \"Too many open connections\" }";
    int fd = accept4 (listener, NULL, NULL, SOCK_CLOEXEC);

    for (int i = 0; fd >= 0 && i < MAX_CONNECTIONS; i++) {
        if (connections[i].fd < 0) {
            connections[i].fd = fd;
            return;
        }
    }
    if (fd >= 0) {
        write_all (fd, full, sizeof full - 1);
        close (fd);
    }
}

void
serve (int listener)
{
    struct pollfd p[1 + MAX_CONNECTIONS + 2];

    for (int i = 0; i < MAX_CONNECTIONS; i++) {
        connections[i].fd = -1;
    }
    for (;;) {
        p[0] = (struct pollfd){ .fd = listener, .events = POLLIN };
        for (int i = 0; i < MAX_CONNECTIONS; i++) {
            p[1 + i] = (struct pollfd){ .fd = connections[i].fd,
                                        .events = POLLIN | POLLRDHUP };
        }
        serial_want (p + 1 + MAX_CONNECTIONS);
        poll (p, sizeof p / sizeof *p, guest_turn ());
        serial_turn (p + 1 + MAX_CONNECTIONS);
        guest_turn ();
        for (int i = 0; i < MAX_CONNECTIONS; i++) {
            if (p[1 + i].revents & (POLLERR | POLLHUP | POLLRDHUP)) {
                hang_up (&connections[i]);
            } else if (p[1 + i].revents & POLLIN) {
                receive (&connections[i]);
            }
        }
        if (p[0].revents & POLLIN) {
            greet (listener);
        }
    }
}
