/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "tests/unit/test-net-ovs-peer.h"

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "tests/kit/unix.h"
/* In the child. */
struct server {
    const char *path;
    int listener, fd;
    struct json_tokener *tokener;
    char buffer[65536];
    size_t at, end;
    int64_t id;
};

static void __attribute__ ((noreturn)) die (const char *what, const char *text)
{
    fprintf (stderr, "peer: %s: %s\n", what, text);
    _exit (1);
}

static int
make_socket (const char *path)
{
    int fd = unix_listen (path, 5);

    if (fd < 0) {
        die ("no socket", path);
    }
    return fd;
}

static void
accept_one (struct server *s)
{
    s->at = s->end = 0;
    json_tokener_reset (s->tokener);
    s->fd = accept (s->listener, NULL, NULL);
    if (s->fd < 0) {
        die ("accept", "failed");
    }
}

static void
read_message (struct server *s, const char *want)
{
    struct json_object *o, *id;
    const char *text;

    do {
        if (s->at == s->end) {
            ssize_t n = read (s->fd, s->buffer, sizeof s->buffer);

            if (n <= 0) {
                die ("the client is gone; wanted", want);
            }
            s->at = 0;
            s->end = (size_t)n;
        }
        o = json_tokener_parse_ex (s->tokener, s->buffer + s->at,
                                   (int)(s->end - s->at));
        s->at += json_tokener_get_parse_end (s->tokener);
    } while (json_tokener_get_error (s->tokener) == json_tokener_continue);
    if (!o) {
        die ("not JSON; wanted", want);
    }
    text = json_object_to_json_string_ext (
        o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
    if (!strstr (text, want)) {
        fprintf (stderr, "peer: got %s\n", text);
        die ("wanted", want);
    }
    if (json_object_object_get_ex (o, "id", &id)
        && json_object_is_type (id, json_type_int)) {
        s->id = json_object_get_int64 (id);
    }
    json_object_put (o);
}

static void
send_text (struct server *s, const char *text, size_t piece)
{
    const char *id = strstr (text, "%id");
    char all[65536];
    size_t len;

    if (id) {
        snprintf (all, sizeof all, "%.*s%lld%s", (int)(id - text), text,
                  (long long)s->id, id + 3);
    } else {
        snprintf (all, sizeof all, "%s", text);
    }
    len = strlen (all);
    for (size_t i = 0; i < len; i += piece) {
        size_t n = len - i < piece ? len - i : piece;

        if (send (s->fd, all + i, n, MSG_NOSIGNAL) != (ssize_t)n) {
            die ("the client is gone; sending", text);
        }
        if (piece == 1) {
            usleep (100);
        }
    }
}

static void
send_much (struct server *s)
{
    static char data[1 << 16];

    for (size_t i = 0; i < sizeof data; i++) {
        data[i] = i % 2 ? ',' : '1';
    }
    send_text (s, "{\"id\":%id,\"error\":null,\"result\":[{\"rows\":[", 4096);
    for (int i = 0; i < 1600; i++) {
        if (send (s->fd, data, sizeof data, MSG_NOSIGNAL) < 0) {
            return;
        }
    }
    die ("100 MB", "the client took all of them");
}

static void
step (struct server *s, const char *text)
{
    if (*text == '<') {
        read_message (s, text + 1);
    } else if (*text == '>') {
        send_text (s, text + 1, 1 << 16);
    } else if (*text == '~') {
        send_text (s, text + 1, 1);
    } else if (!strcmp (text, "100MB")) {
        send_much (s);
    } else if (!strcmp (text, "close")) {
        close (s->fd);
        accept_one (s);
    } else if (!strcmp (text, "away")) {
        close (s->listener);
        unlink (s->path);
        close (s->fd);
        poll (NULL, 0, 100);
        s->listener = make_socket (s->path);
        accept_one (s);
    } else if (!strcmp (text, "hang")) {
        poll (NULL, 0, 20000);
    } else {
        die ("no such step", text);
    }
}

void
peer_start (struct peer *peer, const char *const script[])
{
    static struct server s;

    peer->hangs = false;
    for (size_t i = 0; script[i]; i++) {
        peer->hangs = peer->hangs || !strcmp (script[i], "hang");
    }
    strcpy (peer->dir, "/tmp/hvctl-peer.XXXXXX");
    assert_non_null (mkdtemp (peer->dir));
    snprintf (peer->socket, sizeof peer->socket, "%s/db.sock", peer->dir);
    s = (struct server){ .path = peer->socket };
    s.listener = make_socket (peer->socket);
    peer->pid = fork ();
    assert_true (peer->pid >= 0);
    if (peer->pid == 0) {
        prctl (PR_SET_PDEATHSIG, SIGKILL);
        s.tokener = json_tokener_new ();
        accept_one (&s);
        for (; *script; script++) {
            step (&s, *script);
        }
        json_tokener_free (s.tokener);
        _exit (0);
    }
    close (s.listener);
}

void
peer_end (struct peer *peer)
{
    int status = 0;
    bool done = false;

    if (peer->hangs) {
        kill (peer->pid, SIGKILL);
    }
    for (int i = 0; i < 1000 && !done; i++) {
        done = waitpid (peer->pid, &status, WNOHANG) == peer->pid;
        if (!done) {
            poll (NULL, 0, 2);
        }
    }
    if (!done) {
        kill (peer->pid, SIGKILL);
        waitpid (peer->pid, &status, 0);
    }
    unlink (peer->socket);
    rmdir (peer->dir);
    if (!peer->hangs) {
        assert_true (WIFEXITED (status));
        assert_int_equal (WEXITSTATUS (status), 0);
    }
}
